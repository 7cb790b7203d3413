/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "lib/buf.h"

static void grows_and_stays_terminated(void **state)
{
	auto_buf b = BUF(0);
	assert_string_equal(buf_text(&b), "");
	for (int i = 0; i < 1000; i++)
		assert_ok(buf_printf(&b, &e, "%d,", i % 10));
	assert_int_equal(b.length, 2000);
	assert_int_equal(strlen(buf_text(&b)), 2000);
	buf_clear(&b);
	assert_string_equal(buf_text(&b), "");
}

static void limit_holds_to_the_byte(void **state)
{
	auto_buf b = BUF(4);
	assert_ok(buf_append(&b, "abcd", 4, &e));
	assert_fails(buf_append(&b, "e", 1, &e), ERROR_SYSTEM, "more than 4 bytes");
	assert_fails(buf_append(&b, "e", SIZE_MAX, &e), ERROR_SYSTEM, "more than 4 bytes");
	assert_string_equal(buf_text(&b), "abcd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(limit_holds_to_the_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
