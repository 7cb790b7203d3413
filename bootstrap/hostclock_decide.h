/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the answers of time hosts amount to. Pure: answers in, verdicts and a decision out.
 *
 * Hosts over HTTPS decide, servers of SNTP refine. The hosts whose times lie within 120 s of each
 * other form a camp; that of the most operators wins if it is a quorum, if fewer operators are
 * outside than inside, and if its median lies inside the certificates of all voters but (n - 1) /
 * 3: as many liars as agreement can bear. */
#ifndef BOOTSTRAP_HOSTCLOCK_DECIDE_H
#define BOOTSTRAP_HOSTCLOCK_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootstrap/hostclock_bounds.h"
#include "bootstrap/hostclock_sources.h"

enum { HOSTCLOCK_AGREE_S = 120 };

enum hostclock_verdict {
	HOSTCLOCK_NO_ANSWER, /* or none that may be used; `why` tells */
	HOSTCLOCK_NOT_ITS_TIME, /* its certificates do not hold at the time it claims */
	HOSTCLOCK_BELOW_FLOOR,
	HOSTCLOCK_ABOVE_CEILING,
	HOSTCLOCK_USABLE, /* and nothing was decided */
	HOSTCLOCK_DISAGREES,
	HOSTCLOCK_AGREES,
};

/* What one host or server said. `operator_name` is NULL for a server of SNTP, and the certificates'
 * window does not count there. */
struct hostclock_answer {
	const char *operator_name, *name;
	bool came;
	char why[256]; /* why nothing came, or why the certificates do not hold */
	int64_t unix_ms; /* the time that it says it is at the moment of the decision */
	int64_t not_before_s, not_after_s;
	bool holds;
	enum hostclock_verdict verdict; /* filled in by the decision */
};

struct hostclock_answers {
	struct hostclock_answer hosts[HOSTCLOCK_HOSTS_MAX], servers[HOSTCLOCK_HOSTS_MAX];
	size_t host_count, server_count;
};

enum hostclock_outcome {
	HOSTCLOCK_AGREED,
	HOSTCLOCK_AGREED_BY_TWO, /* two hosts of two operators, nobody against: to be warned of */
	HOSTCLOCK_UNPROVEN, /* by SNTP alone, as the user allowed */
	HOSTCLOCK_TOO_FEW,
	HOSTCLOCK_DISAGREED,
	HOSTCLOCK_AGAINST_CERTIFICATES,
};

struct hostclock_decision {
	enum hostclock_outcome outcome;
	int64_t unix_ms; /* only for the first three */
	int hosts, operators; /* of the winning camp */
	int against; /* voters whose certificates do not hold at the camp's time */
	int refined_by; /* servers of SNTP */
};

struct hostclock_rules {
	struct hostclock_bounds bounds;
	struct hostclock_quorum quorum;
	bool unproven_allowed; /* --insecure-time */
};

/* Fills in each answer's verdict. */
struct hostclock_decision hostclock_decide(
	const struct hostclock_rules *rules, struct hostclock_answers *answers);

/* A short word for a verdict: "agrees", "below the floor", … */
const char *hostclock_verdict_word(enum hostclock_verdict verdict);
/* Has the decision a time? */
bool hostclock_decided(const struct hostclock_decision *d);

#endif
