/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap destroy ROOT */
#include "bootstrap/destroy.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/option.h"
#include "lib/fd.h"

struct choices {
	bool yes;
};

static int ask(void *arg, const struct destroy_question *q, struct error **e)
{
	char size[32];
	auto_buf root = BUF(0);
	if (text_render(&root, q->root, e) < 0)
		return -1;
	text_size(size, sizeof size, q->bytes);
	fprintf(stderr, "delete %s%s with %s%s? [y/N] ",
		q->leftovers ? "what an unfinished bootstrap left of " : "", buf_text(&root), size,
		q->up ? ", and end what runs in it" : "");
	return ask_yes(false, e);
}

static int destroy(const char *root, const struct choices *c, struct report *report, int *status,
	struct error **e)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	if (!c->yes && !terminal) {
		error_set(e, ERROR_USAGE, 0, "destroy: nobody is there to be asked");
		return error_hint(e, "'alarmstrap destroy --yes %s' does not ask", root);
	}
	int done = destroy_run(root, c->yes ? NULL : ask, NULL, report, e);
	if (done == 0) {
		report_note(report, "nothing is deleted");
		*status = error_code_status(ERROR_SYSTEM);
	}
	return done < 0 ? -1 : 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {false};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 1, e) < 0)
		return -1;
	return destroy(operands.items[0], &c, report, status, e);
}

static const struct option_row options[] = {
	{"yes", 'y', OPTION_FLAG, offsetof(struct choices, yes), NULL, "do not ask"},
};

const struct verb verb_destroy = {"destroy", "ROOT",
	"end what runs in ROOT and delete it; nothing that is mounted there is touched", options,
	sizeof options / sizeof *options, run};
