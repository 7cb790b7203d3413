/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow as a table of stages, and the one walker that runs it or shows it. */
#ifndef BOOTSTRAP_STAGES_H
#define BOOTSTRAP_STAGES_H

#include <stddef.h>

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
};

/* Runs the rows in order and stops at the first that fails. */
int stages_run(
	const struct stages *s, void *flow, struct report *report, struct error **e) must_check;
/* One result row a stage; runs nothing. */
void stages_print(const struct stages *s, struct report *report);
/* Pure: the index of the first row that needs what no earlier row gives, -1 where all is well. */
int stages_first_unmet(const struct stages *s);

#endif
