/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow as a table of stages, and the one walker that runs it or shows it. */
#ifndef BOOTSTRAP_STAGES_H
#define BOOTSTRAP_STAGES_H

#include <stddef.h>

#include "hooks/user.h"
#include "lib/error.h"
#include "lib/report.h"

/* `needs` and `gives` are masks of products; what they mean is the flow's own. An act gets the
 * flow's context, takes what it needs from there and puts there what it gives. */
struct stage {
	const char *name;
	const char *title;
	unsigned needs, gives;
	int (*act)(void *flow, struct error **e);
};

struct stages {
	const struct stage *rows;
	size_t count;
	unsigned given; /* products that stand before the first row */
	/* Called before each act, with its place counted from 1; NULL: nothing. */
	int (*enter)(void *flow, const struct stage *row, int index, struct error **e);
	/* Called after each act that went well; NULL: nothing. */
	int (*leave)(void *flow, const struct stage *row, struct error **e);
	unsigned inside; /* the products with which an environment is up */
	/* Of a part of a table: how many rows stand before it, and in all. 0: it is whole. */
	size_t before, total;
};

/* Runs the rows in order and stops at the first that fails. */
int stages_run(
	const struct stages *s, void *flow, struct report *report, struct error **e) must_check;
/* One result row a stage and a hook of the user's; runs nothing. */
void stages_print(const struct stages *s, const struct user_hooks *hooks, struct report *report);
/* Reads the user's hooks for the stages of this flow. ERROR_CONFIG as user_hooks_read has it. */
int stages_hooks(const struct stages *s, const struct strings *dirs, struct user_hooks *hooks,
	struct error **e) must_check;
/* Pure: the index of the first row that needs what no earlier row gives, -1 where all is well. */
int stages_first_unmet(const struct stages *s);

#endif
