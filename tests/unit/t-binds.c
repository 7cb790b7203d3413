/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "chroot/binds.h"

static void words_are_read(void **state)
{
	static const struct {
		const char *text, *source, *target;
		bool read_only;
	} cases[] = {
		{"/usr:/mnt", "/usr", "/mnt", false},
		{"/usr:/mnt:ro", "/usr", "/mnt", true},
		{"/usr:/mnt:rw", "/usr", "/mnt", false},
		{"/usr/:/mnt/a//", "/usr", "/mnt/a", false},
		{"/usr/../usr:/..a/b..", "/usr", "/..a/b..", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_binds b = {.count = 0};
		assert_ok(binds_add(&b, cases[i].text, &e));
		assert_int_equal(b.count, 1);
		assert_string_equal(b.items[0].source, cases[i].source);
		assert_string_equal(b.items[0].target, cases[i].target);
		assert_int_equal(b.items[0].read_only, cases[i].read_only);
	}
}

static void other_words_are_refused(void **state)
{
	static const char *const cases[] = {"", ":", "/usr", "/usr:", ":/mnt", "/usr:mnt", "/usr:/",
		"/usr:///", "/usr:/../etc", "/usr:/a/..", "/usr:/a/../b", "/usr:ro", ":ro"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_binds b = {.count = 0};
		assert_fails(binds_add(&b, cases[i], &e), ERROR_USAGE, "--bind");
		assert_int_equal(b.count, 0);
	}
	auto_binds b = {.count = 0};
	assert_fails(binds_add(&b, "/not/there:/mnt", &e), ERROR_CONFIG, "/not/there");
}

static void there_is_an_end(void **state)
{
	auto_binds b = {.count = 0};
	for (int i = 0; i < BINDS_MAX; i++)
		assert_ok(binds_add(&b, "/usr:/mnt", &e));
	assert_fails(binds_add(&b, "/usr:/mnt", &e), ERROR_USAGE, "more than");
}

static void covered_targets_are_refused(void **state)
{
	static const struct {
		const char *text;
		bool covered;
	} cases[] = {
		{"/usr:/dev", true},
		{"/usr:/dev/x", true},
		{"/usr:/run/a/b", true},
		{"/usr:/proc/x", true},
		{"/usr:/sys", true},
		{"/usr:/device", false},
		{"/usr:/mnt/dev", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_binds b = {.count = 0};
		assert_ok(binds_add(&b, cases[i].text, &e));
		if (cases[i].covered)
			assert_fails(binds_refuse_covered(&b, &e), ERROR_USAGE, "would be covered");
		else
			assert_ok(binds_refuse_covered(&b, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(there_is_an_end),
		cmocka_unit_test(covered_targets_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
