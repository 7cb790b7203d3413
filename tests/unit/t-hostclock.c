/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <time.h>

#include "bootstrap/hostclock.h"
#include "bootstrap/hostclock_sources.h"

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

static void times_are_written(void **state)
{
	char text[32];
	hostclock_format(text, 1769860800);
	assert_string_equal(text, "2026-01-31T12:00:00Z");
	hostclock_format(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	hostclock_format(text, INT64_MAX); /* no year of four digits: as it is */
	assert_string_equal(text, "@9223372036854775807");
}

static void words_that_are_no_time_are_refused(void **state)
{
	static const struct {
		const char *word, *says;
		enum error_code code;
	} rows[] = {
		{"noon", "'noon' is no time", ERROR_USAGE},
		{"@0", "'@0' is no time", ERROR_USAGE},
		{"1999-01-01", "the time given is 1999-01-01T00:00:00Z, before the day",
			ERROR_CLOCK},
		{"2999-01-01", "after the latest time it may be", ERROR_CLOCK},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		/* What a run on this machine has learned is not to count. */
		char none[] = "no-such-file";
		const struct hostclock_sources sources = {.time_file = none};
		struct hostclock_settings s = {.given = rows[i].word, .sources = &sources};
		struct trusted_time t = {7};
		auto_error *e = NULL;
		assert_int_equal(hostclock_find(&s, NULL, &t, &e), -1);
		assert_int_equal(error_code(e), rows[i].code);
		assert_int_equal(t.offset_s, 7);
		if (!strstr(error_message(e), rows[i].says))
			fail_msg("'%s' does not hold '%s'", error_message(e), rows[i].says);
		assert_non_null(strstr(error_remedy(e), "--time=20"));
		error_clear(&e);
		assert_int_equal(hostclock_check(&s, false, NULL, &e), -1);
		assert_int_equal(error_code(e), rows[i].code);
	}
}

/* This machine's clock is plausible, or the build is from the future; either way a time that is
 * given is what checks use, and a plausible clock stays. */
static void the_time_given_is_the_time_of_checks(void **state)
{
	struct hostclock_sources sources = {.time_file = (char *)"/nonexistent/time"};
	struct hostclock_settings s = {.given = "2031-05-05", .sources = &sources};
	struct trusted_time t;
	if (time(NULL) < SOURCE_DATE)
		skip();
	assert_ok(hostclock_find(&s, NULL, &t, &e));
	assert_in_range(trusted_time_now(&t), 1935705600, 1935705600 + 5);
}

/* Nothing is asked: the settings have no certificates to ask with. */
static void a_plausible_clock_is_used_unasked(void **state)
{
	struct hostclock_sources sources = {.time_file = (char *)"/nonexistent/time"};
	struct hostclock_settings s = {.sources = &sources};
	struct trusted_time t;
	if (time(NULL) < SOURCE_DATE)
		skip();
	assert_ok(hostclock_find(&s, NULL, &t, &e));
	assert_in_range(trusted_time_now(&t), time(NULL) - 2, time(NULL) + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_parse_or_not),
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(words_that_are_no_time_are_refused),
		cmocka_unit_test(the_time_given_is_the_time_of_checks),
		cmocka_unit_test(a_plausible_clock_is_used_unasked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
