/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/http_wire.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "lib/http_date.h"
#include "lib/text.h"

/* A number of decimal digits; the byte after it, NULL where there is none or it is too large. */
static const char *take_number(const char *text, uint64_t *to)
{
	uint64_t n = 0;
	const char *c = text;
	for (; *c >= '0' && *c <= '9'; c++)
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, (uint64_t)(*c - '0'), &n))
			return NULL;
	*to = n;
	return c == text ? NULL : c;
}

int http_content_range(const char *text, uint64_t *from, uint64_t *end, uint64_t *total)
{
	static const char unit[] = "bytes ";
	uint64_t first, last, whole = 0;
	if (strncasecmp(text, unit, strlen(unit)) != 0)
		return -1;
	const char *c = take_number(text + strlen(unit), &first);
	if (!c || *c != '-' || !(c = take_number(c + 1, &last)) || *c != '/' || last < first ||
		last == UINT64_MAX)
		return -1;
	if (strcmp(c, "/*") != 0) {
		c = take_number(c + 1, &whole);
		if (!c || *c || whole <= last)
			return -1;
	}
	*from = first;
	*end = last + 1;
	*total = whole;
	return 0;
}

int http_retry_after(const char *text, int64_t now_s)
{
	int64_t seconds = 0, at;
	if (text_to_int64(text, 0, INT64_MAX, &seconds) < 0 && http_date_parse(text, &at) == 0)
		seconds = at - now_s;
	if (seconds < 0)
		return 0;
	return seconds > HTTP_RETRY_AFTER_MAX_S ? HTTP_RETRY_AFTER_MAX_S : (int)seconds;
}

uint64_t http_request_end(const struct http_request *r, uint64_t from, uint64_t total)
{
	uint64_t whole = r->size ? r->size : total;
	/* A body from the beginning where a later part was asked for is the whole. */
	if (r->end && from == r->offset && (!whole || r->end < whole))
		return r->end;
	return whole;
}

int http_check_scheme(const char *url, bool allow_http, struct error **e)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return 0;
	if (strncasecmp(url, "http://", 7) != 0)
		return error_set(e, ERROR_CONFIG, 0, "%s: only https is spoken here", url);
	if (allow_http)
		return 0;
	error_set(e, ERROR_TRUST, 0, "%s: plain http is not trusted with this file", url);
	return error_hint(e, "name a mirror that speaks https with --mirror");
}

int http_check_redirect(
	const char *from, const char *to, bool allow_http, int redirects, struct error **e)
{
	if (redirects >= HTTP_REDIRECTS_MAX)
		return error_set(e, ERROR_NETWORK, 0, "%s: more than %d redirects", from,
			HTTP_REDIRECTS_MAX);
	bool secure = strncasecmp(from, "https://", 8) == 0;
	if (secure && strncasecmp(to, "https://", 8) != 0) {
		error_set(e, ERROR_TRUST, 0, "%s redirects from https to %s", from, to);
		return error_hint(e, "nothing was used of it; name another --mirror");
	}
	return http_check_scheme(to, allow_http, e);
}

int http_status_failure(const char *url, int status, struct error **e)
{
	static const struct {
		int status, errnum;
		const char *text;
	} rows[] = {
		{401, 0, "it wants a password"},
		{403, ENOENT, "forbidden"},
		{404, ENOENT, "not found"},
		{407, 0, "the proxy wants a password"},
		{410, ENOENT, "gone"},
		{416, ERANGE, "range not satisfiable"},
		{429, 0, "too many requests"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].status == status)
			return error_set_plain(e, ERROR_NETWORK, rows[i].errnum,
				"%s: %s (status %d)", url, rows[i].text, status);
	if (status >= 500)
		return error_set(
			e, ERROR_NETWORK, 0, "%s: the server failed (status %d)", url, status);
	return error_set(e, ERROR_NETWORK, 0, "%s: status %d", url, status);
}

/* Parameters follow after ';' (RFC 9110, section 8.3.1). */
bool http_is_html(const char *content_type)
{
	size_t length = strcspn(content_type, "; \t");
	return (length == 9 && strncasecmp(content_type, "text/html", 9) == 0) ||
	       (length == 21 && strncasecmp(content_type, "application/xhtml+xml", 21) == 0);
}

bool http_text_is_clean(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}
