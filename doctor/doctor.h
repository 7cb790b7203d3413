/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor: what will run on this machine, or on one of which only the kernel's configuration is
 * at hand, what will not, and what to do about it. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

struct doctor_options {
	const char *kernel_config; /* a file of another kernel's; NULL: that of this machine */
	const char *kernel_release; /* NULL: as the file says, or uname(2) */
	const char *root; /* where a root is to be, or is; NULL: this machine alone */
	bool fragment; /* print a fragment with what is missing, and nothing else */
	bool offline; /* ask nothing of the network */
	bool all; /* what is well, too */
};

/* Looks, and reports results "plan" and "finding", with `all` "probe" and "option", too. 0:
 * containers can run. Else the error of the worst finding, after all were told: ERROR_CONTAINER
 * where a root without containers can be made.
 */
int doctor_run(
	const struct doctor_options *options, struct report *report, struct error **e) must_check;

/* The part that concerns a bootstrap, before it starts: the probes without which there is no root,
 * or no container. Where `containers` are asked for, what rules them out is an error, too; else a
 * warning. Takes a tenth of a second. */
int doctor_before(bool containers, struct report *report, struct error **e) must_check;
/* One result "elf" for each file. ERROR_CONFIG, after all of them, where one cannot be read. */
int doctor_elf(const struct strings *paths, struct report *report, struct error **e) must_check;

#endif
