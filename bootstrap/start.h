/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting an environment as its user wants it: the holder, then the hooks of stage `environment`.
 */
#ifndef BOOTSTRAP_START_H
#define BOOTSTRAP_START_H

#include "chroot/environment.h"
#include "hooks/hook.h"
#include "lib/error.h"
#include "lib/report.h"

/* On error nothing is left running. `tethered`: it ends when we do, however we end. */
struct environment *start_environment(const struct rootfs *r, const struct hook_settings *settings,
	bool tethered, struct report *report, struct error **e) must_check;
/* Ends the containers, each by its own init where that obeys in time, then the environment. Frees
 * `env`. Not for a staging directory, where no container is. */
int stop_environment(struct environment *env, struct report *report, struct error **e) must_check;
/* Where none is up: takes away what one that was killed left, on the host and of its network. */
int sweep_environment(const struct rootfs *r, struct report *report, struct error **e) must_check;
/* The environment that is up, else a new one. *started tells which (may be NULL). Another start or
 * stop at work is waited for, ten seconds at most. */
struct environment *start_or_find_environment(const struct rootfs *r,
	const struct hook_settings *settings, struct report *report, bool *started,
	struct error **e) must_check;

#endif
