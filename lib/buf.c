/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_reserve(struct buf *b, size_t extra, struct error **e)
{
	size_t limit = b->limit ? b->limit : BUF_LIMIT;
	if (extra > limit || b->length > limit - extra) {
		error_set(e, ERROR_SYSTEM, EFBIG, "more than %zu bytes", limit);
		return NULL;
	}
	size_t need = b->length + extra + 1;
	if (need > b->capacity) {
		size_t capacity = b->capacity ? b->capacity : 64;
		while (capacity < need)
			capacity *= 2;
		char *data = realloc(b->data, capacity);
		if (!data) {
			error_set(e, ERROR_SYSTEM, ENOMEM, "buffer of %zu bytes", capacity);
			return NULL;
		}
		b->data = data;
		b->capacity = capacity;
	}
	return b->data + b->length;
}

int buf_append(struct buf *b, const void *data, size_t length, struct error **e)
{
	char *to = buf_reserve(b, length, e);
	if (!to)
		return -1;
	if (length)
		memcpy(to, data, length);
	b->length += length;
	b->data[b->length] = '\0';
	return 0;
}

int buf_puts(struct buf *b, const char *text, struct error **e)
{
	return buf_append(b, text, strlen(text), e);
}

int buf_printf(struct buf *b, struct error **e, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = NULL;
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "format text");
	int r = buf_append(b, text, (size_t)length, e);
	free(text);
	return r;
}

char *buf_take(struct buf *b)
{
	char *data = b->data;
	b->data = NULL;
	b->length = b->capacity = 0;
	return data;
}

const char *buf_text(const struct buf *b)
{
	return b->length ? b->data : "";
}

void buf_clear(struct buf *b)
{
	b->length = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->length = b->capacity = 0;
}
