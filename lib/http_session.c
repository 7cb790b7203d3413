/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parent's side: starts the worker, tells it what to ask for, and hears it. */
#include "lib/http_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/ticks.h"

enum { POLL_MS = 250 };

struct http_session {
	struct worker *worker;
	struct http_inbox *inbox;
	int words; /* our end */
	int silence_ms;
	int64_t heard_ms; /* when the worker last said something, or was first asked */
};

/* The longest that an honest worker is silent: every hop of one request at its limits. */
static int longest_silence_ms(const struct http_settings *s)
{
	int hop = 2 * http_connect_ms(s) + http_first_byte_ms(s) + 2000;
	return (HTTP_REDIRECTS_MAX + 1) * hop + http_stall_ms(s) + 10000;
}

static int start_worker(struct http_session *h, const struct http_settings *s, struct error **e)
{
	int ends[2];
	/* Each word is a packet, so that none is read in part. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "start a worker");
	struct http_job job = {s, ends[1]};
	struct worker_rights rights = {.unprivileged = true,
		.network = true,
		.root = -1,
		.keep = &ends[1],
		.keep_count = 1};
	h->words = ends[0];
	h->worker = worker_start(&rights, http_worker, &job, e);
	close(ends[1]);
	return h->worker ? 0 : -1;
}

struct http_session *http_session_open(const struct http_settings *s, struct error **e)
{
	struct http_session *h = calloc(1, sizeof *h);
	if (!h) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "download");
		return NULL;
	}
	h->words = -1;
	h->silence_ms = longest_silence_ms(s);
	h->inbox = http_inbox_new(e);
	if (h->inbox && start_worker(h, s, e) == 0)
		return h;
	http_session_close(h);
	return NULL;
}

void http_session_close(struct http_session *h)
{
	if (!h)
		return;
	worker_free(h->worker);
	http_inbox_free(h->inbox);
	if (h->words >= 0)
		close(h->words);
	free(h);
}

/* Never waits: a worker that is waiting for us to read would not read either. */
static int send_word(struct http_session *h, const void *word, size_t length, struct error **e)
{
	ssize_t n;
	do
		n = send(h->words, word, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)length)
		return error_set(
			e, ERROR_SYSTEM, n < 0 ? errno : EMSGSIZE, "talk to the download worker");
	return 0;
}

int http_session_ask(struct http_session *h, const struct http_request *r,
	const struct http_ear *ear, uint32_t *id, struct error **e)
{
	auto_buf word = BUF(HTTP_WORD_MAX);
	uint32_t index;
	const char *etag = r->if_etag ? r->if_etag : "";
	if (!http_inbox_open(h->inbox))
		h->heard_ms = ticks_ms();
	if (http_inbox_add(h->inbox, r, ear, &index, e) < 0)
		return -1;
	struct http_wire_word w = {.word = HTTP_WORD_ASK,
		.index = index,
		.limit = r->limit,
		.size = r->size,
		.offset = r->offset,
		.end = r->end,
		.allow_http = r->allow_http,
		.allow_html = r->allow_html};
	if (buf_append(&word, &w, sizeof w, e) < 0 ||
		buf_append(&word, r->url, strlen(r->url) + 1, e) < 0 ||
		buf_append(&word, etag, strlen(etag) + 1, e) < 0 ||
		send_word(h, word.data, word.length, e) < 0) {
		http_inbox_cancel(h->inbox, index);
		return -1;
	}
	*id = index;
	return 0;
}

/* Should the word be lost, what the worker still sends is dropped all the same. */
static void send_cancel(struct http_session *h, uint32_t id)
{
	struct http_wire_word w = {.word = HTTP_WORD_CANCEL, .index = id};
	if (send_word(h, &w, sizeof w, NULL) < 0)
		return;
}

void http_session_cancel(struct http_session *h, uint32_t id)
{
	if (http_inbox_cancel(h->inbox, id))
		send_cancel(h, id);
}

/* 1: a record waits; 0: none came in time. */
static int wait_for_record(struct http_session *h, int timeout_ms, struct error **e)
{
	struct pollfd p = {worker_fd(h->worker), POLLIN, 0};
	int64_t until_ms = ticks_ms() + timeout_ms;
	for (;;) {
		int64_t left_ms = until_ms - ticks_ms();
		if (interrupt_check(e) < 0)
			return -1;
		int wait_ms = left_ms > POLL_MS ? POLL_MS : left_ms > 0 ? (int)left_ms : 0;
		if (poll(&p, 1, wait_ms) > 0)
			return 1;
		if (left_ms <= wait_ms)
			break;
	}
	if (!http_inbox_open(h->inbox) || ticks_ms() - h->heard_ms < h->silence_ms)
		return 0;
	return error_set(e, ERROR_NETWORK, ETIMEDOUT, "the download worker says nothing");
}

int http_session_step(struct http_session *h, int timeout_ms, struct error **e)
{
	struct worker_record record;
	uint32_t abandoned;
	int got = wait_for_record(h, timeout_ms, e);
	if (got <= 0)
		return got;
	got = worker_next(h->worker, &record, h->silence_ms, e);
	if (got == 0)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "the download worker ended too early");
	h->heard_ms = ticks_ms();
	if (got < 0 || http_inbox_take(h->inbox, &record, e) < 0)
		return -1;
	if (http_inbox_abandoned(h->inbox, &abandoned))
		send_cancel(h, abandoned);
	return 0;
}
