/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/ticks.h"
#include "packages/rootdir.h"

static const char LOCK_NAME[] = "db.lck";

enum { ASK_TIMES = 5, ASK_PAUSE_MS = 10 };

enum verdict { NOT_HELD, HELD, CANNOT_TELL };

/* The name is looked at first: to stat what any descriptor leads to may hang on a dead server. */
static enum verdict ask_descriptor(int dir, const char *name, const struct stat *file)
{
	char target[4096];
	struct stat st;
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);
	if (n < 0)
		return errno == ENOENT ? NOT_HELD : CANNOT_TELL;
	target[n] = '\0';
	if (!strstr(target, LOCK_NAME))
		return NOT_HELD;
	if (fstatat(dir, name, &st, 0) < 0)
		return errno == ENOENT ? NOT_HELD : CANNOT_TELL;
	return st.st_dev == file->st_dev && st.st_ino == file->st_ino ? HELD : NOT_HELD;
}

/* readdir, and whether it ended by an error: what was not seen may hold the lock. */
static struct dirent *next_entry(DIR *dir, enum verdict *all)
{
	errno = 0;
	struct dirent *d = readdir(dir);
	/* A process that ends while its directory is read: ENOENT or ESRCH. */
	if (!d && errno && errno != ENOENT && errno != ESRCH)
		*all = CANNOT_TELL;
	return d;
}

/* proc(5): /proc/PID/fd. A process that ended meanwhile holds nothing. */
static enum verdict ask_process(int proc, const char *pid, const struct stat *file)
{
	char path[300];
	snprintf(path, sizeof path, "%s/fd", pid);
	int auto_fd fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ESRCH ? NOT_HELD : CANNOT_TELL;
	DIR *dir = fdopendir(fd);
	if (!dir)
		return CANNOT_TELL;
	take_fd(&fd);
	enum verdict all = NOT_HELD;
	for (struct dirent *d; all == NOT_HELD && (d = next_entry(dir, &all));)
		if (d->d_name[0] != '.')
			all = ask_descriptor(dirfd(dir), d->d_name, file);
	closedir(dir);
	/* Nobody may look into some systems' init (it has more capabilities, or a policy says so).
	 * It is no package manager. */
	return all == CANNOT_TELL && strcmp(pid, "1") == 0 ? NOT_HELD : all;
}

/* What is asked of a process that is just ending is refused with EACCES (proc_fd_access_allowed in
 * the kernel): a moment later it is gone, or it is another matter. */
static enum verdict ask_again(int proc, const char *pid, const struct stat *file)
{
	enum verdict v = CANNOT_TELL;
	for (int i = 0; v == CANNOT_TELL && i < ASK_TIMES; i++) {
		if (i)
			ticks_sleep_ms(ASK_PAUSE_MS);
		v = ask_process(proc, pid, file);
	}
	return v;
}

static enum verdict ask_all(const struct stat *file, int *holder)
{
	DIR *proc = opendir("/proc");
	if (!proc)
		return CANNOT_TELL;
	enum verdict all = NOT_HELD;
	for (struct dirent *d; all != HELD && (d = next_entry(proc, &all));) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		enum verdict v = ask_again(dirfd(proc), d->d_name, file);
		if (v != NOT_HELD)
			all = v;
		if (v == HELD)
			*holder = atoi(d->d_name);
	}
	closedir(proc);
	return all;
}

static int clear_stale(int dir, struct report *report, struct error **e)
{
	struct stat st;
	int holder = 0;
	if (fstatat(dir, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_set(e, ERROR_SYSTEM, errno, "%s", LOCK_NAME);
	switch (ask_all(&st, &holder)) {
	case HELD:
		return error_set(e, ERROR_BUSY, 0,
			"the package database is locked: process %d holds %s", holder, LOCK_NAME);
	case CANNOT_TELL:
		error_set(e, ERROR_BUSY, 0, "the package database is locked");
		return error_hint(
			e, "if no pacman runs in the root, remove " PACMAN_DB_PATH "/db.lck in it");
	case NOT_HELD:
		break;
	}
	if (unlinkat(dir, LOCK_NAME, 0) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", LOCK_NAME);
	report_note(report, "removed the lock of a transaction that was cut off");
	return 0;
}

int lock_prepare(int root_fd, struct report *report, struct error **e)
{
	int auto_fd dir = rootdir_open(root_fd, PACMAN_DB_PATH, e);
	if (dir < 0)
		return -1;
	/* pacman never removes another's db.lck; a second run of ours would. flock keeps us apart.
	 */
	if (flock(dir, LOCK_EX | LOCK_NB) < 0)
		return error_set(e, errno == EWOULDBLOCK ? ERROR_BUSY : ERROR_SYSTEM, errno,
			"lock the package database");
	if (clear_stale(dir, report, e) < 0)
		return -1;
	return take_fd(&dir);
}
