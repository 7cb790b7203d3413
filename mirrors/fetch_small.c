/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files into memory: signatures, checksums, markers. */
#include <errno.h>

#include "lib/fd.h"
#include "mirrors/fetch_part.h"

static int small_head(void *arg, const struct http_head *head, struct error **e)
{
	buf_clear(arg);
	return 0;
}

static int small_data(void *arg, const void *data, size_t length, struct error **e)
{
	return buf_append(arg, data, length, e);
}

static int small_from(const struct fetch_source *s, const struct fetch_item *item, size_t mirror,
	struct buf *to, struct error **e)
{
	char *auto_free url = mirrors_url(s->mirrors, mirror, item->repo, item->file, e);
	if (!url)
		return -1;
	struct http_request r = {.url = url,
		.limit = item->limit,
		.size = item->size,
		.allow_http = !item->metadata};
	struct http_sink sink = {small_head, small_data, to};
	return http_get(s->http, &r, &sink, e);
}

int fetch_small(const struct fetch_source *s, const struct fetch_item *item, struct buf *to,
	size_t *mirror, struct error **e)
{
	size_t count = mirrors_count(s->mirrors);
	size_t first = *mirror < count ? *mirror : 0;
	auto_buf body = BUF(item->limit);
	auto_error *last = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t at = i == 0 ? first : i <= first ? i - 1 : i;
		struct error *failure = NULL;
		if (!mirrors_serves(s->mirrors, at, item->repo) ||
			(item->metadata && !mirrors_is_https(s->mirrors, at)))
			continue;
		if (small_from(s, item, at, &body, &failure) == 0) {
			*mirror = at;
			return buf_append(to, body.data, body.length, e) < 0 ? -1 : 1;
		}
		bool over = fetch_failure_is_local(failure) ||
			    (item->optional && error_errno(failure) == ENOENT);
		/* A mirror that answered tells more than one that did not. */
		if (!last || over || error_errno(failure) == ENOENT)
			error_clear(&last);
		if (last)
			error_free(failure);
		else
			last = failure;
		if (over)
			break;
	}
	if (last && error_errno(last) == ENOENT)
		return 0;
	if (!last)
		return error_set(
			e, ERROR_CONFIG, 0, "fetch %s: no mirror speaks https", item->file);
	if (e && !*e)
		*e = take(&last);
	return error_wrap(e, "fetch %s", item->file);
}
