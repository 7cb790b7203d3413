/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks all mirrors at once what mirrors/rank judges: do they answer, how fresh are they, how fast.
 *
 * First each one's marker (ARCH/sync) and, of those with TLS, its database; then, of the best, a
 * part of a real package. Nothing that comes of it is used for anything else. */
#ifndef MIRRORS_OBSERVE_H
#define MIRRORS_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/http.h"
#include "mirrors/mirrors.h"
#include "mirrors/rank.h"

/* The repository that mirrors are compared by: every one of a distribution has it, and it is small.
 */
#define OBSERVE_REPO "core"

/* The time in one mirror's marker, asked for now; 0 where it has none, or does not answer. */
int64_t marker_ask(const struct mirrors *m, size_t i, const struct http_settings *http);

struct observe_limits {
	int answer_ms; /* for markers and databases; without any good answer until whole_ms */
	int grace_ms; /* after the first that answered in full the others get so long; 0: no such
			 hurry */
	int whole_ms; /* for all of it */
	bool databases; /* ask for databases, too */
	int sample_ms; /* how long packages are measured; 0: they are not */
	uint64_t sample_bytes; /* of a package, from each of the best */
};

/* `seen` has mirrors_count(m) elements; observe_free frees what they own. -1 only for what is
 * nobody's fault, ERROR_INTERRUPTED and ERROR_SYSTEM. */
int mirrors_observe(const struct mirrors *m, const struct http_settings *http,
	const struct observe_limits *limits, struct mirror_observation *seen,
	struct error **e) must_check;
void observe_free(struct mirror_observation *seen, size_t count);

#endif
