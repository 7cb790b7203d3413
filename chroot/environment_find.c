/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process is the holder of a rootfs: by the record, else by a look at every process. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chroot/environment_impl.h"
#include "chroot/environment_record.h"
#include "chroot/holder.h"
#include "chroot/mountinfo.h"
#include "chroot/strays.h"
#include "lib/fd.h"
#include "lib/path.h"

static bool other_pid_namespace(pid_t pid)
{
	char path[64];
	struct stat theirs, ours;
	snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)pid);
	return stat(path, &theirs) == 0 && stat("/proc/self/ns/pid", &ours) == 0 &&
	       theirs.st_ino != ours.st_ino;
}

struct environment *environment_new(const struct rootfs *r, pid_t holder, struct error **e)
{
	struct environment *env = calloc(1, sizeof *env);
	if (!env) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "environment");
		return NULL;
	}
	env->holder = holder;
	env->launcher = -1;
	env->caretaker = CARETAKER_NONE;
	env->start_time = proc_start_time(holder);
	env->root_fd = openat(rootfs_fd(r), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	env->path = text_copy(rootfs_path(r), e);
	if (env->root_fd < 0 || fstat(env->root_fd, &env->root) < 0)
		error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(r));
	else if (env->start_time < 0)
		error_set(e, ERROR_SYSTEM, 0, "the holder %d is gone", (int)holder);
	else if (env->path)
		return env;
	environment_free(env);
	return NULL;
}

void environment_free(struct environment *env)
{
	if (!env)
		return;
	if (env->root_fd >= 0)
		close(env->root_fd);
	/* It then waits for our end no more, and finds the cgroups in use. */
	if (env->caretaker.lifeline >= 0)
		close(env->caretaker.lifeline);
	free(env->path);
	free(env);
}

pid_t environment_holder(const struct environment *env)
{
	return env->holder;
}

bool environment_has_pid_namespace(const struct environment *env)
{
	return other_pid_namespace(env->holder);
}

int environment_count_processes(const struct environment *env)
{
	int count = strays_signal(strays_namespace(env->holder), 0);
	return count > 0 ? count - 1 : 0;
}

const char *environment_path(const struct environment *env)
{
	return env->path;
}

/* From the process's age, not from a record: the clock may have been set right since. */
int64_t environment_started_at(const struct environment *env)
{
	struct timespec up, now;
	long ticks = sysconf(_SC_CLK_TCK);
	if (clock_gettime(CLOCK_BOOTTIME, &up) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0 ||
		ticks <= 0)
		return -1;
	/* Rounded once, at the end: else two looks differ by a second. */
	int64_t booted_ms = (now.tv_sec - up.tv_sec) * 1000 + (now.tv_nsec - up.tv_nsec) / 1000000;
	return (booted_ms + env->start_time * 1000 / ticks + 500) / 1000;
}

static int read_proc(pid_t pid, const char *file, struct buf *to)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	return path_read_file(AT_FDCWD, path, to, NULL);
}

bool environment_alive(const struct environment *env)
{
	auto_buf text = BUF(0);
	if (read_proc(env->holder, "stat", &text) < 0 || !text.length)
		return false;
	/* "pid (name) state …", proc(5); the name may hold anything. */
	const char *end = strrchr(text.data, ')');
	if (!end || !end[1] || end[2] == 'Z' || end[2] == 'X')
		return false;
	return proc_start_time(env->holder) == env->start_time;
}

/* Its pid in the innermost namespace: the last number of NSpid (Linux 4.1). 0 where the kernel does
 * not say. */
static long innermost_pid(pid_t pid)
{
	auto_buf text = BUF(0);
	if (read_proc(pid, "status", &text) < 0)
		return 0;
	const char *line = strstr(buf_text(&text), "\nNSpid:");
	if (!line)
		return 0;
	line += strlen("\nNSpid:");
	size_t length = strcspn(line, "\n");
	while (length > 0 && isdigit((unsigned char)line[length - 1]))
		length--;
	return strtol(line + length, NULL, 10);
}

/* One that is still being set up, or that dies since its starter was killed, has another name. */
static bool is_released(pid_t pid)
{
	auto_buf name = BUF(0);
	return read_proc(pid, "comm", &name) == 0 && strcmp(buf_text(&name), HOLDER_NAME "\n") == 0;
}

/* /proc/PID/root leads to the process's root directory in its own mount namespace, and a bind mount
 * of a directory has that directory's device and inode. */
static bool holds(pid_t pid, const struct stat *root)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/root", (int)pid);
	if (stat(path, &st) < 0 || st.st_dev != root->st_dev || st.st_ino != root->st_ino)
		return false;
	if (!is_released(pid))
		return false;
	/* A kernel without pid namespaces: then only the mounts are its own. */
	if (!other_pid_namespace(pid))
		return strays_namespace(pid) != strays_namespace(getpid());
	long inner = innermost_pid(pid);
	return inner == 0 || inner == 1;
}

static pid_t by_record(int root_fd, const struct stat *root)
{
	struct environment_record record;
	char boot_id[RECORD_BOOT_ID];
	if (environment_record_read(root_fd, &record, NULL) < 0)
		return -1;
	environment_record_boot_id(boot_id);
	if (strcmp(record.boot_id, boot_id) != 0 || !holds(record.pid, root) ||
		proc_start_time(record.pid) != record.start_time)
		return -1;
	return record.pid;
}

/* Of all processes with that root in another pid namespace the holder is the oldest: it was the
 * first one there. */
static pid_t by_scan(const struct stat *root)
{
	DIR *dir = opendir("/proc");
	pid_t best = -1;
	int64_t oldest = INT64_MAX;
	if (!dir)
		return -1;
	for (struct dirent *d; (d = readdir(dir));) {
		int64_t pid;
		if (text_to_int64(d->d_name, 2, INT32_MAX, &pid) < 0 || !holds((pid_t)pid, root))
			continue;
		int64_t start = proc_start_time((pid_t)pid);
		if (start >= 0 && start < oldest) {
			oldest = start;
			best = (pid_t)pid;
		}
	}
	closedir(dir);
	return best;
}

/* Others than root may not look at a process's root directory (ptrace(2)): "not up" would be a lie.
 */
static void refuse_unseen(const struct rootfs *r, struct error **e)
{
	struct environment_record record;
	if (geteuid() == 0 || environment_record_read(rootfs_fd(r), &record, NULL) < 0 ||
		proc_start_time(record.pid) != record.start_time)
		return;
	error_set(e, ERROR_PRIVILEGE, EACCES, "look at process %d, which may hold %s",
		(int)record.pid, rootfs_path(r));
}

/* Where the host shows that directory: a mount of the same filesystem whose own root lies above it.
 * NULL where none does (it was mounted in another namespace, or moved away). */
static char *host_path(pid_t pid, const struct stat *root)
{
	auto_mountinfo theirs = {0}, ours = {0};
	const struct mountinfo_entry *top = NULL;
	if (mountinfo_read(&theirs, pid, NULL) == 0)
		top = mountinfo_at(&theirs, "/", NULL);
	if (!top || mountinfo_read(&ours, 0, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < ours.count; i++) {
		const struct mountinfo_entry *m = &ours.entries[i];
		size_t n = strcmp(m->root, "/") == 0 ? 0 : strlen(m->root);
		struct stat st;
		if (strcmp(m->device, top->device) != 0 || strncmp(top->root, m->root, n) != 0 ||
			(top->root[n] && top->root[n] != '/'))
			continue;
		char *auto_free path = text_format(
			NULL, "%s%s", strcmp(m->target, "/") == 0 ? "" : m->target, top->root + n);
		if (path && stat(path, &st) == 0 && st.st_dev == root->st_dev &&
			st.st_ino == root->st_ino)
			return take(&path);
	}
	return NULL;
}

int environment_list(struct strings *paths, struct error **e)
{
	DIR *dir = opendir("/proc");
	if (!dir)
		return error_set(e, ERROR_SYSTEM, errno, "/proc");
	int result = 0;
	for (struct dirent *d; result == 0 && (d = readdir(dir));) {
		char path[64];
		struct stat root;
		int64_t pid;
		snprintf(path, sizeof path, "/proc/%.20s/root", d->d_name);
		if (text_to_int64(d->d_name, 2, INT32_MAX, &pid) < 0 || !is_released((pid_t)pid) ||
			stat(path, &root) < 0 || !holds((pid_t)pid, &root))
			continue;
		char *auto_free found = host_path((pid_t)pid, &root);
		if (found && !strings_contain(paths, found))
			result = strings_add(paths, found, e);
	}
	closedir(dir);
	return result;
}

struct environment *environment_find(const struct rootfs *r, struct error **e)
{
	struct stat root;
	if (fstat(rootfs_fd(r), &root) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(r));
		return NULL;
	}
	pid_t holder = by_record(rootfs_fd(r), &root);
	if (holder < 0)
		holder = by_scan(&root);
	if (holder < 0) {
		refuse_unseen(r, e);
		return NULL;
	}
	struct environment *env = environment_new(r, holder, e);
	if (env && !environment_alive(env)) {
		environment_free(env);
		return NULL;
	}
	return env;
}
