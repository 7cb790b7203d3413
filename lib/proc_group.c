/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/proc_group.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "lib/interrupt.h"
#include "lib/ticks.h"

/* LAST_WORDS_MS bounds what a daemon that floods the pipe can cost after the end. */
enum { GRACE_MS = 2000, LOOK_MS = 100, LOOK_ENDED_MS = 5, LAST_WORDS_MS = 200 };

struct attendance {
	const struct proc_group *g;
	struct proc_lines lines;
	bool silent; /* the output has ended */
};

/* Not reaped: as long as the zombie is there, nobody else can get its number. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno == ECHILD;
	return info.si_pid == pid;
}

/* True: something was read. */
static bool listen_for(struct attendance *a, int timeout_ms)
{
	struct pollfd p = {a->g->output, POLLIN, 0};
	if (a->silent) {
		ticks_sleep_ms(timeout_ms < LOOK_ENDED_MS ? timeout_ms : LOOK_ENDED_MS);
		return false;
	}
	if (poll(&p, 1, timeout_ms) <= 0)
		return false;
	a->silent = proc_lines_read(&a->lines, p.fd, a->g->line, a->g->arg, NULL) <= 0;
	return !a->silent;
}

/* Before it called setsid(2) the child has no group of its own. */
static void signal_group(pid_t pid, int number)
{
	if (kill(-pid, number) < 0)
		kill(pid, number);
}

/* Until the end: 0, or -1 at the deadline or an interrupt. */
static int await_end(struct attendance *a, struct error **e)
{
	while (!has_ended(a->g->pid)) {
		if (interrupt_check(e) < 0)
			return -1;
		if (a->g->deadline_ms && ticks_ms() >= a->g->deadline_ms)
			return error_set(e, ERROR_SYSTEM, ETIMEDOUT, "wait for a command");
		listen_for(a, LOOK_MS);
	}
	return 0;
}

static void ask_to_end(struct attendance *a)
{
	int64_t patience = ticks_ms() + GRACE_MS;
	signal_group(a->g->pid, SIGTERM);
	while (!has_ended(a->g->pid) && ticks_ms() < patience)
		listen_for(a, LOOK_MS);
}

int proc_group_attend(const struct proc_group *g, int *status, struct error **e)
{
	struct attendance a = {.g = g};
	int raw = 0;
	int r = await_end(&a, e);
	if (r < 0)
		ask_to_end(&a);
	signal_group(g->pid, SIGKILL);
	int64_t patience = ticks_ms() + LAST_WORDS_MS;
	while (ticks_ms() < patience && listen_for(&a, 0))
		;
	proc_lines_end(&a.lines, g->line, g->arg);
	while (waitpid(g->pid, &raw, 0) < 0)
		if (errno != EINTR)
			return error_set(
				e, ERROR_SYSTEM, errno, "wait for process %d", (int)g->pid);
	if (r == 0)
		*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return r;
}
