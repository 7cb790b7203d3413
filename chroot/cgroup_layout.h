/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cgroups an environment gets, where its user knows better than we. */
#ifndef CHROOT_CGROUP_LAYOUT_H
#define CHROOT_CGROUP_LAYOUT_H

#include "lib/error.h"

enum cgroup_layout {
	CGROUP_AUTO, /* what the host has, and what is missing */
	CGROUP_UNIFIED, /* cgroup2 alone */
	CGROUP_V1, /* v1 alone */
	CGROUP_HYBRID, /* v1, and cgroup2 at `unified` */
};

/* The words of --cgroup-layout: "auto", "unified", "v1", "hybrid". ERROR_CONFIG for another. */
int cgroup_layout_parse(const char *word, enum cgroup_layout *layout, struct error **e) must_check;

/* What was chosen for the rootfs whose directory is `root_fd` stays from start to start: kept in
 * it, and read again; CGROUP_AUTO where nothing is. Root inside may have written there. */
int cgroup_layout_keep(int root_fd, enum cgroup_layout layout, struct error **e) must_check;
enum cgroup_layout cgroup_layout_kept(int root_fd);

#endif
