/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan: what to make of a machine, as it was observed. Pure. */
#ifndef DOCTOR_PLAN_H
#define DOCTOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "chroot/cgroup_layout.h"
#include "doctor/findings.h"
#include "doctor/observations.h"
#include "lib/error.h"
#include "lib/report.h"

enum plan_tier { PLAN_NOTHING, PLAN_ROOT, PLAN_CONTAINERS };
enum plan_network {
	PLAN_NETWORK_NONE,
	PLAN_NETWORK_HOST, /* containers share it */
	PLAN_NETWORK_MACVLAN,
	PLAN_NETWORK_VETH, /* behind a bridge */
	PLAN_NETWORK_IPVLAN,
};

/* One choice, and why it was made. */
struct plan_row {
	const char *part; /* "lxc" */
	const char *choice; /* "lxc<1:7" */
	const char *because;
};
enum { PLAN_ROWS = 6 };

struct plan {
	enum plan_tier tier;
	bool lxc_7; /* else what is older */
	enum cgroup_layout layout;
	enum plan_network network;
	bool systemd; /* as the init of containers; else lxc-init or a plain command */
	bool landlock, seccomp, download_user; /* what pacman's sandbox may use */
	struct plan_row rows[PLAN_ROWS]; /* the same in words; without containers, fewer */
	size_t row_count;
};

struct plan plan_make(const struct observations *o);
/* What stands against containers as a whole: where none are in the plan, at least one finding. */
int plan_check(const struct observations *o, const struct plan *p, struct findings *to,
	struct error **e) must_check;
/* One result "plan" a row. */
void plan_report(const struct plan *p, struct report *report);

#endif
