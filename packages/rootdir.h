/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pacman's directories in a root that may be anybody's: reached by descriptor, never outside. */
#ifndef PACKAGES_ROOTDIR_H
#define PACKAGES_ROOTDIR_H

#include "lib/error.h"

/* Relative to the root; libalpm inside gets them with a slash in front. */
#define PACMAN_DB_PATH "var/lib/pacman"
#define PACMAN_CACHE_PATH "var/cache/pacman/pkg"

/* Descriptor of the directory `path` (a leading "/" is the root's) below root_fd; what is missing
 * of it is made, 0755. */
int rootdir_open(int root_fd, const char *path, struct error **e) must_check;

#endif
