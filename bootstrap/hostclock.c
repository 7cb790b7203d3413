/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bootstrap/hostclock_apply.h"
#include "bootstrap/hostclock_ask.h"
#include "bootstrap/hostclock_story.h"
#include "lib/text.h"

enum { TIMEOUT_MS = 8000 };

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
	if (!gmtime_r(&when, &t) || !strftime(to, 32, "%Y-%m-%dT%H:%M:%SZ", &t))
		snprintf(to, 32, "@%" PRId64, unix_s);
}

/* What a question brought. */
struct learned {
	struct hostclock_rules rules;
	struct hostclock_answers answers;
	struct hostclock_decision decision;
};

static const struct hostclock_sources builtin_sources = {.time_file = NULL};

static const struct hostclock_sources *sources_of(const struct hostclock_settings *s)
{
	return s->sources ? s->sources : &builtin_sources;
}

/* A host that the user names for it decides alone, and nobody else hears of us. */
static void name_answers(const struct hostclock_settings *s, struct learned *l)
{
	struct hostclock_host hosts[HOSTCLOCK_HOSTS_MAX];
	const char *servers[HOSTCLOCK_HOSTS_MAX];
	if (s->from) {
		l->rules.quorum = (struct hostclock_quorum){1, 1, true};
		l->answers.host_count = 1;
		l->answers.hosts[0] =
			(struct hostclock_answer){.operator_name = "yours", .name = s->from};
		return;
	}
	l->rules.quorum = hostclock_sources_quorum(sources_of(s));
	l->answers.host_count = hostclock_sources_hosts(sources_of(s), hosts);
	for (size_t i = 0; i < l->answers.host_count; i++)
		l->answers.hosts[i] = (struct hostclock_answer){
			.operator_name = hosts[i].operator_name, .name = hosts[i].url};
	l->answers.server_count = hostclock_sources_ntp(sources_of(s), servers);
	for (size_t i = 0; i < l->answers.server_count; i++)
		l->answers.servers[i] = (struct hostclock_answer){.name = servers[i]};
}

/* What a quorum agreed on may raise the next run's floor. */
static void save(const struct hostclock_settings *s, const struct learned *l, struct report *report)
{
	auto_error *e = NULL;
	if (geteuid() != 0 || l->decision.outcome != HOSTCLOCK_AGREED || s->from)
		return;
	/* Hosts that agree may differ by as much; the next run's must not fall below. */
	int64_t floor_s = l->decision.unix_ms / 1000 - HOSTCLOCK_AGREE_S;
	if (hostclock_save(sources_of(s)->time_file, floor_s, &e) < 0)
		report_note(report, "%s", error_message(e));
}

static int learn(const struct hostclock_settings *s, struct report *report, struct learned *l,
	struct error **e)
{
	struct hostclock_question q = {s->http, l->rules.bounds.floor_s,
		s->timeout_ms ? s->timeout_ms : TIMEOUT_MS, report};
	l->rules.unproven_allowed = s->insecure;
	name_answers(s, l);
	if (hostclock_ask(&q, &l->answers, e) < 0)
		return -1;
	l->decision = hostclock_decide(&l->rules, &l->answers);
	save(s, l, report);
	return 0;
}

static int refuse(const struct hostclock_bounds *b, int64_t t, const char *whose, struct error **e)
{
	char is[32], bound[32];
	bool early = t < b->floor_s;
	hostclock_format(is, t);
	hostclock_format(bound, early ? b->floor_s : b->ceiling_s);
	error_set(e, ERROR_CLOCK, 0, "%s is %s, %s %s (%s), which cannot be", whose, is,
		early ? "before" : "after", early ? b->floor_is : "the latest time it may be",
		bound);
	return error_hint(e, "give the time of now: --time=2026-01-31T12:00:00Z (UTC)");
}

/* The user's time. */
static int take_given(
	const char *given, const struct hostclock_bounds *b, int64_t *unix_s, struct error **e)
{
	int64_t t = hostclock_parse(given);
	if (t <= 0) {
		error_set(e, ERROR_USAGE, 0, "'%s' is no time", given);
		return error_hint(e, "write it as --time=2026-01-31T12:00:00Z (UTC)");
	}
	if (!hostclock_possible(b, t))
		return refuse(b, t, "the time given", e);
	*unix_s = t;
	return 0;
}

static void warn_of_outcome(const struct hostclock_decision *d, struct report *report)
{
	if (d->outcome == HOSTCLOCK_AGREED_BY_TWO)
		report_warn(report, "only two hosts agree on the time; nobody else answers");
	if (d->outcome == HOSTCLOCK_UNPROVEN)
		report_warn(report,
			"the time comes from %d SNTP servers that prove nothing, as "
			"--insecure-time "
			"allows: whoever is on the way may have chosen it",
			d->refined_by);
}

/* An impossible clock is set; a plausible one is let be, and a word said where it is off. */
static int put_right(int64_t unix_ms, bool impossible, struct report *report, struct error **e)
{
	auto_error *failure = NULL;
	char text[32];
	int64_t off_s = unix_ms / 1000 - (int64_t)time(NULL);
	hostclock_format(text, unix_ms / 1000);
	if (llabs(off_s) < HOSTCLOCK_LEAVE_S)
		return 0;
	if (!impossible) {
		report_warn(report,
			"the system's clock is off by %lld s and is let be; checks use %s. To set "
			"it: alarmstrap clock --set",
			llabs(off_s), text);
		return 0;
	}
	if (hostclock_apply(unix_ms, report, &failure) == 0)
		report_note(report, "the system's clock was impossible and is now set to %s", text);
	else if (error_code(failure) == ERROR_PRIVILEGE)
		report_warn(report, "%s; checks use this time, programs inside do not",
			error_message(failure));
	else
		return error_set(e, error_code(failure), 0, "%s", error_message(failure));
	return 0;
}

/* With `from`, or where the system's clock is impossible. */
static int find_by_asking(const struct hostclock_settings *s, struct learned *l,
	struct report *report, int64_t *unix_ms, struct error **e)
{
	if (learn(s, report, l, e) < 0)
		return -1;
	if (hostclock_decided(&l->decision)) {
		warn_of_outcome(&l->decision, report);
		*unix_ms = l->decision.unix_ms;
		return 0;
	}
	hostclock_story_error(&l->decision, &l->rules, &l->answers, e);
	return s->from ? -1
		       : error_wrap(
				 e, "the system's clock is impossible and nothing better is known");
}

int hostclock_find(const struct hostclock_settings *s, struct report *report,
	struct trusted_time *found, struct error **e)
{
	struct learned l = {.rules.bounds = hostclock_bounds(sources_of(s)->time_file)};
	int64_t system_s = (int64_t)time(NULL), given_s;
	bool impossible = !hostclock_possible(&l.rules.bounds, system_s);
	int64_t unix_ms = system_s * 1000;
	if (s->given) {
		if (take_given(s->given, &l.rules.bounds, &given_s, e) < 0)
			return -1;
		unix_ms = given_s * 1000;
	} else if (s->from || impossible) {
		if (find_by_asking(s, &l, report, &unix_ms, e) < 0)
			return -1;
	}
	struct trusted_time t = trusted_time_from(unix_ms / 1000);
	if (put_right(unix_ms, impossible, report, e) < 0)
		return -1;
	*found = t;
	return 0;
}

static void show_outcome(const struct learned *l, int64_t system_s, struct report *report)
{
	char clock_text[32], floor[32], ceiling[32], agreed[32] = "", off[32] = "";
	hostclock_format(clock_text, system_s);
	hostclock_format(floor, l->rules.bounds.floor_s);
	hostclock_format(ceiling, l->rules.bounds.ceiling_s);
	if (hostclock_decided(&l->decision)) {
		hostclock_format(agreed, l->decision.unix_ms / 1000);
		snprintf(off, sizeof off, "%+" PRId64 " s", system_s - l->decision.unix_ms / 1000);
	}
	report_result(report, "clock",
		(struct report_field[]){{"clock", clock_text}, {"time", agreed}, {"off", off},
			{"floor", floor}, {"ceiling", ceiling}},
		5);
	report_flush(report);
}

/* No agreement: a plausible clock will do where it is only silence. */
static int check_undecided(const struct learned *l, bool set, int64_t system_s,
	struct report *report, struct error **e)
{
	auto_error *story = NULL;
	if (!hostclock_possible(&l->rules.bounds, system_s)) {
		hostclock_story_error(&l->decision, &l->rules, &l->answers, e);
		return error_wrap(e, "the system's clock is impossible");
	}
	if (set || l->decision.outcome != HOSTCLOCK_TOO_FEW)
		return hostclock_story_error(&l->decision, &l->rules, &l->answers, e);
	hostclock_story_error(&l->decision, &l->rules, &l->answers, &story);
	report_note(report, "%s", error_message(story));
	report_note(report, "the system's clock is plausible and is used as it is");
	return 0;
}

int hostclock_check(
	const struct hostclock_settings *s, bool set, struct report *report, struct error **e)
{
	struct learned l = {.rules.bounds = hostclock_bounds(sources_of(s)->time_file)};
	int64_t given_s;
	if (s->given) {
		if (take_given(s->given, &l.rules.bounds, &given_s, e) < 0)
			return -1;
		l.decision =
			(struct hostclock_decision){HOSTCLOCK_AGREED, .unix_ms = given_s * 1000};
	} else if (learn(s, report, &l, e) < 0) {
		return -1;
	}
	int64_t system_s = (int64_t)time(NULL);
	hostclock_story_show(&l.answers, report);
	show_outcome(&l, system_s, report);
	if (!hostclock_decided(&l.decision))
		return check_undecided(&l, set, system_s, report, e);
	warn_of_outcome(&l.decision, report);
	int64_t off_s = l.decision.unix_ms / 1000 - system_s;
	if (llabs(off_s) < HOSTCLOCK_LEAVE_S)
		return 0;
	if (set)
		return hostclock_apply(l.decision.unix_ms, report, e);
	error_set(e, ERROR_CLOCK, 0, "the system's clock is off by %lld s", llabs(off_s));
	return error_hint(e, "set it: alarmstrap clock --set");
}
