/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel's configuration says of what can run on it. */
#ifndef DOCTOR_KERNEL_CHECK_H
#define DOCTOR_KERNEL_CHECK_H

#include "doctor/findings.h"
#include "doctor/kernel_config.h"
#include "doctor/kernel_release.h"
#include "doctor/modules.h"
#include "lib/error.h"
#include "lib/report.h"

/* Adds what is missing or better off. `modules` of the kernel that runs, or NULL for another
 * machine's: then =m counts as there. */
int kernel_check(const struct kernel_config *c, const struct kernel_release *release,
	const struct modules *modules, struct findings *to, struct error **e) must_check;
/* One result "option" for each option of the table. */
int kernel_check_list(const struct kernel_config *c, const struct kernel_release *release,
	const struct modules *modules, struct report *report, struct error **e) must_check;

#endif
