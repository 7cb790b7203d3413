/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cgroup hierarchies to use, by what options, under which names: pure over the kernel's
 * texts.
 *
 * LXC 5 opens /sys/fs/cgroup/NAME for each line of /proc/1/cgroup (NAME: the list as shown there,
 * "name=" cut off, two pairs in the order that systemd gave them) and cgroup2 at `unified`. A
 * hierarchy that exists can be mounted again by exactly its own set of controllers only; any other
 * set is EBUSY (cgroups(7), cgroup-v1/cgroups.rst 2.1). */
#ifndef CHROOT_CGROUP_PLAN_H
#define CHROOT_CGROUP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "chroot/cgroup_layout.h"
#include "lib/error.h"

struct cgroup_hierarchy {
	char *name; /* of the directory: "cpu,cpuacct"; "unified" for cgroup2 */
	char *options; /* for mount(2): "cpu,cpuacct", "none,name=systemd"; NULL: cgroup2 */
	char *path; /* our cgroup in it, "/" for the root */
	bool fresh; /* no process is in it yet: mounting makes it */
};

struct cgroup_plan {
	struct cgroup_hierarchy *items;
	size_t count;
	/* cgroup2 lies on /sys/fs/cgroup itself, nothing else does, and a cgroup namespace hides
	 * what is above our own. */
	bool unified;
};

/* `self`: /proc/self/cgroup; `controllers`: /proc/cgroups. `layout`: CGROUP_UNIFIED
 * is cgroup2 alone even where there is v1 (LXC 7); the other hierarchies are still listed.
 * ERROR_KERNEL where nothing is to be had. */
int cgroup_plan_make(struct cgroup_plan *plan, const char *self, const char *controllers,
	enum cgroup_layout layout, struct error **e) must_check;
/* From the files in /proc. */
int cgroup_plan_read(
	struct cgroup_plan *plan, enum cgroup_layout layout, struct error **e) must_check;
/* Whether `h` is mounted in an environment by this plan. */
bool cgroup_plan_mounts(const struct cgroup_plan *plan, const struct cgroup_hierarchy *h);
void cgroup_plan_free(struct cgroup_plan *plan);
#define auto_cgroup_plan __attribute__((cleanup(cgroup_plan_free))) struct cgroup_plan

#endif
