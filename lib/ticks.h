/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and deadlines. CLOCK_MONOTONIC only: the wall clock may be stepped in mid-run. */
#ifndef LIB_TICKS_H
#define LIB_TICKS_H

#include <stdint.h>
#include <time.h>

static inline int64_t ticks_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void ticks_sleep_ms(int64_t ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	nanosleep(&t, NULL);
}

#endif
