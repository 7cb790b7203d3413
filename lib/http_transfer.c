/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/http_transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/fd.h"

/* Below this a transfer has stalled; transfers side by side share it. */
enum { STALL_BYTES_PER_S = 4096, BODY_CHUNK = 128 * 1024, HAPPY_EYEBALLS_MS = 200 };

char *http_url_part(const char *url, CURLUPart part)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;
	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		size_t length = strlen(text);
		bool bracket = part == CURLUPART_HOST && *text == '[' && length > 2;
		copy = strndup(text + bracket, length - 2 * (size_t)bracket);
	}
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

/* The variable that sets a proxy for the URL, in the order that curl looks; NULL: none does. */
static const char *proxy_variable(const char *url)
{
	static const char *const https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	/* HTTP_PROXY in capitals is what a CGI's client can set, so curl leaves it alone. */
	static const char *const http[] = {"http_proxy", "all_proxy", "ALL_PROXY", "ALL_PROXY"};
	bool secure = strncasecmp(url, "https://", 8) == 0;
	for (size_t i = 0; i < sizeof https / sizeof *https; i++) {
		const char *name = secure ? https[i] : http[i];
		const char *value = getenv(name);
		if (value && *value)
			return name;
	}
	return NULL;
}

bool http_has_proxy(const char *url)
{
	return proxy_variable(url) != NULL;
}

int http_transfer_begin(struct http_transfer_state *t, struct error **e)
{
	t->phase = HTTP_RESOLVING;
	t->name = NULL;
	t->began_ms = http_engine_now(t->engine);
	if (http_has_proxy(t->url))
		return 0;
	char *auto_free host = http_url_part(t->url, CURLUPART_HOST);
	if (!host)
		return error_set(e, ERROR_CONFIG, 0, "%s is no URL", t->url);
	if (dns_is_numeric(host))
		return 0;
	t->name = dns_ask(t->engine->dns, host, e);
	return t->name ? 0 : -1;
}

int http_resolve_line(struct buf *to, const char *host, const char *port,
	const struct strings *addresses, struct error **e)
{
	if (buf_printf(to, e, "%s:%s:", host, port) < 0)
		return -1;
	for (size_t i = 0; i < addresses->count; i++) {
		const char *address = addresses->items[i];
		if (buf_printf(to, e, strchr(address, ':') ? "%s[%s]" : "%s%s", i ? "," : "",
			    address) < 0)
			return -1;
	}
	return 0;
}

static int set_addresses(struct http_transfer_state *t, struct error **e)
{
	auto_buf line = BUF(0);
	char *auto_free port = http_url_part(t->url, CURLUPART_PORT);
	if (!t->name)
		return 0;
	if (!port)
		return error_set(e, ERROR_CONFIG, 0, "%s is no URL", t->url);
	if (http_resolve_line(&line, t->name->host, port, &t->name->addresses, e) < 0)
		return -1;
	t->resolve = curl_slist_append(NULL, buf_text(&line));
	if (!t->resolve || curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->resolve))
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	return 0;
}

static int add_header(struct http_transfer_state *t, const char *text, struct error **e)
{
	struct curl_slist *list = curl_slist_append(t->headers, text);
	if (!list)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	t->headers = list;
	return 0;
}

/* Compressed on the way would be other bytes than the signature is for. */
static int set_headers(struct http_transfer_state *t, struct error **e)
{
	const struct http_request *r = &t->request;
	char range[64], last[32] = "";
	bool part = r->offset || r->end;
	if (add_header(t, "Accept-Encoding: identity", e) < 0)
		return -1;
	if (r->end)
		snprintf(last, sizeof last, "%" PRIu64, r->end - 1);
	snprintf(range, sizeof range, "%" PRIu64 "-%s", r->offset, last);
	if (part && curl_easy_setopt(t->easy, CURLOPT_RANGE, range))
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	if (part && r->if_etag && http_text_is_clean(r->if_etag)) {
		char *auto_free line = text_format(e, "If-Range: %s", r->if_etag);
		if (!line || add_header(t, line, e) < 0)
			return -1;
	}
	if (curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers))
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	return 0;
}

static CURLcode set_protocols(CURL *c, bool allow_http)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, allow_http ? "http,https" : "https");
#else
	return curl_easy_setopt(c, CURLOPT_PROTOCOLS,
		(long)(allow_http ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS));
#endif
}

/* curl takes what it reads at once from one connection as a whole: small pieces keep a low limit
 * smooth. */
static long buffer_size(const struct http_settings *s)
{
	enum { LEAST = 1024, PARTS = 200 };
	if (!s->rate_limit || s->rate_limit / PARTS >= BODY_CHUNK)
		return BODY_CHUNK;
	return s->rate_limit / PARTS < LEAST ? LEAST : (long)(s->rate_limit / PARTS);
}

/* Redirects are followed here, not by curl: each hop has its own name to resolve and rules to
 * keep. */
static int set_options(struct http_transfer_state *t, struct error **e)
{
	CURL *c = t->easy;
	if (set_protocols(c, t->request.allow_http) || curl_easy_setopt(c, CURLOPT_URL, t->url) ||
		curl_easy_setopt(c, CURLOPT_PRIVATE, t) ||
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->curl_text) ||
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) ||
		curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) ||
		curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L) ||
		curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) ||
		curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L) ||
		curl_easy_setopt(c, CURLOPT_BUFFERSIZE, buffer_size(t->engine->settings)) ||
		curl_easy_setopt(c, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long)HAPPY_EYEBALLS_MS) ||
		curl_easy_setopt(
			c, CURLOPT_CONNECTTIMEOUT_MS, (long)http_connect_ms(t->engine->settings)) ||
		curl_easy_setopt(c, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION) ||
		curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, http_on_header) ||
		curl_easy_setopt(c, CURLOPT_HEADERDATA, t) ||
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, http_on_body) ||
		curl_easy_setopt(c, CURLOPT_WRITEDATA, t))
		return error_set(e, ERROR_SYSTEM, 0, "this libcurl is too old or built too small");
	if (t->engine->settings->rate_limit)
		curl_easy_setopt(c, CURLOPT_MAX_RECV_SPEED_LARGE,
			(curl_off_t)t->engine->settings->rate_limit);
	/* Only a wish: a libcurl without HTTP/2 serves as well. */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	return 0;
}

void http_transfer_share_rate(struct http_transfer_state *t)
{
	const struct http_engine *g = t->engine;
	uint64_t limit = g->settings->rate_limit;
	if (!limit || t->phase != HTTP_RUNNING)
		return;
	uint64_t share = limit / (g->running ? g->running : 1);
	curl_easy_setopt(t->easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)(share ? share : 1));
}

int http_transfer_start(struct http_transfer_state *t, struct error **e)
{
	t->easy = curl_easy_init();
	if (!t->easy)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	if (set_options(t, e) < 0 || http_tls_setup(t, e) < 0 || set_headers(t, e) < 0 ||
		set_addresses(t, e) < 0)
		return -1;
	if (t->fresh)
		curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	t->began_ms = http_engine_now(t->engine);
	t->sent_ms = t->window_ms = 0;
	memset(t->window_bytes, 0, sizeof t->window_bytes);
	t->window_slots = 0;
	t->dropped = 0;
	t->head_sent = t->complete = false;
	CURLMcode code = curl_multi_add_handle(t->engine->multi, t->easy);
	if (code)
		return error_set(e, ERROR_SYSTEM, 0, "download: %s", curl_multi_strerror(code));
	t->phase = HTTP_RUNNING;
	t->engine->running++;
	return 0;
}

void http_transfer_stop(struct http_transfer_state *t)
{
	if (t->phase == HTTP_RUNNING) {
		curl_multi_remove_handle(t->engine->multi, t->easy);
		t->engine->running--;
	}
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->resolve);
	t->easy = NULL;
	t->headers = t->resolve = NULL;
	t->phase = HTTP_STOPPED;
}

void http_transfer_free(struct http_transfer_state *t)
{
	http_transfer_stop(t);
	error_clear(&t->failure);
	free(t->url);
	free((char *)t->request.url);
	free((char *)t->request.if_etag);
	struct http_engine *g = t->engine;
	*t = (struct http_transfer_state){.engine = g, .index = t->index};
}

static int unreachable(const char *host, int errnum, struct error **e)
{
	error_set(e, ERROR_NETWORK, errnum, "connect to %s", host);
	if (errnum == ENETUNREACH || errnum == EHOSTUNREACH)
		return error_hint(e,
			"no default route; bring a link up (dhcpcd eth0), then run the same "
			"command again: it resumes");
	return error_hint(e, "check the link and the address, or name another --mirror");
}

/* Who has set a proxy need not remember it: it is named, with the variable that it comes from. */
static int proxy_failure(const struct http_transfer_state *t, CURLcode code, struct error **e)
{
	const char *variable = proxy_variable(t->url);
	const char *text = *t->curl_text ? t->curl_text : curl_easy_strerror(code);
	long errnum = 0;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errnum);
	error_set(e, ERROR_NETWORK, (int)errnum, "proxy %s: %s", getenv(variable),
		code == CURLE_COULDNT_RESOLVE_PROXY ? "no such host"
		: errnum			    ? "connect"
						    : text);
	return error_hint(e, "the environment's %s names it; correct it, or unset %s to go without",
		variable, variable);
}

/* Whether it was the proxy, and not the host behind it, that failed. */
static bool is_proxy_failure(const struct http_transfer_state *t, CURLcode code)
{
	long answer = 0;
	if (!http_has_proxy(t->url))
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
	       code == CURLE_OPERATION_TIMEDOUT || code == CURLE_PROXY || answer >= 400 ||
	       (!answer && (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
				   code == CURLE_GOT_NOTHING));
}

static int curl_failure(struct http_transfer_state *t, CURLcode code, struct error **e)
{
	if (is_proxy_failure(t, code))
		return proxy_failure(t, code, e);
	char *auto_free parsed = http_url_part(t->url, CURLUPART_HOST);
	const char *host = parsed ? parsed : t->url;
	const char *text = *t->curl_text ? t->curl_text : curl_easy_strerror(code);
	long errnum = 0;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errnum);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return unreachable(host, errnum ? (int)errnum : ECONNREFUSED, e);
	case CURLE_OPERATION_TIMEDOUT: /* the only limit that curl keeps for us */
		return unreachable(host, ETIMEDOUT, e);
	case CURLE_PEER_FAILED_VERIFICATION:
		return http_tls_failure(t, host, e);
	case CURLE_SSL_CACERT_BADFILE:
		error_set(e, ERROR_CONFIG, 0, "trusted certificates: %s", text);
		return error_hint(e, "name a PEM file of trusted certificates with --cacert");
	case CURLE_PARTIAL_FILE:
		return error_set(e, ERROR_NETWORK, ECONNRESET,
			"%s: the connection ended after %" PRIu64 " bytes", t->url, t->at);
	case CURLE_OUT_OF_MEMORY:
		return error_set(e, ERROR_SYSTEM, ENOMEM, "download");
	default:
		return error_set(e, ERROR_NETWORK, 0, "%s: %s", t->url, text);
	}
}

/* Location may be relative (RFC 9110, section 10.2.2). */
static char *redirect_url(const struct http_transfer_state *t, struct error **e)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy = NULL;
	if (u && curl_url_set(u, CURLUPART_URL, t->url, 0) == CURLUE_OK &&
		curl_url_set(u, CURLUPART_URL, t->location, CURLU_NON_SUPPORT_SCHEME) ==
			CURLUE_OK &&
		curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
		copy = strdup(text);
	else
		error_set(e, ERROR_NETWORK, 0, "%s redirects to '%s'", t->url, t->location);
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

/* 1: the next hop is set. */
static int next_hop(struct http_transfer_state *t, struct error **e)
{
	char *auto_free to = redirect_url(t, e);
	struct error *why = NULL;
	if (!to)
		return -1;
	if (http_check_redirect(t->url, to, t->request.allow_http, t->redirects, &why) < 0) {
		if (error_code(why) == ERROR_TRUST)
			t->fault = HTTP_FAULT_INSECURE;
		*e = why;
		return -1;
	}
	free(t->url);
	t->url = take(&to);
	t->redirects++;
	return 1;
}

/* An earlier answer on this connection was longer than it said, and its rest was taken for the
 * beginning of ours: that proves nothing of this request. */
static bool spoilt_by_another(const struct http_transfer_state *t, CURLcode code)
{
	long connects = 1;
	if (t->fresh || t->head_sent ||
		(code != CURLE_UNSUPPORTED_PROTOCOL && code != CURLE_WEIRD_SERVER_REPLY))
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0;
}

int http_transfer_finish(struct http_transfer_state *t, CURLcode code, struct error **e)
{
	if (t->failure) {
		*e = take(&t->failure);
		return -1;
	}
	if (spoilt_by_another(t, code)) {
		t->fresh = true;
		return 1;
	}
	bool flooded = code == CURLE_WRITE_ERROR && t->dropped; /* a redirect is known by then */
	/* All that was wanted came, and the rest was waved off. */
	bool enough = code == CURLE_WRITE_ERROR && t->complete;
	if (code != CURLE_OK && !flooded && !enough)
		return curl_failure(t, code, e);
	int head = http_answer_head(t, e);
	if (head)
		return head < 0 ? -1 : next_hop(t, e);
	if (t->end && t->at != t->end)
		return error_set(e, ERROR_NETWORK, 0, "%s: %" PRIu64 " bytes instead of %" PRIu64,
			t->url, t->at, t->end);
	return 0;
}

static int too_slow(const struct http_transfer_state *t, const char *what, int ms, struct error **e)
{
	error_set(e, ERROR_NETWORK, ETIMEDOUT, "%s: %s in %d.%d s", t->url, what, ms / 1000,
		ms % 1000 / 100);
	return error_hint(e, "run the same command again: it resumes; or name another --mirror");
}

static int check_stall(struct http_transfer_state *t, int64_t now, struct error **e)
{
	const struct http_settings *s = t->engine->settings;
	int limit = http_stall_ms(s);
	if (now - t->window_ms < limit / HTTP_WINDOW_SLOTS)
		return 0;
	uint64_t came = 0;
	for (size_t i = 0; i < HTTP_WINDOW_SLOTS; i++)
		came += t->window_bytes[i];
	t->window_slots++;
	t->window_bytes[t->window_slots % HTTP_WINDOW_SLOTS] = 0;
	t->window_ms = now;
	if (t->window_slots < HTTP_WINDOW_SLOTS)
		return 0;
	/* A limit of the user's own is no fault of the server's. */
	uint64_t least = STALL_BYTES_PER_S;
	if (s->rate_limit && s->rate_limit / 2 < least)
		least = s->rate_limit / 2;
	least = least * (uint64_t)limit / 1000 / t->engine->running;
	return came < (least ? least : 1) ? too_slow(t, "too little came", limit, e) : 0;
}

int http_transfer_check_time(struct http_transfer_state *t, struct error **e)
{
	const struct http_settings *s = t->engine->settings;
	int64_t now = http_engine_now(t->engine);
	curl_off_t sent_us = 0;
	if (t->window_ms)
		return check_stall(t, now, e);
	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
	if (!t->sent_ms && sent_us > 0)
		t->sent_ms = now;
	if (t->sent_ms && now - t->sent_ms >= http_first_byte_ms(s))
		return too_slow(t, "no answer", http_first_byte_ms(s), e);
	/* curl stops a connect of its own; this is for what waits for another's. */
	if (!t->sent_ms && now - t->began_ms >= http_connect_ms(s) + 1000)
		return too_slow(t, "no connection", http_connect_ms(s), e);
	return 0;
}
