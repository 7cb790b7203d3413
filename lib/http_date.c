/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header's side: pure. */
#include "lib/http_date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* A cache that is older than a day says too little of now. */
enum { AGE_MAX_S = 86400 };

static bool is_digits(const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return true;
}

static int number(const char *text, int digits)
{
	int n = 0;
	for (int i = 0; i < digits; i++)
		n = n * 10 + (text[i] - '0');
	return n;
}

/* The index of the three letters at `text` in `names`; -1. */
static int name_index(const char *names, const char *text)
{
	for (int i = 0; names[3 * i]; i++)
		if (strncmp(names + 3 * i, text, 3) == 0)
			return i;
	return -1;
}

/* 'd' stands for a digit, 'A' for a letter. */
static bool has_shape(const char *text, const char *shape)
{
	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++) {
		unsigned char c = (unsigned char)text[i];
		bool fits = shape[i] == 'd'   ? isdigit(c)
			    : shape[i] == 'A' ? isalpha(c)
					      : c == (unsigned char)shape[i];
		if (!fits)
			return false;
	}
	return true;
}

int http_date_parse(const char *text, int64_t *unix_s)
{
	if (!has_shape(text, "AAA, dd AAA dddd dd:dd:dd GMT"))
		return -1;
	struct tm t = {
		.tm_mday = number(text + 5, 2),
		.tm_mon = name_index("JanFebMarAprMayJunJulAugSepOctNovDec", text + 8),
		.tm_year = number(text + 12, 4) - 1900,
		.tm_hour = number(text + 17, 2),
		.tm_min = number(text + 20, 2),
		.tm_sec = number(text + 23, 2),
	};
	if (t.tm_year < 70 || t.tm_mon < 0 || t.tm_mday < 1 || t.tm_hour > 23 || t.tm_min > 59 ||
		t.tm_sec > 60 || name_index("SunMonTueWedThuFriSat", text) < 0)
		return -1;
	int day = t.tm_mday;
	t.tm_sec = t.tm_sec > 59 ? 59 : t.tm_sec; /* Unix time has no leap seconds */
	time_t at = timegm(&t);
	/* timegm makes March 2nd of February 30th. */
	if (at == (time_t)-1 || t.tm_mday != day)
		return -1;
	*unix_s = at;
	return 0;
}

int http_date_parse_age(const char *text, int64_t most, int64_t *age_s)
{
	size_t length = strlen(text);
	int64_t n = 0;
	if (!length || length > 10 || !is_digits(text, length))
		return -1;
	for (const char *c = text; *c; c++)
		n = n * 10 + (*c - '0');
	if (n > most)
		return -1;
	*age_s = n;
	return 0;
}

/* The value of `name` into `to`, "" where it does not fit; false where the line is another's. */
static bool value_of(const char *name, const char *line, size_t length, char *to, size_t size)
{
	size_t skip = strlen(name);
	if (length <= skip || line[skip] != ':' || strncasecmp(line, name, skip) != 0)
		return false;
	for (skip++; skip < length && (line[skip] == ' ' || line[skip] == '\t'); skip++)
		;
	while (length > skip && isspace((unsigned char)line[length - 1]))
		length--;
	*to = '\0';
	if (length - skip < size)
		snprintf(to, size, "%.*s", (int)(length - skip), line + skip);
	return true;
}

void http_date_header_line(struct http_date_header *h, const char *line, size_t length)
{
	char text[64];
	if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
		*h = (struct http_date_header){.has_date = false};
	if (value_of("Date", line, length, text, sizeof h->date)) {
		snprintf(h->date, sizeof h->date, "%s", h->has_date ? "" : text);
		h->has_date = true;
	}
	if (value_of("Age", line, length, text, sizeof h->age)) {
		snprintf(h->age, sizeof h->age, "%s", h->has_age ? "" : text);
		h->has_age = true;
	}
}

int http_date_header_time(const struct http_date_header *h, int64_t *unix_s, struct error **e)
{
	int64_t date_s, age_s = 0;
	if (!h->has_date)
		return error_set(e, ERROR_CLOCK, 0, "the answer has no date");
	if (http_date_parse(h->date, &date_s) < 0)
		return error_set(
			e, ERROR_CLOCK, 0, "the answer's date cannot be read ('%s')", h->date);
	if (h->has_age && http_date_parse_age(h->age, AGE_MAX_S, &age_s) < 0)
		return error_set(e, ERROR_CLOCK, 0,
			"the answer comes from a cache, its age is no second of today ('%s')",
			h->age);
	*unix_s = date_s + age_s;
	return 0;
}
