/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/http_date_chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

struct http_date_chain {
	X509_STORE *store; /* the trusted ones */
	X509 *leaf;
	STACK_OF(X509) * sent; /* what the host sent along */
	STACK_OF(X509) * built; /* from leaf to root, as verified without time */
	long failure; /* X509_V_… of the first verification */
};

struct http_date_chain *http_date_chain_new(struct error **e)
{
	struct http_date_chain *c = calloc(1, sizeof *c);
	if (!c)
		error_set(e, ERROR_SYSTEM, ENOMEM, "certificates");
	return c;
}

static void forget(struct http_date_chain *c)
{
	X509_STORE_free(c->store);
	X509_free(c->leaf);
	sk_X509_pop_free(c->sent, X509_free);
	sk_X509_pop_free(c->built, X509_free);
	*c = (struct http_date_chain){.failure = X509_V_OK};
}

void http_date_chain_free(struct http_date_chain *c)
{
	if (c)
		forget(c);
	free(c);
}

/* In place of X509_verify_cert in the handshake (SSL_CTX_set_cert_verify_callback(3)): all its
 * checks but that of time (X509_VERIFY_PARAM_set_flags(3)). */
static int verify_without_time(X509_STORE_CTX *ctx, void *arg)
{
	struct http_date_chain *c = arg;
	forget(c);
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_NO_CHECK_TIME);
	int well = X509_verify_cert(ctx) == 1;
	c->failure = X509_STORE_CTX_get_error(ctx);
	if (!well)
		return 0;
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
	c->store = X509_STORE_CTX_get0_store(ctx);
	c->leaf = X509_STORE_CTX_get0_cert(ctx);
	c->sent = sent ? X509_chain_up_ref(sent) : NULL;
	c->built = X509_STORE_CTX_get1_chain(ctx);
	X509_STORE_up_ref(c->store);
	X509_up_ref(c->leaf);
	return c->built != NULL;
}

void http_date_chain_watch(struct http_date_chain *c, void *ssl_ctx)
{
	SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_without_time, c);
}

const char *http_date_chain_failure(const struct http_date_chain *c)
{
	return c->failure == X509_V_OK ? NULL : X509_verify_cert_error_string(c->failure);
}

static int unix_time(const ASN1_TIME *t, int64_t *unix_s)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return -1;
	*unix_s = (int64_t)timegm(&tm);
	return 0;
}

/* What all certificates of the chain have in common. */
static int read_window(const STACK_OF(X509) * chain, struct http_date *to, struct error **e)
{
	int64_t from = INT64_MIN, until = INT64_MAX, a, b;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *x = sk_X509_value(chain, i);
		if (unix_time(X509_get0_notBefore(x), &a) < 0 ||
			unix_time(X509_get0_notAfter(x), &b) < 0)
			return error_set(e, ERROR_TRUST, 0, "a certificate's dates cannot be read");
		from = a > from ? a : from;
		until = b < until ? b : until;
	}
	to->not_before_s = from;
	to->not_after_s = until;
	return 0;
}

int http_date_chain_judge(
	const struct http_date_chain *c, int64_t unix_s, struct http_date *to, struct error **e)
{
	struct http_date found = *to;
	if (!c->leaf)
		return error_set(e, ERROR_TRUST, 0, "no certificate was verified");
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	if (!ctx || X509_STORE_CTX_init(ctx, c->store, c->leaf, c->sent) != 1 ||
		X509_STORE_CTX_set_default(ctx, "ssl_server") != 1) {
		X509_STORE_CTX_free(ctx);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "certificates");
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)unix_s);
	found.holds = X509_verify_cert(ctx) == 1;
	snprintf(found.why, sizeof found.why, "%s",
		found.holds ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	/* With time in play another path to a root may be the good one: then its window counts. */
	int r = read_window(found.holds ? X509_STORE_CTX_get0_chain(ctx) : c->built, &found, e);
	X509_STORE_CTX_free(ctx);
	if (r == 0)
		*to = found;
	return r;
}
