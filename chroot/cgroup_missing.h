/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a controller cannot be had, in words that say what to do about it. Pure. */
#ifndef CHROOT_CGROUP_MISSING_H
#define CHROOT_CGROUP_MISSING_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/text.h"

/* What the kernel tells of itself. */
struct cgroup_kernel {
	const char *controllers; /* /proc/cgroups */
	const char *self; /* /proc/self/cgroup */
	const char *command_line; /* /proc/cmdline */
};

/* Adds to `notes` one line a reason, for the controllers that containers are limited by and that
 * are not among `have`; `unified`: cgroup2 is what they get. Nothing is missing: no line. */
int cgroup_missing(const struct cgroup_kernel *kernel, const struct strings *have, bool unified,
	struct strings *notes, struct error **e) must_check;

#endif
