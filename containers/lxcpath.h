/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where LXC keeps its containers in a root: a directory for each, found without LXC. */
#ifndef CONTAINERS_LXCPATH_H
#define CONTAINERS_LXCPATH_H

#include "lib/error.h"

/* lxc.system.conf(5)'s lxc.lxcpath, else LXC's own default; absolute, malloc'd. */
char *lxcpath_find(int root_fd, struct error **e) must_check;
/* That directory; made where it is absent. No component may be a symlink. */
int lxcpath_open(int root_fd, const char *path, struct error **e) must_check;

#endif
