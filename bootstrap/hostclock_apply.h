/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting the clock: the only place of the program that does. */
#ifndef BOOTSTRAP_HOSTCLOCK_APPLY_H
#define BOOTSTRAP_HOSTCLOCK_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/report.h"

/* A clock that is off by less is left alone. */
enum { HOSTCLOCK_LEAVE_S = 60 };

/* Sets the system's clock to `unix_ms` of this moment, and a hardware clock from before 2020 with
 * it. On a running Android the framework is told first. Nothing is touched where the clock is off
 * by less than a minute. ERROR_PRIVILEGE without CAP_SYS_TIME. */
int hostclock_apply(int64_t unix_ms, struct report *report, struct error **e) must_check;

/* Pure: may a hardware clock that says `rtc_year` be written? Only the one that the kernel reads at
 * boot (`hctosys` "1\n"), and only where it was evidently never set. */
bool hostclock_rtc_wants(const char *hctosys, int rtc_year);
/* Pure: fits the time into a time_t of that size? 32 bits end on 2038-01-19. */
bool hostclock_fits(int64_t unix_s, size_t time_size);

#endif
