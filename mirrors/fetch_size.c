/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_size.h"

#include <errno.h>

#include "lib/fd.h"

/* A mirror that answers tells; it is not worth while to ask many. */
enum { MIRRORS_MAX = 3 };

/* The head is all that is wanted, and an error ends the request. */
static int take_head(void *arg, const struct http_head *head, struct error **e)
{
	uint64_t *size = arg;
	*size = head->total;
	return error_set(e, ERROR_SYSTEM, ECANCELED, "the head is enough");
}

static int refuse_data(void *arg, const void *data, size_t length, struct error **e)
{
	return error_set(e, ERROR_SYSTEM, ECANCELED, "the head is enough");
}

static int ask(const struct fetch_source *s, const struct fetch_item *item, size_t mirror,
	uint64_t *size, struct error **e)
{
	auto_error *failure = NULL;
	char *auto_free url = mirrors_url(s->mirrors, mirror, item->repo, item->file, e);
	if (!url)
		return -1;
	uint64_t found = 0;
	struct http_request request = {
		.url = url, .limit = item->limit, .allow_http = !item->metadata};
	struct http_sink sink = {take_head, refuse_data, &found};
	if (http_get(s->http, &request, &sink, &failure) < 0 &&
		error_code(failure) == ERROR_INTERRUPTED) {
		if (e && !*e)
			*e = take(&failure);
		return -1;
	}
	if (!found)
		return 0;
	*size = found;
	return 1;
}

int fetch_size(const struct fetch_source *s, const struct fetch_item *item, uint64_t *size,
	struct error **e)
{
	size_t count = mirrors_count(s->mirrors);
	size_t first = item->preferred_plus ? item->preferred_plus - 1 : 0;
	for (size_t i = 0; i < count && i < MIRRORS_MAX; i++) {
		int told = ask(s, item, (first + i) % count, size, e);
		if (told)
			return told;
	}
	return 0;
}
