/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a ROOT: what runs in it is ended, and it is deleted. */
#ifndef BOOTSTRAP_DESTROY_H
#define BOOTSTRAP_DESTROY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/report.h"

/* What is about to happen. */
struct destroy_question {
	const char *root; /* absolute */
	bool leftovers; /* there is no ROOT: only what a run that was cut off left */
	bool up; /* an environment is up on it, and will be ended */
	uint64_t bytes; /* about */
};
/* 1 yes, 0 no, -1 with an error. */
typedef int destroy_ask(void *arg, const struct destroy_question *q, struct error **e);

/* Deletes ROOT and its work directory; of a mount point the content, and neither the directory nor
 * lost+found. A result row says what was freed. `ask` NULL: nobody is asked. 1 where it is deleted,
 * 0 where the answer was no. ERROR_ROOT for what is not ours, ERROR_BUSY where something is mounted
 * below or a run is under way; nothing was touched then. A run that was cut off can be repeated. */
int destroy_run(const char *root, destroy_ask *ask, void *arg, struct report *report,
	struct error **e) must_check;

#endif
