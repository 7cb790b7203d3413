/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one function that deletes trees. It never crosses into another filesystem or mount: it
 * refuses while any mount lies at or below the tree, walks by openat with O_NOFOLLOW, and checks
 * the mount id of every directory it enters (/proc/self/fdinfo, Linux 3.15; else the device).
 * Subvolumes of btrfs that lie in the tree, mounted nowhere, belong to it and go.
 */
#ifndef CHROOT_TREE_H
#define CHROOT_TREE_H

#include <stdint.h>

#include "lib/error.h"

struct tree_deleted {
	uint64_t entries;
	uint64_t bytes; /* that regular files occupied, with their last link */
};

/* Deletes NAME below parent_fd and all in it. An absent NAME is fine. ERROR_BUSY names the mount
 * that lies below, and nothing was deleted then. `deleted` may be NULL. Mounts of other mount
 * namespaces cannot be seen: stop an environment first. */
int tree_delete(
	int parent_fd, const char *name, struct tree_deleted *deleted, struct error **e) must_check;

/* What tree_delete would free: counts without changing anything, and does not enter other mounts
 * and filesystems. A file with several links counts by its share. Best effort. */
void tree_measure(int parent_fd, const char *name, struct tree_deleted *size);

#endif
