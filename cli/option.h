/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options and verbs as tables: from one row come getopt_long, --help, the completions and a check
 * of the man page. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

enum option_kind {
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char *, points into argv */
	OPTION_LIST, /* struct strings; may be given again, or with commas */
	OPTION_EACH, /* struct strings; may be given again, commas belong to the value */
};

struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum option_kind kind;
	size_t offset; /* of the field in the verb's struct */
	const char *argument;
	const char *help;
};

struct verb {
	const char *name;
	const char *operands; /* "ROOT [-- CMD…]" */
	const char *summary;
	const struct option_row *options;
	size_t option_count;
	/* argv[0] is the verb. */
	int (*run)(const struct verb *v, int argc, char **argv, struct report *report, int *status,
		struct error **e);
};

/* Reads the options of `v` from argv into `into`, operands into `operands`. What follows "--" are
 * operands. ERROR_USAGE names the word and the nearest known one; an empty value is an error, too,
 * since it most often is a variable that was not set. */
int options_parse(const struct verb *v, int argc, char **argv, void *into, struct strings *operands,
	struct error **e) must_check;
/* ERROR_USAGE unless there are `low` to `high` operands. */
int options_operands(const struct verb *v, const struct strings *operands, size_t low, size_t high,
	struct error **e) must_check;
void options_help(const struct verb *v);

/* All of them, in the order of --help. */
extern const struct verb *const verbs[];
extern const size_t verbs_count;
/* NULL where there is none of the name. */
const struct verb *verb_find(const char *name);
/* The verb meant by a word that is none: another tool's word for it, or the nearest. May be NULL.
 */
const struct verb *verb_guess(const char *word);

extern const struct verb verb_bootstrap, verb_start, verb_enter, verb_stop, verb_status,
	verb_container, verb_destroy, verb_clock, verb_signature, verb_install, verb_uninstall,
	verb_refresh, verb_query, verb_clean, verb_verify, verb_mirrors, verb_doctor;

#endif
