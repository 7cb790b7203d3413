/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parent's book: judges the worker's records and tells the ears. */
#include "lib/http_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"

/* FREE: may be given away. The others hold a slot until the worker's DONE. */
enum state { STATE_FREE, STATE_WAITING, STATE_BODY, STATE_ABANDONED };

struct slot {
	enum state state;
	struct http_request request; /* its texts are not kept */
	struct http_ear ear;
	uint64_t at; /* bytes of the whole body up to here */
	uint64_t from, total;
};

struct http_inbox {
	size_t open;
	bool has_abandoned;
	uint32_t abandoned;
	struct slot slots[HTTP_REQUESTS_MAX];
};

struct http_inbox *http_inbox_new(struct error **e)
{
	struct http_inbox *b = calloc(1, sizeof *b);
	if (!b)
		error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	return b;
}

void http_inbox_free(struct http_inbox *b)
{
	free(b);
}

int http_inbox_add(struct http_inbox *b, const struct http_request *r, const struct http_ear *ear,
	uint32_t *index, struct error **e)
{
	for (uint32_t i = 0; i < HTTP_REQUESTS_MAX; i++) {
		if (b->slots[i].state != STATE_FREE)
			continue;
		b->slots[i] = (struct slot){.state = STATE_WAITING, .request = *r, .ear = *ear};
		b->slots[i].request.url = b->slots[i].request.if_etag = NULL;
		b->open++;
		*index = i;
		return 0;
	}
	return error_set(
		e, ERROR_SYSTEM, EBUSY, "more than %d requests at once", HTTP_REQUESTS_MAX);
}

bool http_inbox_cancel(struct http_inbox *b, uint32_t index)
{
	struct slot *slot = &b->slots[index];
	if (slot->state != STATE_WAITING && slot->state != STATE_BODY)
		return false;
	slot->state = STATE_ABANDONED;
	b->open--;
	return true;
}

size_t http_inbox_open(const struct http_inbox *b)
{
	return b->open;
}

bool http_inbox_abandoned(struct http_inbox *b, uint32_t *index)
{
	bool has = b->has_abandoned;
	*index = b->abandoned;
	b->has_abandoned = false;
	return has;
}

static int nonsense(struct error **e, const char *what)
{
	error_set(e, ERROR_SYSTEM, EBADMSG, "the download worker sent %s", what);
	return error_hint(e, "this is a bug or an attack; nothing was used of it");
}

/* Tells the owner. `failure` is freed here, unless it was taken. */
static int tell_end(
	struct http_inbox *b, const struct http_ear *ear, struct http_end end, struct error **e)
{
	b->open--;
	int r = ear->end(ear->end_arg, &end, e);
	error_free(end.failure);
	return r;
}

/* A sink that failed ends its request: what the worker still sends of it is dropped. One that was
 * cancelled meanwhile, by the sink itself, hears nothing more. */
static int abandon(struct http_inbox *b, uint32_t index, struct error *cause, struct error **e)
{
	struct http_ear ear = b->slots[index].ear;
	if (b->slots[index].state == STATE_ABANDONED) {
		error_free(cause);
		return 0;
	}
	b->slots[index].state = STATE_ABANDONED;
	b->abandoned = index;
	b->has_abandoned = true;
	return tell_end(b, &ear, (struct http_end){.failure = cause}, e);
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
	const char *at = (const char *)rec->data + sizeof h;
	const char *end = (const char *)rec->data + rec->length;
	const char *etag = take_text(&at, end, HTTP_TEXT_MAX);
	const char *type = etag ? take_text(&at, end, HTTP_TEXT_MAX) : NULL;
	if (slot->state == STATE_ABANDONED)
		return 0;
	if (slot->state != STATE_WAITING)
		return nonsense(e, "a head where none belongs");
	if (!type || at != end || !http_text_is_clean(etag) || !http_text_is_clean(type) ||
		!head_fits(&slot->request, &h) || (!slot->request.allow_html && http_is_html(type)))
		return nonsense(e, "a head that cannot be");
	slot->state = STATE_BODY;
	slot->at = slot->from = h.from;
	slot->total = h.total;
	struct http_head head = {h.total, h.from, *etag ? etag : NULL, *type ? type : NULL,
		h.status, h.multiplexed != 0};
	struct error *cause = NULL;
	const struct http_sink *sink = &slot->ear.sink;
	if (sink->head && sink->head(sink->arg, &head, &cause) < 0)
		return abandon(b, h.index, cause, e);
	return 0;
}

static int take_data(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	struct http_wire_data d;
	memcpy(&d, rec->data, sizeof d);
	struct slot *slot = &b->slots[d.index];
	size_t length = rec->length - sizeof d;
	if (slot->state == STATE_ABANDONED)
		return 0;
	if (slot->state != STATE_BODY)
		return nonsense(e, "data where none belongs");
	uint64_t most = http_request_end(&slot->request, slot->from, slot->total);
	if (!most)
		most = slot->request.limit;
	if (slot->at > most || length > most - slot->at)
		return nonsense(e, "more data than may be");
	slot->at += length;
	struct error *cause = NULL;
	const struct http_sink *sink = &slot->ear.sink;
	if (sink->data(sink->arg, rec->data + sizeof d, length, &cause) < 0)
		return abandon(b, d.index, cause, e);
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
	error_set_plain(&failure, (enum error_code)d->code, d->errnum, "%s", message);
	if (*hint)
		error_hint(&failure, "%s", hint);
	return failure;
}

static int take_done(struct http_inbox *b, const struct worker_record *rec, struct error **e)
{
	struct http_wire_done d;
	memcpy(&d, rec->data, sizeof d);
	struct slot *slot = &b->slots[d.index];
	struct http_ear ear = slot->ear;
	enum state before = slot->state;
	if (before == STATE_FREE)
		return nonsense(e, "an end twice");
	slot->state = STATE_FREE;
	if (before == STATE_ABANDONED)
		return 0;
	struct error *failure = d.code ? read_failure(&d, rec) : NULL;
	if ((d.code && !failure) || d.retry_after_s < 0 ||
		d.retry_after_s > HTTP_RETRY_AFTER_MAX_S || d.fault >= HTTP_FAULT_COUNT) {
		error_free(failure);
		return nonsense(e, "an error that cannot be read");
	}
	uint64_t want = http_request_end(&slot->request, slot->from, slot->total);
	if (!d.code &&
		(before != STATE_BODY || rec->length != sizeof d || (want && slot->at != want)))
		return nonsense(e, "an end too early");
	struct http_end end = {failure, (enum http_fault)d.fault, d.retry_after_s};
	return tell_end(b, &ear, end, e);
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
	if (index >= HTTP_REQUESTS_MAX)
		return nonsense(e, "an index out of range");
	return rows[row].act(b, rec, e);
}
