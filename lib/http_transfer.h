/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside lib/http*, in the worker: one request on its way, hop by hop. */
#ifndef LIB_HTTP_TRANSFER_H
#define LIB_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "lib/dns.h"
#include "lib/http_wire.h"

/* What the transfers of a worker share. */
struct http_engine {
	const struct http_settings *settings;
	struct worker_out *out;
	struct dns *dns;
	CURLM *multi;
	size_t running;
	/* Time spent waiting for the parent to take records. It is taken off the engine's clock,
	 * lest a slow disk here look like a stall over there. */
	int64_t blocked_ms;
};

enum http_phase { HTTP_EMPTY, HTTP_RESOLVING, HTTP_RUNNING, HTTP_STOPPED };

/* What came is watched in so many slots of the time after which a transfer has stalled. */
enum { HTTP_WINDOW_SLOTS = 5 };

struct http_transfer_state {
	struct http_engine *engine;
	struct http_request request; /* its texts are owned */
	uint32_t index;
	enum http_phase phase;
	char *url; /* of this hop */
	int redirects;
	const struct dns_name *name;
	CURL *easy;
	struct curl_slist *headers, *resolve;
	char curl_text[CURL_ERROR_SIZE];
	struct error *failure; /* found by a callback, which then stops curl */
	/* The answer's header, anew with each status line. */
	char etag[HTTP_TEXT_MAX], content_type[HTTP_TEXT_MAX], content_range[HTTP_TEXT_MAX];
	char location[HTTP_LOCATION_MAX], retry_after[HTTP_TEXT_MAX];
	bool head_sent, complete;
	enum http_fault fault; /* with a failure */
	bool fresh; /* on a connection that has served nobody else */
	/* Of the whole file: where we are, where to end, where the body ends; 0: not known. */
	uint64_t at, end, sent_end, total, dropped;
	/* The engine's clock. 0: not yet. */
	int64_t began_ms, sent_ms, window_ms;
	uint64_t window_bytes[HTTP_WINDOW_SLOTS];
	unsigned window_slots; /* that are over */
	int64_t judged_s; /* the time at which certificates were judged */
};

int64_t http_engine_now(const struct http_engine *g);

/* Begins the hop at t->url: asks for its name. */
int http_transfer_begin(struct http_transfer_state *t, struct error **e) must_check;
/* The name is known: hands the request to curl. */
int http_transfer_start(struct http_transfer_state *t, struct error **e) must_check;
/* curl is through with the hop. 1: another begins; 0: all is well; -1: the story why not. */
int http_transfer_finish(struct http_transfer_state *t, CURLcode code, struct error **e) must_check;
/* A limit of time is passed: -1 with its story. */
int http_transfer_check_time(struct http_transfer_state *t, struct error **e) must_check;
/* Takes the hop away from curl. */
void http_transfer_stop(struct http_transfer_state *t);
void http_transfer_free(struct http_transfer_state *t);
/* Gives each transfer its share of the limit. To be called when `running` changed. */
void http_transfer_share_rate(struct http_transfer_state *t);

/* The part of the URL without brackets, malloc'd; NULL where it has none. */
char *http_url_part(const char *url, CURLUPart part) must_check;
/* Does the environment set a proxy for it? A proxy resolves for us, and its own name is curl's
 * business: whoever has set one up has a system with a resolver. */
bool http_has_proxy(const char *url);
/* "HOST:PORT:ADDRESS,ADDRESS…", IPv6 in brackets (CURLOPT_RESOLVE). curl tries them by both
 * families (RFC 8305). */
int http_resolve_line(struct buf *to, const char *host, const char *port,
	const struct strings *addresses, struct error **e) must_check;

/* lib/http_answer.c: what comes back. */
size_t http_on_header(char *data, size_t size, size_t count, void *arg);
size_t http_on_body(char *data, size_t size, size_t count, void *arg);
/* Judges the header and sends the head; once. 1: a redirect, whose body means nothing. */
int http_answer_head(struct http_transfer_state *t, struct error **e) must_check;

/* lib/http_tls.c: certificates at the trusted time, and the story of a failure. */
int http_tls_setup(struct http_transfer_state *t, struct error **e) must_check;
int http_tls_failure(struct http_transfer_state *t, const char *host, struct error **e);

#endif
