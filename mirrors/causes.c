/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/causes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"

struct cause {
	char *key; /* the message without what tells its mirror from others */
	struct strings messages;
};

/* `text` with each `what` left out. */
static char *without(const char *text, const char *what, struct error **e)
{
	auto_buf left = BUF(0);
	size_t length = strlen(what);
	for (const char *at; length && (at = strstr(text, what)); text = at + length)
		if (buf_append(&left, text, (size_t)(at - text), e) < 0)
			return NULL;
	return buf_puts(&left, text, e) < 0 ? NULL : buf_take(&left);
}

static char *key_of(const char *base, const char *message, struct error **e)
{
	const char *scheme_end = strstr(base, "://");
	const char *from = scheme_end ? scheme_end + strlen("://") : base;
	char *auto_free host = text_format(e, "%.*s", (int)strcspn(from, ":/"), from);
	char *auto_free rest = host ? without(message, base, e) : NULL;
	return rest ? without(rest, host, e) : NULL;
}

static struct cause *find(struct causes *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->items[i].key, key) == 0)
			return &c->items[i];
	return NULL;
}

static struct cause *add(struct causes *c, char **key, struct error **e)
{
	struct cause *more = reallocarray(c->items, c->count + 1, sizeof *more);
	if (!more) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "mirrors");
		return NULL;
	}
	c->items = more;
	more[c->count] = (struct cause){.key = take(key)};
	return &more[c->count++];
}

int causes_add(struct causes *c, const char *base, const char *message, struct error **e)
{
	char *auto_free key = key_of(base, message, e);
	if (!key)
		return -1;
	struct cause *one = find(c, key);
	if (!one && !(one = add(c, &key, e)))
		return -1;
	/* The same words are the same mirror, asked again. */
	return strings_contain(&one->messages, message) ? 0
							: strings_add(&one->messages, message, e);
}

int causes_tell(const struct causes *c, struct buf *to, struct error **e)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct strings *m = &c->items[i].messages;
		if (!m->count)
			continue;
		if (buf_printf(to, e, "%s%s", to->length ? "; " : "", m->items[0]) < 0)
			return -1;
		if (m->count > 1 && buf_printf(to, e, " (and %zu other%s likewise)", m->count - 1,
					    m->count > 2 ? "s" : "") < 0)
			return -1;
	}
	return 0;
}

void causes_free(struct causes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->items[i].key);
		strings_free(&c->items[i].messages);
	}
	free(c->items);
	*c = (struct causes){NULL, 0};
}
