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
#include "lib/syscalls.h"
#include "lib/ticks.h"

enum { TYPE_END = 1, TYPE_ERROR = 2 };
enum { NOBODY = 65534, AID_INET = 3003 };

struct header {
	uint32_t type;
	uint32_t length;
};

struct worker_out {
	int fd;
};

struct worker {
	pid_t pid;
	int fd;
	unsigned char *data;
};

/* The error as it crosses the pipe: fixed numbers, then message and hint, each NUL-terminated. */
struct error_record {
	int32_t code;
	int32_t errnum;
	char text[4096];
};

static int send_raw(
	struct worker_out *out, uint32_t type, const void *data, size_t length, struct error **e)
{
	struct header h = {type, (uint32_t)length};
	if (length > WORKER_RECORD_MAX)
		return error_set(e, ERROR_SYSTEM, EMSGSIZE, "record of %zu bytes", length);
	if (fd_write_all(out->fd, &h, sizeof h, e) < 0)
		return -1;
	return length ? fd_write_all(out->fd, data, length, e) : 0;
}

int worker_send(
	struct worker_out *out, uint32_t type, const void *data, size_t length, struct error **e)
{
	return send_raw(out, type, data, length, e);
}

static void send_error(struct worker_out *out, const struct error *error)
{
	struct error_record r = {(int32_t)error_code(error), error_errno(error), ""};
	size_t half = sizeof r.text / 2;
	snprintf(r.text, half, "%s", error_message(error));
	size_t used = strlen(r.text) + 1;
	const char *hint = error_remedy(error);
	snprintf(r.text + used, half, "%s", hint ? hint : "");
	used += strlen(r.text + used) + 1;
	send_raw(out, TYPE_ERROR, &r, offsetof(struct error_record, text) + used, NULL);
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
	if (give_up_rights(s->rights, &e) < 0 || s->body(&out, s->arg, &e) < 0) {
		send_error(&out, e);
		return 1;
	}
	return send_raw(&out, TYPE_END, NULL, 0, NULL) < 0;
}

struct worker *worker_start(
	const struct worker_rights *rights, worker_body *body, void *arg, struct error **e)
{
	struct worker *w = calloc(1, sizeof *w);
	unsigned char *data = malloc(WORKER_RECORD_MAX + 1);
	int ends[2];
	if (!w || !data || pipe2(ends, O_CLOEXEC) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "start a worker");
		free(w);
		free(data);
		return NULL;
	}
	struct start s = {rights, body, arg, ends[1]};
	*w = (struct worker){proc_fork(child, &s, 0, NULL, e), ends[0], data};
	close(ends[1]);
	if (w->pid < 0) {
		worker_free(w);
		return NULL;
	}
	return w;
}

/* Reads exactly `size` bytes. 0 at an end of file before the first byte. */
static int read_exactly(struct worker *w, void *to, size_t size, int64_t deadline, struct error **e)
{
	size_t done = 0;
	while (done < size) {
		if (interrupt_check(e) < 0)
			return -1;
		if (deadline && ticks_ms() >= deadline)
			return error_set(e, ERROR_NETWORK, ETIMEDOUT, "worker");
		struct pollfd p = {w->fd, POLLIN, 0};
		if (poll(&p, 1, 250) <= 0)
			continue;
		ssize_t n = read(w->fd, (char *)to + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, ERROR_SYSTEM, errno, "read from worker");
		if (n == 0 && done == 0)
			return 0;
		if (n == 0)
			return error_set(e, ERROR_SYSTEM, 0, "worker ended in mid-record");
		done += (size_t)n;
	}
	return 1;
}

static int take_error(const struct worker *w, uint32_t length, struct error **e)
{
	struct error_record r;
	if (length < offsetof(struct error_record, text) + 2 || length > sizeof r)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	memcpy(&r, w->data, length);
	r.text[sizeof r.text - 1] = '\0';
	const char *hint = r.text + strlen(r.text) + 1;
	if (!error_code_name((enum error_code)r.code))
		r.code = ERROR_SYSTEM;
	/* The message holds errno's text already. */
	error_set(e, (enum error_code)r.code, 0, "%s", r.text);
	if (hint < (char *)&r + length && *hint)
		error_hint(e, "%s", hint);
	return -1;
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
	int64_t deadline = timeout_ms ? ticks_ms() + timeout_ms : 0;
	struct header h;
	int got = read_exactly(w, &h, sizeof h, deadline, e);
	if (got <= 0)
		return got < 0 ? -1 : ended_early(w, e);
	if (h.length > WORKER_RECORD_MAX)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	if (h.length && read_exactly(w, w->data, h.length, deadline, e) <= 0)
		return error_set(e, ERROR_SYSTEM, 0, "worker ended in mid-record");
	w->data[h.length] = '\0';
	if (h.type == TYPE_END)
		return 0;
	if (h.type == TYPE_ERROR)
		return take_error(w, h.length, e);
	*record = (struct worker_record){h.type, h.length, w->data};
	return 1;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	proc_kill(w->pid);
	close(w->fd);
	free(w->data);
	free(w);
}

void worker_cleanup(struct worker **w)
{
	worker_free(*w);
}
