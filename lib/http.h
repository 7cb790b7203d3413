/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTPS by libcurl in a worker: bytes come out, everything else stays inside.
 *
 * The worker resolves (lib/dns), connects, checks certificates at the trusted time, follows at most
 * five redirects (never from https to http) and sends typed records. Nothing here writes files. */
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/text.h"
#include "lib/trusted_time.h"

/* What every request of a run shares. Owned by the caller; the strings outlive the use. */
struct http_settings {
	struct trusted_time time;
	const char *ca_pem; /* certificates trusted, PEM text */
	size_t ca_pem_length;
	struct strings dns_servers; /* "ip" or "ip:port"; empty: the system's, then built-in ones */
	int connect_timeout_ms; /* 0: 10,000 */
	int first_byte_timeout_ms; /* 0: 10,000 */
	int stall_timeout_ms; /* 0: 15,000 below 4 KiB/s */
	uint64_t rate_limit; /* bytes a second, of all requests of a session together; 0: none */
};

/* PEM text of the certificates to trust: of the file `choice`, or "system" (the bundle at its known
 * places) or "android" (its directories); NULL: SSL_CERT_FILE, else the system's, else Android's.
 * ERROR_CONFIG where there is none. Free *pem. */
int http_read_ca(const char *choice, char **pem, size_t *length, struct error **e) must_check;
/* All certificates in the files of a directory. 1: some; 0: none, or no such directory. */
int http_read_ca_dir(const char *path, char **pem, size_t *length, struct error **e) must_check;

struct http_request {
	const char *url; /* https://…; http only where allow_http */
	uint64_t limit; /* most bytes of the whole body, those before `offset` too; more is an error
			 */
	uint64_t size; /* exact bytes of the whole body where known, else 0: else it is refused */
	uint64_t offset; /* first byte wanted (Range); 0: from the beginning */
	uint64_t end; /* the first byte that is not wanted; 0: to the end */
	const char *if_etag; /* with a range: If-Range */
	bool allow_http; /* only for what has a hash or signature known before */
	bool allow_html; /* false: a body of text/html is refused (captive portals) */
};

/* What the parent hears of a body, in this order: head once, data any number of times. A callback
 * that returns -1 with an error ends the request. */
struct http_head {
	uint64_t total; /* of the whole body, 0 unknown */
	uint64_t from; /* offset of the first byte that follows: 0 where a Range was not honoured */
	const char *etag, *content_type;
	int status;
	bool multiplexed; /* HTTP/2: further requests to the host share the connection */
};
struct http_sink {
	/* May be NULL. */
	int (*head)(void *arg, const struct http_head *head, struct error **e);
	int (*data)(void *arg, const void *data, size_t length, struct error **e);
	void *arg;
};

/* A session: one worker, to which requests are given and from which they are taken while others
 * are under way. It keeps connections, HTTP/2 streams and resolved names between them. */
enum { HTTP_REQUESTS_MAX = 64 }; /* under way at once */
/* What kind of failure it was, where who asks makes a difference between them. */
enum http_fault {
	HTTP_FAULT_OTHER,
	HTTP_FAULT_CERTIFICATE,
	HTTP_FAULT_INSECURE, /* plain http where https is needed: a redirect, or the URL itself */
	HTTP_FAULT_HTML, /* a web page instead of the file */
	HTTP_FAULT_COUNT
};
struct http_end {
	struct error *failure; /* NULL: all that was asked for came; may be taken */
	enum http_fault fault; /* with a failure */
	int retry_after_s; /* with 429 and 503: when the server wants to be asked again; else 0 */
};
/* `end` is called once for each request that was not cancelled. Where it returns -1 with an error,
 * the step in which it was called returns that. */
struct http_ear {
	struct http_sink sink;
	int (*end)(void *arg, struct http_end *end, struct error **e);
	void *end_arg;
};
struct http_session;

struct http_session *http_session_open(const struct http_settings *s, struct error **e) must_check;
/* The request's texts are copied. *id names it until its end. */
int http_session_ask(struct http_session *h, const struct http_request *r,
	const struct http_ear *ear, uint32_t *id, struct error **e) must_check;
/* Nothing more is heard of it. To be called from within a callback, too. */
void http_session_cancel(struct http_session *h, uint32_t id);
/* Waits up to timeout_ms for something to come and tells the ears of it. */
int http_session_step(struct http_session *h, int timeout_ms, struct error **e) must_check;
void http_session_close(struct http_session *h);

/* One request to its end. ERROR_NETWORK with host and reason; 404 and 403 are ERROR_NETWORK with
 * errno ENOENT, a bad certificate is ERROR_TRUST. */
int http_get(const struct http_settings *s, const struct http_request *r,
	const struct http_sink *sink, struct error **e) must_check;

/* A batch in a session of its own. Requests run up to `parallel` at a time; `done` is called once
 * for each (error NULL: well) and owns no error. Its return value -1 with an error ends the batch.
 * Where `done` is NULL, the first failure ends the batch and is its error. The sink's arg is per
 * request. */
struct http_transfer {
	struct http_request request;
	struct http_sink sink;
};
struct http_batch {
	const struct http_transfer *transfers;
	size_t count;
	int parallel;
	int (*done)(void *arg, size_t index, const struct error *failure, struct error **e);
	void *arg;
};
int http_get_all(
	const struct http_settings *s, const struct http_batch *batch, struct error **e) must_check;

#endif
