/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/ahead_work.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/tar.h"

static int note_advance(void *arg, uint64_t written_bytes, struct error **e)
{
	struct ahead_slot *s = arg;
	atomic_store(&s->bytes, written_bytes);
	return 0;
}

static void unpack(struct ahead_share *share, const struct ahead_order *o, const int *fds)
{
	if (o->index >= share->count)
		return;
	struct ahead_slot *s = &share->slots[o->index];
	const struct tar_plain p = {fds[0], fds[1], o->limit, note_advance, s};
	if (!ahead_move(s, AHEAD_SENT, AHEAD_UNDER_WAY))
		return;
	/* The reason of a failure is nobody's concern: libalpm meets it, too, and tells it. */
	auto_error *why = NULL;
	atomic_store(&s->state, tar_plain(&p, &why) > 0 ? AHEAD_READY : AHEAD_FAILED);
}

/* The descriptors of a message, -1 where there are none. */
static void take_descriptors(struct msghdr *m, int fds[2])
{
	fds[0] = fds[1] = -1;
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		c->cmsg_len == CMSG_LEN(2 * sizeof *fds))
		memcpy(fds, CMSG_DATA(c), 2 * sizeof *fds);
}

/* 1: an order was taken up, 0: there will be none. */
static int work_once(const struct ahead_work *w, struct error **e)
{
	struct ahead_order o;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec part = {&o, sizeof o};
	struct msghdr m = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	ssize_t n = recvmsg(w->orders, &m, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR ? 1 : error_set(e, ERROR_SYSTEM, errno, "take an order");
	if (n == 0)
		return 0;
	int fds[2];
	take_descriptors(&m, fds);
	int auto_fd packed = fds[0], auto_fd plain = fds[1];
	if (n == sizeof o && packed >= 0 && plain >= 0)
		unpack(w->share, &o, fds);
	return 1;
}

int ahead_work(struct worker_out *out, void *arg, struct error **e)
{
	int got;
	while ((got = work_once(arg, e)) > 0)
		;
	return got;
}
