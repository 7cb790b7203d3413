/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining an environment: a child of ours that is inside.
 *
 * setns(2) to a pid namespace is for children to come, so there are two processes: a doorman, who
 * stays outside, passes on signals and the exit status, and the joined one, who runs the body. Only
 * the latter enters the mount namespace: nothing outside may keep that alive. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chroot/cgroup_own.h"
#include "chroot/environment_impl.h"
#include "chroot/notice.h"
#include "chroot/rlimits.h"
#include "lib/fd.h"
#include "lib/syscalls.h"
#include "lib/ticks.h"

enum { JOIN_MS = 30000 };
/* The signal by which the doorman hears of it (prctl(2), PR_SET_PDEATHSIG). */
enum { PARENT_DIED = SIGUSR1 };

/* In the order of joining: the mount namespace last, since it takes /proc away. The network and the
 * others are the starter's; whoever comes from elsewhere gets the same. */
enum { NS_PID, NS_CGROUP, NS_NET, NS_IPC, NS_UTS, NS_MNT, NS_COUNT };
static const struct {
	const char *name;
	int type;
	bool needed;
} namespaces[NS_COUNT] = {
	[NS_PID] = {"pid", CLONE_NEWPID, false},
	[NS_CGROUP] = {"cgroup", CLONE_NEWCGROUP, false},
	[NS_NET] = {"net", CLONE_NEWNET, false},
	[NS_IPC] = {"ipc", CLONE_NEWIPC, false},
	[NS_UTS] = {"uts", CLONE_NEWUTS, false},
	[NS_MNT] = {"mnt", CLONE_NEWNS, true},
};

struct join {
	const struct environment *env;
	proc_body *body;
	void *arg;
	int tell;
	int fds[NS_COUNT]; /* -1: the same as ours, or none in this kernel */
};

static int open_namespace(const struct join *j, int i, int *fd, struct error **e)
{
	char theirs[64], ours[64];
	struct stat a, b;
	snprintf(theirs, sizeof theirs, "/proc/%d/ns/%s", (int)j->env->holder, namespaces[i].name);
	snprintf(ours, sizeof ours, "/proc/self/ns/%s", namespaces[i].name);
	*fd = -1;
	if (!namespaces[i].needed &&
		(stat(theirs, &a) < 0 || stat(ours, &b) < 0 || a.st_ino == b.st_ino))
		return 0;
	*fd = open(theirs, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return error_set(e,
			errno == EACCES || errno == EPERM ? ERROR_PRIVILEGE : ERROR_SYSTEM, errno,
			"open %s", theirs);
	return 0;
}

static int open_namespaces(struct join *j, struct error **e)
{
	for (int i = 0; i < NS_COUNT; i++)
		if (open_namespace(j, i, &j->fds[i], e) < 0)
			return -1;
	/* Looked at afterwards: the descriptors are then surely those of this very process. */
	if (!environment_alive(j->env))
		return error_set(e, ERROR_BUSY, 0, "the environment ended meanwhile");
	return 0;
}

static int enter_namespace(const struct join *j, int i, struct error **e)
{
	if (j->fds[i] >= 0 && sys_setns(j->fds[i], namespaces[i].type) < 0)
		return error_set(e, errno == EPERM ? ERROR_PRIVILEGE : ERROR_SYSTEM, errno,
			"join the %s namespace", namespaces[i].name);
	return 0;
}

static int set_variables(struct error **e)
{
	const char *term = getenv("TERM");
	char *auto_free kept = term ? strdup(term) : NULL;
	if (clearenv() != 0 ||
		setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin", 1) <
			0 ||
		setenv("HOME", "/root", 1) < 0 || setenv("LANG", "C.UTF-8", 1) < 0 ||
		(kept && setenv("TERM", kept, 1) < 0))
		return error_set(e, ERROR_SYSTEM, errno, "set the environment variables");
	return 0;
}

/* The cgroups come first: they are those of the host's view, and containers must land below. */
static int enter(const struct join *j, struct error **e)
{
	char name[CGROUP_OWN_NAME];
	cgroup_own_name(name, j->env->root.st_dev, j->env->root.st_ino);
	cgroup_own_join(name, j->env->holder);
	for (int i = NS_CGROUP; i < NS_COUNT; i++)
		if (enter_namespace(j, i, e) < 0)
			return -1;
	if (chdir("/") < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chdir /");
	umask(022);
	rlimits_reset();
	return set_variables(e);
}

static int joined_body(void *arg)
{
	struct join *j = arg;
	auto_error *e = NULL;
	int entered = enter(j, &e);
	for (int i = 0; i < NS_COUNT; i++)
		if (j->fds[i] >= 0)
			close(j->fds[i]);
	if (entered < 0) {
		notice_error(j->tell, e);
		return 127;
	}
	notice_send(j->tell, NOTICE_READY, 0);
	close(j->tell);
	return j->body(j->arg);
}

/* SIGINT and SIGQUIT of a terminal reach the child by themselves: it is in the same group. */
static int attend(pid_t child, const sigset_t *wanted)
{
	for (;;) {
		int raw, got = 0;
		if (waitpid(child, &raw, WNOHANG) == child)
			return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
		sigwait(wanted, &got);
		if (got == PARENT_DIED)
			kill(0, SIGKILL);
		if (got == SIGTERM || got == SIGHUP)
			kill(child, got);
	}
}

/* Joins the cgroups' and the mounts' side only in the child; what we ourselves hold, we close. */
static int doorman_body(void *arg)
{
	struct join *j = arg;
	auto_error *e = NULL;
	sigset_t wanted;
	sigemptyset(&wanted);
	for (size_t i = 0; i < 6; i++)
		sigaddset(&wanted,
			(const int[]){SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT, PARENT_DIED}[i]);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	/* The child would die with us, but not what it has started: where the group is our own, all
	 * of it ends (a template of LXC's would otherwise go on writing). */
	if (getpgrp() == getpid())
		prctl(PR_SET_PDEATHSIG, PARENT_DIED);
	pid_t child = -1;
	if (open_namespaces(j, &e) == 0 && enter_namespace(j, NS_PID, &e) == 0)
		child = proc_fork(joined_body, j, 1, NULL, &e);
	if (child < 0) {
		notice_error(j->tell, e);
		return 127;
	}
	/* Pipes of the child's must end with it. */
	fd_close_others(NULL, 0);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		close(fd);
	return attend(child, &wanted);
}

pid_t environment_fork(const struct environment *env, proc_body *body, void *arg, int keep_stdin,
	int *output, struct error **e)
{
	int ends[2], lines = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	int auto_fd told = ends[0];
	struct join j = {env, body, arg, ends[1], {-1, -1, -1, -1, -1, -1}};
	pid_t pid = proc_fork(doorman_body, &j, keep_stdin, output ? &lines : NULL, e);
	close(ends[1]);
	if (pid < 0)
		return -1;
	if (notice_await(told, NOTICE_READY, NULL, ticks_ms() + JOIN_MS, e) < 0) {
		proc_kill(pid);
		if (lines >= 0)
			close(lines);
		return error_wrap(e, "enter %s", env->path);
	}
	if (output)
		*output = lines;
	return pid;
}

static int command_body(void *arg)
{
	return proc_exec(arg, NULL);
}

static void drop_line(void *arg, const char *line)
{
}

int environment_run(const struct environment *env, const char *const *argv, proc_line *line,
	void *arg, int *status, struct error **e)
{
	int auto_fd output = -1;
	pid_t pid = environment_fork(env, command_body, (void *)argv, 0, &output, e);
	if (pid < 0)
		return error_wrap(e, "run %s", argv[0]);
	if (proc_read_lines(output, line ? line : drop_line, arg, 0, e) < 0) {
		proc_kill(pid);
		return error_wrap(e, "run %s", argv[0]);
	}
	return proc_wait(pid, status, e);
}
