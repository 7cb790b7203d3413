/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts made ahead, for an environment within a user namespace.
 *
 * There the kernel lets nobody make device nodes, nor mount proc or sysfs once the host's are out
 * of sight (mount_too_revealing() in fs/namespace.c). So new ones, and the host's nodes, are taken
 * along as detached mounts, to be attached where a step fails with EPERM. Outside a user namespace
 * none are made: nothing of the host's is ever near the root then. */
#ifndef CHROOT_SPARE_H
#define CHROOT_SPARE_H

#include <stddef.h>

#include "chroot/mounts.h"

enum { SPARE_MAX = 64 };
struct spare {
	int fds[SPARE_MAX]; /* one a step, -1: none */
};

/* What cannot be made is left out: the step's own error tells then. */
void spare_make(struct spare *s, const struct mounts_step *steps, size_t count);
/* Attaches that of step `i`, whose target is there. -1 with errno; ENOENT where there is none. */
int spare_use(const struct spare *s, size_t i, const char *target);
void spare_close(struct spare *s);

#endif
