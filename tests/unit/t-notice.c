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

static void notes_and_other_kinds_are_passed_over(void **state)
{
	int *ends = *state;
	int64_t soon = ticks_ms() + patience_ms(5000);
	notice_note(ends[1], "by %s", "the way");
	notice_send(ends[1], NOTICE_READY, 0);
	notice_send(ends[1], NOTICE_DETACHED, 0);
	assert_ok(notice_await(ends[0], NOTICE_DETACHED, NULL, soon, &e));
	notice_send(ends[1], NOTICE_READY, 0);
	assert_ok(notice_await(ends[0], NOTICE_READY, NULL, soon, &e));
}

/* The launcher may not run between the fork and the end of all that the holder has to do. */
static void either_of_two_writers_may_be_the_first(void **state)
{
	static const enum notice_kind orders[][2] = {
		{NOTICE_PID, NOTICE_READY}, {NOTICE_READY, NOTICE_PID}};
	int *ends = *state;
	for (size_t i = 0; i < 2; i++) {
		int pid = -1;
		for (size_t j = 0; j < 2; j++) {
			notice_note(ends[1], "between");
			notice_send(ends[1], orders[i][j], orders[i][j] == NOTICE_PID ? 4711 : 0);
		}
		assert_ok(notice_await_grandchild(
			ends[0], &pid, NULL, ticks_ms() + patience_ms(5000), &e));
		assert_int_equal(pid, 4711);
	}
}

static void one_of_two_is_not_enough(void **state)
{
	static const enum notice_kind alone[] = {NOTICE_PID, NOTICE_READY};
	int *ends = *state, pid = -1;
	for (size_t i = 0; i < 2; i++) {
		struct error *sent = NULL;
		error_set(&sent, ERROR_KERNEL, 0, "mount proc");
		notice_send(ends[1], alone[i], 4711);
		notice_error(ends[1], sent);
		assert_fails(notice_await_grandchild(
				     ends[0], &pid, NULL, ticks_ms() + patience_ms(5000), &e),
			ERROR_KERNEL, "mount proc");
		assert_int_equal(pid, -1);
		error_free(sent);
	}
}

static void errors_come_with_their_remedy(void **state)
{
	int *ends = *state;
	struct error *sent = NULL, *got = NULL;
	error_set(&sent, ERROR_KERNEL, 0, "mount proc");
	error_hint(&sent, "CONFIG_PROC_FS");
	notice_error(ends[1], sent);
	assert_int_equal(
		notice_await(ends[0], NOTICE_READY, NULL, ticks_ms() + patience_ms(5000), &got),
		-1);
	assert_int_equal(error_code(got), ERROR_KERNEL);
	assert_string_equal(error_message(got), "mount proc");
	assert_string_equal(error_remedy(got), "CONFIG_PROC_FS");
	error_free(sent);
	error_free(got);
}

static void an_early_end_is_an_error(void **state)
{
	int *ends = *state;
	int64_t soon = ticks_ms() + patience_ms(5000);
	close(ends[1]);
	ends[1] = -1;
	assert_fails(
		notice_await(ends[0], NOTICE_READY, NULL, soon, &e), ERROR_SYSTEM, "unexpectedly");
}

static void a_deadline_is_kept(void **state)
{
	int *ends = *state;
	assert_fails(notice_await(ends[0], NOTICE_READY, NULL, ticks_ms(), &e), ERROR_SYSTEM,
		"wait for a child");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_pipe, close_pipe)
	const struct CMUnitTest tests[] = {
		TEST(notes_and_other_kinds_are_passed_over),
		TEST(either_of_two_writers_may_be_the_first),
		TEST(one_of_two_is_not_enough),
		TEST(errors_come_with_their_remedy),
		TEST(an_early_end_is_an_error),
		TEST(a_deadline_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
