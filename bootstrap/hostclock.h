/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's clock: is what it says possible, and what do we take for now?
 *
 * A device without a battery starts at 1970, and every certificate is then "not yet valid". No
 * clock can stand before the day this program was made (the floor) nor fifteen years after it (the
 * ceiling). Between them the system's clock is used as it is; outside, the user must say the time.
 * Nothing here ever makes a check lenient. */
#ifndef BOOTSTRAP_HOSTCLOCK_H
#define BOOTSTRAP_HOSTCLOCK_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/report.h"
#include "lib/trusted_time.h"

struct hostclock_bounds {
	int64_t floor_s, ceiling_s; /* Unix time */
};

/* Floor: date of the newest commit this was built from. Ceiling: floor + 15 years. */
struct hostclock_bounds hostclock_bounds(void);

enum hostclock_verdict { HOSTCLOCK_AS_IT_IS, HOSTCLOCK_AS_GIVEN, HOSTCLOCK_REFUSED };

/* Pure: what to take, given the system's clock and the user's time (0: none). */
enum hostclock_verdict hostclock_decide(
	const struct hostclock_bounds *b, int64_t system_s, int64_t given_s);

/* "2026-01-31", "2026-01-31T12:00:00Z" (RFC 3339, UTC or an offset) or "@1767225600"; -1 for
 * anything else. */
int64_t hostclock_parse(const char *text);
/* "2026-01-31T12:00:00Z" */
void hostclock_format(char to[32], int64_t unix_s);

/* The stage: decides, and where the user gave a time and the system's clock is impossible, sets it
 * (without the right to, the time is kept as an offset and that is noted). `given` may be NULL. */
int hostclock_find(const char *given, struct report *report, struct trusted_time *found,
	struct error **e) must_check;

#endif
