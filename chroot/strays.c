/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/strays.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/ticks.h"

enum { KILLED_MS = 1000, LOOK_MS = 5 };

uint64_t strays_namespace(pid_t pid)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Calls `each` for every process of the namespace but ourselves; the sum of what it returns. */
static int walk(uint64_t namespace, int (*each)(pid_t pid, const void *arg), const void *arg)
{
	DIR *dir = namespace ? opendir("/proc") : NULL;
	int sum = 0;
	if (!dir)
		return 0;
	for (struct dirent *d; (d = readdir(dir));) {
		int64_t pid;
		if (text_to_int64(d->d_name, 2, INT32_MAX, &pid) == 0 && pid != getpid() &&
			strays_namespace((pid_t)pid) == namespace)
			sum += each((pid_t)pid, arg);
	}
	closedir(dir);
	return sum;
}

static int signal_one(pid_t pid, const void *number)
{
	kill(pid, *(const int *)number);
	return 1;
}

int strays_signal(uint64_t namespace, int number)
{
	return walk(namespace, signal_one, &number);
}

static int has_root(pid_t pid, const void *root)
{
	const struct stat *wanted = root;
	struct stat st;
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
	return stat(path, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
}

int strays_live_in(uint64_t namespace, const struct stat *root)
{
	return walk(namespace, has_root, root) > 0;
}

static bool gone_within(uint64_t namespace, int number, int patience_ms)
{
	for (int64_t until = ticks_ms() + patience_ms; strays_signal(namespace, number);) {
		if (ticks_ms() >= until)
			return false;
		ticks_sleep_ms(LOOK_MS);
	}
	return true;
}

int strays_end(uint64_t namespace, int grace_ms)
{
	if (grace_ms && strays_signal(namespace, SIGTERM) && gone_within(namespace, 0, grace_ms))
		return 0;
	/* Again and again: they may fork. */
	return gone_within(namespace, SIGKILL, KILLED_MS) ? 0 : -1;
}
