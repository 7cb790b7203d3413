/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's loop: names, curl and the clock, until every request has ended. */
#include "lib/http_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/http_transfer.h"

enum { TICK_MS = 100 };

struct crew {
	struct http_engine engine;
	struct http_transfer_state *transfers;
	size_t count, next, ended;
	size_t parallel;
};

/* error_set puts the text of errno behind the message; the parent does it again. */
static void append_message(struct buf *b, const struct error *failure, struct error **e)
{
	const char *message = error_message(failure);
	size_t length = strlen(message);
	char tail[128] = "";
	if (error_errno(failure))
		snprintf(tail, sizeof tail, ": %s", strerror(error_errno(failure)));
	if (*tail && text_has_suffix(message, tail))
		length -= strlen(tail);
	if (length >= HTTP_MESSAGE_MAX)
		length = HTTP_MESSAGE_MAX - 1;
	const char *hint = error_remedy(failure);
	if (hint == error_code_hint(error_code(failure)))
		hint = "";
	if (buf_append(b, message, length, e) < 0 || buf_append(b, "", 1, e) < 0 ||
		buf_append(b, hint, strnlen(hint, HTTP_MESSAGE_MAX - 1), e) < 0 ||
		buf_append(b, "", 1, e) < 0)
		buf_clear(b);
}

/* Reports the end of a request; `failure` NULL: well. */
static int send_done(struct crew *c, struct http_transfer_state *t, const struct error *failure,
	struct error **e)
{
	struct http_wire_done d = {t->index, (int32_t)error_code(failure), error_errno(failure)};
	auto_buf b = BUF(0);
	http_transfer_stop(t);
	c->ended++;
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
	int r = http_check_scheme(t->url, t->request->allow_http, &failure);
	if (r == 0)
		r = http_transfer_begin(t, &failure);
	return settle(c, t, r, &failure, e);
}

static int begin_more(struct crew *c, struct error **e)
{
	while (c->next < c->count && c->next - c->ended < c->parallel)
		if (begin_hop(c, &c->transfers[c->next++], e) < 0)
			return -1;
	return 0;
}

static int start_resolved(struct crew *c, struct http_transfer_state *t, struct error **e)
{
	struct error *failure = NULL;
	enum dns_state state = t->name ? t->name->state : DNS_FOUND;
	if (state == DNS_PENDING)
		return 0;
	int r = state == DNS_FAILED ? dns_failure(c->engine.dns, t->name, &failure)
				    : http_transfer_start(t, &failure);
	return settle(c, t, r, &failure, e);
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

static int collect_finished(struct crew *c, struct error **e)
{
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(c->engine.multi, &left));) {
		struct http_transfer_state *t = NULL;
		CURLcode code = m->data.result; /* m dies with the handle's removal */
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		if (finish_hop(c, t, code, e) < 0)
			return -1;
	}
	return 0;
}

static int check_times(struct crew *c, struct error **e)
{
	for (size_t i = 0; i < c->next; i++) {
		struct http_transfer_state *t = &c->transfers[i];
		struct error *failure = NULL;
		int r = t->phase == HTTP_RUNNING ? http_transfer_check_time(t, &failure) : 0;
		if (settle(c, t, r, &failure, e) < 0)
			return -1;
		if (t->phase == HTTP_RESOLVING && start_resolved(c, t, e) < 0)
			return -1;
	}
	return 0;
}

/* Waits for curl's descriptors and the resolver's. */
static int wait_for_some(struct crew *c, struct error **e)
{
	struct pollfd fds[DNS_FDS_MAX];
	struct curl_waitfd extra[DNS_FDS_MAX];
	int wait_ms = TICK_MS;
	size_t count = dns_poll(c->engine.dns, fds, &wait_ms);
	for (size_t i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){fds[i].fd,
			(short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
				(fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)),
			0};
	CURLMcode code = curl_multi_poll(c->engine.multi, extra, (unsigned)count, wait_ms, NULL);
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
	while (c->ended < c->count) {
		int running;
		if (begin_more(c, e) < 0 || check_times(c, e) < 0)
			return -1;
		CURLMcode code = curl_multi_perform(c->engine.multi, &running);
		if (code)
			return error_set(
				e, ERROR_SYSTEM, 0, "download: %s", curl_multi_strerror(code));
		size_t ended = c->ended;
		if (collect_finished(c, e) < 0)
			return -1;
		if (c->ended == ended && wait_for_some(c, e) < 0)
			return -1;
	}
	return 0;
}

static int open_crew(struct crew *c, const struct http_job *job, struct error **e)
{
	c->count = job->batch->count;
	c->parallel = job->batch->parallel > 0 ? (size_t)job->batch->parallel : 1;
	c->engine.settings = job->settings;
	c->transfers = calloc(c->count, sizeof *c->transfers);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		c->engine.multi = curl_multi_init();
	if (!c->transfers || !c->engine.multi)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "start libcurl");
	for (size_t i = 0; i < c->count; i++) {
		struct http_transfer_state *t = &c->transfers[i];
		t->engine = &c->engine;
		t->request = &job->batch->transfers[i].request;
		t->index = (uint32_t)i;
		t->url = text_copy(t->request->url, e);
		if (!t->url)
			return -1;
	}
	c->engine.dns = dns_new(&job->settings->dns_servers, http_connect_ms(job->settings), e);
	return c->engine.dns ? 0 : -1;
}

int http_worker(struct worker_out *out, void *arg, struct error **e)
{
	struct crew c = {.engine = {.out = out}};
	int r = open_crew(&c, arg, e);
	if (r == 0)
		r = run(&c, e);
	for (size_t i = 0; c.transfers && i < c.count; i++)
		http_transfer_free(&c.transfers[i]);
	free(c.transfers);
	dns_free(c.engine.dns);
	if (c.engine.multi)
		curl_multi_cleanup(c.engine.multi);
	return r;
}
