/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "lib/text.h"

static void foreign_bytes_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain", "plain"},
		{"\033[31mred", "\\x1b[31mred"},
		{"a\nb\tc", "a\\x0ab\\x09c"},
		{"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
		{"bad \xff\xc3", "bad \\xff\\xc3"},
		{"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
		{"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
		{"c1 \xc2\x9b", "c1 \\xc2\\x9b"},
		{"https://u:p@host/x", "https://***@host/x"},
		{"'https://tok@host'", "'https://***@host'"},
		{"https://host/a@b", "https://host/a@b"},
		{"a https://u:p@h https://v:q@i", "a https://***@h https://***@i"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf b = BUF(0);
		assert_ok(text_render(&b, cases[i].in, &e));
		assert_string_equal(buf_text(&b), cases[i].out);
	}
}

static void numbers_are_whole_and_in_range(void **state)
{
	int64_t n = 7;
	assert_int_equal(text_to_int64("42", 0, 100, &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(text_to_int64("-3", -5, 5, &n), 0);
	const char *bad[] = {
		"", " 1", "1 ", "1x", "101", "-1", "+1", "99999999999999999999", "0x1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(text_to_int64(bad[i], 0, 100, &n), -1);
	assert_int_equal(n, -3);
}

static void sizes_and_durations_read_well(void **state)
{
	char s[32];
	text_size(s, sizeof s, 999);
	assert_string_equal(s, "999 B");
	text_size(s, sizeof s, 96400000);
	assert_string_equal(s, "96.4 MB");
	text_duration(s, sizeof s, 3420);
	assert_string_equal(s, "3.4 s");
	text_duration(s, sizeof s, 125000);
	assert_string_equal(s, "2 min 5 s");
}

static void distance_counts_edits(void **state)
{
	assert_int_equal(text_distance("refresh", "refresh"), 0);
	assert_int_equal(text_distance("refrsh", "refresh"), 1);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void lists_split_and_find(void **state)
{
	auto_strings list = {0};
	assert_ok(strings_split(&list, " a, b,,c ", ", ", &e));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[2], "c");
	assert_null(list.items[3]);
	assert_true(strings_contain(&list, "b"));
	assert_false(strings_contain(&list, "d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_bytes_are_escaped),
		cmocka_unit_test(numbers_are_whole_and_in_range),
		cmocka_unit_test(sizes_and_durations_read_well),
		cmocka_unit_test(distance_counts_edits),
		cmocka_unit_test(lists_split_and_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
