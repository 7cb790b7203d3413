/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front door: finds the verb, runs it, prints the one error, ends with its status. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/option.h"
#include "lib/interrupt.h"
#include "lib/text.h"

static void help(void)
{
	printf("usage: alarmstrap VERB [options] …\n\n"
	       "Takes a bare Linux or Android device to an Arch Linux ARM environment with "
	       "running\n"
	       "LXC containers.\n\nverbs:\n");
	for (size_t i = 0; i < verbs_count; i++)
		printf("  %-10s %-24s %s\n", verbs[i]->name, verbs[i]->operands, verbs[i]->summary);
	printf("\n'alarmstrap VERB --help' tells more. Before the verb: --report=WORD, how to "
	       "report:\n"
	       "tty (redrawn line), plain (a line an event), quiet (warnings and errors), json.\n"
	       "\nexit statuses:\n  0    all is done\n");
	for (int code = ERROR_NONE + 1; code < ERROR_COUNT; code++)
		printf("  %-4d %s\n", error_code_status(code), error_code_name(code));
}

static int no_verb(const char *word, struct error **e)
{
	error_set(e, ERROR_USAGE, 0, "there is no %s '%s'", *word == '-' ? "option" : "verb", word);
	if (text_has_prefix(word, "--report"))
		return error_hint(e, "--report=tty, plain, quiet or json");
	const struct verb *meant = verb_guess(word);
	if (meant)
		return error_hint(e, "did you mean '%s'? (%s)", meant->name, meant->summary);
	return -1;
}

static int run_verb(int argc, char **argv, struct report *report, int *status, struct error **e)
{
	const struct verb *v = verb_find(argv[0]);
	if (!v)
		return no_verb(argv[0], e);
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			options_help(v);
			return 0;
		}
	return v->run(v, argc, argv, report, status, e);
}

/* Words before the verb. The number of them, -1 when the program's work is done. */
static int global_words(int argc, char **argv, enum report_voice_name *voice)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			help();
			return -1;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts(PACKAGE_STRING);
			return -1;
		}
		if (strncmp(argv[i], "--report=", 9) != 0 ||
			report_voice_from_word(argv[i] + 9, voice) < 0)
			break;
	}
	return i;
}

int main(int argc, char **argv)
{
	enum report_voice_name voice = REPORT_AUTO;
	auto_error *e = NULL;
	int status = 0;
	/* Names in packages are UTF-8, and libarchive converts them by the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	umask(022);
	int first = global_words(argc, argv, &voice);
	if (first < 0)
		return 0;
	if (first >= argc) {
		help();
		return error_code_status(ERROR_USAGE);
	}
	struct report *report = report_new(voice);
	if (!report || interrupt_install(&e) < 0 ||
		run_verb(argc - first, argv + first, report, &status, &e) < 0)
		report_error(report, e);
	report_free(report);
	return e ? error_exit_status(e) : status;
}
