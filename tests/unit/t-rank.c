/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "mirrors/rank.h"

enum { DAY = 86400 };
static const int64_t now_s = 1795500000;

/* What is observed, in short: times are days before now, 0: none. */
struct seen {
	const char *flags; /* h: https, g: roams, o: other repositories, l: its database was late */
	enum mirror_fault fault;
	int answer_ms, marker_days, newest_days;
	const char *database;
	int64_t rate; /* -1: not measured */
};
enum { MIRRORS_MAX = 6 };
struct row {
	const char *what;
	struct seen seen[MIRRORS_MAX];
	/* "20!1!" is: the third first, then the first; the second is left out. */
	const char *order;
	const char *why; /* in the story of the first that is left out */
};

static const struct row rows[] = {
	{"nothing tells them apart", {{"h", 0, 5, 0, 0, "", -1}, {"h", 0, 5, 0, 0, "", -1}}, "01",
		""},
	{"the faster first, not the nearer",
		{{"h", 0, 5, 1, 1, "a", 1000000}, {"h", 0, 50, 1, 1, "a", 9000000}}, "10", ""},
	{"https first, however slow",
		{{"", 0, 5, 1, 0, "", 9000000}, {"h", 0, 50, 1, 1, "a", 1000000}}, "10", ""},
	{"who was measured before who was not",
		{{"h", 0, 5, 1, 1, "a", -1}, {"h", 0, 50, 1, 1, "a", 1000000}}, "10", ""},
	{"the nearer first, where nobody was measured",
		{{"h", 0, 50, 1, 1, "a", -1}, {"h", 0, 5, 1, 1, "a", -1}}, "10", ""},
	{"who chooses by place comes last",
		{{"g", 0, 5, 1, 0, "", -1}, {"", 0, 50, 1, 0, "", -1}, {"h", 0, 90, 1, 1, "a", -1}},
		"210", ""},
	{"dead", {{"h", MIRROR_DEAD, -1, 0, 0, "", -1}, {"h", 0, 5, 1, 1, "a", -1}}, "10!",
		"of its own"},
	{"html, certificate, plain http, wrong",
		{{"h", MIRROR_HTML, -1, 0, 0, "", -1}, {"h", MIRROR_CERTIFICATE, -1, 0, 0, "", -1},
			{"h", MIRROR_PLAIN_HTTP, -1, 0, 0, "", -1},
			{"h", MIRROR_WRONG, 3, 0, 0, "", -1}, {"h", 0, 5, 1, 1, "a", -1}},
		"40!1!2!3!", "of its own"},
	{"all dead", {{"h", MIRROR_DEAD, -1, 0, 0, "", -1}, {"h", MIRROR_DEAD, -1, 0, 0, "", -1}},
		"0!1!", "of its own"},
	{"stale by its marker", {{"h", 0, 5, 6, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10!",
		"stale by 5 days (its marker is of 2026-11-18)"},
	{"stale by its database", {{"h", 0, 5, 0, 9, "b", -1}, {"h", 0, 50, 0, 1, "a", -1}}, "10!",
		"stale by 8 days (its newest package is of 2026-11-15)"},
	{"a new marker over an old database",
		{{"h", 0, 5, 1, 9, "b", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10!", "newest package"},
	{"a day behind is not stale", {{"h", 0, 5, 2, 2, "b", -1}, {"h", 0, 50, 1, 1, "a", -1}},
		"01", ""},
	{"two days behind is", {{"h", 0, 5, 3, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10!",
		"stale by 2 days"},
	{"all of them equally old", {{"h", 0, 5, 90, 99, "b", -1}, {"h", 0, 50, 90, 99, "b", -1}},
		"01", ""},
	{"one that lies about the day does not make two others stale",
		{{"h", 0, 5, 1, 1, "liar", 9000000}, {"h", 0, 50, 5, 5, "a", 1000000},
			{"h", 0, 60, 5, 5, "a", 2000000}},
		"210", ""},
	{"two that are stale alike are, beside two that are not",
		{{"h", 0, 5, 9, 9, "b", -1}, {"h", 0, 6, 9, 9, "b", -1}, {"h", 0, 7, 1, 1, "a", -1},
			{"h", 0, 8, 1, 1, "a", -1}},
		"230!1!", "stale by 8 days"},
	{"a time of the future is no time",
		{{"h", 0, 5, -400, 1, "a", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "01", ""},
	{"one of tomorrow does not make yesterday's stale",
		{{"h", 0, 5, -1, 1, "b", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "01", ""},
	{"a fresh marker here and a fresh database there leave both",
		{{"h", 0, 5, 1, 7, "b", -1}, {"h", 0, 50, 7, 1, "a", -1}}, "01", ""},
	{"plain http does not judge https", {{"", 0, 5, 1, 0, "", -1}, {"h", 0, 50, 5, 5, "a", -1}},
		"10", ""},
	{"https judges plain http", {{"", 0, 5, 5, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10!",
		"stale by 4 days"},
	{"slow", {{"h", 0, 5, 1, 1, "a", 9000}, {"h", 0, 50, 1, 1, "a", 9000000}}, "10!",
		"slow: 9.0 kB/s, where the fastest gives 9.0 MB/s"},
	{"no bytes at all", {{"h", 0, 5, 1, 1, "a", 0}, {"h", 0, 50, 1, 1, "a", 9000000}}, "10!",
		"slow: 0 "},
	{"slow, but our link is, too",
		{{"h", 0, 5, 1, 1, "a", 9000}, {"h", 0, 5, 1, 1, "a", 30000}}, "10", ""},
	{"a twentieth of a fast one is still good",
		{{"h", 0, 5, 1, 1, "a", 900000}, {"h", 0, 5, 1, 1, "a", 90000000}}, "10", ""},
	{"a database that did not come, beside one that did",
		{{"hl", 0, 5, 1, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10!",
		"database did not come in time"},
	{"nobody's database came", {{"hl", 0, 5, 1, 0, "", -1}, {"hl", 0, 6, 1, 0, "", -1}}, "01",
		""},
	{"nobody waited for it",
		{{"h", MIRROR_LATE, -1, 0, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1}}, "10", ""},
	{"other repositories, after those that are compared",
		{{"ho", 0, 1, 0, 0, "", -1}, {"h", 0, 50, 1, 1, "a", -1},
			{"ho", 0, 0, 0, 0, "", -1}},
		"102", ""},
	{"with a marker before without", {{"h", 0, 1, 0, 0, "", -1}, {"h", 0, 50, 1, 0, "", -1}},
		"10", ""},
};

static int64_t days_ago(int days)
{
	return days ? now_s - (int64_t)days * DAY : 0;
}

static size_t observe(const struct row *r, struct mirror_observation *to)
{
	size_t count = 0;
	while (count < MIRRORS_MAX && r->seen[count].flags) {
		const struct seen *s = &r->seen[count];
		to[count] = (struct mirror_observation){
			.https = strchr(s->flags, 'h') != NULL,
			.roams = strchr(s->flags, 'g') != NULL,
			.compared = !strchr(s->flags, 'o'),
			.late = strchr(s->flags, 'l') != NULL,
			.fault = s->fault,
			.answer_ms = s->answer_ms,
			.marker_s = days_ago(s->marker_days),
			.newest_s = days_ago(s->newest_days),
			.measured = s->rate >= 0,
			.rate = s->rate >= 0 ? (uint64_t)s->rate : 0,
		};
		snprintf(to[count].why, MIRROR_WHY_MAX, "%s", s->fault ? "of its own" : "");
		snprintf(to[count].database, DIGEST_HEX_MAX, "%s", s->database);
		count++;
	}
	return count;
}

static void judged(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mirror_observation seen[MIRRORS_MAX];
		struct mirror_verdict verdicts[MIRRORS_MAX];
		size_t count = observe(&rows[i], seen), used = 0;
		char order[3 * MIRRORS_MAX] = "";
		const char *why = "";
		mirrors_judge(seen, count, now_s, verdicts);
		for (size_t k = 0; k < count; k++) {
			bool good = mirror_is_used(verdicts[k].fault);
			used += (size_t)snprintf(order + used, sizeof order - used, "%zu%s",
				verdicts[k].index, good ? "" : "!");
			if (!good && !*why)
				why = verdicts[k].why;
		}
		if (strcmp(order, rows[i].order) != 0)
			fail_msg("%s: %s, not %s", rows[i].what, order, rows[i].order);
		if (!strstr(why, rows[i].why) || (*why && !*rows[i].why))
			fail_msg("%s: '%s'", rows[i].what, why);
	}
}

static void how_many_say_the_same(void **state)
{
	static const struct row r = {"",
		{{"h", 0, 1, 1, 1, "a", -1}, {"h", 0, 2, 1, 1, "b", -1}, {"h", 0, 3, 1, 1, "a", -1},
			{"h", 0, 4, 1, 0, "", -1}, {"h", MIRROR_DEAD, -1, 0, 0, "", -1}},
		"", ""};
	static const size_t alike[] = {2, 2, 0, 1, 0}; /* the lone one comes last */
	struct mirror_observation seen[MIRRORS_MAX];
	struct mirror_verdict verdicts[MIRRORS_MAX];
	size_t count = observe(&r, seen);
	mirrors_judge(seen, count, now_s, verdicts);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(verdicts[i].alike, alike[i]);
}

static void markers(void **state)
{
	static const struct {
		const char *text;
		int64_t at_s;
	} texts[] = {{"1795464547\n", 1795464547}, {"1795464547", 1795464547},
		{"1795464547.123\n", 1795464547}, {"1795464547 x\n", 1795464547}, {"", 0}, {"x", 0},
		{"12\n", 0}, {"1795464547x", 0}, {"99999999999\n", 0},
		{"17954645471795464547\n", 0}, {"-5\n", 0}, {"<html>", 0}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(mirror_marker_time(texts[i].text), texts[i].at_s);
}

static void words_of_faults(void **state)
{
	for (int i = 0; i < MIRROR_FAULTS; i++) {
		enum mirror_fault back = MIRROR_FAULTS;
		assert_int_equal(
			mirror_fault_parse(mirror_fault_word((enum mirror_fault)i), &back), 0);
		assert_int_equal(back, i);
	}
	enum mirror_fault none = MIRROR_GOOD;
	assert_int_equal(mirror_fault_parse("", &none), -1);
	assert_int_equal(mirror_fault_parse("deader", &none), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged),
		cmocka_unit_test(how_many_say_the_same),
		cmocka_unit_test(markers),
		cmocka_unit_test(words_of_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
