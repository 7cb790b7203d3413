/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/caretaker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "chroot/cgroup_own.h"
#include "lib/fd.h"
#include "lib/proc.h"

/* Killed processes leave their cgroup only when they are reaped. */
enum { DRAIN_MS = 5000 };

struct task {
	const char *name;
	int ours; /* reads as ended when every other end is closed */
};

static int caretaker_body(void *arg)
{
	const struct task *t = arg;
	char byte;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_NAME, "alarmstrap-care");
	fd_close_others(&t->ours, 1);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	if (fd_read(t->ours, &byte, 1, NULL) != 0)
		return 1;
	return cgroup_own_sweep(t->name, DRAIN_MS, NULL) != 1;
}

int caretaker_start(struct caretaker *c, const char *name, struct error **e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	struct task t = {name, ends[0]};
	pid_t pid = proc_fork(caretaker_body, &t, 0, NULL, e);
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return -1;
	}
	*c = (struct caretaker){pid, ends[1]};
	return 0;
}

void caretaker_dismiss(struct caretaker *c)
{
	proc_kill(c->pid);
	if (c->lifeline >= 0)
		close(c->lifeline);
	*c = CARETAKER_NONE;
}
