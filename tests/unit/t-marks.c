/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "packages/marks.h"

enum { DAY = 86400 };
static const int64_t now_s = 1795500000;

static void judged(void **state)
{
	static const struct {
		int days_before, days_now; /* before now */
		uint64_t count_before, count_now;
		const char *refused; /* NULL: taken */
	} rows[] = {
		{5, 5, 100, 100, NULL},
		{5, 1, 100, 120, NULL},
		{1, 4, 100, 100, NULL},
		{1, 5, 100, 100,
			"ends at 2026-11-19, and this root has seen packages of 2026-11-23"},
		{0, 400, 100, 100, "it is older"},
		{5, 5, 100, 80, NULL},
		{5, 5, 100, 79, "core.db has 79 packages, and this root has seen 100"},
		{5, 5, 0, 0, NULL},
		{5, 5, 0, 10, NULL},
		{5, 5, 3, 2, "too many are gone"},
	};
	char repo[] = "core";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct database_mark had = {
			repo, now_s - (int64_t)rows[i].days_before * DAY, rows[i].count_before};
		struct database_mark now = {
			repo, now_s - (int64_t)rows[i].days_now * DAY, rows[i].count_now};
		if (rows[i].refused)
			assert_fails(marks_judge(&had, &now, &e), ERROR_TRUST, rows[i].refused);
		else
			assert_ok(marks_judge(&had, &now, &e));
		assert_ok(marks_judge(NULL, &now, &e));
	}
}

static void a_distribution_that_stands_still(void **state)
{
	char story[128];
	assert_int_equal(marks_judge_age(now_s, now_s, story, NULL), 0);
	assert_int_equal(marks_judge_age(now_s + DAY, now_s, story, NULL), 0);
	assert_int_equal(marks_judge_age(now_s - 14 * DAY, now_s, story, NULL), 0);
	assert_int_equal(marks_judge_age(now_s - 15 * DAY, now_s, story, NULL), 1);
	assert_string_equal(story, "nothing at the mirrors is newer than 2026-11-09, 15 days ago");
	assert_int_equal(marks_judge_age(now_s - 60 * DAY, now_s, story, NULL), 1);
	assert_fails(marks_judge_age(now_s - 61 * DAY, now_s, story, &e), ERROR_TRUST,
		"61 days ago: they are stale");
	assert_fails(marks_judge_age(0, now_s, story, &e), ERROR_TRUST, "1970-01-01");
}

static void only_upward(void **state)
{
	struct database_marks m = {NULL, 0};
	char core[] = "core", extra[] = "extra";
	static const struct {
		int64_t newest_s;
		uint64_t count;
		int64_t then_newest_s;
		uint64_t then_count;
	} rows[] = {{100, 10, 100, 10}, {90, 20, 100, 20}, {110, 5, 110, 20}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct database_mark seen = {core, rows[i].newest_s, rows[i].count};
		assert_ok(marks_raise(&m, &seen, &e));
		assert_int_equal(marks_find(&m, "core")->newest_s, rows[i].then_newest_s);
		assert_int_equal(marks_find(&m, "core")->count, rows[i].then_count);
	}
	struct database_mark old = {core, 50, 4}, other = {extra, 1, 1};
	assert_ok(marks_raise(&m, &other, &e));
	assert_ok(marks_replace(&m, &old, &e));
	assert_int_equal(marks_find(&m, "core")->newest_s, 50);
	assert_int_equal(marks_find(&m, "core")->count, 4);
	assert_int_equal(marks_find(&m, "extra")->count, 1);
	assert_null(marks_find(&m, "cor"));
	marks_free(&m);
}

static const char text[] = "alarmstrap databases 1\nrepo 1795400000 311 core\n"
			   "repo 1795300000 12895 extra\nend\n";

static void text_and_back(void **state)
{
	struct database_marks m;
	auto_buf to = BUF(0);
	assert_int_equal(marks_parse(text, &m), 0);
	assert_int_equal(m.count, 2);
	assert_int_equal(marks_find(&m, "extra")->count, 12895);
	assert_ok(marks_print(&m, &to, &e));
	assert_string_equal(buf_text(&to), text);
	marks_free(&m);
	for (size_t length = 0; length < strlen(text); length++) {
		char *auto_free cut = strndup(text, length);
		assert_int_equal(marks_parse(cut, &m), -1);
	}
	static const char *const bad[] = {"repo 1 1\n", "repo 1 core\n", "repo -1 1 core\n",
		"repo 1 -1 core\n", "repo x 1 core\n", "rope 1 1 core\n",
		"repo 1 1 core\nrepo 1 1 core\n", "repo  1 1 core\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char whole[128];
		snprintf(whole, sizeof whole, "alarmstrap databases 1\n%send\n", bad[i]);
		assert_int_equal(marks_parse(whole, &m), -1);
	}
}

static void kept_in_the_root(void **state)
{
	char dir[] = "/tmp/t-marks.XXXXXX";
	struct database_marks m, back;
	assert_non_null(mkdtemp(dir));
	int auto_fd root = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(marks_parse(text, &m), 0);
	marks_read(root, &back);
	assert_int_equal(back.count, 0);
	assert_ok(marks_write(root, &m, &e));
	marks_read(root, &back);
	assert_int_equal(back.count, 2);
	marks_free(&back);
	/* A link leads nowhere, and what is broken is none. */
	assert_ok(path_write_file(root, "var/lib/alarmstrap/databases", 0644, "x", 1, &e));
	marks_read(root, &back);
	assert_int_equal(back.count, 0);
	assert_int_equal(unlinkat(root, "var/lib/alarmstrap/databases", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", root, "var/lib/alarmstrap/databases"), 0);
	marks_read(root, &back);
	assert_int_equal(back.count, 0);
	assert_ok(marks_write(root, &m, &e));
	marks_read(root, &back);
	assert_int_equal(back.count, 2);
	marks_free(&back);
	marks_free(&m);
	assert_int_equal(unlinkat(root, "var/lib/alarmstrap/databases", 0), 0);
	assert_int_equal(unlinkat(root, "var/lib/alarmstrap", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "var/lib", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "var", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judged),
		cmocka_unit_test(a_distribution_that_stands_still),
		cmocka_unit_test(only_upward),
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(kept_in_the_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
