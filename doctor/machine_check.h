/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a machine's files say of what can run on it, besides the kernel's configuration. Pure. */
#ifndef DOCTOR_MACHINE_CHECK_H
#define DOCTOR_MACHINE_CHECK_H

#include <stdint.h>

#include "doctor/findings.h"
#include "doctor/observations.h"
#include "doctor/plan.h"

/* Adds findings on control groups that are switched off, on cpuset as Android mounts it, on the
 * clock
 * (`now_s` by the system clock) and its chip. */
int machine_check(const struct observations *o, const struct plan *p, int64_t now_s,
	struct findings *to, struct error **e) must_check;

#endif
