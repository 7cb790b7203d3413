/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small work on text: safe rendering of foreign bytes, numbers with ranges, lists of strings. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"

/* Appends `text` fit for a terminal and a log: control bytes and invalid UTF-8 as \xNN, and the
 * user:password@ of a URL as ***@. */
int text_render(struct buf *to, const char *text, struct error **e) must_check;

/* The whole of `text` as a decimal number in [low, high]; -1 on anything else, *to unchanged. */
int text_to_int64(const char *text, int64_t low, int64_t high, int64_t *to);

/* Whole words of the field: "96.4 MB" (decimal units, RFC-free), "3.4 s", "2 min 5 s". */
void text_size(char *to, size_t size, uint64_t bytes);
void text_duration(char *to, size_t size, int64_t milliseconds);

bool text_has_prefix(const char *text, const char *prefix);
bool text_has_suffix(const char *text, const char *suffix);
/* Cuts white space at both ends, in place; returns the first byte kept. */
char *text_trim(char *text);
/* malloc'd "a/b" style formatting; NULL and an error when memory is out. */
char *text_format(struct error **e, const char *format, ...)
	__attribute__((format(printf, 2, 3))) must_check;
char *text_copy(const char *text, struct error **e) must_check;
/* How many single-character edits (Levenshtein) lead from a to b: for "did you mean". */
size_t text_distance(const char *a, const char *b);

/* A list of owned strings. Zero-initialised is empty; items[count] is NULL once one was added. */
struct strings {
	char **items;
	size_t count;
};
int strings_add(struct strings *list, const char *text, struct error **e) must_check;
/* Takes `text` over, also on failure. */
int strings_take(struct strings *list, char *text, struct error **e) must_check;
/* Each part of `text` between characters of `separators`, empty parts left out. */
int strings_split(struct strings *list, const char *text, const char *separators,
	struct error **e) must_check;
bool strings_contain(const struct strings *list, const char *text);
void strings_free(struct strings *list);
#define auto_strings __attribute__((cleanup(strings_free))) struct strings

#endif
