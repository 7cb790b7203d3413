/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cgroups for an environment: the hierarchies inside, where LXC looks for them.
 *
 * Planning is pure (chroot/cgroup_plan.h); the cgroup that is the environment's own is made when it
 * starts (chroot/cgroup_own.h). What LXC expects depends on its version: 5 and 6 want the layout of
 * the host (v1 hierarchies at their own names, cgroup2 at `unified`), 7 wants cgroup2 alone.
 * Kernel: cgroup-v1/cgroups.rst, cgroup-v2.rst. */
#ifndef CHROOT_CGROUPS_H
#define CHROOT_CGROUPS_H

#include <stdbool.h>

#include "chroot/cgroup_layout.h"
#include "chroot/environment.h"
#include "lib/error.h"
#include "lib/report.h"

/* Mounts the hierarchies at /sys/fs/cgroup inside the running environment; already there: 0 at
 * once. CGROUP_UNIFIED (LXC 7) must be what the environment was started with, too, unless the host
 * is all cgroup2. What could not be mounted is a note, nothing mounted at all is ERROR_KERNEL. */
int cgroups_mount(const struct environment *env, enum cgroup_layout layout, struct report *report,
	struct error **e) must_check;
/* 1 mounted, 0 not. */
int cgroups_mounted(const struct environment *env, struct error **e) must_check;

#endif
