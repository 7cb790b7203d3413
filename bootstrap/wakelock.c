/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/wakelock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"

/* Name, and nanoseconds until it lapses by itself: 3 hours. It is renewed at each stage, and a
 * download of 300 MB at 30 kB/s, one stage, takes nearly as long. */
#define NAME "alarmstrap"
#define HOLD NAME " 10800000000000"

static void write_to(const char *dir, const char *file, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, file);
	int auto_fd fd = open(path, O_WRONLY | O_CLOEXEC);
	/* Best effort: without the lock the work goes on, only slower when the screen is off. */
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}

void wakelock_hold(const char *dir)
{
	write_to(dir, "wake_lock", HOLD);
}

void wakelock_release(const char *dir)
{
	write_to(dir, "wake_unlock", NAME);
}
