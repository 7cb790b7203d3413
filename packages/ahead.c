/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/ticks.h"
#include "packages/ahead_work.h"

enum {
	WORKERS_MAX = 8,
	LOOK_MS = 1,
	STALLED_MS = 3000, /* a worker that writes nothing for so long does not count any more */
};

/* A parent's and, after a fork, a child's: what is known of each package. */
struct item {
	int packed; /* borrowed */
	int plain; /* -1: none */
	uint64_t size; /* at most, of the plain tar */
	bool counted; /* in `outstanding` */
};

struct ahead {
	struct ahead_share *share;
	struct item *items;
	size_t *order; /* indices as they were added */
	size_t added, sent;
	uint64_t space, outstanding;
	int dir; /* a copy */
	int orders; /* our end of the socket; -1: nothing is sent any more */
	struct worker *workers[WORKERS_MAX];
};

static size_t worker_count(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (size_t)count;
}

static size_t share_bytes(size_t count)
{
	return sizeof(struct ahead_share) + count * sizeof(struct ahead_slot);
}

static int allocate(struct ahead *a, size_t count, struct error **e)
{
	a->items = calloc(count, sizeof *a->items);
	for (size_t i = 0; a->items && i < count; i++)
		a->items[i].plain = -1;
	a->order = calloc(count, sizeof *a->order);
	void *shared = mmap(NULL, share_bytes(count), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	a->share = shared == MAP_FAILED ? NULL : shared;
	if (!a->items || !a->order || !a->share)
		return error_set(e, ERROR_SYSTEM, errno, "unpack ahead");
	a->share->count = count;
	return 0;
}

static int start_workers(struct ahead *a, struct error **e)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "unpack ahead");
	a->orders = ends[0];
	int auto_fd theirs = ends[1];
	struct ahead_work work = {theirs, a->share};
	const struct worker_rights rights = {
		.unprivileged = true, .root = -1, .keep = &theirs, .keep_count = 1};
	size_t count = worker_count();
	for (size_t i = 0; i < count; i++) {
		a->workers[i] = worker_start(&rights, ahead_work, &work, e);
		if (!a->workers[i])
			return -1;
	}
	return 0;
}

struct ahead *ahead_start(const struct ahead_settings *s, struct error **e)
{
	if (s->count == 0 || s->space == 0)
		return NULL;
	struct ahead *a = calloc(1, sizeof *a);
	if (!a) {
		error_set(e, ERROR_SYSTEM, errno, "unpack ahead");
		return NULL;
	}
	*a = (struct ahead){.space = s->space, .orders = -1};
	a->dir = fcntl(s->dir, F_DUPFD_CLOEXEC, 3);
	if (a->dir < 0)
		error_set(e, ERROR_SYSTEM, errno, "unpack ahead");
	if (a->dir >= 0 && allocate(a, s->count, e) == 0 && start_workers(a, e) == 0)
		return a;
	ahead_free(a);
	return NULL;
}

/* A file without a name. O_TMPFILE is of 3.11, and not every filesystem has it. */
static int make_plain(const struct ahead *a, size_t index)
{
	int fd = openat(a->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	char name[64];
	snprintf(name, sizeof name, ".ahead-%d-%zu", (int)getpid(), index);
	fd = openat(a->dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlinkat(a->dir, name, 0);
	return fd;
}

static int send_order(const struct ahead *a, size_t index)
{
	const struct item *it = &a->items[index];
	const int fds[2] = {it->packed, it->plain};
	struct ahead_order o = {.index = (uint32_t)index, .limit = it->size};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof fds)];
	} control = {.space = {0}};
	struct iovec part = {&o, sizeof o};
	struct msghdr m = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	return sendmsg(a->orders, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Sends what the space allows. What cannot be sent now may be the next time. */
static void send_orders(struct ahead *a)
{
	for (; a->orders >= 0 && a->sent < a->added; a->sent++) {
		size_t index = a->order[a->sent];
		struct item *it = &a->items[index];
		struct ahead_slot *slot = &a->share->slots[index];
		if (it->plain < 0 || it->size > a->space ||
			atomic_load(&slot->state) != AHEAD_NOT_SENT)
			continue;
		if (it->size > a->space - a->outstanding)
			return;
		atomic_store(&slot->state, AHEAD_SENT);
		if (send_order(a, index) < 0) {
			atomic_store(&slot->state, AHEAD_NOT_SENT);
			if (errno != EAGAIN && errno != ETOOMANYREFS)
				close(take_fd(&a->orders));
			return;
		}
		it->counted = true;
		a->outstanding += it->size;
	}
}

void ahead_add(struct ahead *a, size_t index, int fd, uint64_t unpacked_size)
{
	if (!a || index >= a->share->count || a->added == a->share->count)
		return;
	struct item *it = &a->items[index];
	/* Headers of entries, .MTREE, and what the files' sizes round off. */
	it->size = unpacked_size + unpacked_size / 4 + (4 << 20);
	it->packed = fd;
	it->plain = make_plain(a, index);
	a->order[a->added++] = index;
	send_orders(a);
}

void ahead_keep(const struct ahead *a, int *keep, size_t *count)
{
	if (!a)
		return;
	if (a->orders >= 0)
		keep[(*count)++] = a->orders;
	for (size_t i = 0; i < a->share->count; i++)
		if (a->items[i].plain >= 0)
			keep[(*count)++] = a->items[i].plain;
}

/* Its worker may have been killed: whoever does not get on is not waited for. */
static bool wait_ready(struct ahead_slot *s)
{
	uint64_t seen = atomic_load(&s->bytes);
	int64_t since = ticks_ms();
	for (;;) {
		uint32_t state = atomic_load(&s->state);
		if (state != AHEAD_UNDER_WAY)
			return state == AHEAD_READY;
		uint64_t now = atomic_load(&s->bytes);
		if (now != seen)
			since = ticks_ms();
		seen = now;
		if (ticks_ms() - since >= STALLED_MS)
			return false;
		ticks_sleep_ms(LOOK_MS);
	}
}

int ahead_take(struct ahead *a, size_t index)
{
	if (!a || index >= a->share->count || a->items[index].plain < 0)
		return -1;
	struct ahead_slot *s = &a->share->slots[index];
	if (ahead_move(s, AHEAD_NOT_SENT, AHEAD_OURS) || ahead_move(s, AHEAD_SENT, AHEAD_OURS))
		return -1;
	return wait_ready(s) ? a->items[index].plain : -1;
}

void ahead_done(struct ahead *a, size_t index)
{
	if (!a || index >= a->share->count)
		return;
	struct item *it = &a->items[index];
	/* Where that fails the space stays taken until the end, and is counted so. */
	if (it->counted && ftruncate(it->plain, 0) == 0) {
		a->outstanding -= it->size;
		it->counted = false;
	}
	send_orders(a);
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	if (a->orders >= 0)
		close(a->orders);
	for (size_t i = 0; i < WORKERS_MAX; i++)
		worker_free(a->workers[i]);
	for (size_t i = 0; a->share && i < a->share->count && a->items; i++)
		if (a->items[i].plain >= 0)
			close(a->items[i].plain);
	if (a->share)
		munmap(a->share, share_bytes(a->share->count));
	if (a->dir >= 0)
		close(a->dir);
	free(a->items);
	free(a->order);
	free(a);
}
