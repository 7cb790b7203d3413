/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A decision in words: who disagreed with whom, and what the user can do. */
#ifndef BOOTSTRAP_HOSTCLOCK_STORY_H
#define BOOTSTRAP_HOSTCLOCK_STORY_H

#include "bootstrap/hostclock_decide.h"
#include "lib/error.h"
#include "lib/report.h"

/* The error of a decision without a time, with its remedy: -1, ERROR_CLOCK. */
int hostclock_story_error(const struct hostclock_decision *d, const struct hostclock_rules *rules,
	const struct hostclock_answers *answers, struct error **e);
/* "quad9, google say 2026-01-31T12:00:00Z; evil says 2019-…": those whose time counted, by camps.
 */
int hostclock_story_camps(
	const struct hostclock_answers *answers, struct buf *to, struct error **e) must_check;
/* One row an answer, for `alarmstrap clock`. */
void hostclock_story_show(const struct hostclock_answers *answers, struct report *report);

#endif
