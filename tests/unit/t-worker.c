/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/worker.h"

enum { TYPE_NUMBER = WORKER_TYPE_FIRST };

static const struct worker_rights plain = {.root = -1};

static int count_to_three(struct worker_out *out, void *arg, struct error **e)
{
	for (int i = 1; i <= 3; i++)
		if (worker_send(out, TYPE_NUMBER, &i, sizeof i, e) < 0)
			return -1;
	return 0;
}

static int tell_uid(struct worker_out *out, void *arg, struct error **e)
{
	uid_t uid = getuid();
	return worker_send(out, TYPE_NUMBER, &uid, sizeof uid, e);
}

static int report_failure(struct worker_out *out, void *arg, struct error **e)
{
	error_set(e, ERROR_NETWORK, ENETUNREACH, "connect to h");
	return error_hint(e, "bring a link up");
}

static int die(struct worker_out *out, void *arg, struct error **e)
{
	raise(SIGKILL);
	return 0;
}

static int leave(struct worker_out *out, void *arg, struct error **e)
{
	_exit(0);
}

static int hang(struct worker_out *out, void *arg, struct error **e)
{
	pause();
	return 0;
}

static void records_arrive_in_order(void **state)
{
	struct error *e = NULL;
	struct worker_record r;
	auto_worker *w = worker_start(&plain, count_to_three, NULL, &e);
	assert_non_null(w);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(worker_next(w, &r, 5000, &e), 1);
		assert_int_equal(r.type, TYPE_NUMBER);
		assert_int_equal(r.length, sizeof i);
		assert_memory_equal(r.data, &i, sizeof i);
	}
	assert_int_equal(worker_next(w, &r, 5000, &e), 0);
}

static void errors_cross_the_pipe(void **state)
{
	struct error *e = NULL;
	struct worker_record r;
	auto_worker *w = worker_start(&plain, report_failure, NULL, &e);
	assert_int_equal(worker_next(w, &r, 5000, &e), -1);
	assert_int_equal(error_code(e), ERROR_NETWORK);
	assert_string_equal(error_message(e), "connect to h: Network is unreachable");
	assert_string_equal(error_remedy(e), "bring a link up");
	error_free(e);
}

static void an_end_without_its_record_is_a_failure(void **state)
{
	struct worker_record r;
	auto_worker *killed = worker_start(&plain, die, NULL, NULL);
	assert_fails(worker_next(killed, &r, 5000, &e), ERROR_SYSTEM, "killed by signal 9");
	auto_worker *left = worker_start(&plain, leave, NULL, NULL);
	assert_fails(worker_next(left, &r, 5000, &e), ERROR_SYSTEM, "ended early");
}

static void silence_has_a_limit(void **state)
{
	struct worker_record r;
	auto_worker *w = worker_start(&plain, hang, NULL, NULL);
	assert_fails(worker_next(w, &r, 100, &e), ERROR_NETWORK, "timed out");
}

static void unprivileged_means_nobody(void **state)
{
	struct worker_rights nobody = {.unprivileged = true, .root = -1};
	struct worker_record r;
	struct error *e = NULL;
	auto_worker *w = worker_start(&nobody, tell_uid, NULL, &e);
	assert_int_equal(worker_next(w, &r, 5000, &e), 1);
	uid_t uid;
	memcpy(&uid, r.data, sizeof uid);
	assert_int_equal(uid, getuid() == 0 ? 65534 : getuid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_arrive_in_order),
		cmocka_unit_test(errors_cross_the_pipe),
		cmocka_unit_test(an_end_without_its_record_is_a_failure),
		cmocka_unit_test(silence_has_a_limit),
		cmocka_unit_test(unprivileged_means_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
