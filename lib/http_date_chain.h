/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside lib/http_date*: the certificates of one answer, verified twice. */
#ifndef LIB_HTTP_DATE_CHAIN_H
#define LIB_HTTP_DATE_CHAIN_H

#include "lib/http_date.h"

/* Owned; freed by http_date_chain_free. */
struct http_date_chain;
struct http_date_chain *http_date_chain_new(struct error **e) must_check;
void http_date_chain_free(struct http_date_chain *c);

/* Makes the handshakes of `ssl_ctx` (curl's CURLOPT_SSL_CTX_FUNCTION) verify without time, and keep
 * what they saw in `c`. */
void http_date_chain_watch(struct http_date_chain *c, void *ssl_ctx);
/* OpenSSL's words for why the first verification failed; NULL where it did not. */
const char *http_date_chain_failure(const struct http_date_chain *c);
/* The whole chain again, at `unix_s`: fills the window, `holds` and `why` of `to`. */
int http_date_chain_judge(const struct http_date_chain *c, int64_t unix_s, struct http_date *to,
	struct error **e) must_check;

#endif
