/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server sends back: its header judged, its body counted and passed on. */
#include "lib/http_transfer.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "lib/fd.h"
#include "lib/ticks.h"

/* The most of a redirect's body that is read and dropped. */
enum { DROPPED_MAX = 64 * 1024 };

int64_t http_engine_now(const struct http_engine *g)
{
	return ticks_ms() - g->blocked_ms;
}

static int engine_send(struct http_engine *g, uint32_t type, const struct buf *b, struct error **e)
{
	int64_t before = ticks_ms();
	int r = worker_send(g->out, type, b->data, b->length, e);
	g->blocked_ms += ticks_ms() - before;
	return r;
}

static void note_bytes(struct http_transfer_state *t, size_t count)
{
	if (!t->window_ms)
		t->window_ms = http_engine_now(t->engine);
	t->window_bytes[t->window_slots % HTTP_WINDOW_SLOTS] += count;
}

struct field {
	char *text;
	size_t size;
};

/* Keeps the value of header `name` if that is what the line is. Too long or odd: as if absent. */
static void keep_header(struct field to, const char *name, const char *line, size_t length)
{
	size_t skip = strlen(name);
	if (length <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
		return;
	for (skip++; skip < length && (line[skip] == ' ' || line[skip] == '\t'); skip++)
		;
	while (length > skip && isspace((unsigned char)line[length - 1]))
		length--;
	*to.text = '\0';
	if (length - skip >= to.size)
		return;
	memcpy(to.text, line + skip, length - skip);
	to.text[length - skip] = '\0';
	if (strlen(to.text) != length - skip || !http_text_is_clean(to.text))
		*to.text = '\0';
}

size_t http_on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_transfer_state *t = arg;
	size_t length = size * count;
	if (length > 5 && memcmp(data, "HTTP/", 5) == 0) /* after a 100 comes another */
		t->etag[0] = t->content_type[0] = t->content_range[0] = t->location[0] =
			t->retry_after[0] = '\0';
	keep_header((struct field){t->etag, HTTP_TEXT_MAX}, "ETag", data, length);
	keep_header((struct field){t->content_type, HTTP_TEXT_MAX}, "Content-Type", data, length);
	keep_header((struct field){t->content_range, HTTP_TEXT_MAX}, "Content-Range", data, length);
	keep_header((struct field){t->retry_after, HTTP_TEXT_MAX}, "Retry-After", data, length);
	keep_header((struct field){t->location, HTTP_LOCATION_MAX}, "Location", data, length);
	note_bytes(t, 0);
	return length;
}

/* Where the body begins and how long the whole is. */
static int place_body(struct http_transfer_state *t, int status, struct error **e)
{
	const struct http_request *r = &t->request;
	curl_off_t length = -1;
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	t->at = 0;
	t->total = length > 0 ? (uint64_t)length : 0;
	t->sent_end = t->total;
	t->end = http_request_end(r, t->at, t->total);
	if (status == 200)
		return 0;
	bool asked = r->offset || r->end;
	if (!asked || http_content_range(t->content_range, &t->at, &t->sent_end, &t->total) < 0 ||
		t->at != r->offset)
		return error_set(
			e, ERROR_NETWORK, 0, "%s: not the range that was asked for", t->url);
	if (!t->total && !r->end)
		t->total = t->sent_end;
	t->end = http_request_end(r, t->at, t->total);
	return 0;
}

static int check_size(const struct http_transfer_state *t, struct error **e)
{
	const struct http_request *r = &t->request;
	if (r->size && t->total && t->total != r->size)
		return error_set(e, ERROR_NETWORK, 0, "%s: %" PRIu64 " bytes instead of %" PRIu64,
			t->url, t->total, r->size);
	if (t->total > r->limit)
		return error_set(e, ERROR_NETWORK, 0,
			"%s: %" PRIu64 " bytes where at most %" PRIu64 " may be", t->url, t->total,
			r->limit);
	return 0;
}

static int send_head(struct http_transfer_state *t, int status, struct error **e)
{
	long version = 0;
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	struct http_wire_head h = {
		t->index, status, t->total, t->at, version >= CURL_HTTP_VERSION_2_0};
	auto_buf b = BUF(0);
	if (buf_append(&b, &h, sizeof h, e) < 0 ||
		buf_append(&b, t->etag, strlen(t->etag) + 1, e) < 0 ||
		buf_append(&b, t->content_type, strlen(t->content_type) + 1, e) < 0)
		return -1;
	t->head_sent = true;
	return engine_send(t->engine, HTTP_TYPE_HEAD, &b, e);
}

static bool is_redirect(const struct http_transfer_state *t, long status)
{
	bool known =
		status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
	return known && *t->location;
}

int http_answer_head(struct http_transfer_state *t, struct error **e)
{
	long status = 0;
	if (t->head_sent)
		return 0;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (is_redirect(t, status))
		return 1;
	if (status != 200 && status != 206)
		return http_status_failure(t->url, (int)status, e);
	if (!t->request.allow_html && http_is_html(t->content_type)) {
		t->fault = HTTP_FAULT_HTML;
		error_set(e, ERROR_NETWORK, 0, "%s: a web page (%s) instead of the file", t->url,
			t->content_type);
		return error_hint(e,
			"a network that wants a login answers so: log in with a browser, then run "
			"the same command again");
	}
	if (place_body(t, (int)status, e) < 0 || check_size(t, e) < 0)
		return -1;
	return send_head(t, (int)status, e);
}

static int send_body(
	struct http_transfer_state *t, const char *data, size_t length, struct error **e)
{
	struct http_wire_data d = {t->index};
	auto_buf b = BUF(0);
	uint64_t most = t->end ? t->end : t->request.limit;
	/* Whoever sends the whole where a part was asked for is stopped at its end. */
	if (t->request.end && t->end == t->request.end && t->end != t->sent_end &&
		length >= t->end - t->at) {
		length = (size_t)(t->end - t->at);
		t->complete = true;
	}
	if (t->at > most || length > most - t->at)
		return error_set(
			e, ERROR_NETWORK, 0, "%s: more than %" PRIu64 " bytes", t->url, most);
	t->at += length;
	if (buf_append(&b, &d, sizeof d, e) < 0 || buf_append(&b, data, length, e) < 0)
		return -1;
	return engine_send(t->engine, HTTP_TYPE_DATA, &b, e);
}

size_t http_on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_transfer_state *t = arg;
	size_t length = size * count;
	note_bytes(t, length);
	int r = http_answer_head(t, &t->failure);
	if (r == 1) {
		t->dropped += length;
		return t->dropped > DROPPED_MAX ? 0 : length;
	}
	if (r < 0 || send_body(t, data, length, &t->failure) < 0)
		return 0;
	return t->complete ? 0 : length;
}
