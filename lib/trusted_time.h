/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that checks use: TLS certificates, signatures. Found once by bootstrap/hostclock.
 *
 * It is kept as an offset from CLOCK_BOOTTIME, so that it goes on rightly through suspend and
 * whatever happens to the wall clock. There is no other source of "now" for a check. */
#ifndef LIB_TRUSTED_TIME_H
#define LIB_TRUSTED_TIME_H

#include <stdint.h>

struct trusted_time {
	int64_t offset_s; /* Unix time minus CLOCK_BOOTTIME, in seconds */
};

/* The trusted time for which it is `unix_s` at this moment. */
struct trusted_time trusted_time_from(int64_t unix_s);
/* Unix time, now. */
int64_t trusted_time_now(const struct trusted_time *t);
/* CLOCK_BOOTTIME in microseconds: what such offsets are counted from. */
int64_t trusted_time_boot_us(void);

#endif
