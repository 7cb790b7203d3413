/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/cgroup_own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/cgroup_plan.h"
#include "chroot/mounts.h"
#include "chroot/notice.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/syscalls.h"
#include "lib/text.h"
#include "lib/ticks.h"

/* Any directory serves to mount on for a moment; without this one we would not be here. */
#define SCRATCH "/proc"
/* cgroup2: what a cgroup namespace's own processes live in, since a cgroup that hands controllers
 * down may hold no process itself (cgroup-v2.rst, "No Internal Process Constraint"). LXC knows the
 * name and looks above it. */
#define INIT_SCOPE "init.scope"

enum { DEPTH_MAX = 12, RETRY_MS = 20 };
enum { OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

void cgroup_own_name(char to[CGROUP_OWN_NAME], dev_t device, ino_t inode)
{
	snprintf(to, CGROUP_OWN_NAME, "alarmstrap-%jx-%jx", (uintmax_t)device, (uintmax_t)inode);
}

/* The hierarchy's top directory: mounted, opened, detached. The mount lives as long as the
 * descriptor. */
static int open_hierarchy(const struct cgroup_hierarchy *h)
{
	const char *type = h->options ? "cgroup" : "cgroup2";
	if (mount(type, SCRATCH, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, h->options) < 0)
		return -1;
	int fd = open(SCRATCH, OPEN_DIR);
	int saved = errno;
	umount2(SCRATCH, MNT_DETACH);
	errno = saved;
	return fd;
}

/* kernfs wants each value in one write(2); nothing is ever created. */
static int write_value(int dir, const char *file, const char *value)
{
	int auto_fd fd = openat(dir, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	return write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

/* A directory's text file, without its final newline. */
static int read_value(int dir, const char *file, char *to, size_t size)
{
	int auto_fd fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read(fd, to, size - 1, NULL);
	if (n < 0)
		return -1;
	to[n] = '\0';
	text_trim(to);
	return 0;
}

/* The cgroup `path` of the hierarchy; a path that leaves our cgroup namespace ("/../x") has none.
 */
static int open_cgroup(int top, const char *path)
{
	if (strstr(path, "/..")) {
		errno = ENOENT;
		return -1;
	}
	return openat(top, path[1] ? path + 1 : ".", OPEN_DIR);
}

static int sweep_below(int dir, const char *name, int depth);

/* rmdir alone removes a cgroup, with all the files in it; its children must go first. */
static int remove_tree(int dir, const char *name, int depth)
{
	int auto_fd fd = openat(dir, name, OPEN_DIR);
	if (fd >= 0 && depth < DEPTH_MAX)
		sweep_below(fd, NULL, depth + 1);
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT;
}

/* Removes the subtrees called `name` (NULL: every one) below `fd`; how many could not go. */
static int sweep_below(int fd, const char *name, int depth)
{
	int again = openat(fd, ".", OPEN_DIR);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	int left = 0;
	if (!dir) {
		if (again >= 0)
			close(again);
		return 0;
	}
	for (struct dirent *d; (d = readdir(dir));) {
		/* lxc-attach makes one called `.lxc`. */
		if (d->d_type != DT_DIR || strcmp(d->d_name, ".") == 0 ||
			strcmp(d->d_name, "..") == 0)
			continue;
		if (!name || strcmp(d->d_name, name) == 0) {
			left += remove_tree(fd, d->d_name, depth);
		} else if (depth < DEPTH_MAX) {
			int auto_fd below = openat(fd, d->d_name, OPEN_DIR);
			if (below >= 0)
				left += sweep_below(below, name, depth + 1);
		}
	}
	closedir(dir);
	return left;
}

/* A cpuset without cpus or memory nodes takes no process; a new one has neither (cpusets.rst 1.9).
 * 0, or -1. */
static int fill_cpuset(int parent, int own)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	char value[4096];
	for (size_t i = 0; i < 2; i++)
		if (read_value(parent, files[i], value, sizeof value) < 0 ||
			write_value(own, files[i], value) < 0)
			return -1;
	return 0;
}

/* 1 every controller offered is handed down to children, 0 this cgroup holds processes of its own
 * and may not. */
static int hand_down(int dir)
{
	char offered[1024];
	if (read_value(dir, "cgroup.controllers", offered, sizeof offered) < 0)
		return 1;
	char *rest = NULL;
	for (char *c = strtok_r(offered, " ", &rest); c; c = strtok_r(NULL, " ", &rest)) {
		char word[128];
		snprintf(word, sizeof word, "+%s", c);
		if (write_value(dir, "cgroup.subtree_control", word) < 0 &&
			(errno == EBUSY || errno == EOPNOTSUPP))
			return 0;
	}
	return 1;
}

/* Where all is cgroup2, the nearest cgroup at or above `at` that can hand controllers down; takes
 * `at` over. The root always can. */
static int climb(int top, int at)
{
	for (;;) {
		struct stat here, root;
		if (hand_down(at) || fstat(at, &here) < 0 || fstat(top, &root) < 0 ||
			here.st_ino == root.st_ino)
			return at;
		int up = openat(at, "..", OPEN_DIR);
		if (up < 0)
			return at;
		close(at);
		at = up;
	}
}

struct own {
	const char *name;
	int v2; /* the own cgroup in cgroup2, -1: none */
	int notice_fd;
};

/* -1 with errno. */
static int enter_hierarchy(struct own *o, const struct cgroup_hierarchy *h, bool climbs)
{
	int auto_fd top = open_hierarchy(h);
	if (top < 0)
		return -1;
	sweep_below(top, o->name, 0);
	/* Android's cpusets lack the prefix, LXC cannot use them, and a copy of the CPUs now online
	 * would shrink for good as cores go to sleep: we stay where we are. */
	if (strcmp(h->name, "cpuset") == 0 && faccessat(top, "cpuset.cpus", F_OK, 0) < 0)
		return 0;
	int auto_fd parent = open_cgroup(top, h->path);
	if (parent < 0)
		return -1;
	if (climbs)
		parent = climb(top, parent);
	if (mkdirat(parent, o->name, 0755) < 0 && errno != EEXIST)
		return -1;
	int auto_fd own = openat(parent, o->name, OPEN_DIR);
	if (own < 0)
		return -1;
	if (h->options && strstr(h->options, "cpuset") && fill_cpuset(parent, own) < 0)
		return -1;
	if (write_value(own, "cgroup.procs", "0") < 0)
		return -1;
	if (!h->options)
		o->v2 = take_fd(&own);
	return 0;
}

/* The order is that of chroot.md: join, make the namespace, then step down into init.scope. */
static void enter_namespace(const struct own *o)
{
	if (sys_unshare(CLONE_NEWCGROUP) < 0) {
		notice_note(o->notice_fd, "no cgroup namespace (CONFIG_CGROUPS, Linux 4.6): %s",
			strerror(errno));
		return;
	}
	if (o->v2 < 0)
		return;
	int auto_fd scope = -1;
	if (mkdirat(o->v2, INIT_SCOPE, 0755) == 0 || errno == EEXIST)
		scope = openat(o->v2, INIT_SCOPE, OPEN_DIR);
	if (scope < 0 || write_value(scope, "cgroup.procs", "0") < 0)
		notice_note(o->notice_fd, "cgroup %s: %s", INIT_SCOPE, strerror(errno));
}

/* How many hierarchies we are in now. Of one that nobody had mounted, chroot/cgroups.c tells why it
 * is not to be had. */
static int enter_all(struct own *o, const struct cgroup_plan *plan)
{
	int entered = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct cgroup_hierarchy *h = &plan->items[i];
		bool climbs = plan->count == 1 && plan->unified && !h->options;
		if (enter_hierarchy(o, h, climbs) == 0)
			entered++;
		else if (!h->fresh)
			notice_note(o->notice_fd, "no cgroup of its own in %s: %s", h->name,
				strerror(errno));
	}
	return entered;
}

/* *bare: nothing was mounted before, and nothing is now. */
static int enter_planned(struct own *o, enum cgroup_layout layout, bool *bare, struct error **e)
{
	auto_cgroup_plan plan = {0};
	if (cgroup_plan_read(&plan, layout, e) < 0)
		return -1;
	*bare = enter_all(o, &plan) == 0;
	for (size_t i = 0; i < plan.count; i++)
		*bare = *bare && plan.items[i].fresh;
	if (plan.unified)
		enter_namespace(o);
	return 0;
}

void cgroup_own_enter(const char *name, enum cgroup_layout layout, int notice_fd)
{
	auto_error *e = NULL;
	struct own o = {name, -1, notice_fd};
	bool bare = false;
	int r = enter_planned(&o, layout, &bare, &e);
	/* Where nothing was mounted, /proc/cgroups does not tell that v1 is out of the question
	 * (cgroup_no_v1=all): cgroup2 is left. From now on the kernel shows its line, which makes
	 * every later plan one of cgroup2. */
	if (r == 0 && bare && layout == CGROUP_AUTO)
		r = enter_planned(&o, CGROUP_UNIFIED, &bare, &e);
	if (r < 0)
		notice_note(notice_fd, "no cgroup of its own: %s", error_message(e));
	if (o.v2 >= 0)
		close(o.v2);
}

/* `who` as a name in /proc. Our own pid would not do: it is another one in the mounted /proc, when
 * we are in a pid namespace below. */
static int read_cgroups(const char *who, struct buf *to)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/cgroup", who);
	return path_read_file(AT_FDCWD, path, to, NULL);
}

/* Whether one component of `path` is `name`. */
static bool passes_through(const char *path, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = path; (p = strchr(p, '/')); p++)
		if (strncmp(p + 1, name, n) == 0 && (p[1 + n] == '/' || p[1 + n] == '\0'))
			return true;
	return false;
}

void cgroup_own_join(const char *name, pid_t holder)
{
	auto_buf there = BUF(0), here = BUF(0);
	auto_cgroup_plan plan = {0};
	char who[16];
	snprintf(who, sizeof who, "%d", (int)holder);
	if (read_cgroups(who, &there) < 0 || read_cgroups("self", &here) < 0)
		return;
	if (strcmp(buf_text(&there), buf_text(&here)) == 0)
		return;
	if (cgroup_plan_make(&plan, buf_text(&there), "", CGROUP_AUTO, NULL) < 0)
		return;
	if (sys_unshare(CLONE_NEWNS) < 0 || mounts_make_private(NULL) < 0)
		return;
	for (size_t i = 0; i < plan.count; i++) {
		const struct cgroup_hierarchy *h = &plan.items[i];
		if (!passes_through(h->path, name))
			continue;
		int auto_fd top = open_hierarchy(h);
		int auto_fd at = top < 0 ? -1 : open_cgroup(top, h->path);
		if (at >= 0)
			write_value(at, "cgroup.procs", "0");
	}
}

static int sweep_once(const char *name, struct error **e)
{
	auto_cgroup_plan plan = {0};
	int left = 0;
	if (cgroup_plan_read(&plan, CGROUP_AUTO, e) < 0)
		return -1;
	for (size_t i = 0; i < plan.count; i++) {
		/* A hierarchy that nobody has mounted holds nothing of ours. */
		int auto_fd top = plan.items[i].fresh ? -1 : open_hierarchy(&plan.items[i]);
		if (top >= 0)
			left += sweep_below(top, name, 0);
	}
	return left;
}

struct sweep {
	const char *name;
	int64_t deadline_ms;
};

enum { SWEPT = 0, SWEEP_FAILED = 1, SWEEP_LEFT = 2 };

static int sweep_body(void *arg)
{
	const struct sweep *s = arg;
	if (sys_unshare(CLONE_NEWNS) < 0 || mounts_make_private(NULL) < 0)
		return SWEEP_FAILED;
	for (;;) {
		int left = sweep_once(s->name, NULL);
		if (left <= 0)
			return left < 0 ? SWEEP_FAILED : SWEPT;
		if (ticks_ms() >= s->deadline_ms)
			return SWEEP_LEFT;
		ticks_sleep_ms(RETRY_MS);
	}
}

int cgroup_own_sweep(const char *name, int patience_ms, struct error **e)
{
	struct sweep s = {name, ticks_ms() + patience_ms};
	int status = 0;
	pid_t pid = proc_fork(sweep_body, &s, 0, NULL, e);
	if (pid < 0 || proc_wait(pid, &status, e) < 0)
		return -1;
	if (status == SWEPT || status == SWEEP_LEFT)
		return status == SWEPT;
	return error_set(e, ERROR_SYSTEM, 0, "cannot look for cgroups called %s", name);
}
