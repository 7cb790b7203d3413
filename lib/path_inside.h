/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of a root that is not ours: looked up as a process chrooted there would, and never outside.
 *
 * What the kernel calls RESOLVE_IN_ROOT (openat2(2)), by hand: openat2 needs Linux 5.6 and kills
 * the caller in Android's app domains. Absolute paths and absolute symlinks begin at the root, ".."
 * stops there. Where root_fd is AT_FDCWD the host itself is meant and nothing is confined. */
#ifndef LIB_PATH_INSIDE_H
#define LIB_PATH_INSIDE_H

#include "lib/error.h"
#include "lib/text.h"

/* Opens `path` below root_fd with openat(2)'s flags (O_CLOEXEC is added). A symlink in the last
 * place is followed, inside, unless O_NOFOLLOW is given. With O_CREAT the mode is 0600. The
 * descriptor, or -1: ERROR_ROOT for a path that winds too much, else ERROR_SYSTEM with errno
 * (ENOENT where it is absent). */
int path_open_inside(int root_fd, const char *path, int flags, struct error **e) must_check;

/* Opens the directory in which the last component of `path` lies, for the *at() calls: that
 * component itself is not followed. *name is malloc'd; it is never empty, "." or "..". */
int path_open_parent_inside(
	int root_fd, const char *path, char **name, struct error **e) must_check;

/* Appends every path that matches glob(7)'s `pattern`, sorted as glob(3) does (in the C locale). No
 * match is no error. A pattern without wildcards is appended as it is. */
int path_glob_inside(
	int root_fd, const char *pattern, struct strings *found, struct error **e) must_check;

#endif
