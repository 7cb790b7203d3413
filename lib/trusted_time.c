/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/trusted_time.h"

#include <time.h>

int64_t trusted_time_boot_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t since_boot(void)
{
	return trusted_time_boot_us() / 1000000;
}

struct trusted_time trusted_time_from(int64_t unix_s)
{
	return (struct trusted_time){unix_s - since_boot()};
}

int64_t trusted_time_now(const struct trusted_time *t)
{
	return since_boot() + t->offset_s;
}
