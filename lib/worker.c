/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/proc.h"
#include "lib/record.h"
#include "lib/syscalls.h"
#include "lib/ticks.h"

enum { NOBODY = 65534, AID_INET = 3003 };

struct worker_out {
	int fd;
};

struct worker {
	pid_t pid;
	struct record_reader in;
	int64_t deadline_ms; /* of the record that is waited for; 0: none */
};

int worker_send(
	struct worker_out *out, uint32_t type, const void *data, size_t length, struct error **e)
{
	return record_send(out->fd, type, data, length, e);
}

static int set_capabilities(uint64_t mask, struct error **e)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {
		{(uint32_t)mask, (uint32_t)mask, 0},
		{(uint32_t)(mask >> 32), (uint32_t)(mask >> 32), 0},
	};
	for (int cap = 0; cap <= 63; cap++)
		if (!(mask >> cap & 1) && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capset, &header, data) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "drop capabilities");
	return 0;
}

/* Not root: there is nothing to give up but what no_new_privs gives up. */
static int become_nobody(const struct worker_rights *rights, struct error **e)
{
	gid_t inet = AID_INET;
	if (geteuid() != 0)
		return 0;
	if (setgroups(rights->network ? 1 : 0, &inet) < 0 ||
		setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "give up root");
	return 0;
}

static int give_up_rights(const struct worker_rights *rights, struct error **e)
{
	/* Best effort: kernels without network namespaces are ours too. */
	if (!rights->network && geteuid() == 0)
		sys_unshare(CLONE_NEWNET);
	if (rights->root >= 0 && (fchdir(rights->root) < 0 || chroot(".") < 0 || chdir("/") < 0))
		return error_set(e, ERROR_SYSTEM, errno, "enter the worker's directory");
	if (rights->unprivileged && become_nobody(rights, e) < 0)
		return -1;
	if (!rights->unprivileged && rights->capabilities &&
		set_capabilities(rights->capabilities, e) < 0)
		return -1;
	/* 3.5; a kernel without it has no setuid program that a worker could run anyway: no exec.
	 */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* setresuid clears the death signal. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return 0;
}

struct start {
	const struct worker_rights *rights;
	worker_body *body;
	void *arg;
	int fd;
};

static int child(void *arg)
{
	const struct start *s = arg;
	struct worker_out out = {s->fd};
	auto_error *e = NULL;
	/* Ctrl-C reaches the whole foreground group; the parent decides what it means. */
	signal(SIGINT, SIG_IGN);
	int keep[16] = {s->fd};
	size_t count = 1;
	for (size_t i = 0; i < s->rights->keep_count && count < 15; i++)
		keep[count++] = s->rights->keep[i];
	if (s->rights->root >= 0)
		keep[count++] = s->rights->root;
	fd_close_others(keep, count);
	bool well = give_up_rights(s->rights, &e) == 0 && s->body(&out, s->arg, &e) == 0;
	return record_send_end(s->fd, well ? NULL : e, NULL) < 0 || !well;
}

static int while_waiting(void *arg, struct error **e)
{
	const struct worker *w = arg;
	if (interrupt_check(e) < 0)
		return -1;
	if (w->deadline_ms && ticks_ms() >= w->deadline_ms)
		return error_set(e, ERROR_NETWORK, ETIMEDOUT, "worker");
	return 0;
}

struct worker *worker_start(
	const struct worker_rights *rights, worker_body *body, void *arg, struct error **e)
{
	struct worker *w = calloc(1, sizeof *w);
	unsigned char *data = malloc(RECORD_MAX + 1);
	int ends[2];
	if (!w || !data || pipe2(ends, O_CLOEXEC) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "start a worker");
		free(w);
		free(data);
		return NULL;
	}
	/* Fewer turns for whoever sends much; a pipe of the usual size serves as well. */
	fcntl(ends[1], F_SETPIPE_SZ, 2 * RECORD_MAX);
	struct start s = {rights, body, arg, ends[1]};
	*w = (struct worker){.in = {ends[0], data, while_waiting, w}};
	w->pid = proc_fork(child, &s, 0, NULL, e);
	close(ends[1]);
	if (w->pid < 0) {
		worker_free(w);
		return NULL;
	}
	return w;
}

static int ended_early(struct worker *w, struct error **e)
{
	int status = 0;
	pid_t pid = w->pid;
	w->pid = -1;
	if (proc_wait(pid, &status, e) < 0)
		return -1;
	if (status > 128)
		return error_set(e, ERROR_SYSTEM, 0, "worker was killed by signal %d (%s)",
			status - 128, strsignal(status - 128));
	return error_set(e, ERROR_SYSTEM, 0, "worker ended early with status %d", status);
}

int worker_next(struct worker *w, struct worker_record *record, int timeout_ms, struct error **e)
{
	struct record r;
	w->deadline_ms = timeout_ms ? ticks_ms() + timeout_ms : 0;
	switch (record_next(&w->in, &r, e)) {
	case RECORD_GOT:
		*record = (struct worker_record){r.type, r.length, r.data};
		return 1;
	case RECORD_ENDED:
		return 0;
	case RECORD_CUT:
		return ended_early(w, e);
	case RECORD_FAILED:
	case RECORD_UNWELL:
		break;
	}
	return -1;
}

int worker_fd(const struct worker *w)
{
	return w->in.fd;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	proc_kill(w->pid);
	close(w->in.fd);
	free(w->in.data);
	free(w);
}

void worker_cleanup(struct worker **w)
{
	worker_free(*w);
}
