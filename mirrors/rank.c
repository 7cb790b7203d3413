/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/rank.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/text.h"

enum { DAY_S = 24 * 3600 };
/* Slower than the fastest by so much, and than what a video call takes: not worth a request. */
enum { SLOW_TIMES = 20, SLOW_BYTES_PER_S = 256 * 1024 };

static const char *const words[MIRROR_FAULTS] = {
	[MIRROR_GOOD] = "good",
	[MIRROR_LATE] = "late",
	[MIRROR_DEAD] = "dead",
	[MIRROR_HTML] = "html",
	[MIRROR_CERTIFICATE] = "certificate",
	[MIRROR_PLAIN_HTTP] = "plain-http",
	[MIRROR_WRONG] = "wrong",
	[MIRROR_STALE] = "stale",
	[MIRROR_SLOW] = "slow",
};

const char *mirror_fault_word(enum mirror_fault fault)
{
	return words[fault];
}

int mirror_fault_parse(const char *word, enum mirror_fault *fault)
{
	for (int i = 0; i < MIRROR_FAULTS; i++)
		if (strcmp(words[i], word) == 0) {
			*fault = (enum mirror_fault)i;
			return 0;
		}
	return -1;
}

int64_t mirror_marker_time(const char *text)
{
	const int64_t year_2001_s = 1000000000, year_2286_s = 9999999999;
	char digits[16];
	int64_t at_s;
	size_t length = strspn(text, "0123456789");
	if (length >= sizeof digits || (text[length] && !strchr(" \t\r\n.", text[length])))
		return 0;
	snprintf(digits, sizeof digits, "%.*s", (int)length, text);
	return text_to_int64(digits, year_2001_s, year_2286_s, &at_s) == 0 ? at_s : 0;
}

/* What the mirrors' freshness is held against; 0: not known. */
struct reference {
	int64_t marker_s, newest_s;
	uint64_t fastest;
	bool database; /* somebody's came in time */
};

/* Nobody is of tomorrow: a clock is wrong then, or somebody lies. What is a little ahead counts as
 * of now, so that it does not make the others look stale. */
static int64_t possible(int64_t at_s, int64_t now_s)
{
	if (at_s > now_s + DAY_S)
		return 0;
	return at_s < now_s ? at_s : now_s;
}

static bool tells(const struct mirror_observation *o)
{
	return o->https && o->compared && o->fault == MIRROR_GOOD;
}

static size_t count_alike(const struct mirror_observation *seen, size_t count, size_t of)
{
	size_t alike = 0;
	if (!*seen[of].database)
		return 0;
	for (size_t i = 0; i < count; i++)
		alike += tells(&seen[i]) && strcmp(seen[i].database, seen[of].database) == 0;
	return alike;
}

static struct reference find_reference(
	const struct mirror_observation *seen, size_t count, int64_t now_s)
{
	struct reference r = {0, 0, 0, false};
	bool agreed = false;
	for (size_t i = 0; i < count; i++)
		agreed = agreed || (tells(&seen[i]) && count_alike(seen, count, i) > 1);
	for (size_t i = 0; i < count; i++) {
		const struct mirror_observation *o = &seen[i];
		if (mirror_is_used(o->fault) && o->measured && o->rate > r.fastest)
			r.fastest = o->rate;
		if (!tells(o))
			continue;
		r.database = r.database || *o->database;
		if (agreed && count_alike(seen, count, i) < 2)
			continue;
		int64_t marker_s = possible(o->marker_s, now_s);
		int64_t newest_s = possible(o->newest_s, now_s);
		if (marker_s > r.marker_s)
			r.marker_s = marker_s;
		if (newest_s > r.newest_s)
			r.newest_s = newest_s;
	}
	return r;
}

static void say_stale(struct mirror_verdict *v, const char *what, int64_t at_s, int64_t behind_s)
{
	char day[16] = "?";
	struct tm t;
	time_t when = (time_t)at_s;
	int64_t days = (behind_s + DAY_S / 2) / DAY_S;
	v->fault = MIRROR_STALE;
	if (gmtime_r(&when, &t))
		strftime(day, sizeof day, "%Y-%m-%d", &t);
	snprintf(v->why, sizeof v->why, "stale by %" PRId64 " day%s (%s is of %s)", days,
		days == 1 ? "" : "s", what, day);
}

static void judge_freshness(
	struct mirror_verdict *v, const struct mirror_observation *o, const struct reference *r)
{
	if (o->marker_s && r->marker_s - o->marker_s > DAY_S)
		say_stale(v, "its marker", o->marker_s, r->marker_s - o->marker_s);
	else if (*o->database && r->newest_s - o->newest_s > DAY_S)
		say_stale(v, "its newest package", o->newest_s, r->newest_s - o->newest_s);
}

static void judge_speed(
	struct mirror_verdict *v, const struct mirror_observation *o, const struct reference *r)
{
	char rate[32], fastest[32];
	if (o->late && r->database) {
		v->fault = MIRROR_SLOW;
		snprintf(v->why, sizeof v->why, "slow: its package database did not come in time");
	} else if (o->measured && o->rate < SLOW_BYTES_PER_S && o->rate * SLOW_TIMES < r->fastest) {
		text_size(rate, sizeof rate, o->rate);
		text_size(fastest, sizeof fastest, r->fastest);
		v->fault = MIRROR_SLOW;
		snprintf(v->why, sizeof v->why, "slow: %s/s, where the fastest gives %s/s", rate,
			fastest);
	}
}

static void judge_one(
	struct mirror_verdict *v, const struct mirror_observation *o, const struct reference *r)
{
	v->fault = o->fault;
	snprintf(v->why, sizeof v->why, "%s", o->why);
	if (v->fault == MIRROR_GOOD)
		judge_freshness(v, o, r);
	if (v->fault == MIRROR_GOOD)
		judge_speed(v, o, r);
}

/* What decides between two, the first difference first; the smaller one is asked before. */
enum { KEYS = 9 };
static void key_of(const struct mirror_verdict *v, const struct mirror_observation *o,
	bool agreement, int64_t key[KEYS])
{
	key[0] = !mirror_is_used(v->fault);
	key[1] = !o->https;
	key[2] = o->roams;
	key[3] = !o->compared;
	key[4] = v->fault == MIRROR_LATE;
	key[5] = agreement && *o->database && v->alike < 2; /* alone with its database */
	key[6] = !*o->database && !o->marker_s; /* nothing tells how fresh it is */
	key[7] = o->measured ? -(int64_t)(o->rate < INT64_MAX ? o->rate : INT64_MAX) : 1;
	key[8] = o->answer_ms;
}

static bool is_before(const struct mirror_verdict *a, const struct mirror_verdict *b,
	const struct mirror_observation *seen, bool agreement)
{
	int64_t left[KEYS], right[KEYS];
	if (!mirror_is_used(a->fault) && !mirror_is_used(b->fault))
		return a->index < b->index;
	key_of(a, &seen[a->index], agreement, left);
	key_of(b, &seen[b->index], agreement, right);
	/* Those of other repositories cannot be compared, and stay in their order. */
	size_t keys = seen[a->index].compared ? KEYS : 4;
	for (size_t i = 0; i < keys; i++)
		if (left[i] != right[i])
			return left[i] < right[i];
	return a->index < b->index;
}

/* One mirror's marker and another's database may leave none of them: then they tell nothing. */
static void spare_the_stale(
	const struct mirror_observation *seen, size_t count, struct mirror_verdict *to)
{
	for (size_t i = 0; i < count; i++)
		if (seen[i].https && mirror_is_used(to[i].fault))
			return;
	for (size_t i = 0; i < count; i++)
		if (seen[i].https && to[i].fault == MIRROR_STALE)
			to[i].fault = MIRROR_LATE;
}

void mirrors_judge(const struct mirror_observation *seen, size_t count, int64_t now_s,
	struct mirror_verdict *to)
{
	struct reference r = find_reference(seen, count, now_s);
	bool agreement = false;
	for (size_t i = 0; i < count; i++) {
		to[i] = (struct mirror_verdict){.index = i, .alike = count_alike(seen, count, i)};
		judge_one(&to[i], &seen[i], &r);
		agreement = agreement || (tells(&seen[i]) && to[i].alike > 1);
	}
	spare_the_stale(seen, count, to);
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && is_before(&to[k], &to[k - 1], seen, agreement); k--) {
			struct mirror_verdict swap = to[k];
			to[k] = to[k - 1];
			to[k - 1] = swap;
		}
}
