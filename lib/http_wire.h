/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside lib/http*: the records that cross from the worker to the parent, the parent's side of
 * them, and the pure rules. Nothing else includes this but its tests. */
#ifndef LIB_HTTP_WIRE_H
#define LIB_HTTP_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/http.h"
#include "lib/worker.h"

/* The parent's words to the worker, a packet each, and the worker's records. */
enum { HTTP_WORD_ASK = 1, HTTP_WORD_CANCEL };
enum { HTTP_TYPE_HEAD = WORKER_TYPE_FIRST, HTTP_TYPE_DATA, HTTP_TYPE_DONE };

/* What follows each: HEAD: etag NUL content type NUL. DATA: bytes. DONE: message NUL hint NUL,
 * where code is not 0. Texts from outside are at most HTTP_TEXT_MAX with the NUL. A request has a
 * slot from ASK to DONE, which comes for a cancelled one, too; CANCEL for an empty slot means
 * nothing. */
enum {
	HTTP_TEXT_MAX = 256,
	HTTP_LOCATION_MAX = 4096,
	HTTP_MESSAGE_MAX = 2048,
	HTTP_WORD_MAX = 16 * 1024,
	HTTP_RETRY_AFTER_MAX_S = 86400,
	HTTP_REDIRECTS_MAX = 5
};
struct http_wire_head {
	uint32_t index;
	int32_t status;
	uint64_t total, from;
	uint32_t multiplexed;
};
struct http_wire_data {
	uint32_t index;
};
struct http_wire_done {
	uint32_t index;
	int32_t code, errnum, retry_after_s;
	uint32_t fault; /* enum http_fault */
};
/* ASK: url NUL etag NUL follow. CANCEL: word and index only. */
struct http_wire_word {
	uint32_t word, index;
	uint64_t limit, size, offset, end;
	uint32_t allow_http, allow_html;
};

/* The worker's body; arg is a struct http_job. It ends when the other end of `words` is closed. */
struct http_job {
	const struct http_settings *settings;
	int words; /* a SOCK_SEQPACKET socket */
};
int http_worker(struct worker_out *out, void *arg, struct error **e) must_check;

/* The parent's book of the requests under way. It believes nothing: index, order, lengths and
 * limits are checked again, and a record that breaks them ends the session with ERROR_SYSTEM. */
struct http_inbox;
struct http_inbox *http_inbox_new(struct error **e) must_check;
void http_inbox_free(struct http_inbox *b);
/* Takes a slot. ERROR_SYSTEM (EBUSY) where all are taken. */
int http_inbox_add(struct http_inbox *b, const struct http_request *r, const struct http_ear *ear,
	uint32_t *index, struct error **e) must_check;
/* False where it has ended already. */
bool http_inbox_cancel(struct http_inbox *b, uint32_t index);
/* Requests whose end was not told yet. */
size_t http_inbox_open(const struct http_inbox *b);
int http_inbox_take(
	struct http_inbox *b, const struct worker_record *record, struct error **e) must_check;
/* A request that its own sink ended in the record just taken: the worker is to be told. */
bool http_inbox_abandoned(struct http_inbox *b, uint32_t *index);

/* Timeouts with their defaults. */
int http_connect_ms(const struct http_settings *s);
int http_first_byte_ms(const struct http_settings *s);
int http_stall_ms(const struct http_settings *s);

/* Rules (lib/http_rules.c). */
/* RFC 9110, section 14.4: "bytes A-B/TOTAL", TOTAL may be "*" (then 0). `end` is B + 1. */
int http_content_range(const char *text, uint64_t *from, uint64_t *end, uint64_t *total) must_check;
/* RFC 9110, section 10.2.3: seconds, or a date (looked at beside `now_s`). 0 where it says nothing
 * of use; at most HTTP_RETRY_AFTER_MAX_S. */
int http_retry_after(const char *text, int64_t now_s);
/* Where a request whose body begins at `from` must end; 0: not known. */
uint64_t http_request_end(const struct http_request *r, uint64_t from, uint64_t total);
/* May a request that stands at `from` go to `to` next? */
int http_check_redirect(const char *from, const char *to, bool allow_http, int redirects,
	struct error **e) must_check;
int http_check_scheme(const char *url, bool allow_http, struct error **e) must_check;
/* The error of a status that brings no body. */
int http_status_failure(const char *url, int status, struct error **e);
bool http_is_html(const char *content_type);
/* Visible ASCII: fit to be sent back in a header, and to be shown. */
bool http_text_is_clean(const char *text);

#endif
