/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lines of LXC's log mean, and what to do about them. */
#ifndef CONTAINERS_LXC_CAUSES_H
#define CONTAINERS_LXC_CAUSES_H

struct lxc_cause {
	const char *said; /* a part of LXC's line */
	const char *missing; /* what is wrong, in a user's words */
	const char *remedy;
};

/* Pure: NULL where the line says nothing known. */
const struct lxc_cause *lxc_cause_find(const char *line);

#endif
