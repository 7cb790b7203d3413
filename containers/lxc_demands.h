/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What LXC 7 demands of the kernel, checked before it is installed: it knows no cgroup v1 any more,
 * and calls clone3(2) and mount_setattr(2) without another way. LXC 6 is kept up until 2029. */
#ifndef CONTAINERS_LXC_DEMANDS_H
#define CONTAINERS_LXC_DEMANDS_H

#include <stdbool.h>

#include "lib/error.h"

/* A pacman dependency (its epoch is Arch's) that older kernels carry. */
#define LXC_OLDER "lxc<1:7"

/* The first thing that this kernel lacks of it, in words; NULL: it carries LXC 7. */
const char *lxc_seven_lacks(void);
/* Pure. */
const char *lxc_seven_lacks_of(bool clone3, bool mount_setattr, bool cgroup2);
/* Pure: does this version of the package, epoch or not, have these demands? */
bool lxc_is_seven(const char *version);

#endif
