/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, TICK_NS = 100 * 1000 * 1000 };

struct run {
	const struct parallel *p;
	size_t count;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t ended;
	size_t next, done;
	size_t threads; /* still at work */
	bool stop;
	size_t failed_at;
	struct error *failure; /* of piece failed_at */
};

static bool take_piece(struct run *r, size_t *index)
{
	pthread_mutex_lock(&r->lock);
	bool more = !r->stop && r->next < r->count;
	if (more)
		*index = r->next++;
	pthread_mutex_unlock(&r->lock);
	return more;
}

static void end_piece(struct run *r, size_t index, struct error *failure)
{
	pthread_mutex_lock(&r->lock);
	r->done++;
	if (failure) {
		r->stop = true;
		if (!r->failure || index < r->failed_at) {
			error_free(r->failure);
			r->failure = failure;
			r->failed_at = index;
		} else {
			error_free(failure);
		}
	}
	pthread_mutex_unlock(&r->lock);
}

static void work_one(struct run *r, size_t index)
{
	struct error *failure = NULL;
	if (r->p->work(r->p->arg, index, &failure) < 0 && !failure)
		error_set(&failure, ERROR_SYSTEM, 0, "out of memory");
	end_piece(r, index, failure);
}

static void *work(void *arg)
{
	struct run *r = arg;
	size_t index;
	while (take_piece(r, &index))
		work_one(r, index);
	pthread_mutex_lock(&r->lock);
	if (--r->threads == 0)
		pthread_cond_signal(&r->ended);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static int tick(struct run *r, struct error **e)
{
	if (!r->p->tick)
		return 0;
	pthread_mutex_lock(&r->lock);
	size_t done = r->done;
	pthread_mutex_unlock(&r->lock);
	return r->p->tick(r->p->arg, done, e);
}

/* One for each core, and no more than there are pieces. Signals are for the first thread. */
static size_t start(struct run *r, pthread_t *threads)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t want = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
	size_t started = 0;
	sigset_t all, before;
	if (want > r->count)
		want = r->count;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_mutex_lock(&r->lock);
	while (started < want && pthread_create(&threads[started], NULL, work, r) == 0)
		started++;
	r->threads = started;
	pthread_mutex_unlock(&r->lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static bool wait_a_while(struct run *r)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&r->lock);
	int waited = 0;
	while (r->threads && waited == 0)
		waited = pthread_cond_timedwait(&r->ended, &r->lock, &until);
	bool busy = r->threads;
	pthread_mutex_unlock(&r->lock);
	return busy;
}

static void end_all(struct run *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_mutex_unlock(&r->lock);
}

static int run_threads(struct run *r, struct error **e)
{
	pthread_t threads[THREADS_MAX];
	size_t started = start(r, threads);
	int result = 0;
	while (wait_a_while(r) && result == 0)
		result = tick(r, e);
	if (result < 0)
		end_all(r);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (started || result < 0)
		return result;
	for (size_t index; result == 0 && take_piece(r, &index);) {
		work_one(r, index);
		result = tick(r, e);
	}
	return result;
}

int parallel_run(const struct parallel *p, size_t count, struct error **e)
{
	struct run r = {.p = p, .count = count};
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	int result = run_threads(&r, e);
	if (result == 0 && !r.failure)
		result = tick(&r, e);
	pthread_cond_destroy(&r.ended);
	pthread_mutex_destroy(&r.lock);
	if (!r.failure)
		return result;
	/* Of two, the tick's came first or is what the user asked for. */
	if (result == 0 && e && !*e)
		*e = r.failure;
	else
		error_free(r.failure);
	return -1;
}
