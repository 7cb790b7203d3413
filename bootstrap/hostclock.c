/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/text.h"

enum { DAY_S = 86400, YEARS_VALID = 15 };

struct hostclock_bounds hostclock_bounds(void)
{
	int64_t floor = SOURCE_DATE;
	return (struct hostclock_bounds){floor, floor + (int64_t)YEARS_VALID * 365 * DAY_S};
}

static int possible(const struct hostclock_bounds *b, int64_t t)
{
	return t >= b->floor_s && t <= b->ceiling_s;
}

enum hostclock_verdict hostclock_decide(
	const struct hostclock_bounds *b, int64_t system_s, int64_t given_s)
{
	if (given_s)
		return possible(b, given_s) ? HOSTCLOCK_AS_GIVEN : HOSTCLOCK_REFUSED;
	return possible(b, system_s) ? HOSTCLOCK_AS_IT_IS : HOSTCLOCK_REFUSED;
}

static int parse_offset(const char *text, int64_t *seconds)
{
	int hours, minutes, used = 0;
	if (!*text || strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
		*seconds = 0;
		return 0;
	}
	if (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || text[1 + used] ||
		hours > 23 || minutes > 59 || (*text != '+' && *text != '-'))
		return -1;
	*seconds = (*text == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return 0;
}

static int in_range(const struct tm *t)
{
	return t->tm_mon >= 0 && t->tm_mon < 12 && t->tm_mday >= 1 && t->tm_mday <= 31 &&
	       t->tm_hour <= 23 && t->tm_min <= 59 && t->tm_sec <= 60;
}

int64_t hostclock_parse(const char *text)
{
	int64_t n;
	if (text[0] == '@')
		return text_to_int64(text + 1, 0, INT64_MAX, &n) == 0 ? n : -1;
	struct tm t = {0};
	int used = 0;
	int fields = sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &used);
	if (fields != 3 || used != 10)
		return -1;
	const char *rest = text + used;
	if (*rest == 'T' || *rest == ' ') {
		used = 0;
		if (sscanf(rest + 1, "%2d:%2d:%2d%n", &t.tm_hour, &t.tm_min, &t.tm_sec, &used) !=
				3 ||
			used != 8)
			return -1;
		rest += 1 + used;
	}
	int64_t offset;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	if (parse_offset(rest, &offset) < 0 || !in_range(&t))
		return -1;
	return (int64_t)timegm(&t) - offset;
}

void hostclock_format(char to[32], int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm t;
	gmtime_r(&when, &t);
	strftime(to, 32, "%Y-%m-%dT%H:%M:%SZ", &t);
}

static int refuse(const struct hostclock_bounds *b, int64_t t, const char *whose, struct error **e)
{
	char is[32], bound[32];
	hostclock_format(is, t);
	hostclock_format(bound, t < b->floor_s ? b->floor_s : b->ceiling_s);
	error_set(e, ERROR_CLOCK, 0, "%s is %s, %s %s, which cannot be", whose, is,
		t < b->floor_s ? "before this program was made on" : "after the latest it may be,",
		bound);
	return error_hint(e, "give the time of now: --time=2026-01-31T12:00:00Z (UTC)");
}

static void set_system_clock(int64_t t, struct report *report)
{
	struct timespec now = {.tv_sec = (time_t)t};
	char text[32];
	hostclock_format(text, t);
	if (clock_settime(CLOCK_REALTIME, &now) == 0)
		report_note(report, "the system's clock was impossible and is now set to %s", text);
	else
		report_warn(report,
			"the system's clock cannot be set (%s): checks use %s, programs inside do "
			"not",
			strerror(errno), text);
}

int hostclock_find(
	const char *given, struct report *report, struct trusted_time *found, struct error **e)
{
	struct hostclock_bounds b = hostclock_bounds();
	int64_t system_s = (int64_t)time(NULL);
	int64_t given_s = given ? hostclock_parse(given) : 0;
	if (given && given_s <= 0) {
		error_set(e, ERROR_USAGE, 0, "'%s' is no time", given);
		return error_hint(e, "write it as --time=2026-01-31T12:00:00Z (UTC)");
	}
	switch (hostclock_decide(&b, system_s, given_s)) {
	case HOSTCLOCK_REFUSED:
		return refuse(&b, given ? given_s : system_s,
			given ? "the time given" : "the system's clock", e);
	case HOSTCLOCK_AS_IT_IS:
		*found = trusted_time_from(system_s);
		return 0;
	case HOSTCLOCK_AS_GIVEN:
		if (!possible(&b, system_s))
			set_system_clock(given_s, report);
		*found = trusted_time_from(given_s);
		return 0;
	}
	return error_set(e, ERROR_CLOCK, 0, "no verdict");
}
