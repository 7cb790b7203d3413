/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes: what a kernel can do, found out by doing it.
 *
 * Configurations lie, Android hides them, and a container's keeper forbids what the kernel has. So
 * each thing is done once, in a forked child with scratch namespaces of its own; when the child
 * ends, all of it is gone. A probe is one function in doctor/probe_*.c and one row here. */
#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/findings.h"
#include "lib/error.h"

struct probe {
	const char *name; /* "pid-namespace" */
	const char *what; /* that fails: "process id namespaces" */
	const char *why;
	enum finding_severity severity; /* where it fails */
	enum error_code code;
	const char *option; /* of the kernel's configuration; may be NULL */
	const char *remedy; /* in place of the option; may be NULL */
	int capability; /* CAP_X that it takes; -1: none */
	unsigned since; /* KERNEL() of the first that can; before it a failure is a note */
	bool decisive; /* asked whatever its severity: the tier hangs by it */
	bool not_on_android; /* where asking gets a process killed */
	/* In the child: 0, or the errno of what failed, having said what that was. */
	int (*run)(void);
};
extern const struct probe *const probe_groups[];
extern const size_t probe_groups_count;

/* The tables of doctor/probe_*.c. */
extern const struct probe probe_namespaces[], probe_mounts[], probe_links[], probe_calls[],
	probe_users[];
extern const size_t probe_namespaces_count, probe_mounts_count, probe_links_count,
	probe_calls_count, probe_users_count;

/* For probes: `result` of a call (below 0: it failed) and the call's name; 0, or errno. */
int probe_step(long result, const char *step);
/* For probes of mounts: a mount namespace of our own, and an empty directory in it whose path is
 * handed out. 0, or errno. */
int probe_scratch(const char **directory);

/* What came of one. */
struct probe_answer {
	const struct probe *probe;
	bool asked;
	int errnum; /* 0: it can be done */
	int killed_by; /* a signal; 0: none */
	char step[96]; /* the call that failed */
};
struct probe_answers {
	struct probe_answer *items;
	size_t count;
};

/* In a child. ERROR_INTERRUPTED, or ERROR_SYSTEM where there can be no child; a probe that gives no
 * answer in two seconds is killed. */
int probe_run(const struct probe *p, struct probe_answer *answer, struct error **e) must_check;
/* All whose failure is at least as bad as `least`; the others are not asked. */
int probe_run_all(bool android, enum finding_severity least, struct probe_answers *to,
	struct error **e) must_check;
/* Pure: every probe with the answers of a text: lines "pid-namespace EINVAL", "openat2 SIGSYS";
 * what is not named can be done. For devices that are files. */
int probe_answers_parse(
	struct probe_answers *to, const char *text, bool android, struct error **e) must_check;
/* Whether the probe was asked and can be done. A name that is none is a mistake: false. */
bool probe_can(const struct probe_answers *a, const char *name);
void probe_answers_free(struct probe_answers *a);
#define auto_probe_answers __attribute__((cleanup(probe_answers_free))) struct probe_answers

#endif
