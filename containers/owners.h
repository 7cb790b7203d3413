/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owners of an unprivileged container's rootfs while packages are changed in it from outside:
 * what libalpm and scriptlets write there belongs to root, whom the container does not know.
 *
 * A mark beside the container's configuration says so from before the first change until all of it
 * is the container's again; one that is left by a run that was killed is dealt with when the
 * container starts. */
#ifndef CONTAINERS_OWNERS_H
#define CONTAINERS_OWNERS_H

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "containers/idmap.h"
#include "lib/error.h"

/* The map of the container whose rootfs `inner` is; count 0: a privileged one, or no container. */
int owners_map(
	const struct rootfs *inner, struct container_idmap *map, struct error **e) must_check;
/* Before and after. Both do nothing for a privileged one. */
int owners_lend(const struct rootfs *inner, struct error **e) must_check;
int owners_return(const struct rootfs *inner, struct error **e) must_check;
/* Before a start: where the mark stands. */
int owners_return_lent(
	const struct environment *env, const char *name, struct error **e) must_check;

#endif
