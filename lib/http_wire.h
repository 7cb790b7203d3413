/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside lib/http*: the records that cross from the worker to the parent, the parent's side of
 * them, and the pure rules. Nothing else includes this but its tests. */
#ifndef LIB_HTTP_WIRE_H
#define LIB_HTTP_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/http.h"
#include "lib/worker.h"

enum { HTTP_TYPE_HEAD = WORKER_TYPE_FIRST, HTTP_TYPE_DATA, HTTP_TYPE_DONE };

/* What follows each: HEAD: etag NUL content type NUL. DATA: bytes. DONE: message NUL hint NUL,
 * where code is not 0. Texts from outside are at most HTTP_TEXT_MAX with the NUL. */
enum {
	HTTP_TEXT_MAX = 256,
	HTTP_LOCATION_MAX = 4096,
	HTTP_MESSAGE_MAX = 2048,
	HTTP_REDIRECTS_MAX = 5
};
struct http_wire_head {
	uint32_t index;
	int32_t status;
	uint64_t total, from;
};
struct http_wire_data {
	uint32_t index;
};
struct http_wire_done {
	uint32_t index;
	int32_t code, errnum;
};

/* The worker's body; arg is a struct http_job. */
struct http_job {
	const struct http_settings *settings;
	const struct http_batch *batch;
};
int http_worker(struct worker_out *out, void *arg, struct error **e) must_check;

/* The parent's book of a batch. It believes nothing: index, order, lengths and limits are checked
 * again, and a record that breaks them ends the batch with ERROR_SYSTEM. */
struct http_inbox;
struct http_inbox *http_inbox_new(const struct http_batch *batch, struct error **e) must_check;
void http_inbox_free(struct http_inbox *b);
/* 1: the last request is done; 0: go on; -1: the batch ends. */
int http_inbox_take(
	struct http_inbox *b, const struct worker_record *record, struct error **e) must_check;

/* Timeouts with their defaults. */
int http_connect_ms(const struct http_settings *s);
int http_first_byte_ms(const struct http_settings *s);
int http_stall_ms(const struct http_settings *s);

/* Rules (lib/http_rules.c). */
/* RFC 9110, section 14.4: "bytes A-B/TOTAL", TOTAL may be "*" (then 0). */
int http_content_range(const char *text, uint64_t *from, uint64_t *total) must_check;
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
