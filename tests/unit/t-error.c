/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>

static void story_reads_outside_in(void **state)
{
	auto_error *e = NULL;
	assert_int_equal(error_set(&e, ERROR_NETWORK, ENETUNREACH, "connect to %s", "h"), -1);
	assert_int_equal(error_wrap(&e, "fetch %s", "x.tar.gz"), -1);
	assert_string_equal(
		error_message(e), "fetch x.tar.gz: connect to h: Network is unreachable");
	assert_int_equal(error_code(e), ERROR_NETWORK);
	assert_int_equal(error_errno(e), ENETUNREACH);
	assert_int_equal(error_exit_status(e), 7);
}

static void a_plain_errno_adds_no_words(void **state)
{
	auto_error *e = NULL;
	assert_int_equal(error_set_plain(&e, ERROR_NETWORK, ENOENT, "%s: not found", "u"), -1);
	assert_string_equal(error_message(e), "u: not found");
	assert_int_equal(error_errno(e), ENOENT);
	error_set_plain(&e, ERROR_SYSTEM, 0, "second");
	assert_int_equal(error_code(e), ERROR_NETWORK);
	assert_int_equal(error_set_plain(NULL, ERROR_SYSTEM, 0, "x"), -1);
}

static void first_cause_and_deepest_hint_win(void **state)
{
	auto_error *e = NULL;
	error_set(&e, ERROR_TRUST, 0, "first");
	error_set(&e, ERROR_SYSTEM, 0, "second");
	assert_string_equal(error_message(e), "first");
	assert_string_equal(error_remedy(e), error_code_hint(ERROR_TRUST));
	error_hint(&e, "deep");
	error_hint(&e, "shallow");
	assert_string_equal(error_remedy(e), "deep");
}

static void statuses_differ_and_every_code_has_a_hint(void **state)
{
	for (int a = ERROR_NONE + 1; a < ERROR_COUNT; a++) {
		assert_non_null(error_code_name(a));
		assert_true(strlen(error_code_hint(a)) > 10);
		assert_in_range(error_code_status(a), 1, 130);
		for (int b = ERROR_NONE + 1; b < a; b++)
			assert_int_not_equal(error_code_status(a), error_code_status(b));
	}
	assert_null(error_code_name(ERROR_COUNT));
	assert_null(error_code_name((enum error_code) - 5));
}

static void nobody_listening_is_fine(void **state)
{
	assert_int_equal(error_set(NULL, ERROR_SYSTEM, 0, "x"), -1);
	assert_int_equal(error_wrap(NULL, "x"), -1);
	assert_int_equal(error_hint(NULL, "x"), -1);
	assert_int_equal(error_exit_status(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(story_reads_outside_in),
		cmocka_unit_test(a_plain_errno_adds_no_words),
		cmocka_unit_test(first_cause_and_deepest_hint_win),
		cmocka_unit_test(statuses_differ_and_every_code_has_a_hint),
		cmocka_unit_test(nobody_listening_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
