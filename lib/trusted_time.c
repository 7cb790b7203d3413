/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/trusted_time.h"

#include <time.h>

static int64_t since_boot(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

struct trusted_time trusted_time_from(int64_t unix_s)
{
	return (struct trusted_time){unix_s - since_boot()};
}

int64_t trusted_time_now(const struct trusted_time *t)
{
	return since_boot() + t->offset_s;
}
