/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/ticks.h"

enum { GRACE_MS = 2000 };

static void child_stdio(int keep_stdin, int output)
{
	if (!keep_stdin) {
		int null = open("/dev/null", O_RDONLY);
		if (null < 0) { /* no /dev yet: an empty pipe reads as an end, too */
			int ends[2];
			if (pipe(ends) == 0) {
				null = ends[0];
				close(ends[1]);
			}
		}
		dup2(null, STDIN_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	if (output >= 0) {
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
	}
}

static void child_signals(pid_t parent)
{
	interrupt_reset();
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before prctl; getppid is 0 from inside a new pid namespace. */
	pid_t now = getppid();
	if (now != parent && now != 0)
		_exit(128 + SIGKILL);
}

pid_t proc_fork(proc_body *body, void *arg, int keep_stdin, int *output, struct error **e)
{
	int ends[2] = {-1, -1};
	if (output && pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0) {
		error_set(e, ERROR_SYSTEM, errno, "fork");
		if (output) {
			close(ends[0]);
			close(ends[1]);
		}
		return -1;
	}
	if (pid == 0) {
		child_signals(parent);
		/* No terminal: nothing prompts, and one that vanishes takes no work with it. */
		if (!keep_stdin)
			setsid();
		child_stdio(keep_stdin, ends[1]);
		int status = body(arg);
		fflush(NULL);
		_exit(status);
	}
	if (output) {
		close(ends[1]);
		*output = ends[0];
	}
	return pid;
}

/* A child with a session of its own leads a process group: its children go with it. */
static void signal_all(pid_t pid, int number)
{
	kill(-pid, number);
	kill(pid, number);
}

static int status_of(int raw)
{
	return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

/* 1 reaped, 0 still running at the deadline. */
static int reap_until(pid_t pid, int *raw, int64_t deadline)
{
	for (;;) {
		pid_t got = waitpid(pid, raw, WNOHANG);
		if (got == pid || (got < 0 && errno == ECHILD))
			return 1;
		if (ticks_ms() >= deadline)
			return 0;
		ticks_sleep_ms(10);
	}
}

int proc_wait(pid_t pid, int *status, struct error **e)
{
	int raw = 0;
	for (;;) {
		if (interrupt_pending())
			break;
		pid_t got = waitpid(pid, &raw, 0);
		if (got == pid) {
			*status = status_of(raw);
			return 0;
		}
		if (got < 0 && errno != EINTR)
			return error_set(e, ERROR_SYSTEM, errno, "wait for process %d", (int)pid);
	}
	signal_all(pid, SIGTERM);
	if (!reap_until(pid, &raw, ticks_ms() + GRACE_MS))
		proc_kill(pid);
	return interrupt_check(e);
}

void proc_kill(pid_t pid)
{
	if (pid <= 0)
		return;
	signal_all(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Hands out the whole lines and keeps the rest at the front. */
static void give_lines(struct proc_lines *l, proc_line *line, void *arg)
{
	char *from = l->text, *end = l->text + l->have;
	for (char *newline; (newline = memchr(from, '\n', (size_t)(end - from)));) {
		*newline = '\0';
		if (newline > from && newline[-1] == '\r')
			newline[-1] = '\0';
		line(arg, from);
		from = newline + 1;
	}
	l->have = (size_t)(end - from);
	memmove(l->text, from, l->have);
	if (l->have == PROC_LINE_BYTES)
		proc_lines_end(l, line, arg);
}

void proc_lines_end(struct proc_lines *l, proc_line *line, void *arg)
{
	l->text[l->have] = '\0';
	if (l->have)
		line(arg, l->text);
	l->have = 0;
}

int proc_lines_read(struct proc_lines *l, int fd, proc_line *line, void *arg, struct error **e)
{
	ssize_t n = read(fd, l->text + l->have, PROC_LINE_BYTES - l->have);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		return error_set(e, ERROR_SYSTEM, errno, "read output");
	l->have += (size_t)n;
	give_lines(l, line, arg);
	return n > 0;
}

/* 1 readable, 0 not yet, -1 error. Wakes four times a second: a signal that arrived just before
 * poll would otherwise be noticed at the next output only. */
static int wait_readable(int fd, int64_t deadline_ms, struct error **e)
{
	if (interrupt_check(e) < 0)
		return -1;
	if (deadline_ms && ticks_ms() >= deadline_ms)
		return error_set(e, ERROR_SYSTEM, ETIMEDOUT, "wait for output");
	struct pollfd p = {fd, POLLIN, 0};
	return poll(&p, 1, 250) > 0;
}

int proc_read_lines(int fd, proc_line *line, void *arg, int64_t deadline_ms, struct error **e)
{
	struct proc_lines l = {.have = 0};
	for (int more = 1; more;) {
		int ready = wait_readable(fd, deadline_ms, e);
		more = ready > 0 ? proc_lines_read(&l, fd, line, arg, e) : ready < 0 ? -1 : 1;
		if (more < 0)
			return -1;
	}
	proc_lines_end(&l, line, arg);
	return 0;
}

static const char *path_in(const char *const *envp)
{
	for (; envp && *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return getenv("PATH");
}

/* Like execvpe, but searching the PATH that the command itself will see. */
static void exec_searched(const char *const *argv, const char *const *envp)
{
	const char *dirs = path_in(envp);
	char file[4096];
	int seen = ENOENT;
	for (const char *p = dirs ? dirs : "/usr/bin:/bin"; *p;) {
		size_t length = strcspn(p, ":");
		snprintf(file, sizeof file, "%.*s/%s", (int)length, p, argv[0]);
		execve(file, (char *const *)argv, (char *const *)envp);
		if (errno != ENOENT && errno != ENOTDIR)
			seen = errno;
		p += length + (p[length] == ':');
	}
	errno = seen;
}

int proc_exec(const char *const *argv, const char *const *envp)
{
	const char *const *environment = envp ? envp : (const char *const *)environ;
	if (strchr(argv[0], '/'))
		execve(argv[0], (char *const *)argv, (char *const *)environment);
	else
		exec_searched(argv, environment);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	return 127;
}

struct command {
	const char *const *argv;
	const char *const *envp;
};

static int command_body(void *arg)
{
	const struct command *c = arg;
	return proc_exec(c->argv, c->envp);
}

static void drop_line(void *arg, const char *line)
{
}

int proc_run(const char *const *argv, const char *const *envp, proc_line *line, void *arg,
	int *status, struct error **e)
{
	struct command c = {argv, envp};
	int auto_fd output = -1;
	pid_t pid = proc_fork(command_body, &c, 0, &output, e);
	if (pid < 0)
		return error_wrap(e, "run %s", argv[0]);
	if (proc_read_lines(output, line ? line : drop_line, arg, 0, e) < 0) {
		proc_kill(pid);
		return error_wrap(e, "run %s", argv[0]);
	}
	return proc_wait(pid, status, e);
}

int64_t proc_start_time(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read(fd, text, sizeof text - 1, NULL);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* The name in parentheses may hold anything; the last ')' ends it. Field 3 follows. */
	char *p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p + 1, NULL, 10) : -1;
}
