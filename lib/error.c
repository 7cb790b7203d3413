/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct error {
	enum error_code code;
	int errnum;
	char *message;
	char *hint;
};

static const struct {
	const char *name;
	int status;
	const char *hint;
} codes[ERROR_COUNT] = {
#define X(name, status, hint) [name] = {#name, status, hint},
	ERROR_CODES(X)
#undef X
};

/* What is left to say when there is no memory to say it in. Never freed, never changed. */
static const struct error no_memory = {ERROR_SYSTEM, 12, NULL, NULL};

static struct error *error_no_memory(void)
{
	return (struct error *)&no_memory;
}

/* Takes text, NULL where there was no memory for it. */
static int keep(struct error **e, enum error_code code, int errnum, char *text)
{
	struct error *new = text ? calloc(1, sizeof *new) : NULL;
	if (!new) {
		free(text);
		*e = error_no_memory();
		return -1;
	}
	*new = (struct error){.code = code, .errnum = errnum, .message = text};
	*e = new;
	return -1;
}

int error_set(struct error **e, enum error_code code, int errnum, const char *format, ...)
{
	if (!e || *e)
		return -1;
	char *text = NULL, *whole = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text && errnum && asprintf(&whole, "%s: %s", text, strerror(errnum)) >= 0) {
		free(text);
		text = whole;
	}
	return keep(e, code, errnum, text);
}

int error_set_plain(struct error **e, enum error_code code, int errnum, const char *format, ...)
{
	if (!e || *e)
		return -1;
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return keep(e, code, errnum, text);
}

int error_wrap(struct error **e, const char *format, ...)
{
	if (!e || !*e || *e == &no_memory)
		return -1;
	char *front = NULL, *whole = NULL;
	va_list args;
	va_start(args, format);
	int length = vasprintf(&front, format, args);
	va_end(args);
	if (length < 0)
		return -1;
	if (asprintf(&whole, "%s: %s", front, (*e)->message) >= 0) {
		free((*e)->message);
		(*e)->message = whole;
	}
	free(front);
	return -1;
}

int error_hint(struct error **e, const char *format, ...)
{
	if (!e || !*e || *e == &no_memory || (*e)->hint)
		return -1;
	va_list args;
	va_start(args, format);
	if (vasprintf(&(*e)->hint, format, args) < 0)
		(*e)->hint = NULL;
	va_end(args);
	return -1;
}

enum error_code error_code(const struct error *e)
{
	return e ? e->code : ERROR_NONE;
}

int error_errno(const struct error *e)
{
	return e ? e->errnum : 0;
}

const char *error_message(const struct error *e)
{
	if (!e)
		return "no error";
	return e->message ? e->message : "out of memory";
}

const char *error_remedy(const struct error *e)
{
	if (!e)
		return NULL;
	if (e == &no_memory)
		return "free some memory, then run the same command again";
	return e->hint ? e->hint : codes[e->code].hint;
}

int error_exit_status(const struct error *e)
{
	return e ? codes[e->code].status : 0;
}

const char *error_code_name(enum error_code code)
{
	return code > ERROR_NONE && code < ERROR_COUNT ? codes[code].name : NULL;
}

int error_code_status(enum error_code code)
{
	return code > ERROR_NONE && code < ERROR_COUNT ? codes[code].status : 0;
}

const char *error_code_hint(enum error_code code)
{
	return code > ERROR_NONE && code < ERROR_COUNT ? codes[code].hint : NULL;
}

void error_free(struct error *e)
{
	if (!e || e == &no_memory)
		return;
	free(e->message);
	free(e->hint);
	free(e);
}

void error_clear(struct error **e)
{
	if (!e)
		return;
	error_free(*e);
	*e = NULL;
}

void error_cleanup(struct error **e)
{
	error_clear(e);
}
