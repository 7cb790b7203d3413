/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mounts of an environment: a table of steps, and the one walker that carries them out.
 *
 * All of it runs in a child with a mount namespace of its own. */
#ifndef CHROOT_MOUNTS_H
#define CHROOT_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "chroot/binds.h"
#include "lib/error.h"

enum mounts_act { MOUNTS_DIRECTORY, MOUNTS_MOUNT, MOUNTS_NODE, MOUNTS_LINK };

struct mounts_step {
	enum mounts_act act;
	const char *target; /* absolute */
	const char *what; /* filesystem type, or where the link leads */
	unsigned long flags; /* MS_* */
	const char *data; /* mount options */
	const char *kernel; /* the option that a kernel without it lacks: "CONFIG_TMPFS" */
	mode_t mode;
	unsigned major, minor;
	bool optional; /* a failure is a note */
	bool otherwise; /* only where the step before failed, whose error is then forgotten */
};

/* /proc, /sys, /dev with its nodes, /dev/pts, /dev/shm, /dev/mqueue, /run: for an environment. */
extern const struct mounts_step mounts_environment[];
extern const size_t mounts_environment_count;

/* Carries the steps out in order. What is there already stays. Notes go to notice_fd. `spare` is of
 * the same steps, or NULL. */
struct spare;
int mounts_walk(const struct mounts_step *steps, size_t count, const struct spare *spare,
	int notice_fd, struct error **e) must_check;

/* Cuts our mount namespace (a fresh one) off from the host's: nothing spreads either way. */
int mounts_make_private(struct error **e) must_check;
/* Makes the directory `path` the root: bound on itself, its nosuid, nodev and noexec cleared, then
 * pivot_root, or, where the root is an initramfs or `move` is set, MS_MOVE and chroot. `fd`, the
 * same directory, guards against one that was swapped meanwhile. `binds` (may be NULL) are bound on
 * the way, while the host is still in sight. cwd is the new `/`. */
int mounts_enter_root(const char *path, int fd, const struct binds *binds, bool move,
	struct error **e) must_check;

#endif
