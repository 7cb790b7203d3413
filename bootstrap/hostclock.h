/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's clock: is what it says possible, and what do we take for now?
 *
 * A device without a battery starts at 1970, and every certificate is then "not yet valid". No
 * clock can stand before the floor nor after the ceiling (hostclock_bounds.h). Between them the
 * system's clock is used as it is and nobody is asked; outside, HTTPS hosts of several operators
 * are asked (hostclock_ask.h), a quorum decides (hostclock_decide.h), and the clock is set
 * (hostclock_apply.h). doc/clock.md tells it on one page. Nothing here ever makes a check lenient.
 */
#ifndef BOOTSTRAP_HOSTCLOCK_H
#define BOOTSTRAP_HOSTCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "bootstrap/hostclock_sources.h"
#include "lib/error.h"
#include "lib/http.h"
#include "lib/report.h"
#include "lib/trusted_time.h"

/* Borrowed by the calls below. */
struct hostclock_settings {
	const char *given; /* --time: the user's word, believed; NULL */
	const char *from; /* --time-from: one https URL the user trusts with the time; NULL */
	bool insecure; /* --insecure-time: SNTP alone will do where HTTPS does not */
	const struct hostclock_sources *sources; /* NULL: the built-in ones */
	const struct http_settings *http; /* ca_pem and dns_servers are used, not its time */
	int timeout_ms; /* 0: 8,000, for all questions together */
};

/* The stage: the time for all checks of a run. Asks the network only where the system's clock is
 * impossible or `from` is given. An impossible clock is set; without the right to, the time is kept
 * as an offset inside the process, with a warning. A plausible clock is never set here, whatever
 * `given` says. ERROR_USAGE for a word that is no time, ERROR_CLOCK where there is no time to be
 * had. */
int hostclock_find(const struct hostclock_settings *s, struct report *report,
	struct trusted_time *found, struct error **e) must_check;

/* The verb: asks in any case (unless `given`), shows every answer, and compares the system's clock.
 * With `set` the clock is set where it is off by a minute or more. Well when the clock is right at
 * the end; ERROR_CLOCK when it is off, or when it was to be set and nothing was agreed. Where too
 * few answer, a plausible clock is let be, with a note. */
int hostclock_check(const struct hostclock_settings *s, bool set, struct report *report,
	struct error **e) must_check;

/* "2026-01-31", "2026-01-31T12:00:00Z" (RFC 3339, UTC or an offset) or "@1767225600"; -1 for
 * anything else. */
int64_t hostclock_parse(const char *text);
/* "2026-01-31T12:00:00Z" */
void hostclock_format(char to[32], int64_t unix_s);

#endif
