/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel's configuration says of what can run on it. */
#ifndef DOCTOR_KERNEL_CHECK_H
#define DOCTOR_KERNEL_CHECK_H

#include "doctor/findings.h"
#include "doctor/kernel_facts.h"
#include "lib/error.h"
#include "lib/report.h"

/* By its configuration, which must be known. Adds what is missing or better off, but for what was
 * tried and is known better. */
int kernel_check(const struct kernel_facts *k, struct findings *to, struct error **e) must_check;
/* One result "option" for each option of the table. */
int kernel_check_list(
	const struct kernel_facts *k, struct report *report, struct error **e) must_check;

#endif
