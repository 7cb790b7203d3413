/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parent's side: starts the worker, judges its records, feeds the sinks. */
#include "lib/http.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/http_wire.h"

enum state { STATE_WAITING, STATE_BODY, STATE_ENDED, STATE_ABANDONED };

struct slot {
	enum state state;
	uint64_t at; /* bytes of the whole body up to here */
	uint64_t total;
};

struct http_inbox {
	const struct http_batch *batch;
	size_t open; /* requests whose `done` was not called yet */
	struct slot slots[];
};

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

struct http_inbox *http_inbox_new(const struct http_batch *batch, struct error **e)
{
	struct http_inbox *b = calloc(1, sizeof *b + batch->count * sizeof *b->slots);
	if (!b) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "download");
		return NULL;
	}
	b->batch = batch;
	b->open = batch->count;
	return b;
}

void http_inbox_free(struct http_inbox *b)
{
	free(b);
}

static int nonsense(struct error **e, const char *what)
{
	error_set(e, ERROR_SYSTEM, EBADMSG, "the download worker sent %s", what);
	return error_hint(e, "this is a bug or an attack; nothing was used of it");
}

/* Tells the owner. `failure` is freed here. */
static int inbox_finish(struct http_inbox *b, size_t index, struct error *failure, struct error **e)
{
	int r = 0;
	b->open--;
	if (b->batch->done) {
		r = b->batch->done(b->batch->arg, index, failure, e);
		error_free(failure);
	} else if (failure && e && !*e) {
		*e = failure;
		r = -1;
	} else if (failure) {
		error_free(failure);
		r = -1;
	}
	return r < 0 ? -1 : b->open == 0;
}

/* A sink that failed ends its request: what the worker still sends of it is dropped. */
static int inbox_abandon(struct http_inbox *b, size_t index, struct error *cause, struct error **e)
{
	b->slots[index].state = STATE_ABANDONED;
	return inbox_finish(b, index, cause, e);
}

/* The text at *at, which must end before `end`; *at moves behind it. */
static const char *take_text(const char **at, const char *end, size_t most)
{
	const char *text = *at;
	size_t length = text < end ? strnlen(text, (size_t)(end - text)) : 0;
	if (text >= end || text + length == end || length >= most)
		return NULL;
	*at = text + length + 1;
	return text;
}

static bool head_fits(const struct http_request *r, const struct http_wire_head *h)
{
	return (h->from == 0 || h->from == r->offset) && h->total <= r->limit &&
	       (!h->total || h->from <= h->total) && (!r->size || !h->total || h->total == r->size);
}

static int take_head(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	struct http_wire_head h;
	memcpy(&h, rec->data, sizeof h);
	struct slot *slot = &b->slots[h.index];
	const struct http_transfer *t = &b->batch->transfers[h.index];
	const char *at = (const char *)rec->data + sizeof h;
	const char *end = (const char *)rec->data + rec->length;
	const char *etag = take_text(&at, end, HTTP_TEXT_MAX);
	const char *type = etag ? take_text(&at, end, HTTP_TEXT_MAX) : NULL;
	if (slot->state == STATE_ABANDONED)
		return 0;
	if (slot->state != STATE_WAITING)
		return nonsense(e, "a head where none belongs");
	if (!type || at != end || !http_text_is_clean(etag) || !http_text_is_clean(type) ||
		!head_fits(&t->request, &h) || (!t->request.allow_html && http_is_html(type)))
		return nonsense(e, "a head that cannot be");
	*slot = (struct slot){STATE_BODY, h.from, h.total};
	struct http_head head = {
		h.total, h.from, *etag ? etag : NULL, *type ? type : NULL, h.status};
	struct error *cause = NULL;
	if (t->sink.head && t->sink.head(t->sink.arg, &head, &cause) < 0)
		return inbox_abandon(b, h.index, cause, e);
	return 0;
}

static int take_data(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	struct http_wire_data d;
	memcpy(&d, rec->data, sizeof d);
	struct slot *slot = &b->slots[d.index];
	const struct http_transfer *t = &b->batch->transfers[d.index];
	size_t length = rec->length - sizeof d;
	if (slot->state == STATE_ABANDONED)
		return 0;
	if (slot->state != STATE_BODY)
		return nonsense(e, "data where none belongs");
	uint64_t most = t->request.size ? t->request.size
			: slot->total	? slot->total
					: t->request.limit;
	if (slot->at > most || length > most - slot->at)
		return nonsense(e, "more data than may be");
	slot->at += length;
	struct error *cause = NULL;
	if (t->sink.data(t->sink.arg, rec->data + sizeof d, length, &cause) < 0)
		return inbox_abandon(b, d.index, cause, e);
	return 0;
}

/* NULL where the record is broken. */
static struct error *read_failure(const struct http_wire_done *d, const struct worker_record *rec)
{
	const char *at = (const char *)rec->data + sizeof *d;
	const char *end = (const char *)rec->data + rec->length;
	const char *message = take_text(&at, end, HTTP_MESSAGE_MAX);
	const char *hint = message ? take_text(&at, end, HTTP_MESSAGE_MAX) : NULL;
	struct error *failure = NULL;
	if (!hint || at != end || !error_code_name((enum error_code)d->code))
		return NULL;
	error_set(&failure, (enum error_code)d->code, d->errnum, "%s", message);
	if (*hint)
		error_hint(&failure, "%s", hint);
	return failure;
}

static int take_done(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	struct http_wire_done d;
	memcpy(&d, rec->data, sizeof d);
	struct slot *slot = &b->slots[d.index];
	const struct http_request *r = &b->batch->transfers[d.index].request;
	enum state before = slot->state;
	if (before == STATE_ENDED)
		return nonsense(e, "an end twice");
	slot->state = STATE_ENDED;
	if (before == STATE_ABANDONED)
		return 0;
	struct error *failure = d.code ? read_failure(&d, rec) : NULL;
	if (d.code && !failure)
		return nonsense(e, "an error that cannot be read");
	uint64_t want = r->size ? r->size : slot->total;
	if (!d.code &&
		(before != STATE_BODY || rec->length != sizeof d || (want && slot->at != want)))
		return nonsense(e, "an end too early");
	return inbox_finish(b, d.index, failure, e);
}

int http_inbox_take(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	static const struct {
		size_t size;
		int (*act)(struct http_inbox *, const struct worker_record *, struct error **);
	} rows[] = {
		{sizeof(struct http_wire_head), take_head},
		{sizeof(struct http_wire_data), take_data},
		{sizeof(struct http_wire_done), take_done},
	};
	size_t row = rec->type - HTTP_TYPE_HEAD;
	uint32_t index; /* stands first in each */
	if (rec->type < HTTP_TYPE_HEAD || row >= sizeof rows / sizeof *rows ||
		rec->length < rows[row].size)
		return nonsense(e, "an unknown record");
	memcpy(&index, rec->data, sizeof index);
	if (index >= b->batch->count)
		return nonsense(e, "an index out of range");
	return rows[row].act(b, rec, e);
}

/* The longest that an honest worker is silent: every hop of one request at its limits. */
static int silence_ms(const struct http_settings *s)
{
	int hop = 2 * http_connect_ms(s) + http_first_byte_ms(s) + 2000;
	return (HTTP_REDIRECTS_MAX + 1) * hop + http_stall_ms(s) + 10000;
}

static int run(struct worker *w, struct http_inbox *b, int timeout_ms, struct error **e)
{
	for (;;) {
		struct worker_record record;
		int got = worker_next(w, &record, timeout_ms, e);
		if (got == 0)
			return nonsense(e, "an end too early");
		int r = got < 0 ? -1 : http_inbox_take(b, &record, e);
		if (r)
			return r < 0 ? -1 : 0;
	}
}

int http_get_all(const struct http_settings *s, const struct http_batch *batch, struct error **e)
{
	if (batch->count == 0)
		return 0;
	struct http_job job = {s, batch};
	struct worker_rights rights = {.unprivileged = true, .network = true, .root = -1};
	struct http_inbox *b = http_inbox_new(batch, e);
	if (!b)
		return -1;
	auto_worker *w = worker_start(&rights, http_worker, &job, e);
	int r = w ? run(w, b, silence_ms(s), e) : -1;
	http_inbox_free(b);
	return r;
}

int http_get(const struct http_settings *s, const struct http_request *r,
	const struct http_sink *sink, struct error **e)
{
	struct http_transfer one = {*r, *sink};
	struct http_batch batch = {&one, 1, 1, NULL, NULL};
	return http_get_all(s, &batch, e);
}
