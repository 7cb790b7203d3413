/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrap/hostclock.h"
#include "lib/buf.h"

static bool has_voice(const struct hostclock_answer *a)
{
	return a->verdict >= HOSTCLOCK_USABLE;
}

/* The voter with the earliest time later than `after_ms`; NULL at the end. */
static const struct hostclock_answer *next_voter(
	const struct hostclock_answers *a, int64_t after_ms)
{
	const struct hostclock_answer *best = NULL;
	for (size_t i = 0; i < a->host_count; i++) {
		const struct hostclock_answer *h = &a->hosts[i];
		if (has_voice(h) && h->unix_ms > after_ms && (!best || h->unix_ms < best->unix_ms))
			best = h;
	}
	return best;
}

/* The operators whose hosts say a time from `first` to 120 s later, each once. */
static int append_camp(const struct hostclock_answers *a, int64_t first_ms, int64_t last_ms,
	struct buf *to, struct error **e)
{
	size_t names = 0;
	char text[32];
	hostclock_format(text, first_ms / 1000);
	for (size_t i = 0; i < a->host_count; i++) {
		const struct hostclock_answer *h = &a->hosts[i];
		bool inside = has_voice(h) && h->unix_ms >= first_ms && h->unix_ms <= last_ms;
		for (size_t k = 0; inside && k < i; k++)
			inside = !(has_voice(&a->hosts[k]) && a->hosts[k].unix_ms >= first_ms &&
				   a->hosts[k].unix_ms <= last_ms &&
				   strcmp(a->hosts[k].operator_name, h->operator_name) == 0);
		if (inside && buf_printf(to, e, "%s%s", names++ ? ", " : "", h->operator_name) < 0)
			return -1;
	}
	return buf_printf(to, e, names == 1 ? " says %s" : " say %s", text);
}

int hostclock_story_camps(const struct hostclock_answers *a, struct buf *to, struct error **e)
{
	int64_t after_ms = INT64_MIN;
	for (const struct hostclock_answer *h; (h = next_voter(a, after_ms));) {
		int64_t last_ms = h->unix_ms + (int64_t)HOSTCLOCK_AGREE_S * 1000;
		if ((after_ms != INT64_MIN && buf_puts(to, "; ", e) < 0) ||
			append_camp(a, h->unix_ms, last_ms, to, e) < 0)
			return -1;
		after_ms = last_ms;
	}
	return 0;
}

/* What became of those that have no voice, up to a sentence's length. */
static int append_unusable(const struct hostclock_answers *a, struct buf *to, struct error **e)
{
	enum { SHOWN_MAX = 3 };
	int shown = 0;
	for (size_t i = 0; i < a->host_count && shown < SHOWN_MAX; i++) {
		const struct hostclock_answer *h = &a->hosts[i];
		if (has_voice(h))
			continue;
		const char *word = hostclock_verdict_word(h->verdict);
		if (buf_printf(to, e, "%s%s: %s", shown++ ? "; " : "", h->operator_name,
			    h->verdict == HOSTCLOCK_NO_ANSWER ? h->why : word) < 0)
			return -1;
	}
	return 0;
}

static int count_voices(const struct hostclock_answers *a)
{
	int n = 0;
	for (size_t i = 0; i < a->host_count; i++)
		n += has_voice(&a->hosts[i]);
	return n;
}

static int too_few(
	const struct hostclock_rules *rules, const struct hostclock_answers *a, struct error **e)
{
	auto_buf text = BUF(4096);
	const struct hostclock_quorum *q = &rules->quorum;
	if (buf_printf(&text, e,
		    "%d of %zu time hosts can be believed; to change a clock takes %d of %d "
		    "operators%s",
		    count_voices(a), a->host_count, q->hosts, q->operators,
		    count_voices(a) < (int)a->host_count ? ": " : "") < 0 ||
		append_unusable(a, &text, e) < 0)
		return -1;
	return error_set(e, ERROR_CLOCK, 0, "%s", buf_text(&text));
}

int hostclock_story_error(const struct hostclock_decision *d, const struct hostclock_rules *rules,
	const struct hostclock_answers *a, struct error **e)
{
	static const char remedy[] =
		"check the network, or give the time of now: --time=2026-01-31T12:00:00Z (UTC), or "
		"name a host that you trust with it: --time-from=https://…";
	auto_buf camps = BUF(4096);
	if (d->outcome == HOSTCLOCK_TOO_FEW) {
		too_few(rules, a, e);
		return error_hint(e, "%s", remedy);
	}
	if (hostclock_story_camps(a, &camps, e) < 0)
		return -1;
	if (d->outcome == HOSTCLOCK_AGAINST_CERTIFICATES)
		error_set(e, ERROR_CLOCK, 0,
			"the time hosts' certificates speak against their time: %d of %d do not "
			"hold "
			"then (%s)",
			d->against, count_voices(a), buf_text(&camps));
	else
		error_set(e, ERROR_CLOCK, 0, "the time hosts disagree: %s", buf_text(&camps));
	return error_hint(
		e, "somebody lies or is broken; %s", remedy + strlen("check the network, or "));
}

void hostclock_story_show(const struct hostclock_answers *a, struct report *report)
{
	for (size_t i = 0; i < a->host_count + a->server_count; i++) {
		const struct hostclock_answer *h =
			i < a->host_count ? &a->hosts[i] : &a->servers[i - a->host_count];
		char text[32] = "";
		if (h->came)
			hostclock_format(text, h->unix_ms / 1000);
		report_result(report, "answer",
			(struct report_field[]){
				{"by", h->operator_name ? h->operator_name : "sntp"},
				{"asked", h->name}, {"time", text},
				{"verdict", hostclock_verdict_word(h->verdict)}, {"why", h->why}},
			5);
	}
	report_flush(report);
}
