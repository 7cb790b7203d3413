/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and stopping. */
#include "chroot/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "chroot/cgroup_own.h"
#include "chroot/environment_impl.h"
#include "chroot/environment_record.h"
#include "chroot/holder.h"
#include "chroot/strays.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/ticks.h"

enum {
	LOCK_MS = 10000, /* a stop waits so long for a start or a stop at work */
	ORDERLY_MS = 6000, /* the holder's own grace is half of this */
	KILLED_MS = 10000, /* a process in an uninterruptible wait outlives even SIGKILL */
	DRAIN_MS = 1500,
	LOOK_MS = 5,
};

/* Who has the flock on that directory, by /proc/locks: "1: FLOCK  ADVISORY  WRITE 719 08:02:5 0
 * EOF", proc(5). 0 where it cannot be told (btrfs shows another device). */
static int lock_owner(const struct stat *st)
{
	auto_buf text = BUF(0);
	auto_strings lines = {0};
	if (path_read_file(AT_FDCWD, "/proc/locks", &text, NULL) < 0 ||
		strings_split(&lines, buf_text(&text), "\n", NULL) < 0)
		return 0;
	for (size_t i = 0; i < lines.count; i++) {
		int pid;
		unsigned a, b;
		unsigned long long inode;
		if (sscanf(lines.items[i], "%*s FLOCK %*s %*s %d %x:%x:%llu", &pid, &a, &b,
			    &inode) == 4 &&
			a == major(st->st_dev) && b == minor(st->st_dev) && inode == st->st_ino)
			return pid;
	}
	return 0;
}

/* A descriptor of its own carries the lock, so that closing it is the end of it (flock(2)). */
static int lock_root(int root_fd, const char *path, int patience_ms, struct error **e)
{
	int64_t deadline = ticks_ms() + patience_ms;
	struct stat st;
	int auto_fd fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", path);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_set(e, ERROR_SYSTEM, errno, "lock %s", path);
		if (interrupt_check(e) < 0)
			return -1;
		if (ticks_ms() >= deadline)
			return error_set(e, ERROR_BUSY, 0, "process %d is starting or stopping it",
				lock_owner(&st));
		ticks_sleep_ms(LOOK_MS);
	}
	return take_fd(&fd);
}

static int refuse_second(const struct rootfs *r, struct error **e)
{
	struct error *why = NULL;
	struct environment *up = environment_find(r, &why);
	if (!up && !why)
		return 0;
	if (!up) {
		if (e)
			*e = why;
		return -1;
	}
	error_set(e, ERROR_BUSY, 0, "already up, its holder is process %d", (int)up->holder);
	error_hint(e, "use it, or end it with 'alarmstrap stop %s'", rootfs_path(r));
	environment_free(up);
	return -1;
}

static void sweep_cgroups(const struct stat *root, struct report *report)
{
	auto_error *e = NULL;
	char name[CGROUP_OWN_NAME];
	cgroup_own_name(name, root->st_dev, root->st_ino);
	int swept = cgroup_own_sweep(name, DRAIN_MS, &e);
	if (swept < 0)
		report_note(report, "%s", error_message(e));
	else if (!swept)
		report_warn(report, "some cgroups called %s are still in use", name);
}

static void write_record(const struct environment *env, struct report *report)
{
	auto_error *e = NULL;
	struct environment_record record = {
		env->holder, env->start_time, strays_namespace(env->holder), ""};
	environment_record_boot_id(record.boot_id);
	if (environment_record_write(env->root_fd, &record, &e) < 0)
		report_note(report, "no record of the holder: %s", error_message(e));
}

/* The holder is set up; now it may work, until it is stopped or, tethered, until we end. */
static struct environment *let_go(const struct rootfs *r, struct holder *h, bool tethered,
	struct report *report, struct error **e)
{
	struct environment *env = environment_new(r, h->pid, e);
	if (!env) {
		holder_drop(h);
		return NULL;
	}
	write_record(env, report);
	if ((tethered ? holder_tether(h, &env->launcher, e) : holder_release(h, e)) == 0)
		return env;
	environment_record_remove(env->root_fd);
	environment_free(env);
	return NULL;
}

/* Who came in by the mount namespace alone (nsenter -m) does not end with the pid namespace, and
 * would keep the root's mount busy. */
static int end_strays(uint64_t namespace, struct error **e)
{
	if (namespace && strays_end(namespace, 0) < 0)
		return error_set(
			e, ERROR_BUSY, 0, "some process in its mount namespace does not end");
	return 0;
}

/* A holder that was killed leaves some where there is no pid namespace. What the record says is
 * only believed of a namespace in which somebody still has this root. */
static int end_orphans(const struct rootfs *r, const struct stat *root, struct error **e)
{
	struct environment_record record;
	char boot_id[RECORD_BOOT_ID];
	environment_record_boot_id(boot_id);
	if (environment_record_read(rootfs_fd(r), &record, NULL) < 0 ||
		strcmp(record.boot_id, boot_id) != 0 || !record.mount_namespace ||
		record.mount_namespace == strays_namespace(getpid()) ||
		!strays_live_in(record.mount_namespace, root))
		return 0;
	return end_strays(record.mount_namespace, e);
}

static struct environment *start_locked(const struct rootfs *r,
	const struct environment_options *options, struct report *report, struct error **e)
{
	struct holder holder;
	struct caretaker caretaker = CARETAKER_NONE;
	struct stat root;
	char name[CGROUP_OWN_NAME];
	bool tethered = options && options->tethered;
	if (refuse_second(r, e) < 0)
		return NULL;
	if (fstat(rootfs_fd(r), &root) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(r));
		return NULL;
	}
	if (end_orphans(r, &root, e) < 0)
		return NULL;
	cgroup_own_name(name, root.st_dev, root.st_ino);
	if (tethered && caretaker_start(&caretaker, name, e) < 0)
		return NULL;
	struct environment *env = holder_launch(&holder, r, options, report, e) < 0
					  ? NULL
					  : let_go(r, &holder, tethered, report, e);
	if (env) {
		env->caretaker = caretaker;
		return env;
	}
	caretaker_dismiss(&caretaker);
	sweep_cgroups(&root, NULL);
	return NULL;
}

struct environment *environment_start(const struct rootfs *r,
	const struct environment_options *options, struct report *report, struct error **e)
{
	int auto_fd lock = lock_root(rootfs_fd(r), rootfs_path(r), 0, e);
	struct environment *env = lock < 0 ? NULL : start_locked(r, options, report, e);
	if (!env)
		error_wrap(e, "start %s", rootfs_path(r));
	return env;
}

static int wait_gone(const struct environment *env, int patience_ms)
{
	for (int64_t until = ticks_ms() + patience_ms; environment_alive(env);) {
		if (ticks_ms() >= until)
			return 0;
		ticks_sleep_ms(LOOK_MS);
	}
	return 1;
}

static int end_holder(const struct environment *env, struct report *report, struct error **e)
{
	char path[64];
	uint64_t namespace = strays_namespace(env->holder);
	/* As long as it is open here, no new namespace gets its number. */
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)env->holder);
	int auto_fd pinned = open(path, O_RDONLY | O_CLOEXEC);
	(void)pinned; /* to clang a cleanup is no use */
	if (environment_alive(env) && kill(env->holder, SIGTERM) < 0 && errno != ESRCH)
		return error_set(e, errno == EPERM ? ERROR_PRIVILEGE : ERROR_SYSTEM, errno,
			"end process %d", (int)env->holder);
	if (!wait_gone(env, ORDERLY_MS)) {
		report_note(report, "process %d does not end on SIGTERM: killed", (int)env->holder);
		kill(env->holder, SIGKILL);
		if (!wait_gone(env, KILLED_MS))
			return error_set(e, ERROR_BUSY, 0,
				"process %d does not end: something in it waits for a device",
				(int)env->holder);
	}
	return end_strays(namespace, e);
}

/* Its child the holder is gone, and so is it; it only has to be reaped. */
static pid_t take_pid(pid_t *pid)
{
	pid_t taken = *pid;
	*pid = -1;
	return taken;
}

static int stop_locked(struct environment *env, struct report *report, struct error **e)
{
	int auto_fd lock = lock_root(env->root_fd, env->path, LOCK_MS, e);
	if (lock < 0 || end_holder(env, report, e) < 0)
		return -1;
	proc_kill(take_pid(&env->launcher));
	caretaker_dismiss(&env->caretaker);
	environment_record_remove(env->root_fd);
	sweep_cgroups(&env->root, report);
	return 0;
}

int environment_stop(struct environment *env, struct report *report, struct error **e)
{
	int result = stop_locked(env, report, e);
	if (result < 0)
		error_wrap(e, "stop %s", env->path);
	environment_free(env);
	return result;
}

int environment_sweep(const struct rootfs *r, struct report *report, struct error **e)
{
	struct stat root;
	int auto_fd lock = lock_root(rootfs_fd(r), rootfs_path(r), LOCK_MS, e);
	if (lock < 0 || refuse_second(r, e) < 0)
		return error_wrap(e, "sweep %s", rootfs_path(r));
	if (fstat(rootfs_fd(r), &root) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(r));
	if (end_orphans(r, &root, e) < 0)
		return error_wrap(e, "sweep %s", rootfs_path(r));
	environment_record_remove(rootfs_fd(r));
	sweep_cgroups(&root, report);
	return 0;
}
