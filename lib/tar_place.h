/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory that a name lies in, opened part by part and never through a symlink.
 *
 * The names of an archive come a directory at a time: what was opened for the one before is kept,
 * so that most names cost no system call here. For lib/tar*.c only. */
#ifndef LIB_TAR_PLACE_H
#define LIB_TAR_PLACE_H

#include <stddef.h>

#include "lib/tar_names.h"

enum { TAR_PLACE_LEVELS = 32 };

struct tar_place {
	struct {
		int fd;
		size_t end; /* where its name ends in `path` */
	} levels[TAR_PLACE_LEVELS];
	int depth; /* levels in use */
	char path[TAR_NAME_MAX]; /* of the deepest level */
};

/* Where the clean `name` belongs, below the current directory: a descriptor (borrowed, valid until
 * the next call; AT_FDCWD at the top) and its last part. Directories that are missing are made, as
 * the umask says. -1 and errno: ENOTDIR where a part is a symlink or no directory. */
int tar_place_of(struct tar_place *p, const char *name, int *dirfd, const char **last);
void tar_place_close(struct tar_place *p);

#endif
