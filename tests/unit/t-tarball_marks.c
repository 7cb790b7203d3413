/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "bootstrap/directories.h"
#include "bootstrap/tarball_marks.h"
#include "lib/fd.h"
#include "lib/path.h"

enum { DAY = 86400 };

static void judged(void **state)
{
	static const struct {
		int64_t remembered_s, signed_s;
		bool refused;
	} rows[] = {{0, 5, false}, {1795500000, 1795500000, false}, {1795500000, 1795600000, false},
		{1795500000, 1795500000 - 3 * DAY, false},
		{1795500000, 1795500000 - 3 * DAY - 1, true}, {1795500000, 5, true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].refused)
			assert_fails(
				tarball_judge(rows[i].remembered_s, "x.tar", rows[i].signed_s, &e),
				ERROR_TRUST, "this host has seen one of 2026-11-24: it is older");
		else
			assert_ok(
				tarball_judge(rows[i].remembered_s, "x.tar", rows[i].signed_s, &e));
}

static void remembered(void **state)
{
	char dir[] = "/tmp/t-tarball_marks.XXXXXX";
	assert_non_null(mkdtemp(dir));
	char *auto_free below = path_join(dir, "state", NULL);
	char *auto_free file = path_join(below, "tarballs", NULL);
	struct openpgp_result a = {.fingerprint = "AAAA", .signed_at = 100},
			      b = {.fingerprint = "AAAABB", .signed_at = 50};
	assert_int_equal(tarball_newest(below, "x y", "AAAA"), 0);
	assert_ok(tarball_remember(below, "x y", &a, 0, &e));
	assert_ok(tarball_remember(below, "x y", &b, 0, &e));
	assert_ok(tarball_remember(below, "x", &b, 0, &e));
	static const struct {
		const char *name, *fingerprint;
		int64_t at_s;
	} rows[] = {{"x y", "AAAA", 100}, {"x y", "AAAABB", 50}, {"x", "AAAABB", 50},
		{"x", "AAAA", 0}, {"y", "AAAA", 0}, {"x y", "AAA", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
			tarball_newest(below, rows[i].name, rows[i].fingerprint), rows[i].at_s);
	/* Only upward, but where it is wished. */
	a.signed_at = 90;
	assert_ok(tarball_remember(below, "x y", &a, 0, &e));
	assert_int_equal(tarball_newest(below, "x y", "AAAA"), 100);
	assert_ok(tarball_remember(below, "x y", &a, 1, &e));
	assert_int_equal(tarball_newest(below, "x y", "AAAA"), 90);
	a.signed_at = 110;
	assert_ok(tarball_remember(below, "x y", &a, 0, &e));
	assert_int_equal(tarball_newest(below, "x y", "AAAA"), 110);
	assert_int_equal(tarball_newest(below, "x", "AAAABB"), 50);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(below), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void places(void **state)
{
	static const struct {
		const char *given, *place;
	} rows[] = {{NULL, "/var/lib/alarmstrap"}, {"/x/y", "/x/y"}, {"", "/var/lib/alarmstrap"},
		{"x", "/var/lib/alarmstrap"}, {"/a:/b", "/var/lib/alarmstrap"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsetenv("STATE_DIRECTORY");
		if (rows[i].given)
			setenv("STATE_DIRECTORY", rows[i].given, 1);
		assert_string_equal(directory_state(), rows[i].place);
	}
	unsetenv("CACHE_DIRECTORY");
	assert_string_equal(directory_cache(), "/var/cache/alarmstrap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged),
		cmocka_unit_test(remembered),
		cmocka_unit_test(places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
