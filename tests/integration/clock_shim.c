/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For LD_PRELOAD: a wall clock of the test's own. Its distance from the real one, in seconds,
 * stands in the file CLOCK_SHIM, and setting the clock writes there. The machine's clock is never
 * touched. With CLOCK_SHIM_SET=no setting fails as it does without CAP_SYS_TIME. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int real(clockid_t clock, struct timespec *t)
{
	return (int)syscall(SYS_clock_gettime, clock, t);
}

/* The file is read once, before a worker gives up the right to. */
static long long *distance(void)
{
	static long long seconds;
	static int known;
	char text[32] = "";
	if (!known) {
		int fd = open(getenv("CLOCK_SHIM"), O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
			seconds = atoll(text);
		if (fd >= 0)
			close(fd);
		known = 1;
	}
	return &seconds;
}

__attribute__((constructor)) static void start(void)
{
	distance();
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int r = real(clock, t);
	if (r == 0 && clock == CLOCK_REALTIME)
		t->tv_sec += *distance();
	return r;
}

time_t time(time_t *to)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (to)
		*to = t.tv_sec;
	return t.tv_sec;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	*to = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
	return 0;
}

int clock_settime(clockid_t clock, const struct timespec *t)
{
	const char *may = getenv("CLOCK_SHIM_SET");
	struct timespec now;
	char text[32];
	if (clock != CLOCK_REALTIME || (may && strcmp(may, "no") == 0)) {
		errno = EPERM;
		return -1;
	}
	real(CLOCK_REALTIME, &now);
	*distance() = t->tv_sec - now.tv_sec;
	int n = snprintf(text, sizeof text, "%lld\n", *distance());
	int fd = open(getenv("CLOCK_SHIM"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(99);
	close(fd);
	return 0;
}
