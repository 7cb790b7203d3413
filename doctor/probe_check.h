/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the probes' answers say of what can run, and who stands in the way. Pure. */
#ifndef DOCTOR_PROBE_CHECK_H
#define DOCTOR_PROBE_CHECK_H

#include "doctor/kernel_facts.h"
#include "doctor/probe.h"

/* Who we are, and who keeps us. */
struct probe_keeper {
	const char *status; /* /proc/self/status */
	const char *label; /* /proc/self/attr/current: AppArmor's or SELinux's; "" for none */
};

/* Adds a finding for each probe that failed (k->tried). */
int probe_check(const struct kernel_facts *k, const struct probe_keeper *keeper,
	struct findings *to, struct error **e) must_check;
/* Whether a probe of ours tells more of this option than a configuration can. */
bool probe_covers(const struct probe_answers *a, const char *option);
/* Appends why EPERM or EACCES came, in words that name the capability or the rule. */
int probe_refusal(const struct probe_keeper *keeper, int capability, struct buf *to,
	struct error **e) must_check;

#endif
