/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LXC's own programs, run inside an environment; what they say, and what it means. */
#ifndef CONTAINERS_LXC_H
#define CONTAINERS_LXC_H

#include "chroot/environment.h"
#include "containers/lxc_causes.h"
#include "lib/buf.h"
#include "lib/error.h"

enum { LXC_OUTPUT_MAX = 256 * 1024, LXC_STATE = 32, LXC_LINE = 512 };

/* A command of LXC's and what it said. */
struct lxc {
	struct buf output;
	const struct lxc_cause *cause; /* of the first line that is known; */
	char line[LXC_LINE]; /* that line */
};
void lxc_free(struct lxc *l);
#define auto_lxc __attribute__((cleanup(lxc_free))) struct lxc
#define LXC ((struct lxc){.output = BUF(LXC_OUTPUT_MAX)})

/* Runs argv to its end, its lines into `l`: its exit status, or -1. */
int lxc_run(const struct environment *env, const char *const *argv, struct lxc *l,
	struct error **e) must_check;
/* ERROR_CONTAINER from what it said: "WHAT container NAME: what is missing", and as the hint what
 * to do, with LXC's own line. Always -1. */
int lxc_failed(const struct lxc *l, const char *what, const char *name, struct error **e);
/* Both: 0 where it exits with 0. */
int lxc_must_run(const struct environment *env, const char *const *argv, const char *what,
	const char *name, struct error **e) must_check;
/* 1: LXC's word for the container's state ("RUNNING") in `state`; 0 where there is no such
 * container. */
int lxc_state(const struct environment *env, const char *name, char state[LXC_STATE],
	struct error **e) must_check;

/* ERROR_CONTAINER. Always -1. */
int container_no_such(const char *name, struct error **e);

#endif
