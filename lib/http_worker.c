/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's loop: words from the parent, names, curl and the clock. */
#include "lib/http_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/http_transfer.h"

enum { TICK_MS = 100 };

struct crew {
	struct http_engine engine;
	int words;
	bool closed; /* the parent has nothing more to say */
	struct http_transfer_state slots[HTTP_REQUESTS_MAX];
};

static bool is_under_way(const struct http_transfer_state *t)
{
	return t->phase == HTTP_RESOLVING || t->phase == HTTP_RUNNING;
}

static void share_rate(struct crew *c)
{
	if (!c->engine.settings->rate_limit)
		return;
	for (size_t i = 0; i < HTTP_REQUESTS_MAX; i++)
		http_transfer_share_rate(&c->slots[i]);
}

static void append_message(struct buf *b, const struct error *failure, struct error **e)
{
	const char *message = error_message(failure);
	const char *hint = error_remedy(failure);
	if (hint == error_code_hint(error_code(failure)))
		hint = "";
	if (buf_append(b, message, strnlen(message, HTTP_MESSAGE_MAX - 1), e) < 0 ||
		buf_append(b, "", 1, e) < 0 ||
		buf_append(b, hint, strnlen(hint, HTTP_MESSAGE_MAX - 1), e) < 0 ||
		buf_append(b, "", 1, e) < 0)
		buf_clear(b);
}

static int retry_after_s(const struct http_transfer_state *t)
{
	return *t->retry_after ? http_retry_after(t->retry_after,
					 trusted_time_now(&t->engine->settings->time))
			       : 0;
}

/* Reports the end of a request; `failure` NULL: well. The slot is empty afterwards. */
static int send_done(struct crew *c, struct http_transfer_state *t, const struct error *failure,
	struct error **e)
{
	struct http_wire_done d = {t->index, (int32_t)error_code(failure), error_errno(failure),
		failure ? retry_after_s(t) : 0, failure ? t->fault : HTTP_FAULT_OTHER};
	auto_buf b = BUF(0);
	http_transfer_free(t);
	share_rate(c);
	if (buf_append(&b, &d, sizeof d, e) < 0)
		return -1;
	if (failure)
		append_message(&b, failure, e);
	return worker_send(c->engine.out, HTTP_TYPE_DONE, b.data, b.length, e);
}

/* `r` is a step's result with its error: -1 ends the request, not the worker. */
static int settle(struct crew *c, struct http_transfer_state *t, int r, struct error **failure,
	struct error **e)
{
	if (r >= 0)
		return 0;
	r = send_done(c, t, *failure, e);
	error_clear(failure);
	return r;
}

static int begin_hop(struct crew *c, struct http_transfer_state *t, struct error **e)
{
	struct error *failure = NULL;
	int r = http_check_scheme(t->url, t->request.allow_http, &failure);
	if (r < 0 && error_code(failure) == ERROR_TRUST)
		t->fault = HTTP_FAULT_INSECURE;
	if (r == 0)
		r = http_transfer_begin(t, &failure);
	return settle(c, t, r, &failure, e);
}

static int start_resolved(struct crew *c, struct http_transfer_state *t, struct error **e)
{
	struct error *failure = NULL;
	enum dns_state state = t->name ? t->name->state : DNS_FOUND;
	if (state == DNS_PENDING)
		return 0;
	int r = state == DNS_FAILED ? dns_failure(c->engine.dns, t->name, &failure)
				    : http_transfer_start(t, &failure);
	if (r == 0)
		share_rate(c);
	return settle(c, t, r, &failure, e);
}

static int take_ask(struct crew *c, const struct http_wire_word *w, const char *url, size_t length,
	struct error **e)
{
	struct http_transfer_state *t = &c->slots[w->index];
	const char *etag = url + strnlen(url, length) + 1;
	if (is_under_way(t) || etag >= url + length)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "a request that cannot be");
	t->engine = &c->engine;
	t->index = w->index;
	t->request = (struct http_request){.limit = w->limit,
		.size = w->size,
		.offset = w->offset,
		.end = w->end,
		.allow_http = w->allow_http,
		.allow_html = w->allow_html};
	t->request.url = text_copy(url, e);
	t->request.if_etag = *etag ? text_copy(etag, e) : NULL;
	t->url = text_copy(url, e);
	if (!t->request.url || !t->url || (*etag && !t->request.if_etag))
		return -1;
	return begin_hop(c, t, e);
}

static int take_cancel(struct crew *c, uint32_t index, struct error **e)
{
	struct http_transfer_state *t = &c->slots[index];
	auto_error *cancelled = NULL;
	if (!is_under_way(t))
		return 0;
	error_set(&cancelled, ERROR_INTERRUPTED, 0, "cancelled");
	return send_done(c, t, cancelled, e);
}

static int take_words(struct crew *c, struct error **e)
{
	char bytes[HTTP_WORD_MAX + 1];
	struct http_wire_word w;
	for (;;) {
		ssize_t n = recv(c->words, bytes, HTTP_WORD_MAX, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0) {
			c->closed = true;
			return 0;
		}
		memcpy(&w, bytes, sizeof w < (size_t)n ? sizeof w : (size_t)n);
		if ((size_t)n < sizeof w || w.index >= HTTP_REQUESTS_MAX)
			return error_set(e, ERROR_SYSTEM, EBADMSG, "a word that cannot be");
		bytes[n] = '\0';
		int r = w.word == HTTP_WORD_ASK
				? take_ask(c, &w, bytes + sizeof w, (size_t)n - sizeof w, e)
				: take_cancel(c, w.index, e);
		if (r < 0)
			return -1;
	}
}

static int finish_hop(
	struct crew *c, struct http_transfer_state *t, CURLcode code, struct error **e)
{
	struct error *failure = NULL;
	int r = http_transfer_finish(t, code, &failure);
	if (r == 0)
		return send_done(c, t, NULL, e);
	if (r < 0)
		return settle(c, t, r, &failure, e);
	http_transfer_stop(t);
	return begin_hop(c, t, e);
}

/* Whether one was finished. -1: an error. */
static int collect_finished(struct crew *c, struct error **e)
{
	int left, any = 0;
	for (CURLMsg *m; (m = curl_multi_info_read(c->engine.multi, &left));) {
		struct http_transfer_state *t = NULL;
		CURLcode code = m->data.result; /* m dies with the handle's removal */
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		if (finish_hop(c, t, code, e) < 0)
			return -1;
		any = 1;
	}
	return any;
}

static int check_times(struct crew *c, struct error **e)
{
	for (size_t i = 0; i < HTTP_REQUESTS_MAX; i++) {
		struct http_transfer_state *t = &c->slots[i];
		struct error *failure = NULL;
		int r = t->phase == HTTP_RUNNING ? http_transfer_check_time(t, &failure) : 0;
		if (settle(c, t, r, &failure, e) < 0)
			return -1;
		if (t->phase == HTTP_RESOLVING && start_resolved(c, t, e) < 0)
			return -1;
	}
	return 0;
}

/* Waits for curl's descriptors, the resolver's, and the parent's words. */
static int wait_for_some(struct crew *c, struct error **e)
{
	struct pollfd fds[DNS_FDS_MAX];
	struct curl_waitfd extra[DNS_FDS_MAX + 1];
	int wait_ms = TICK_MS;
	size_t count = dns_poll(c->engine.dns, fds, &wait_ms);
	for (size_t i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){fds[i].fd,
			(short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
				(fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)),
			0};
	extra[count] = (struct curl_waitfd){c->words, CURL_WAIT_POLLIN, 0};
	CURLMcode code =
		curl_multi_poll(c->engine.multi, extra, (unsigned)count + 1, wait_ms, NULL);
	if (code)
		return error_set(e, ERROR_SYSTEM, 0, "download: %s", curl_multi_strerror(code));
	for (size_t i = 0; i < count; i++)
		fds[i].revents = (short)((extra[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
					 (extra[i].revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
	dns_step(c->engine.dns, fds, count);
	return 0;
}

static int run(struct crew *c, struct error **e)
{
	while (!c->closed) {
		int running;
		if (take_words(c, e) < 0 || check_times(c, e) < 0)
			return -1;
		CURLMcode code = curl_multi_perform(c->engine.multi, &running);
		if (code)
			return error_set(
				e, ERROR_SYSTEM, 0, "download: %s", curl_multi_strerror(code));
		int any = collect_finished(c, e);
		if (any < 0 || (!any && wait_for_some(c, e) < 0))
			return -1;
	}
	return 0;
}

static int open_crew(struct crew *c, const struct http_settings *settings, struct error **e)
{
	c->engine.settings = settings;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		c->engine.multi = curl_multi_init();
	if (!c->engine.multi)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "start libcurl");
	for (uint32_t i = 0; i < HTTP_REQUESTS_MAX; i++) {
		c->slots[i].engine = &c->engine;
		c->slots[i].index = i;
	}
	c->engine.dns = dns_new(&settings->dns_servers, http_connect_ms(settings), e);
	return c->engine.dns ? 0 : -1;
}

int http_worker(struct worker_out *out, void *arg, struct error **e)
{
	const struct http_job *job = arg;
	struct crew *c = calloc(1, sizeof *c);
	if (!c)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	c->engine.out = out;
	c->words = job->words;
	int r = open_crew(c, job->settings, e);
	if (r == 0)
		r = run(c, e);
	for (size_t i = 0; i < HTTP_REQUESTS_MAX; i++)
		if (c->slots[i].engine)
			http_transfer_free(&c->slots[i]);
	dns_free(c->engine.dns);
	if (c->engine.multi)
		curl_multi_cleanup(c->engine.multi);
	free(c);
	return r;
}
