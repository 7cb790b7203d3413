/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and directories by descriptor and relative name: read whole, written whole. */
#ifndef LIB_PATH_H
#define LIB_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

/* malloc'd, absolute, without "." and without a trailing slash; existing parents are resolved
 * (symlinks), the last component need not exist. */
char *path_absolute(const char *path, struct error **e) must_check;
/* Parent directory and last component of an absolute path, malloc'd. "/" is refused. */
int path_split(const char *path, char **parent, char **name, struct error **e) must_check;
/* malloc'd "a/b". */
char *path_join(const char *a, const char *b, struct error **e) must_check;

/* Makes `path` and every missing parent below dirfd. An existing directory is fine. */
int path_make_dirs(int dirfd, const char *path, mode_t mode, struct error **e) must_check;
/* O_PATH-free directory descriptor, O_NOFOLLOW on the last component; -1 on error. */
int path_open_dir(int dirfd, const char *path, struct error **e) must_check;
/* 1 empty, 0 not, -1 error. `fd` is a directory's. */
int path_dir_is_empty(int fd, struct error **e) must_check;

/* The whole file into `to`. ERROR_CONFIG when it is absent or too large, else ERROR_SYSTEM. */
int path_read_file(int dirfd, const char *path, struct buf *to, struct error **e) must_check;
/* Replaces the file at once: NAME.part written, synced, renamed, directory synced. */
int path_write_file(int dirfd, const char *path, mode_t mode, const void *data, size_t length,
	struct error **e) must_check;
/* fsync of the directory `fd`, so that a rename in it lasts. */
int path_sync_dir(int fd, struct error **e) must_check;
bool path_exists(int dirfd, const char *path);
/* The same where "cannot tell" must not be taken for "no": 1, 0, -1. */
int path_look(int dirfd, const char *path, struct error **e) must_check;

#endif
