/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/option.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"

enum { FIRST_VALUE = 256 };

/* `word` as typed: "--mirorr=x". */
static const struct option_row *nearest(const struct verb *v, const char *word)
{
	const struct option_row *best = NULL;
	size_t best_distance = 3;
	char name[64];
	word += strspn(word, "-");
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < v->option_count; i++) {
		size_t distance = text_distance(name, v->options[i].name);
		if (distance < best_distance) {
			best = &v->options[i];
			best_distance = distance;
		}
	}
	return best;
}

static int unknown(const struct verb *v, const char *word, struct error **e)
{
	error_set(e, ERROR_USAGE, 0, "%s: unknown option '%s'", v->name, word);
	const struct option_row *near = nearest(v, word);
	if (near)
		return error_hint(e, "did you mean --%s?", near->name);
	if (text_has_prefix(word, "--report"))
		return error_hint(e, "it comes before the verb: alarmstrap %s %s …", word, v->name);
	if (strstr(v->operands, "[--"))
		return error_hint(e, "options of the command follow two dashes: alarmstrap %s %s",
			v->name, v->operands);
	return error_hint(e, "'alarmstrap %s --help' lists its options", v->name);
}

/* What getopt_long(3) did not know: one letter is in optopt, and argv[optind] may still be the word
 * that holds it; a long word has been passed. */
static int unknown_word(const struct verb *v, char **argv, struct error **e)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	bool is_letter = optopt > 0 && optopt < FIRST_VALUE;
	return unknown(v, is_letter ? letter : argv[optind - 1], e);
}

static int store(const struct option_row *row, void *into, const char *value, struct error **e)
{
	void *field = (char *)into + row->offset;
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_LIST:
		return strings_split(field, value, ",", e);
	case OPTION_EACH:
		return strings_add(field, value, e);
	}
	return -1;
}

/* getopt_long's tables. `letters` begins with '-', which hands operands in as option 1, in any
 * order with options; ':' tells a missing value from an unknown option. */
static void build(const struct verb *v, struct option *longs, char *letters)
{
	char *l = letters;
	*l++ = '-';
	*l++ = ':';
	for (size_t i = 0; i < v->option_count; i++) {
		const struct option_row *o = &v->options[i];
		int has = o->kind == OPTION_FLAG ? no_argument : required_argument;
		longs[i] = (struct option){o->name, has, NULL, FIRST_VALUE + (int)i};
		if (!o->letter)
			continue;
		*l++ = o->letter;
		if (has == required_argument)
			*l++ = ':';
	}
	longs[v->option_count] = (struct option){NULL, 0, NULL, 0};
	*l = '\0';
}

static const struct option_row *row_of(const struct verb *v, int value)
{
	if (value >= FIRST_VALUE)
		return &v->options[value - FIRST_VALUE];
	for (size_t i = 0; i < v->option_count; i++)
		if (v->options[i].letter == value)
			return &v->options[i];
	return NULL;
}

static int parse_one(const struct verb *v, int value, char **argv, void *into,
	struct strings *operands, struct error **e)
{
	if (value == 1)
		return strings_add(operands, optarg, e);
	if (value == ':') {
		error_set(e, ERROR_USAGE, 0, "%s: option '%s' wants a value", v->name,
			argv[optind - 1]);
		return error_hint(e, "'alarmstrap %s --help' lists its options", v->name);
	}
	const struct option_row *row = row_of(v, value);
	if (value == '?' || !row)
		return unknown_word(v, argv, e);
	if (row->kind != OPTION_FLAG && !optarg[strspn(optarg, ",")]) {
		error_set(e, ERROR_USAGE, 0, "%s: --%s is empty", v->name, row->name);
		return error_hint(e, "give it a value, or leave it out");
	}
	return store(row, into, optarg, e);
}

int options_parse(const struct verb *v, int argc, char **argv, void *into, struct strings *operands,
	struct error **e)
{
	struct option *auto_free longs = calloc(v->option_count + 1, sizeof *longs);
	char *auto_free letters = calloc(v->option_count + 2, 2);
	if (!longs || !letters)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "options");
	build(v, longs, letters);
	opterr = 0;
	optind = 0; /* glibc and musl: start anew */
	for (int value; (value = getopt_long(argc, argv, letters, longs, NULL)) != -1;)
		if (parse_one(v, value, argv, into, operands, e) < 0)
			return -1;
	for (int i = optind; i < argc; i++)
		if (strings_add(operands, argv[i], e) < 0)
			return -1;
	return 0;
}

int options_operands(const struct verb *v, const struct strings *operands, size_t low, size_t high,
	struct error **e)
{
	if (operands->count >= low && operands->count <= high)
		return 0;
	if (operands->count < low)
		error_set(e, ERROR_USAGE, 0, "%s: something is missing", v->name);
	else
		error_set(e, ERROR_USAGE, 0, "%s: '%s' is one word too many", v->name,
			operands->items[high]);
	return error_hint(e, "usage: alarmstrap %s [options] %s", v->name, v->operands);
}

void options_help(const struct verb *v)
{
	printf("usage: alarmstrap %s [options] %s\n\n%s\n", v->name, v->operands, v->summary);
	printf("\noptions:\n");
	for (size_t i = 0; i < v->option_count; i++) {
		const struct option_row *o = &v->options[i];
		char left[64], letter[8] = "    ";
		if (o->letter)
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->argument ? "=" : "",
			o->argument ? o->argument : "");
		printf("  %-26s  %s%s\n", left, o->help,
			o->kind >= OPTION_LIST ? " (may be repeated)" : "");
	}
	printf("  %-26s  show this\n", "-h, --help");
}
