/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a kernel: the parts that judgements take together. */
#ifndef DOCTOR_KERNEL_FACTS_H
#define DOCTOR_KERNEL_FACTS_H

#include "doctor/kernel_config.h"
#include "doctor/kernel_release.h"
#include "doctor/modules.h"
#include "doctor/probe.h"

struct kernel_facts {
	const struct kernel_config *config; /* NULL: not found */
	const struct kernel_release *release;
	/* Of the kernel that runs here; NULL for another machine's, where =m counts as there. */
	const struct modules *modules;
	/* What was tried on it; NULL for another machine's. */
	const struct probe_answers *tried;
};

#endif
