/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front door: finds the verb, runs it, prints the one error, ends with its status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/option.h"
#include "lib/interrupt.h"
#include "lib/text.h"

/* A descriptor below 3 that the caller closed would be given to the first file that is opened, and
 * messages would go into it. */
static int fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	return 0;
}

static void help(FILE *to)
{
	fprintf(to, "usage: alarmstrap VERB [options] …\n\n"
		    "Takes a bare Linux or Android device to an Arch Linux ARM environment with "
		    "running\n"
		    "LXC containers.\n\nverbs:\n");
	for (size_t i = 0; i < verbs_count; i++)
		fprintf(to, "  %s %s\n              %s\n", verbs[i]->name, verbs[i]->operands,
			verbs[i]->summary);
	fprintf(to, "\n'alarmstrap VERB --help' tells more. Before the verb: --report=WORD, how to "
		    "report:\n"
		    "tty (redrawn line), plain (a line an event), quiet (warnings and errors), "
		    "json.\n"
		    "\nexit statuses:\n  0    all is done\n");
	for (int code = ERROR_NONE + 1; code < ERROR_COUNT; code++)
		fprintf(to, "  %-4d %-18s %s\n", error_code_status(code), error_code_name(code),
			error_code_hint(code));
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
	if (!argc)
		return error_set(e, ERROR_USAGE, 0, "no verb is named");
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
			help(stdout);
			return -1;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts(PACKAGE_STRING);
			return -1;
		}
		if (strcmp(argv[i], "--report") == 0 && i + 1 < argc &&
			report_voice_from_word(argv[i + 1], voice) == 0) {
			i++;
			continue;
		}
		if (strncmp(argv[i], "--report=", 9) != 0 ||
			report_voice_from_word(argv[i] + 9, voice) < 0)
			break;
	}
	return i;
}

/* Runs the words; whatever fails is in *e then. */
static int run(int argc, char **argv, int *status, struct error **e)
{
	enum report_voice_name voice = REPORT_AUTO;
	int first = global_words(argc, argv, &voice);
	if (first < 0)
		return 0;
	if (first >= argc && voice != REPORT_JSON) {
		help(stderr);
		*status = error_code_status(ERROR_USAGE);
		return 0;
	}
	struct report *report = report_new(voice);
	if (!report)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "start");
	int r = interrupt_install(e) < 0 ? -1
					 : run_verb(argc - first, argv + first, report, status, e);
	report_error(report, *e);
	report_free(report);
	return r;
}

int main(int argc, char **argv)
{
	auto_error *e = NULL;
	int status = 0;
	if (fill_standard_descriptors() < 0)
		return error_code_status(ERROR_SYSTEM);
	/* Names in packages are UTF-8, and libarchive converts them by the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	umask(022);
	int r = run(argc, argv, &status, &e);
	/* A result that did not arrive is a failure: a full disk, a closed pipe. */
	if ((fflush(stdout) == EOF || ferror(stdout)) && r == 0 && status == 0) {
		fprintf(stderr, "alarmstrap: write to stdout: %s\n", strerror(errno));
		return error_code_status(ERROR_SYSTEM);
	}
	if (r < 0)
		return e ? error_exit_status(e) : error_code_status(ERROR_SYSTEM);
	return status;
}
