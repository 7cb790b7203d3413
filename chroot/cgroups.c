/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/cgroup_missing.h"
#include "chroot/cgroup_plan.h"
#include "chroot/mountinfo.h"
#include "chroot/notice.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/ticks.h"

#define TOP "/sys/fs/cgroup"
#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

enum { MOUNT_MS = 30000 };

struct work {
	enum cgroup_layout layout;
	int tell;
};

static bool is_cgroup(const struct mountinfo_entry *m)
{
	return strcmp(m->type, "cgroup") == 0 || strcmp(m->type, "cgroup2") == 0;
}

int cgroups_mounted(const struct environment *env, struct error **e)
{
	auto_mountinfo m = {0};
	if (mountinfo_read(&m, environment_holder(env), e) < 0)
		return error_wrap(e, "cgroups of %s", environment_path(env));
	for (size_t i = 0; i < m.count; i++)
		if (is_cgroup(&m.entries[i]) &&
			(strcmp(m.entries[i].target, TOP) == 0 ||
				strncmp(m.entries[i].target, TOP "/", strlen(TOP "/")) == 0))
			return 1;
	return 0;
}

static int mount_hierarchy(const struct cgroup_hierarchy *h, const char *at)
{
	const char *type = h->options ? "cgroup" : "cgroup2";
	return mount(type, at, type, QUIET, h->options);
}

/* 1 mounted, 0 not; with a note, where it was there to be had. */
static int mount_below(const struct cgroup_hierarchy *h, int tell)
{
	char at[512];
	if (snprintf(at, sizeof at, TOP "/%s/cpuset.cpus", h->name) >= (int)sizeof at)
		return 0;
	char *file = strrchr(at, '/');
	*file = '\0';
	if (mkdir(at, 0755) < 0 || mount_hierarchy(h, at) < 0) {
		if (!h->fresh)
			notice_note(tell, "cgroup %s is not mounted: %s", h->name, strerror(errno));
		rmdir(at); /* LXC takes any directory there for a hierarchy */
		return 0;
	}
	*file = '/';
	if (!strstr(h->name, "cpuset") || access(at, F_OK) == 0)
		return 1;
	*file = '\0';
	umount2(at, MNT_DETACH);
	rmdir(at);
	notice_note(tell, "cgroup %s is not mounted: the host's is without the prefix `cpuset.`",
		h->name);
	return 0;
}

static int nothing(int errnum, struct error **e)
{
	error_set(e, ERROR_KERNEL, errnum, "no cgroup can be mounted at " TOP);
	return error_hint(e,
		"LXC needs CONFIG_CGROUPS, CONFIG_CGROUP_DEVICE, CONFIG_CGROUP_FREEZER: "
		"build or choose a kernel that has them");
}

/* Adds the controllers of a hierarchy that lies at `at`. */
static int add_controllers(
	const struct cgroup_hierarchy *h, const char *at, struct strings *have, struct error **e)
{
	auto_buf text = BUF(0);
	if (h->options)
		return strings_split(have, h->options, ",", e);
	int auto_fd dir = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || path_read_file(dir, "cgroup.controllers", &text, NULL) < 0)
		return 0;
	return strings_split(have, buf_text(&text), " \n", e);
}

static int mount_unified(const struct cgroup_plan *plan, struct strings *have, struct error **e)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct cgroup_hierarchy *h = &plan->items[i];
		if (!cgroup_plan_mounts(plan, h))
			continue;
		if (mount_hierarchy(h, TOP) < 0)
			return nothing(errno, e);
		return add_controllers(h, TOP, have, e);
	}
	return nothing(0, e);
}

static int mount_hybrid(
	const struct cgroup_plan *plan, int tell, struct strings *have, struct error **e)
{
	int mounted = 0;
	if (mount("cgroup_root", TOP, "tmpfs", QUIET, "mode=755") < 0)
		return nothing(errno, e);
	for (size_t i = 0; i < plan->count; i++) {
		if (!mount_below(&plan->items[i], tell))
			continue;
		mounted++;
		if (add_controllers(&plan->items[i], TOP "/unified", have, e) < 0)
			return -1;
	}
	if (mounted)
		return 0;
	umount2(TOP, MNT_DETACH);
	return nothing(0, e);
}

static void read_proc(const char *path, struct buf *to)
{
	if (path_read_file(AT_FDCWD, path, to, NULL) < 0)
		buf_clear(to); /* then it tells nothing */
}

static int tell_missing(
	const struct cgroup_plan *plan, const struct strings *have, int tell, struct error **e)
{
	auto_buf controllers = BUF(0), self = BUF(0), command_line = BUF(0);
	auto_strings notes = {0};
	read_proc("/proc/cgroups", &controllers);
	read_proc("/proc/self/cgroup", &self);
	read_proc("/proc/cmdline", &command_line);
	struct cgroup_kernel k = {buf_text(&controllers), buf_text(&self), buf_text(&command_line)};
	if (cgroup_missing(&k, have, plan->unified, &notes, e) < 0)
		return -1;
	for (size_t i = 0; i < notes.count; i++)
		notice_note(tell, "%s", notes.items[i]);
	return 0;
}

static int work(const struct work *w, struct error **e)
{
	auto_strings have = {0};
	auto_cgroup_plan plan = {0};
	if (cgroup_plan_read(&plan, w->layout, e) < 0)
		return -1;
	/* What an attempt left that was killed half-way: a tmpfs without hierarchies. */
	while (umount2(TOP, MNT_DETACH) == 0)
		;
	if ((plan.unified ? mount_unified(&plan, &have, e)
			  : mount_hybrid(&plan, w->tell, &have, e)) < 0)
		return -1;
	return tell_missing(&plan, &have, w->tell, e);
}

static int work_body(void *arg)
{
	const struct work *w = arg;
	auto_error *e = NULL;
	if (work(w, &e) < 0) {
		notice_error(w->tell, e);
		return 1;
	}
	notice_send(w->tell, NOTICE_READY, 0);
	return 0;
}

/* LXC 7 looks at cgroup2's root as its own, which only a cgroup namespace makes true. */
static int check_namespace(const struct environment *env, struct error **e)
{
	char path[64];
	struct stat theirs, ours;
	snprintf(path, sizeof path, "/proc/%d/ns/cgroup", (int)environment_holder(env));
	if (stat("/proc/self/ns/cgroup", &ours) < 0)
		return error_set(
			e, ERROR_KERNEL, 0, "cgroup2 alone needs cgroup namespaces (Linux 4.6)");
	if (stat(path, &theirs) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", path);
	if (theirs.st_ino != ours.st_ino)
		return 0;
	error_set(e, ERROR_BUSY, 0, "%s was not started for cgroup2 alone", environment_path(env));
	return error_hint(
		e, "run 'alarmstrap stop %s', then start it again", environment_path(env));
}

int cgroups_mount(const struct environment *env, enum cgroup_layout layout, struct report *report,
	struct error **e)
{
	int status, ends[2], there = cgroups_mounted(env, e);
	if (there)
		return there < 0 ? -1 : 0;
	if (layout == CGROUP_UNIFIED && check_namespace(env, e) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	int auto_fd told = ends[0];
	struct work w = {layout, ends[1]};
	pid_t pid = environment_fork(env, work_body, &w, 0, NULL, e);
	close(ends[1]);
	if (pid < 0)
		return -1;
	if (notice_await(told, NOTICE_READY, report, ticks_ms() + MOUNT_MS, e) < 0) {
		proc_kill(pid);
		return error_wrap(e, "cgroups of %s", environment_path(env));
	}
	return proc_wait(pid, &status, e);
}
