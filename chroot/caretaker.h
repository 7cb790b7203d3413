/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who tidies up after a starter that is killed: a child that waits for our end, and then removes
 * the cgroups of an environment that dies with us. Processes and mounts go by themselves (the
 * kernel's doing); an empty cgroup stays until somebody removes it. */
#ifndef CHROOT_CARETAKER_H
#define CHROOT_CARETAKER_H

#include <sys/types.h>

#include "lib/error.h"

struct caretaker {
	pid_t pid;
	int lifeline; /* the end of a pipe that nobody else has */
};
#define CARETAKER_NONE ((struct caretaker){-1, -1})

/* For the cgroups called `name` (chroot/cgroup_own.h). */
int caretaker_start(struct caretaker *c, const char *name, struct error **e) must_check;
/* Sends it away: the work is done, or another's. Fine for CARETAKER_NONE. */
void caretaker_dismiss(struct caretaker *c);

#endif
