/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel, and the cgroups that the environment got, can carry of a container. */
#ifndef CONTAINERS_FACTS_H
#define CONTAINERS_FACTS_H

#include <stdbool.h>

#include "chroot/environment.h"
#include "containers/spec.h"
#include "lib/error.h"

enum cgroup_version { CGROUP_ABSENT, CGROUP_IN_V1, CGROUP_IN_V2 };

struct container_facts {
	bool unified; /* cgroup2 alone */
	bool any_cgroup; /* something is mounted at /sys/fs/cgroup */
	enum cgroup_version memory, cpu, pids, devices; /* where the controller is */
	bool seccomp; /* the kernel has it, and LXC's list of calls is there */
	bool user_namespaces;
	int kernel_major, kernel_minor;
};

/* Looks inside the environment, which must be up with its cgroups. */
int container_facts_probe(
	const struct environment *env, struct container_facts *f, struct error **e) must_check;
/* Pure: from the lines of the script that looks inside. "v2 CONTROLLER…", "v2at CONTROLLER…" (at
 * `unified`), "v1 NAME" (a directory), "seccomp". */
int container_facts_parse(
	struct container_facts *f, const char *lines, struct error **e) must_check;
/* Pure: ERROR_KERNEL names a limit whose controller is not there. */
int container_facts_refuse_limits(const struct container_facts *f,
	const struct container_limits *limits, struct error **e) must_check;
/* Pure: can this systemd (its package's version) be the init here? NULL: it can. Else why not. */
const char *container_facts_against_systemd(const struct container_facts *f, const char *version);

#endif
