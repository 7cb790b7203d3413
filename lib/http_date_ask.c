/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HEAD by libcurl, in a worker. */
#include "lib/http_date.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/fd.h"
#include "lib/http_date_chain.h"
#include "lib/http_transfer.h"
#include "lib/ticks.h"

struct question {
	const struct http_date_request *request;
	int64_t deadline_ms;
	CURL *easy;
	struct curl_slist *headers, *resolve;
	struct http_date_chain *chain;
	struct http_date_header header;
	char curl_text[CURL_ERROR_SIZE];
};

static CURLcode on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
	struct question *q = arg;
	http_date_chain_watch(q->chain, ssl_ctx);
	return CURLE_OK;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct question *q = arg;
	http_date_header_line(&q->header, data, size * count);
	return size * count;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	return 0; /* an answer to HEAD has none (RFC 9110, section 9.3.2) */
}

/* lib/dns finds the addresses, as for every request of ours; a proxy does that for itself. */
static int resolve(struct question *q, struct error **e)
{
	const char *url = q->request->url;
	auto_strings addresses = {0};
	char *auto_free host = http_url_part(url, CURLUPART_HOST);
	char *auto_free port = http_url_part(url, CURLUPART_PORT);
	if (!host || !port)
		return error_set(e, ERROR_CONFIG, 0, "%s is no URL", url);
	if (dns_is_numeric(host) || http_has_proxy(url))
		return 0;
	if (dns_resolve(&q->request->http->dns_servers, host, q->request->timeout_ms / 2,
		    &addresses, e) < 0)
		return -1;
	auto_buf line = BUF(0);
	if (http_resolve_line(&line, host, port, &addresses, e) < 0)
		return -1;
	q->resolve = curl_slist_append(NULL, buf_text(&line));
	return q->resolve ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "resolve %s", host);
}

static int set_options(struct question *q, struct error **e)
{
	const struct http_settings *s = q->request->http;
	struct curl_blob pem = {(void *)s->ca_pem, s->ca_pem_length, CURL_BLOB_NOCOPY};
	int64_t left_ms = q->deadline_ms - ticks_ms();
	CURL *c = q->easy;
	/* No cache shall answer for the host; and no name of ours is told. */
	q->headers = curl_slist_append(NULL, "Cache-Control: no-cache");
	if (!q->headers || curl_easy_setopt(c, CURLOPT_URL, q->request->url) ||
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L) ||
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, q->headers) ||
		curl_easy_setopt(c, CURLOPT_RESOLVE, q->resolve) ||
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) ||
		curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) ||
		curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) ||
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1)) ||
		curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ||
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, q->curl_text) ||
		curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) ||
		curl_easy_setopt(c, CURLOPT_HEADERDATA, q) ||
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body))
		return error_set(e, ERROR_SYSTEM, 0, "this libcurl is too old or built too small");
	if (curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) ||
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) ||
		curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ||
		curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L) ||
		curl_easy_setopt(c, CURLOPT_CAINFO, NULL) ||
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL) ||
		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &pem) ||
		curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx) ||
		curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, q))
		return error_set(e, ERROR_SYSTEM, 0, "this libcurl is not built on OpenSSL");
	return 0;
}

static int failure(struct question *q, CURLcode code, struct error **e)
{
	const char *text = *q->curl_text ? q->curl_text : curl_easy_strerror(code);
	const char *chain = http_date_chain_failure(q->chain);
	long errnum = 0;
	curl_easy_getinfo(q->easy, CURLINFO_OS_ERRNO, &errnum);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return error_set(e, ERROR_TRUST, 0, "its certificate is not trusted: %s",
			chain ? chain : "it is for another name");
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(e, ERROR_NETWORK, ETIMEDOUT, "no answer");
	case CURLE_COULDNT_CONNECT:
		return error_set(e, ERROR_NETWORK, errnum ? (int)errnum : ECONNREFUSED, "connect");
	default:
		return error_set(e, ERROR_NETWORK, 0, "%s", text);
	}
}

/* The header was written half a round trip before it came. */
static int judge(struct question *q, int64_t came_us, struct http_date *to, struct error **e)
{
	curl_off_t sent_us = 0, began_us = 0;
	int64_t unix_s;
	if (http_date_header_time(&q->header, &unix_s, e) < 0)
		return -1;
	curl_easy_getinfo(q->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
	curl_easy_getinfo(q->easy, CURLINFO_STARTTRANSFER_TIME_T, &began_us);
	int64_t half_us = began_us > sent_us ? (began_us - sent_us) / 2 : 0;
	/* Date: is cut to whole seconds, so on average the truth is half a second later. */
	int64_t unix_ms = unix_s * 1000 + 500 + half_us / 1000;
	to->offset_ms = unix_ms - came_us / 1000;
	return http_date_chain_judge(q->chain, unix_ms / 1000, to, e);
}

static int perform(struct question *q, struct http_date *to, struct error **e)
{
	if (resolve(q, e) < 0 || set_options(q, e) < 0)
		return -1;
	CURLcode code = curl_easy_perform(q->easy);
	int64_t came_us = trusted_time_boot_us();
	/* With the header complete, what happens to the body is nobody's business. */
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && q->header.has_date))
		return failure(q, code, e);
	return judge(q, came_us, to, e);
}

int http_date_ask(const struct http_date_request *r, struct http_date *to, struct error **e)
{
	struct question q = {.request = r, .deadline_ms = ticks_ms() + r->timeout_ms};
	struct http_date found = {0};
	if (http_check_scheme(r->url, false, e) < 0)
		return -1;
	int result = -1;
	q.chain = http_date_chain_new(e);
	if (q.chain && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		q.easy = curl_easy_init();
	if (q.easy)
		result = perform(&q, &found, e);
	else
		error_set(e, ERROR_SYSTEM, ENOMEM, "start libcurl");
	curl_easy_cleanup(q.easy);
	curl_slist_free_all(q.headers);
	curl_slist_free_all(q.resolve);
	http_date_chain_free(q.chain);
	if (result == 0)
		*to = found;
	return result;
}
