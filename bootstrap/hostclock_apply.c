/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_apply.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bootstrap/hostclock.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/trusted_time.h"

/* No device that runs this was sold, booted and had its clock set right before then. */
enum { RTC_YEAR_SET = 2020 };

bool hostclock_rtc_wants(const char *hctosys, int rtc_year)
{
	return *hctosys == '1' && rtc_year < RTC_YEAR_SET;
}

bool hostclock_fits(int64_t unix_s, size_t time_size)
{
	return time_size >= 8 || (unix_s >= INT32_MIN && unix_s <= INT32_MAX);
}

/* Milliseconds that the system's clock is behind `unix_ms`. */
static int64_t behind_ms(int64_t unix_ms)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return unix_ms - ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static bool is_near(int64_t unix_ms)
{
	return llabs(behind_ms(unix_ms)) < (int64_t)HOSTCLOCK_LEAVE_S * 1000;
}

/* Android's framework keeps alarms by its own book; told like this it sets the clock itself, and
 * where that fails the system call follows. */
static void tell_android(int64_t unix_ms)
{
	static const char program[] = "/system/bin/cmd";
	char number[24];
	int status;
	if (access(program, X_OK) < 0)
		return;
	snprintf(number, sizeof number, "%" PRId64, unix_ms);
	const char *const argv[] = {program, "alarm", "set-time", number, NULL};
	if (proc_run(argv, NULL, NULL, NULL, &status, NULL) < 0)
		return;
}

static int set_system(int64_t unix_ms, struct error **e)
{
	struct timespec t = {
		.tv_sec = (time_t)(unix_ms / 1000), .tv_nsec = unix_ms % 1000 * 1000000};
	char text[32];
	hostclock_format(text, unix_ms / 1000);
	if (!hostclock_fits(unix_ms / 1000, sizeof t.tv_sec)) {
		error_set(e, ERROR_CLOCK, EOVERFLOW, "set the clock to %s", text);
		return error_hint(e, "this program was built with a 32-bit time; use a 64-bit one");
	}
	if (clock_settime(CLOCK_REALTIME, &t) == 0)
		return 0;
	error_set(e, errno == EPERM ? ERROR_PRIVILEGE : ERROR_SYSTEM, errno, "set the clock to %s",
		text);
	if (errno == EPERM)
		return error_hint(e, "run it as root, outside of containers (CAP_SYS_TIME)");
	return -1;
}

/* Many hardware clocks cannot be written (EINVAL on Qualcomm's) or not be read: then they stay as
 * they are, and the time saved does their work. */
static void write_rtc(const char *name, int64_t unix_ms, struct report *report)
{
	auto_buf hctosys = BUF(16);
	char *auto_free flag = text_format(NULL, "/sys/class/rtc/%s/hctosys", name);
	char *auto_free device = text_format(NULL, "/dev/%s", name);
	struct rtc_time rtc;
	struct tm tm;
	time_t now = (time_t)(unix_ms / 1000);
	if (!flag || !device || path_read_file(AT_FDCWD, flag, &hctosys, NULL) < 0)
		return;
	int auto_fd fd = open(device, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RTC_RD_TIME, &rtc) < 0 ||
		!hostclock_rtc_wants(buf_text(&hctosys), rtc.tm_year + 1900) ||
		!gmtime_r(&now, &tm))
		return;
	rtc = (struct rtc_time){.tm_sec = tm.tm_sec,
		.tm_min = tm.tm_min,
		.tm_hour = tm.tm_hour,
		.tm_mday = tm.tm_mday,
		.tm_mon = tm.tm_mon,
		.tm_year = tm.tm_year};
	if (ioctl(fd, RTC_SET_TIME, &rtc) == 0)
		report_note(report, "the hardware clock %s is set, too", name);
}

static void write_rtcs(int64_t unix_ms, struct report *report)
{
	DIR *dir = opendir("/sys/class/rtc");
	if (!dir)
		return;
	for (struct dirent *d; (d = readdir(dir));)
		if (text_has_prefix(d->d_name, "rtc"))
			write_rtc(d->d_name, unix_ms, report);
	closedir(dir);
}

int hostclock_apply(int64_t unix_ms, struct report *report, struct error **e)
{
	int64_t asked_us = trusted_time_boot_us();
	if (is_near(unix_ms))
		return 0;
	tell_android(unix_ms);
	unix_ms += (trusted_time_boot_us() - asked_us) / 1000; /* the framework takes its time */
	if (!is_near(unix_ms) && set_system(unix_ms, e) < 0)
		return -1;
	write_rtcs(unix_ms, report);
	return 0;
}
