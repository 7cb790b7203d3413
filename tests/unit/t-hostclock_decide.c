/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "bootstrap/hostclock_decide.h"
#include "bootstrap/hostclock_story.h"

#define NOW 1769860800LL /* 2026-01-31 12:00:00 */
#define DAY 86400LL
#define YEAR (365 * DAY)

enum { ROWS = 8 };

/* One answer, relative to NOW: who, how far off (s), the certificates' window (s; 0 0: a usual
 * one).
 */
struct said {
	const char *who;
	int64_t off_s;
	int64_t from_s, until_s;
	enum { SAYS, SILENT, EXPIRED } how;
};

struct row {
	const char *name;
	struct said hosts[ROWS];
	int64_t sntp[4]; /* 0: none */
	struct hostclock_quorum quorum; /* hosts 0: the built-in */
	bool unproven;
	enum hostclock_outcome outcome;
	int64_t off_s; /* of the result */
	const char *verdicts; /* a letter a host: see letter() */
	const char *story; /* in the error, where there is one */
};

static char letter(enum hostclock_verdict v)
{
	return "-X<>uda"[v];
}

static const struct row rows[] = {
	{.name = "all well",
		.hosts = {{"a", 0}, {"b", 1}, {"c", -1}, {"d", 2}, {"e", 0}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaaaa"},
	{.name = "three of two operators are enough",
		.hosts = {{"a", 0}, {"a", 1}, {"b", 2}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 1,
		.verdicts = "aaa"},
	{.name = "three of one operator are not",
		.hosts = {{"a", 0}, {"a", 1}, {"a", 2}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "uuu",
		.story = "3 of 3 time hosts can be believed; to change a clock takes 3 of 2"},
	{.name = "120 s are agreement",
		.hosts = {{"a", 0}, {"b", 60}, {"c", 120}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 60,
		.verdicts = "aaa"},
	{.name = "121 s are none",
		.hosts = {{"a", 0}, {"b", 60}, {"c", 121}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuu",
		.story = "a, b say 2026-01-31T12:00:00Z; c says 2026-01-31T12:02:01Z"},
	{.name = "one liar among five",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}, {"liar", YEAR}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaaad"},
	{.name = "two liars with one story among five",
		.hosts = {{"l", -9000}, {"m", -9000}, {"a", 0}, {"b", 0}, {"c", 0}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "ddaaa"},
	{.name = "two camps of equal size",
		.hosts = {{"l", YEAR}, {"m", YEAR}, {"n", YEAR}, {"a", 0}, {"b", 0}, {"c", 0}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuuuuu",
		.story = "a, b, c say 2026-01-31T12:00:00Z; l, m, n say 2027-01-31T12:00:00Z"},
	{.name = "one operator with many hosts against three",
		.hosts = {{"big", YEAR}, {"big", YEAR}, {"big", YEAR}, {"big", YEAR}, {"a", 0},
			{"b", 0}, {"c", 0}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "ddddaaa"},
	{.name = "one operator with many hosts against two",
		.hosts = {{"big", YEAR}, {"big", YEAR}, {"big", YEAR}, {"big", YEAR}, {"a", 0},
			{"b", 0}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuuuuu",
		.story = "big says"},
	{.name = "an operator on both sides speaks against itself",
		.hosts = {{"a", 0}, {"a", 0}, {"b", 0}, {"a", YEAR}, {"b", YEAR}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuuuu"},
	{.name = "everyone for himself",
		.hosts = {{"a", 0}, {"b", 1000}, {"c", 2000}, {"d", 3000}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuuu"},
	{.name = "an expired leaf has no voice",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"old", 0, -90 * DAY, -DAY}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaaX"},
	{.name = "nor has an expired intermediate (OpenSSL found it)",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"old", 0, 0, 0, EXPIRED}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaaX"},
	{.name = "a certificate of tomorrow",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"new", 0, DAY, 90 * DAY}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaaX"},
	{.name = "only hosts with expired leaves",
		.hosts = {{"a", 0, -90 * DAY, -DAY}, {"b", 0, -90 * DAY, -DAY},
			{"c", 0, -90 * DAY, -DAY}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "XXX",
		.story = "a: certificate does not hold"},
	{.name = "stolen old certificates at their own time: three against two who know better",
		.hosts = {{"l", -60 * DAY, -100 * DAY, -50 * DAY},
			{"m", -60 * DAY, -100 * DAY, -50 * DAY},
			{"n", -60 * DAY, -100 * DAY, -50 * DAY}, {"a", 0, -30 * DAY, 60 * DAY},
			{"b", 0, -30 * DAY, 60 * DAY}},
		.outcome = HOSTCLOCK_AGAINST_CERTIFICATES,
		.verdicts = "uuuuu",
		.story = "2 of 5 do not hold then"},
	{.name = "the same before the floor",
		.hosts = {{"l", -3 * YEAR, -4 * YEAR, -2 * YEAR},
			{"m", -3 * YEAR, -4 * YEAR, -2 * YEAR},
			{"n", -3 * YEAR, -4 * YEAR, -2 * YEAR}, {"a", 0}, {"b", 0}, {"c", 0}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "<<<aaa"},
	{.name = "one of four windows may miss",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"d", YEAR, YEAR - DAY, YEAR + DAY}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaad"},
	{.name = "one of three may not",
		.hosts = {{"a", 0}, {"b", 60}, {"c", 120, 100, DAY}},
		.outcome = HOSTCLOCK_AGAINST_CERTIFICATES,
		.verdicts = "uuu",
		.story = "1 of 3 do not hold then"},
	{.name = "above the ceiling",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}, {"far", 16 * YEAR, 15 * YEAR, 17 * YEAR}},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaa>"},
	{.name = "all below the floor",
		.hosts = {{"a", -2 * YEAR, -3 * YEAR, YEAR}, {"b", -2 * YEAR, -3 * YEAR, YEAR},
			{"c", -2 * YEAR, -3 * YEAR, YEAR}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "<<<",
		.story = "a: below the floor"},
	{.name = "two of two operators: with a warning",
		.hosts = {{"a", 0}, {"b", 3}, {"c", 0, 0, 0, SILENT}, {"d", 0, 0, 0, SILENT}},
		.outcome = HOSTCLOCK_AGREED_BY_TWO,
		.off_s = 0,
		.verdicts = "aa--"},
	{.name = "two of one operator",
		.hosts = {{"a", 0}, {"a", 3}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "uu"},
	{.name = "two, and one against them",
		.hosts = {{"a", 0}, {"b", 3}, {"c", YEAR}},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uuu",
		.story = "a, b say 2026-01-31T12:00:00Z; c says 2027"},
	{.name = "two, where the user wants three",
		.hosts = {{"a", 0}, {"b", 3}},
		.quorum = {3, 2, true},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "uu"},
	{.name = "one alone",
		.hosts = {{"a", 0}, {"b", 0, 0, 0, SILENT}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "u-",
		.story = "1 of 2 time hosts can be believed; to change a clock takes 3 of 2 "
			 "operators: b: "
			 "it is silent"},
	{.name = "one alone, where the user wants one",
		.hosts = {{"a", 5}},
		.quorum = {1, 1, true},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 5,
		.verdicts = "a"},
	{.name = "one wanted, two speak against each other",
		.hosts = {{"a", 0}, {"a", YEAR}},
		.quorum = {1, 1, true},
		.outcome = HOSTCLOCK_DISAGREED,
		.verdicts = "uu"},
	{.name = "nobody",
		.hosts = {{"a", 0, 0, 0, SILENT}, {"b", 0, 0, 0, SILENT}},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "--",
		.story = "0 of 2 time hosts"},
	{.name = "SNTP refines",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}},
		.sntp = {3, 4, 5},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 4,
		.verdicts = "aaa"},
	{.name = "a lying SNTP server is left out",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}},
		.sntp = {YEAR, 4, -YEAR / 2, 121},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 4,
		.verdicts = "aaa"},
	{.name = "lying SNTP servers only",
		.hosts = {{"a", 0}, {"b", 0}, {"c", 0}},
		.sntp = {YEAR, YEAR, YEAR},
		.outcome = HOSTCLOCK_AGREED,
		.off_s = 0,
		.verdicts = "aaa"},
	{.name = "SNTP alone is refused",
		.hosts = {{"a", 0, 0, 0, SILENT}},
		.sntp = {1, 1, 1},
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "-"},
	{.name = "SNTP alone where the user allows it",
		.hosts = {{"a", 0, 0, 0, SILENT}},
		.sntp = {7, 8, 9},
		.unproven = true,
		.outcome = HOSTCLOCK_UNPROVEN,
		.off_s = 8,
		.verdicts = "-"},
	{.name = "SNTP below the floor does not even then",
		.hosts = {{"a", 0, 0, 0, SILENT}},
		.sntp = {-2 * YEAR, 16 * YEAR},
		.unproven = true,
		.outcome = HOSTCLOCK_TOO_FEW,
		.verdicts = "-"},
};

static struct hostclock_answers answers_of(const struct row *r)
{
	struct hostclock_answers a = {.host_count = 0};
	for (size_t i = 0; i < ROWS && r->hosts[i].who; i++) {
		const struct said *s = &r->hosts[i];
		bool usual = !s->from_s && !s->until_s;
		a.hosts[a.host_count++] = (struct hostclock_answer){
			.operator_name = s->who,
			.name = "https://host/",
			.came = s->how != SILENT,
			.why = "it is silent",
			.unix_ms = (NOW + s->off_s) * 1000,
			.not_before_s = NOW + (usual ? -10 * YEAR : s->from_s),
			.not_after_s = NOW + (usual ? 10 * YEAR : s->until_s),
			.holds = s->how == SAYS,
		};
	}
	for (size_t i = 0; i < 4 && r->sntp[i]; i++)
		a.servers[a.server_count++] = (struct hostclock_answer){.name = "ntp",
			.came = true,
			.holds = true,
			.unix_ms = (NOW + r->sntp[i]) * 1000};
	return a;
}

static void check_story(const struct row *r, const struct hostclock_rules *rules,
	const struct hostclock_decision *d, const struct hostclock_answers *a)
{
	auto_error *e = NULL;
	assert_int_equal(hostclock_story_error(d, rules, a, &e), -1);
	assert_int_equal(error_code(e), ERROR_CLOCK);
	assert_non_null(strstr(error_remedy(e), "--time="));
	assert_non_null(strstr(error_remedy(e), "--time-from="));
	if (r->story && !strstr(error_message(e), r->story))
		fail_msg("%s: '%s' does not hold '%s'", r->name, error_message(e), r->story);
}

static void decisions(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		struct hostclock_answers a = answers_of(r);
		struct hostclock_rules rules = {
			.bounds = {NOW - YEAR, NOW + 15 * YEAR, "the day"},
			.quorum = r->quorum.hosts ? r->quorum
						  : (struct hostclock_quorum){3, 2, false},
			.unproven_allowed = r->unproven,
		};
		struct hostclock_decision d = hostclock_decide(&rules, &a);
		char verdicts[ROWS + 1] = "";
		for (size_t k = 0; k < a.host_count; k++)
			verdicts[k] = letter(a.hosts[k].verdict);
		if (d.outcome != r->outcome)
			fail_msg("%s: outcome %d", r->name, (int)d.outcome);
		if (strcmp(verdicts, r->verdicts) != 0)
			fail_msg("%s: verdicts %s", r->name, verdicts);
		if (!hostclock_decided(&d))
			check_story(r, &rules, &d, &a);
		else if (d.unix_ms != (NOW + r->off_s) * 1000)
			fail_msg("%s: off by %lld s", r->name, (long long)(d.unix_ms / 1000 - NOW));
	}
}

/* What does not depend on the order must not: every rotation of every row decides alike. */
static void order_means_nothing(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hostclock_answers a = answers_of(&rows[i]);
		struct hostclock_rules rules = {
			.bounds = {NOW - YEAR, NOW + 15 * YEAR, "the day"},
			.quorum = rows[i].quorum.hosts ? rows[i].quorum
						       : (struct hostclock_quorum){3, 2, false},
			.unproven_allowed = rows[i].unproven,
		};
		for (size_t turn = 0; turn < a.host_count; turn++) {
			struct hostclock_answer first = a.hosts[0];
			memmove(a.hosts, a.hosts + 1, (a.host_count - 1) * sizeof *a.hosts);
			a.hosts[a.host_count - 1] = first;
			struct hostclock_decision d = hostclock_decide(&rules, &a);
			if (d.outcome != rows[i].outcome ||
				(hostclock_decided(&d) &&
					d.unix_ms != (NOW + rows[i].off_s) * 1000))
				fail_msg("%s, turned by %zu: outcome %d", rows[i].name, turn + 1,
					(int)d.outcome);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(order_means_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
