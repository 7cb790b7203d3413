/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ranking: the mirrors of a list in the order they are to be asked, what was found out of each,
 * and why some are left out. Made from observations, kept for a day (mirrors/ranking_cache), and
 * laid upon a `struct mirrors`. */
#ifndef MIRRORS_RANKING_H
#define MIRRORS_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/http.h"
#include "lib/report.h"
#include "mirrors/mirrors.h"
#include "mirrors/observe.h"
#include "mirrors/rank.h"

struct ranking_row {
	char *server; /* as mirrors_server has it */
	enum mirror_fault fault;
	char *why; /* "" where it is good */
	enum error_code code; /* of the failure, not kept; and its own remedy, or NULL */
	char *remedy;
	int answer_ms; /* -1: it did not */
	int64_t marker_s, newest_s; /* 0: not known */
	size_t alike; /* mirrors with the same database, itself among them; 0: not known */
	int64_t rate; /* bytes a second; -1: not measured */
};
/* Zero-initialised is empty. */
struct ranking {
	struct ranking_row *rows; /* those that are used stand first */
	size_t count;
	int64_t made_s; /* Unix time */
};

/* The limits of a flow, which waits no longer than it must, and of a ranking for its own sake. */
extern const struct observe_limits ranking_quick, ranking_whole;
/* For mirrors that keep their order: only who answers is of interest. */
extern const struct observe_limits ranking_answers;

/* Asks the mirrors. No good one is no error here. */
int ranking_make(const struct mirrors *m, const struct http_settings *http,
	const struct observe_limits *limits, struct ranking *to, struct error **e) must_check;
/* How many are used. */
size_t ranking_used(const struct ranking *r);
/* Where none is used, why not: it names the failure of each. ERROR_TRUST where no certificate was
 * good, else ERROR_NETWORK. */
int ranking_check(const struct ranking *r, struct error **e) must_check;
/* Puts `m` into the ranking's order. Those that are left out go, unless they alone serve some
 * repository; where `all`, they stay, at the end. */
int ranking_apply(
	const struct ranking *r, struct mirrors *m, bool all, struct error **e) must_check;
/* The same without another order: those that are left out go. */
int ranking_drop(const struct ranking *r, struct mirrors *m, struct error **e) must_check;
/* One note for each that is left out. */
void ranking_tell(const struct ranking *r, struct report *report);
/* One result row each. */
void ranking_show(const struct ranking *r, struct report *report);
void ranking_free(struct ranking *r);
#define auto_ranking __attribute__((cleanup(ranking_free))) struct ranking

#endif
