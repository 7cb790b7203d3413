/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was observed of a machine to the plan and the findings. Pure. */
#ifndef DOCTOR_EXAMINE_H
#define DOCTOR_EXAMINE_H

#include <stdint.h>

#include "doctor/findings.h"
#include "doctor/observations.h"
#include "doctor/plan.h"

/* Findings come sorted. `now_s` is by the system clock. */
int examine(const struct observations *o, int64_t now_s, struct plan *plan, struct findings *to,
	struct error **e) must_check;

#endif
