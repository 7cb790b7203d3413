/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time an HTTPS host says it is, and between which times its certificates hold.
 *
 * For a machine that does not know the time. The chain is verified for its signatures and the
 * host's name without any time; then the whole chain again, from leaf to root, at the very time
 * that the host's `Date:` claims (+ Age + half the round trip). So a host cannot claim a time at
 * which its own certificates do not hold. Each question runs in a worker of its own: a host that
 * breaks its worker speaks for itself alone. */
#ifndef LIB_HTTP_DATE_H
#define LIB_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/http.h"

/* From `http` are used: ca_pem and dns_servers. Its time is not: there is none yet. */
struct http_date_request {
	const struct http_settings *http;
	const char *url; /* https://host[:port]/…; asked by HEAD, redirects are not followed */
	int timeout_ms; /* for everything from the name to the last header */
};

struct http_date {
	int64_t offset_ms; /* Unix time minus CLOCK_BOOTTIME */
	int64_t not_before_s, not_after_s; /* what all certificates of the chain have in common */
	bool holds; /* the whole chain is valid at the host's own time */
	char why[96]; /* OpenSSL's words where it is not, else "" */
};

/* In a worker's body. ERROR_NETWORK, ERROR_TRUST (name, issuer), ERROR_CLOCK (no Date, a bad one,
 * an answer from a cache that is older than a day). */
int http_date_ask(
	const struct http_date_request *r, struct http_date *to, struct error **e) must_check;

/* Pure. "Sat, 31 Jan 2026 12:00:00 GMT", the one form that servers may send (IMF-fixdate, RFC 9110,
 * section 5.6.7). Whoever sends another is not asked for the time; -1. */
int http_date_parse(const char *text, int64_t *unix_s) must_check;
/* Pure. RFC 9111, section 1.2.2: digits only; -1 for nonsense or more than `most`. */
int http_date_parse_age(const char *text, int64_t most, int64_t *age_s) must_check;
/* Pure. The header lines of one answer, as they come; a status line begins anew. What stands in
 * them twice is as good as not there: which one would be true? */
struct http_date_header {
	char date[64], age[64];
	bool has_date, has_age;
};
void http_date_header_line(struct http_date_header *h, const char *line, size_t length);
/* Unix time that the header means at the moment of its writing. ERROR_CLOCK. */
int http_date_header_time(
	const struct http_date_header *h, int64_t *unix_s, struct error **e) must_check;

#endif
