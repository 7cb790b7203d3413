/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_alike.h"

#include <string.h>

#include "lib/fd.h"
#include "lib/ticks.h"

enum { LATE_MS = 1000, STEP_MS = 50 };

struct answer {
	size_t mirror;
	struct buf body;
	bool over, good;
};

struct question {
	struct answer answers[FETCH_ALIKE_MAX];
	size_t count, open;
	int64_t first_ms; /* when the first good answer came; 0: not yet */
};

static int on_data(void *arg, const void *data, size_t length, struct error **e)
{
	struct answer *a = arg;
	return buf_append(&a->body, data, length, e);
}

static int on_end(void *arg, struct http_end *end, struct error **e)
{
	struct answer *a = arg;
	a->over = true;
	a->good = !end->failure && a->body.length;
	return 0;
}

static int ask_all(const struct fetch_source *s, const struct fetch_item *item,
	struct http_session *h, struct question *q, struct error **e)
{
	for (size_t i = 0; i < mirrors_count(s->mirrors) && q->count < FETCH_ALIKE_MAX; i++) {
		struct answer *a = &q->answers[q->count];
		uint32_t id;
		if (i >= 64 || !mirrors_is_https(s->mirrors, i))
			continue;
		char *auto_free url = mirrors_url(s->mirrors, i, item->repo, item->file, e);
		struct http_request r = {.url = url, .limit = item->limit};
		struct http_ear ear = {{NULL, on_data, a}, on_end, a};
		*a = (struct answer){.mirror = i, .body = BUF(item->limit)};
		q->count++;
		if (!url || http_session_ask(h, &r, &ear, &id, e) < 0)
			return -1;
	}
	return 0;
}

/* Whether there is nothing more to wait for. */
static bool is_over(struct question *q)
{
	size_t open = 0, good = 0;
	for (size_t i = 0; i < q->count; i++) {
		open += !q->answers[i].over;
		good += q->answers[i].good;
	}
	if (good && !q->first_ms)
		q->first_ms = ticks_ms();
	return !open || (q->first_ms && ticks_ms() - q->first_ms >= LATE_MS);
}

static int add_answer(
	struct fetch_alike *found, size_t *count, const struct answer *a, struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	for (size_t i = 0; i < *count; i++)
		if (found[i].signature.length == a->body.length &&
			memcmp(found[i].signature.data, a->body.data, a->body.length) == 0) {
			found[i].mirrors |= 1ULL << a->mirror;
			return 0;
		}
	struct fetch_alike *to = &found[*count];
	*to = (struct fetch_alike){.signature = BUF(a->body.length + 1),
		.mirrors = 1ULL << a->mirror,
		.first = a->mirror};
	auto_digest *d = digest_new(DIGEST_SHA256, e);
	if (!d || digest_update(d, a->body.data, a->body.length, e) < 0 ||
		digest_finish(d, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(DIGEST_SHA256), to->version);
	++*count;
	return buf_append(&to->signature, a->body.data, a->body.length, e);
}

/* Stable: of equals the one of the earlier mirror stays first. */
static void sort_by_mirrors(struct fetch_alike *found, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && __builtin_popcountll(found[k].mirrors) >
						    __builtin_popcountll(found[k - 1].mirrors);
			k--) {
			struct fetch_alike swap = found[k];
			found[k] = found[k - 1];
			found[k - 1] = swap;
		}
}

int fetch_alike(const struct fetch_source *s, const struct fetch_item *item,
	struct fetch_alike found[FETCH_ALIKE_MAX], size_t *count, struct error **e)
{
	struct question q = {.count = 0};
	size_t got = 0;
	struct http_session *h = http_session_open(s->http, e);
	int r = h ? ask_all(s, item, h, &q, e) : -1;
	while (r == 0 && !is_over(&q))
		r = http_session_step(h, STEP_MS, e);
	http_session_close(h);
	for (size_t i = 0; i < q.count; i++) {
		if (r == 0 && q.answers[i].good)
			r = add_answer(found, &got, &q.answers[i], e);
		buf_free(&q.answers[i].body);
	}
	if (r < 0) {
		fetch_alike_free(found, got);
		return -1;
	}
	sort_by_mirrors(found, got);
	*count = got;
	return 0;
}

void fetch_alike_free(struct fetch_alike *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_free(&found[i].signature);
}
