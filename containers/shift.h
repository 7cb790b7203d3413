/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives a tree to the users of an unprivileged container: id 0 becomes the map's base, and so on.
 *
 * Owners, the ids in ACLs, and the file capabilities, which count in one user namespace only
 * (capabilities(7), version 3; Linux 4.14). What has the container's ids already stays: a tree may
 * be gone through again after packages were installed in it from outside. */
#ifndef CONTAINERS_SHIFT_H
#define CONTAINERS_SHIFT_H

#include <stddef.h>
#include <stdint.h>

#include "containers/idmap.h"
#include "lib/error.h"

struct shift_done {
	uint64_t entries, shifted;
	uint64_t lost_capabilities; /* of files: the kernel knows none for user namespaces */
};

/* The directory `fd` and all below it, on its filesystem alone; symlinks themselves. Nothing may
 * run in it. */
int shift_tree(int fd, const struct container_idmap *map, struct shift_done *done,
	struct error **e) must_check;

/* Pure: `id` as the container's; those that are so already, or that the map has not, stay. */
uint32_t shift_id(const struct container_idmap *map, uint32_t id);
enum { SHIFT_CAPABILITY_SIZE = 24 };
/* Pure: security.capability of version 2 (20 bytes) as version 3 with the map's root: its size, or
 * 0 where it needs no change. */
size_t shift_capability(const struct container_idmap *map, const unsigned char *value, size_t size,
	unsigned char to[SHIFT_CAPABILITY_SIZE]);
/* Pure: system.posix_acl_* in place: 1 changed, 0 not. */
int shift_acl(const struct container_idmap *map, unsigned char *value, size_t size);

#endif
