/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "chroot/notice.h"
#include "lib/ticks.h"

static int open_pipe(void **state)
{
	static int ends[2];
	*state = ends;
	return pipe(ends);
}

static int close_pipe(void **state)
{
	int *ends = *state;
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	return 0;
}

static void values_come_through(void **state)
{
	int *ends = *state, value = 0;
	int64_t soon = ticks_ms() + 5000;
	notice_note(ends[1], "by %s", "the way");
	notice_send(ends[1], NOTICE_PID, 4711);
	notice_send(ends[1], NOTICE_READY, 0);
	assert_ok(notice_await(ends[0], NOTICE_PID, &value, NULL, soon, &e));
	assert_int_equal(value, 4711);
	assert_ok(notice_await(ends[0], NOTICE_READY, NULL, NULL, soon, &e));
}

static void errors_come_with_their_remedy(void **state)
{
	int *ends = *state;
	struct error *sent = NULL, *got = NULL;
	error_set(&sent, ERROR_KERNEL, 0, "mount proc");
	error_hint(&sent, "CONFIG_PROC_FS");
	notice_error(ends[1], sent);
	assert_int_equal(
		notice_await(ends[0], NOTICE_READY, NULL, NULL, ticks_ms() + 5000, &got), -1);
	assert_int_equal(error_code(got), ERROR_KERNEL);
	assert_string_equal(error_message(got), "mount proc");
	assert_string_equal(error_remedy(got), "CONFIG_PROC_FS");
	error_free(sent);
	error_free(got);
}

static void an_early_end_is_an_error(void **state)
{
	int *ends = *state;
	int64_t soon = ticks_ms() + 5000;
	close(ends[1]);
	ends[1] = -1;
	assert_fails(notice_await(ends[0], NOTICE_READY, NULL, NULL, soon, &e), ERROR_SYSTEM,
		"unexpectedly");
}

static void a_deadline_is_kept(void **state)
{
	int *ends = *state;
	assert_fails(notice_await(ends[0], NOTICE_READY, NULL, NULL, ticks_ms(), &e), ERROR_SYSTEM,
		"wait for a child");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_pipe, close_pipe)
	const struct CMUnitTest tests[] = {
		TEST(values_come_through),
		TEST(errors_come_with_their_remedy),
		TEST(an_early_end_is_an_error),
		TEST(a_deadline_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
