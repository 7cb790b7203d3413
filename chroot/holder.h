/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The holder: pid 1 of an environment. It sets the environment up, then sleeps, reaps orphans, and
 * ends everything on SIGTERM. */
#ifndef CHROOT_HOLDER_H
#define CHROOT_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/report.h"

/* Its name in /proc/PID/comm from its release on. */
#define HOLDER_NAME "alarmstrap"

/* A holder that is set up and waits for the word to go on its own. Until holder_release it dies
 * with us. */
struct holder {
	pid_t pid; /* in our namespace */
	pid_t launcher; /* our child, its parent */
	int told; /* notices from it */
	int go; /* closing it is the end of a holder that was not released */
};

int holder_launch(struct holder *h, const struct rootfs *r,
	const struct environment_options *options, struct report *report,
	struct error **e) must_check;
/* Lets it outlive us and our session. */
int holder_release(struct holder *h, struct error **e) must_check;
/* Lets it work, but not outlive us: the launcher, its parent, is handed out and must be kept. */
int holder_tether(struct holder *h, pid_t *launcher, struct error **e) must_check;
/* Ends a holder that was not released, and frees what is held; fine to call in any state. */
void holder_drop(struct holder *h);

#endif
