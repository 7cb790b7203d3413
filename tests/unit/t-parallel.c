/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "lib/parallel.h"

enum { PIECES = 5000 };

struct job {
	atomic_uchar times[PIECES]; /* each piece was done */
	size_t fail_from; /* pieces from here on fail; PIECES: none */
	size_t slow; /* this one waits for a tick, PIECES: none */
	size_t late; /* this one waits for the next one's end, PIECES: none */
	atomic_size_t ticks, told;
	size_t stop_at; /* the tick that ends it; 0: none */
};

static int work(void *arg, size_t index, struct error **e)
{
	struct job *job = arg;
	const size_t most = (size_t)patience_ms(5000);
	for (size_t i = 0; index == job->late && i < most && !job->times[index + 1]; i++)
		usleep(1000);
	if (index == job->late)
		usleep(1000);
	job->times[index]++;
	/* Until the next tick, five seconds at most: ticks come while pieces are under way. */
	for (size_t i = 0, before = job->ticks; index == job->slow && i < most; i++) {
		if (job->ticks > before)
			break;
		usleep(1000);
	}
	if (index >= job->fail_from)
		return error_set(e, ERROR_ROOT, 0, "piece %zu", index);
	return 0;
}

static int tick(void *arg, size_t done, struct error **e)
{
	struct job *job = arg;
	assert_true(done >= job->told);
	job->told = done;
	if (++job->ticks == job->stop_at)
		return error_set(e, ERROR_INTERRUPTED, 0, "enough");
	return 0;
}

static int run(struct job *job, size_t count, struct error **e)
{
	const struct parallel p = {work, tick, job};
	return parallel_run(&p, count, e);
}

static void every_piece_is_done_once(void **state)
{
	static const size_t counts[] = {0, 1, 2, 3, PIECES};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		static struct job job;
		job = (struct job){.fail_from = PIECES, .slow = PIECES, .late = PIECES};
		assert_ok(run(&job, counts[i], &e));
		for (size_t k = 0; k < PIECES; k++)
			assert_int_equal(job.times[k], k < counts[i]);
		assert_int_equal(job.told, counts[i]);
	}
	const struct parallel silent = {
		work, NULL, &(struct job){.fail_from = PIECES, .slow = PIECES, .late = PIECES}};
	assert_ok(parallel_run(&silent, 10, &e));
}

static void the_first_piece_that_failed_is_told(void **state)
{
	/* Piece 7 fails after piece 8, where there are two threads. */
	size_t late = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 7 : PIECES;
	for (size_t i = 0; i < 20; i++) {
		static struct job job;
		job = (struct job){.fail_from = 7, .slow = PIECES, .late = late};
		assert_fails(run(&job, PIECES, &e), ERROR_ROOT, "piece 7");
		for (size_t k = 0; k < 7; k++)
			assert_int_equal(job.times[k], 1);
		assert_int_equal(job.times[PIECES - 1], 0);
	}
}

static void a_tick_comes_meanwhile_and_can_end_it(void **state)
{
	static struct job job;
	job = (struct job){.fail_from = PIECES, .slow = 3, .late = PIECES};
	assert_ok(run(&job, 8, &e));
	assert_true(job.ticks >= 2);
	job = (struct job){.fail_from = PIECES, .slow = 0, .late = PIECES, .stop_at = 1};
	assert_fails(run(&job, PIECES, &e), ERROR_INTERRUPTED, "enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_piece_is_done_once),
		cmocka_unit_test(the_first_piece_that_failed_is_told),
		cmocka_unit_test(a_tick_comes_meanwhile_and_can_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
