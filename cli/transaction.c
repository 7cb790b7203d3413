/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/transaction.h"

#include <stdio.h>

#include "cli/ask.h"
#include "lib/fd.h"

enum { OPERANDS_MAX = 4096 };

static void choices_free(struct transaction_choices *c)
{
	struct transaction_options *o = &c->options;
	strings_free(&o->config.mirrors);
	strings_free(&o->config.dns_servers);
	strings_free(&o->targets);
	strings_free(&o->ignore);
	strings_free(&o->ignore_group);
	strings_free(&o->overwrite);
}
#define auto_choices __attribute__((cleanup(choices_free))) struct transaction_choices

/* What a package says of itself is made fit for a terminal. The line that shows progress goes. */
static int put(const char *text, struct error **e)
{
	auto_buf shown = BUF(0);
	if (text_render(&shown, text, e) < 0)
		return -1;
	fprintf(stderr, "\r\033[K%s", buf_text(&shown));
	return 0;
}

static char *question(void *arg, const struct package_question *q, struct error **e)
{
	if (put(q->text, e) < 0)
		return NULL;
	if (!q->choices.count) {
		bool usual = *q->usual == 'y';
		fprintf(stderr, usual ? " [Y/n] " : " [y/N] ");
		int yes = ask_yes(usual, e);
		return yes < 0 ? NULL : text_copy(yes ? "yes" : "no", e);
	}
	fputc('\n', stderr);
	for (size_t i = 0; i < q->choices.count; i++) {
		char number[32];
		snprintf(number, sizeof number, "  %zu  ", i + 1);
		char *auto_free line = text_format(e, "%s%s", number, q->choices.items[i]);
		if (!line || put(line, e) < 0)
			return NULL;
		fputc('\n', stderr);
	}
	fprintf(stderr, "number [1]: ");
	int chosen = ask_number(q->choices.count, e);
	return chosen < 0 ? NULL : text_copy(q->choices.items[chosen ? chosen - 1 : 0], e);
}

static int proceed(void *arg, const struct package_plan *plan, struct error **e)
{
	fprintf(stderr, "Go on? [Y/n] ");
	return ask_yes(true, e);
}

static int run(
	const struct transaction_choices *c, struct report *report, int *status, struct error **e)
{
	static const struct transaction_asker nobody, person = {question, proceed, NULL};
	bool declined = false;
	bool asks = !c->noconfirm && !c->options.print && ask_can();
	if (transaction_run(&c->options, asks ? &person : &nobody, report, &declined, e) < 0)
		return -1;
	if (declined) {
		report_note(report, "nothing was changed");
		*status = error_code_status(ERROR_SYSTEM);
	}
	return 0;
}

int transaction_verb(const struct verb *v, enum package_operation operation, size_t low, int argc,
	char **argv, struct report *report, int *status, struct error **e)
{
	auto_choices c = {.options = {.operation = operation}};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, low, OPERANDS_MAX, e) < 0)
		return -1;
	c.options.root = operands.items[0];
	for (size_t i = 1; i < operands.count; i++)
		if (strings_add(&c.options.targets, operands.items[i], e) < 0)
			return -1;
	return run(&c, report, status, e);
}
