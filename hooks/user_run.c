/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running the user's hooks.
 *
 * Outside a hook is executed by its name in the directory that was checked, which is its working
 * directory. Into the environment only its content goes: opened out here, copied by the process
 * that has joined into a directory of its own in the environment's /run, a tmpfs, and executed
 * there. A descriptor would not do: the kernel hands a script to its interpreter by a path, and no
 * path inside leads to the file. */
#include "hooks/user.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/proc_group.h"
#include "lib/ticks.h"

/* What one hook may put into the report and the log, on a phone's flash. */
enum { LINES_MAX = 10000 };
/* The shell's statuses for "cannot execute" and "not found", and ours where exec fails. */
enum { CANNOT_RUN = 126, CANNOT_EXEC = 127 };

struct running {
	const struct user_hook *hook;
	const struct user_hook_context *context;
	struct strings variables; /* "NAME=value"; outside all there are, inside those we add */
	pid_t parent;
	int source; /* inside: the file, -1: outside */
	char *copy_dir, *copy; /* inside: absolute paths there */
	struct buf last; /* its last line */
	size_t lines;
};

static void running_end(struct running *r)
{
	strings_free(&r->variables);
	if (r->source >= 0)
		close(r->source);
	free(r->copy_dir);
	free(r->copy);
	buf_free(&r->last);
}

static int set(struct running *r, const char *name, const char *value, struct error **e)
{
	return strings_take(&r->variables, text_format(e, "%s=%s", name, value), e);
}

/* Of our own variables a hook outside gets where to find programs, and what Android's tools (am,
 * cmd, settings) do not run without. */
static int set_inherited(struct running *r, struct error **e)
{
	const char *path = getenv("PATH"), *home = getenv("HOME");
	if (set(r, "PATH", path ? path : "/usr/sbin:/usr/bin:/sbin:/bin:/system/bin", e) < 0 ||
		set(r, "HOME", home ? home : "/root", e) < 0 || set(r, "LANG", "C.UTF-8", e) < 0)
		return -1;
	for (char **v = environ; *v; v++) {
		char *auto_free name = strndup(*v, strcspn(*v, "="));
		if (name &&
			(text_has_prefix(name, "ANDROID_") ||
				text_has_suffix(name, "BOOTCLASSPATH")) &&
			strings_add(&r->variables, *v, e) < 0)
			return -1;
	}
	return 0;
}

/* Without a rootfs ALARMSTRAP_ROOT is not set rather than empty: "$ALARMSTRAP_ROOT/etc" would be
 * the host's, and `set -u` notices. */
static int set_variables(struct running *r, struct error **e)
{
	const struct user_hook_context *c = r->context;
	bool inside = r->hook->moment.inside;
	if (!inside && set_inherited(r, e) < 0)
		return -1;
	if (set(r, "ALARMSTRAP_STAGE", c->stage, e) < 0 ||
		set(r, "ALARMSTRAP_WHEN", c->after ? "after" : "before", e) < 0 ||
		set(r, "ALARMSTRAP_ARCH", c->arch, e) < 0 ||
		set(r, "ALARMSTRAP_VERSION", PACKAGE_VERSION, e) < 0)
		return -1;
	return inside || c->root ? set(r, "ALARMSTRAP_ROOT", inside ? "/" : c->root, e) : 0;
}

static int outside_exec(void *arg)
{
	const struct running *r = arg;
	char *auto_free file = text_format(NULL, "./%s", r->hook->name);
	if (!file || fchdir(r->hook->dir_fd) < 0) {
		perror(r->hook->path);
		return CANNOT_RUN;
	}
	fd_close_others(NULL, 0);
	const char *argv[] = {file, NULL};
	return proc_exec(argv, (const char *const *)r->variables.items);
}

/* A process between us and the hook, in one group with it: when we are killed, it is told, and
 * takes with it what the hook started. The death signal of prctl(2) reaches a child only. */
static int outside_body(void *arg)
{
	struct running *r = arg;
	sigset_t wanted;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	pid_t hook = proc_fork(outside_exec, r, 1, NULL, NULL);
	if (hook < 0) {
		perror("fork");
		return CANNOT_RUN;
	}
	fd_close_others(NULL, 0);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		close(fd);
	for (;;) {
		int raw, got = 0;
		pid_t ended = waitpid(hook, &raw, WNOHANG);
		if (ended == hook)
			return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
		if (ended < 0 && errno == EINTR)
			continue; /* its SIGCHLD may have been taken: there will be no other */
		if (ended < 0)
			return CANNOT_RUN;
		sigwait(&wanted, &got);
		if (got == SIGTERM && getppid() != r->parent)
			kill(0, SIGKILL);
	}
}

static int copy_inside(const struct running *r, struct error **e)
{
	if (mkdir(r->copy_dir, 0700) < 0)
		return error_set(e, ERROR_HOOK, errno, "make %s", r->copy_dir);
	int auto_fd to = open(r->copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0700);
	if (to < 0)
		return error_set(e, ERROR_HOOK, errno, "create %s", r->copy);
	return fd_copy(r->source, to, e) < 0 ? -1 : 0;
}

static int inside_body(void *arg)
{
	const struct running *r = arg;
	auto_error *e = NULL;
	if (copy_inside(r, &e) < 0) {
		fprintf(stderr, "%s\n", error_message(e));
		return CANNOT_RUN;
	}
	unsetenv("TERM");
	for (size_t i = 0; i < r->variables.count; i++)
		putenv(r->variables.items[i]);
	fd_close_others(NULL, 0);
	const char *argv[] = {r->copy, NULL};
	return proc_exec(argv, NULL);
}

static int remove_body(void *arg)
{
	const struct running *r = arg;
	unlink(r->copy);
	return rmdir(r->copy_dir) < 0 && errno != ENOENT;
}

/* Best effort: /run is a tmpfs, which ends with the environment. */
static void remove_copy(struct running *r)
{
	int status = 0;
	pid_t pid = environment_fork(r->context->environment, remove_body, r, 0, NULL, NULL);
	if (pid < 0 || proc_wait(pid, &status, NULL) < 0 || status)
		report_warn(r->context->report, "%s stays in the environment until it stops",
			r->copy_dir);
}

static int prepare_inside(struct running *r, struct error **e)
{
	r->source = openat(r->hook->dir_fd, r->hook->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (r->source < 0)
		return error_set(e, ERROR_CONFIG, errno, "open %s", r->hook->path);
	r->copy_dir = text_format(
		e, "/run/alarmstrap-hook.%d.%lld", (int)getpid(), (long long)ticks_ms());
	r->copy = r->copy_dir ? path_join(r->copy_dir, r->hook->name, e) : NULL;
	return r->copy ? 0 : -1;
}

static void take_line(void *arg, const char *line)
{
	struct running *r = arg;
	buf_clear(&r->last);
	if (buf_puts(&r->last, line, NULL) < 0)
		buf_clear(&r->last);
	if (r->lines++ < LINES_MAX)
		report_note(r->context->report, "%s: %s", r->hook->label, line);
	else if (r->lines == LINES_MAX + 1)
		report_warn(r->context->report, "%s says too much: the rest is left out",
			r->hook->label);
}

static int judge(const struct running *r, int status, struct error **e)
{
	const char *said = buf_text(&r->last);
	if (!status)
		return 0;
	error_set(e, ERROR_HOOK, 0, "hook %s ended with status %d%s%s", r->hook->path, status,
		*said ? ": " : "", said);
	if (status == CANNOT_EXEC)
		return error_hint(e, "is there, %s, what the first line of the hook names?",
			r->hook->moment.inside ? "in the environment" : "on this machine");
	return -1;
}

static int too_long(const struct running *r, struct error **e)
{
	char limit[32];
	text_duration(limit, sizeof limit, r->context->timeout_ms);
	error_set(
		e, ERROR_HOOK, 0, "hook %s did not end in %s, and was ended", r->hook->path, limit);
	return error_hint(e, "give hooks more time with --hook-timeout SECONDS, or run it by hand");
}

static int attend(struct running *r, pid_t pid, int output, struct error **e)
{
	auto_error *failure = NULL;
	struct proc_group group = {pid, output, take_line, r, ticks_ms() + r->context->timeout_ms};
	int status = 0;
	int ended = proc_group_attend(&group, &status, &failure);
	if (ended == 0)
		return judge(r, status, e);
	if (error_errno(failure) == ETIMEDOUT)
		return too_long(r, e);
	if (e)
		*e = take(&failure);
	return error_wrap(e, "hook %s", r->hook->path);
}

static int start(struct running *r, int *output, struct error **e)
{
	const struct environment *env = r->context->environment;
	if (!r->hook->moment.inside)
		return proc_fork(outside_body, r, 0, output, e);
	if (prepare_inside(r, e) < 0)
		return -1;
	return environment_fork(env, inside_body, r, 0, output, e);
}

static int run(struct running *r, struct error **e)
{
	int auto_fd output = -1;
	if (user_hook_check(r->hook, e) < 0 || set_variables(r, e) < 0)
		return -1;
	pid_t pid = start(r, &output, e);
	if (pid < 0)
		return error_wrap(e, "hook %s", r->hook->path);
	int result = attend(r, pid, output, e);
	if (!r->copy)
		return result;
	if (result == 0)
		result = interrupt_check(e);
	if (result < 0)
		interrupt_forget(); /* the orderly end begins here */
	remove_copy(r);
	return result;
}

int user_hooks_run(
	const struct user_hooks *hooks, const struct user_hook_context *c, struct error **e)
{
	for (size_t i = 0; i < hooks->count; i++) {
		const struct user_hook *h = &hooks->items[i];
		if (!user_hook_is_at(h, c->stage, c->after))
			continue;
		struct running r = {.hook = h, .context = c, .parent = getpid(), .source = -1};
		int result = interrupt_check(e) < 0 ? -1 : run(&r, e);
		running_end(&r);
		if (result < 0)
			return -1;
	}
	return 0;
}
