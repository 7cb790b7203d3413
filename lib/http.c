/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, or a batch, in a session of its own. */
#include "lib/http.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/http_wire.h"

enum { STEP_MS = 1000 };

int http_connect_ms(const struct http_settings *s)
{
	return s->connect_timeout_ms ? s->connect_timeout_ms : 10000;
}

int http_first_byte_ms(const struct http_settings *s)
{
	return s->first_byte_timeout_ms ? s->first_byte_timeout_ms : 10000;
}

int http_stall_ms(const struct http_settings *s)
{
	return s->stall_timeout_ms ? s->stall_timeout_ms : 15000;
}

struct pending;
struct member {
	struct pending *of;
	size_t index;
};
struct pending {
	const struct http_batch *batch;
	struct member *members;
	size_t next, ended;
};

static int on_end(void *arg, struct http_end *end, struct error **e)
{
	const struct member *m = arg;
	const struct http_batch *batch = m->of->batch;
	m->of->ended++;
	if (batch->done)
		return batch->done(batch->arg, m->index, end->failure, e);
	if (!end->failure)
		return 0;
	if (e && !*e)
		*e = take(&end->failure);
	return -1;
}

static int ask_more(struct http_session *h, struct pending *p, struct error **e)
{
	size_t parallel = p->batch->parallel > 0 ? (size_t)p->batch->parallel : 1;
	if (parallel > HTTP_REQUESTS_MAX)
		parallel = HTTP_REQUESTS_MAX;
	while (p->next < p->batch->count && p->next - p->ended < parallel) {
		const struct http_transfer *t = &p->batch->transfers[p->next];
		struct member *m = &p->members[p->next];
		*m = (struct member){p, p->next++};
		struct http_ear ear = {t->sink, on_end, m};
		uint32_t id;
		if (http_session_ask(h, &t->request, &ear, &id, e) < 0)
			return -1;
	}
	return 0;
}

int http_get_all(const struct http_settings *s, const struct http_batch *batch, struct error **e)
{
	if (batch->count == 0)
		return 0;
	struct member *auto_free members = calloc(batch->count, sizeof *members);
	if (!members)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	struct pending p = {.batch = batch, .members = members};
	struct http_session *h = http_session_open(s, e);
	int r = h ? 0 : -1;
	while (r == 0 && p.ended < batch->count) {
		r = ask_more(h, &p, e);
		if (r == 0)
			r = http_session_step(h, STEP_MS, e);
	}
	http_session_close(h);
	return r;
}

int http_get(const struct http_settings *s, const struct http_request *r,
	const struct http_sink *sink, struct error **e)
{
	struct http_transfer one = {*r, *sink};
	struct http_batch batch = {&one, 1, 1, NULL, NULL};
	return http_get_all(s, &batch, e);
}
