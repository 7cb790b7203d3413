/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage `mirrors` of every flow: the best first, by the ranking of the last day or a new one.
 *
 * It never makes a flow fail that could go on, and never waits for who is slow once others have
 * answered. Mirrors that the user named keep the order in which they were named: of them it is only
 * found out who answers, every time. */
#ifndef BOOTSTRAP_RANKED_H
#define BOOTSTRAP_RANKED_H

#include <stdbool.h>

#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/http.h"
#include "lib/report.h"
#include "mirrors/mirrors.h"
#include "mirrors/ranking.h"

/* Zero-initialised is none. */
struct ranked {
	struct ranking ranking;
	char *name; /* of the file it is kept in; NULL: it is not */
	bool kept; /* an earlier run made it */
};
struct ranked_settings {
	const struct http_settings *http;
	struct report *report;
	bool in_order; /* the user has named them */
	bool unasked; /* ask nobody: a ranking that is kept, or the order as it is */
	bool thorough; /* anew, without hurry, and with a table of it: for its own sake */
};

/* Arranges `m`. ERROR_NETWORK or ERROR_TRUST where no mirror is of any use. */
int ranked_mirrors(struct mirrors *m, const struct ranked_settings *s, struct ranked *to,
	struct error **e) must_check;
/* Writes what was found out just now into the root's mirrorlist, where pacman has its servers from:
 * one that we wrote ourselves, or with `fresh` any. A root without is as good: what fails is a
 * note. */
void ranked_write(const struct ranked *r, const struct mirrors *m, const struct rootfs *rootfs,
	bool fresh, struct report *report);
/* What was kept led nowhere: the next run asks anew. What cannot be removed is a warning. */
void ranked_forget(const struct ranked *r, struct report *report);
void ranked_free(struct ranked *r);

#endif
