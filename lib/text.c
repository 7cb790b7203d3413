/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"

/* Length of the valid UTF-8 sequence at p (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *p)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80)
		return 2;
	if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
		if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
		(p[3] & 0xc0) == 0x80) {
		if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

/* U+0080..U+009F are control characters of ISO 6429 too; terminals obey them. */
static bool is_control(const unsigned char *p, size_t length)
{
	return (length == 1 && (p[0] < 0x20 || p[0] == 0x7f)) ||
	       (length == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

/* Bytes of userinfo ("user:password@") that follow "://" at p; 0 if there are none. */
static size_t userinfo_length(const char *p)
{
	size_t end = strcspn(p, "/?# \t\n'\"");
	const char *at = memrchr(p, '@', end);
	return at ? (size_t)(at - p) + 1 : 0;
}

int text_render(struct buf *to, const char *text, struct error **e)
{
	for (const char *p = text; *p;) {
		if (text_has_prefix(p, "://")) {
			size_t secret = userinfo_length(p + 3);
			if (buf_puts(to, secret ? "://***@" : "://", e) < 0)
				return -1;
			p += 3 + secret;
			continue;
		}
		size_t length = utf8_length((const unsigned char *)p);
		if (length && !is_control((const unsigned char *)p, length)) {
			if (buf_append(to, p, length, e) < 0)
				return -1;
			p += length;
		} else if (buf_printf(to, e, "\\x%02x", (unsigned char)*p++) < 0) {
			return -1;
		}
	}
	return 0;
}

int text_to_int64(const char *text, int64_t low, int64_t high, int64_t *to)
{
	if (!isdigit((unsigned char)text[0]) && text[0] != '-')
		return -1;
	char *end;
	errno = 0;
	intmax_t n = strtoimax(text, &end, 10);
	if (errno || *end || n < low || n > high)
		return -1;
	*to = n;
	return 0;
}

void text_size(char *to, size_t size, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double n = (double)bytes;
	size_t unit = 0;
	while (n >= 1000 && unit + 1 < sizeof units / sizeof *units) {
		n /= 1000;
		unit++;
	}
	snprintf(to, size, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

void text_duration(char *to, size_t size, int64_t milliseconds)
{
	if (milliseconds < 60000)
		snprintf(to, size, "%.1f s", (double)milliseconds / 1000);
	else
		snprintf(to, size, "%" PRId64 " min %" PRId64 " s", milliseconds / 60000,
			milliseconds / 1000 % 60);
}

bool text_has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_has_suffix(const char *text, const char *suffix)
{
	size_t a = strlen(text), b = strlen(suffix);
	return a >= b && strcmp(text + a - b, suffix) == 0;
}

char *text_trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return text;
}

char *text_format(struct error **e, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length >= 0)
		return text;
	error_set(e, ERROR_SYSTEM, ENOMEM, "format text");
	return NULL;
}

char *text_copy(const char *text, struct error **e)
{
	char *copy = strdup(text);
	if (!copy)
		error_set(e, ERROR_SYSTEM, ENOMEM, "copy text");
	return copy;
}

size_t text_distance(const char *a, const char *b)
{
	enum { MOST = 63 };
	size_t la = strlen(a), lb = strlen(b), row[MOST + 1];
	if (la > MOST || lb > MOST)
		return MOST;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[lb];
}

int strings_take(struct strings *list, char *text, struct error **e)
{
	char **items = text ? reallocarray(list->items, list->count + 2, sizeof *items) : NULL;
	if (!items) {
		free(text);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "list");
	}
	list->items = items;
	items[list->count++] = text;
	items[list->count] = NULL;
	return 0;
}

int strings_add(struct strings *list, const char *text, struct error **e)
{
	char *copy = text_copy(text, e);
	return copy ? strings_take(list, copy, e) : -1;
}

int strings_split(struct strings *list, const char *text, const char *separators, struct error **e)
{
	for (;;) {
		text += strspn(text, separators);
		size_t length = strcspn(text, separators);
		if (length == 0)
			return 0;
		if (strings_take(list, strndup(text, length), e) < 0)
			return -1;
		text += length;
	}
}

bool strings_contain(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strings){NULL, 0};
}
