/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: what the doctor has to say of a machine, as data. Pure.
 *
 * Each has one row of its own: what was found, why it matters, how it was found, and what to do. */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/report.h"

enum finding_severity {
	FINDING_NO_BOOTSTRAP, /* not even a root with pacman */
	FINDING_NO_CONTAINERS, /* a root and pacman, but no containers */
	FINDING_LIMITED, /* containers, but something that people expect fails */
	FINDING_NOTE, /* good to know; for some uses only */
};

struct finding {
	enum finding_severity severity;
	enum error_code code; /* what a refusal because of it is */
	char *what, *why, *how;
	char *remedy; /* "" for none */
};

struct findings {
	struct finding *items; /* worst first, after findings_sort */
	size_t count;
};

/* A remedy for people and for scripts: a command, an option of the kernel's or of ours. `how` and
 * `remedy` may be NULL. The texts are copied. */
struct finding_texts {
	const char *what, *why, *how, *remedy;
};
int findings_add(struct findings *f, enum finding_severity severity, enum error_code code,
	const struct finding_texts *texts, struct error **e) must_check;
/* Worst first, else as they were found. */
void findings_sort(struct findings *f);
/* How many are of this severity. */
size_t findings_count(const struct findings *f, enum finding_severity severity);
/* One result "finding" each; notes only with `all`. */
void findings_report(const struct findings *f, bool all, struct report *report);
/* 0: containers can run; else the error of the worst: its code where nothing can be made of the
 * machine, ERROR_CONTAINER where a root without containers can. */
int findings_verdict(const struct findings *f, struct error **e) must_check;
void findings_free(struct findings *f);
#define auto_findings __attribute__((cleanup(findings_free))) struct findings

#endif
