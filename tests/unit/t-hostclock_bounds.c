/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/hostclock_apply.h"
#include "bootstrap/hostclock_bounds.h"
#include "lib/fd.h"
#include "lib/text.h"

#define YEARS(n) ((n)*365LL * 86400)

static void floors_and_ceilings(void **state)
{
	static const struct {
		int64_t source_s, saved_s, android_s;
		size_t time_size;
		int64_t floor_s, ceiling_s;
		const char *floor_is;
	} rows[] = {
		{1000, 0, 0, 8, 1000, 1000 + YEARS(15), "the day this program was made"},
		{1000, 900, 900, 8, 1000, 1000 + YEARS(15), "the day this program was made"},
		{1000, 2000, 0, 8, 2000, 1000 + YEARS(15), "the time that an earlier run learned"},
		{1000, 0, 2000, 8, 2000, 1000 + YEARS(15), "the day this Android was made"},
		{1000, 3000, 2000, 8, 3000, 1000 + YEARS(15),
			"the time that an earlier run learned"},
		{1000, 2000, 3000, 8, 3000, 1000 + YEARS(15), "the day this Android was made"},
		/* absurd ones do not count */
		{1000, 1001 + YEARS(15), 0, 8, 1000, 1000 + YEARS(15),
			"the day this program was made"},
		{1000, 0, INT64_MAX, 8, 1000, 1000 + YEARS(15), "the day this program was made"},
		/* 32 bits end in 2038 */
		{1769860800, 0, 0, 4, 1769860800, 2147483647, "the day this program was made"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hostclock_bounds b = hostclock_bounds_from(
			rows[i].source_s, rows[i].saved_s, rows[i].android_s, rows[i].time_size);
		assert_int_equal(b.floor_s, rows[i].floor_s);
		assert_int_equal(b.ceiling_s, rows[i].ceiling_s);
		assert_string_equal(b.floor_is, rows[i].floor_is);
	}
}

static void the_floor_is_the_commit_and_no_day_earlier(void **state)
{
	struct hostclock_bounds b = hostclock_bounds("/nonexistent/time");
	assert_true(b.floor_s >= SOURCE_DATE);
	assert_true(b.ceiling_s == SOURCE_DATE + YEARS(15));
	assert_true(hostclock_possible(&b, b.floor_s) && hostclock_possible(&b, b.ceiling_s));
	assert_false(hostclock_possible(&b, b.floor_s - 1));
	assert_false(hostclock_possible(&b, b.ceiling_s + 1));
	assert_false(hostclock_possible(&b, 0));
}

static void android_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
	} rows[] = {
		{"ro.build.date=Sat\nro.build.date.utc=1569860800\nro.x=1\n", 1569860800},
		{"ro.build.date.utc=1569860800", 1569860800},
		{"ro.build.date.utc=\n", 0},
		{"ro.build.date.utc=x\n", 0},
		{"# ro.build.date.utc=5\n", 0},
		{"ro.build.date.utc=99999999999999999999999999\n", 0},
		{"", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(hostclock_android_date(rows[i].text), rows[i].unix_s);
}

static void write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void times_are_saved_and_only_grow(void **state)
{
	char dir[] = "/tmp/alarmstrap-t-bounds.XXXXXX";
	assert_non_null(mkdtemp(dir));
	char *auto_free below = text_format(NULL, "%s/lib", dir);
	char *auto_free path = text_format(NULL, "%s/lib/time", dir);
	assert_int_equal(hostclock_saved(path), 0);
	assert_ok(hostclock_save(path, 2000, &e));
	assert_int_equal(hostclock_saved(path), 2000);
	assert_ok(hostclock_save(path, 1000, &e));
	assert_int_equal(hostclock_saved(path), 2000);
	assert_ok(hostclock_save(path, 3000, &e));
	assert_int_equal(hostclock_saved(path), 3000);
	static const struct {
		const char *text;
		mode_t mode;
		int64_t unix_s;
	} rows[] = {{"77\n", 0644, 77}, {"77", 0600, 77}, {"77\n", 0664, 0}, {"77\n", 0646, 0},
		{"", 0644, 0}, {"soon\n", 0644, 0}, {"-77\n", 0644, 0}, {"77 88\n", 0644, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		write_text(path, rows[i].text, rows[i].mode);
		if (hostclock_saved(path) != rows[i].unix_s)
			fail_msg("row %zu: %lld", i, (long long)hostclock_saved(path));
	}
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(hostclock_saved(path), 0);
	unlink(path);
	rmdir(below);
	rmdir(dir);
}

static void hardware_clocks_to_write(void **state)
{
	assert_true(hostclock_rtc_wants("1\n", 1970));
	assert_true(hostclock_rtc_wants("1\n", 2019));
	assert_false(hostclock_rtc_wants("1\n", 2020)); /* somebody keeps it */
	assert_false(hostclock_rtc_wants("0\n", 1970)); /* not the one the system starts from */
	assert_false(hostclock_rtc_wants("", 1970));
}

static void times_that_fit(void **state)
{
	assert_true(hostclock_fits(2147483647, 4));
	assert_false(hostclock_fits(2147483648, 4));
	assert_true(hostclock_fits(2147483648, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floors_and_ceilings),
		cmocka_unit_test(the_floor_is_the_commit_and_no_day_earlier),
		cmocka_unit_test(android_dates),
		cmocka_unit_test(times_are_saved_and_only_grow),
		cmocka_unit_test(hardware_clocks_to_write),
		cmocka_unit_test(times_that_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
