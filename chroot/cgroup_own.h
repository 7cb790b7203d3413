/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cgroup that is an environment's own: one in every hierarchy, below that of whoever starts it.
 * All of the environment lives in it, so that a stop can find and remove what LXC leaves behind.
 *
 * Hierarchies are reached through mounts of our own, seen by nobody else and gone at once: hosts
 * mount them anywhere or not at all (Android: /dev/cpuctl, /dev/memcg, /acct). */
#ifndef CHROOT_CGROUP_OWN_H
#define CHROOT_CGROUP_OWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "chroot/cgroup_layout.h"
#include "lib/error.h"

enum { CGROUP_OWN_NAME = 64 };

/* "alarmstrap-fd00-1a2b": by the root directory's device and inode, which a rename leaves. */
void cgroup_own_name(char to[CGROUP_OWN_NAME], dev_t device, ino_t inode);

/* In a child with a private mount namespace: sweeps what an earlier environment of this name left,
 * makes the cgroups and moves the calling process into them. Then, where the plan is cgroup2 alone,
 * makes them the root of a new cgroup namespace. Best effort: what fails is a note. */
void cgroup_own_enter(const char *name, enum cgroup_layout layout, int notice_fd);

/* In a child that may spoil its mount namespace: moves it to where the process `holder` is, in the
 * hierarchies where that lies in the own cgroup. Best effort and silent. */
void cgroup_own_join(const char *name, pid_t holder);

/* Removes the cgroups of that name, depth first, wherever they are; tries for `patience_ms`, while
 * the last processes drain. 1 nothing left, 0 some are still in use. */
int cgroup_own_sweep(const char *name, int patience_ms, struct error **e) must_check;

#endif
