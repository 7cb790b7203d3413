/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "bootstrap/hostclock.h"

static void times_parse_or_not(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
	} cases[] = {
		{"2026-01-31", 1769817600},
		{"2026-01-31T12:00:00Z", 1769860800},
		{"2026-01-31 12:00:00", 1769860800},
		{"2026-01-31T12:00:00+02:00", 1769853600},
		{"2026-01-31T12:00:00-00:30", 1769862600},
		{"@1769860800", 1769860800},
		{"2000-02-29", 951782400},
		{"tomorrow", -1},
		{"", -1},
		{"@", -1},
		{"@-5", -1},
		{"2026-13-01", -1},
		{"2026-01-32", -1},
		{"2026-1-31", -1},
		{"2026-01-31T25:00:00Z", -1},
		{"2026-01-31T12:00Z", -1},
		{"2026-01-31T12:00:00Zulu", -1},
		{"2026-01-31T12:00:00+2", -1},
		{"2026-01-31x", -1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (hostclock_parse(cases[i].text) != cases[i].unix_s)
			fail_msg("'%s' gave %lld", cases[i].text,
				(long long)hostclock_parse(cases[i].text));
}

static void decisions(void **state)
{
	const struct hostclock_bounds b = {1000, 2000};
	static const struct {
		int64_t system_s, given_s;
		enum hostclock_verdict verdict;
	} cases[] = {
		{1500, 0, HOSTCLOCK_AS_IT_IS},
		{1000, 0, HOSTCLOCK_AS_IT_IS},
		{2000, 0, HOSTCLOCK_AS_IT_IS},
		{999, 0, HOSTCLOCK_REFUSED},
		{2001, 0, HOSTCLOCK_REFUSED},
		{0, 1500, HOSTCLOCK_AS_GIVEN},
		{1500, 1600, HOSTCLOCK_AS_GIVEN},
		{1500, 999, HOSTCLOCK_REFUSED},
		{1500, 2001, HOSTCLOCK_REFUSED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(hostclock_decide(&b, cases[i].system_s, cases[i].given_s),
			cases[i].verdict);
}

static void the_floor_is_the_commit_and_no_day_earlier(void **state)
{
	struct hostclock_bounds b = hostclock_bounds();
	assert_true(b.floor_s == SOURCE_DATE);
	assert_true(b.ceiling_s > b.floor_s + 14LL * 365 * 86400);
}

static void words_that_are_no_time_are_a_usage_error(void **state)
{
	struct trusted_time t;
	assert_fails(hostclock_find("noon", NULL, &t, &e), ERROR_USAGE, "'noon' is no time");
	assert_fails(
		hostclock_find("1999-01-01", NULL, &t, &e), ERROR_CLOCK, "before this program");
	assert_fails(hostclock_find("2999-01-01", NULL, &t, &e), ERROR_CLOCK, "after the latest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_parse_or_not),
		cmocka_unit_test(decisions),
		cmocka_unit_test(the_floor_is_the_commit_and_no_day_earlier),
		cmocka_unit_test(words_that_are_no_time_are_a_usage_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
