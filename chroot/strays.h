/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of a mount namespace: what must end with an environment and does not by itself.
 *
 * With a pid namespace those are few (nsenter -m). Where the kernel has none, as Android's GKI
 * kernels, it is everything that runs in the environment. A number names a namespace only as long
 * as somebody lives in it or holds it open. */
#ifndef CHROOT_STRAYS_H
#define CHROOT_STRAYS_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The mount namespace of a process, by /proc/PID/ns/mnt's inode; 0 when it cannot be told. */
uint64_t strays_namespace(pid_t pid);
/* Sends `number` (0: none) to every process in that namespace but ourselves; how many there are. */
int strays_signal(uint64_t namespace, int number);
/* SIGTERM, after `grace_ms` SIGKILL, and up to a second more; 0 when all are gone, else -1. */
int strays_end(uint64_t namespace, int grace_ms);
/* Whether some process in it has the directory `root` as its root directory. */
int strays_live_in(uint64_t namespace, const struct stat *root);

#endif
