/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/rlimits.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "lib/buf.h"
#include "lib/path.h"
#include "lib/text.h"

static const rlim_t stack_bytes = 8 << 20, memlock_bytes = 8 << 20, message_bytes = 819200;

/* What pid 1 of a machine gets from the kernel, but for descriptors and locked memory, which
 * systemd gives to all its services: select(2) wants a low soft limit, a database the high one, and
 * BPF programs before Linux 5.11 count as locked memory. */
static const struct {
	int resource;
	rlim_t soft, hard;
} defaults[] = {
	{RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_CORE, 0, RLIM_INFINITY},
	{RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_MEMLOCK, memlock_bytes, memlock_bytes},
	{RLIMIT_MSGQUEUE, message_bytes, message_bytes},
	{RLIMIT_NICE, 0, 0},
	{RLIMIT_NOFILE, 1024, 524288},
	{RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY},
	{RLIMIT_RTPRIO, 0, 0},
	{RLIMIT_STACK, stack_bytes, RLIM_INFINITY},
};

/* As many as a fork bomb needs to be stopped by the kernel and no fewer: what the kernel itself
 * computes for pid 1, half of its threads-max (kernel/fork.c). */
static rlim_t process_limit(void)
{
	auto_buf text = BUF(0);
	int64_t threads;
	if (path_read_file(AT_FDCWD, "/proc/sys/kernel/threads-max", &text, NULL) < 0 ||
		!text.data || text_to_int64(text_trim(text.data), 2, INT32_MAX, &threads) < 0)
		return 0;
	return (rlim_t)threads / 2;
}

static void set(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now, want = {soft, hard};
	if (setrlimit(resource, &want) == 0 || getrlimit(resource, &now) < 0)
		return;
	want.rlim_max = now.rlim_max;
	if (now.rlim_max != RLIM_INFINITY && (soft == RLIM_INFINITY || soft > now.rlim_max))
		want.rlim_cur = now.rlim_max;
	(void)setrlimit(resource, &want);
}

void rlimits_reset(void)
{
	rlim_t processes = process_limit();
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		set(defaults[i].resource, defaults[i].soft, defaults[i].hard);
	if (processes) {
		set(RLIMIT_NPROC, processes, processes);
		set(RLIMIT_SIGPENDING, processes, processes);
	}
}
