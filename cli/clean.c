/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap clean ROOT */
#include <stdio.h>

#include "bootstrap/managed.h"
#include "cli/ask.h"
#include "cli/option.h"

struct choices {
	const char *container;
	bool all, print, noconfirm;
};

static int proceed(void *arg, size_t count, uint64_t bytes, struct error **e)
{
	char size[32];
	text_size(size, sizeof size, bytes);
	fprintf(stderr, "remove %zu files with %s? [Y/n] ", count, size);
	return ask_yes(true, e);
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {NULL, false, false, false};
	auto_strings operands = {0};
	auto_managed m = {NULL, NULL, NULL};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 1, e) < 0 ||
		managed_open(&m, operands.items[0], c.container, report, e) < 0)
		return -1;
	struct packages_context context = managed_context(&m, report);
	bool asks = !c.noconfirm && !c.print && ask_can();
	struct package_clean what = {c.all, c.print, asks ? proceed : NULL, NULL};
	int done = package_clean(&context, &what, e);
	if (done == 0) {
		report_note(report, "nothing is removed");
		*status = error_code_status(ERROR_SYSTEM);
	}
	return done < 0 ? -1 : 0;
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"all", 0, OPTION_FLAG, AT(all), NULL, "also packages that are installed or current"},
	{"noconfirm", 0, OPTION_FLAG, AT(noconfirm), NULL, "do not ask"},
	{"container", 0, OPTION_TEXT, AT(container), "NAME",
		"clean the rootfs of this LXC container of ROOT"},
	{"print", 0, OPTION_FLAG, AT(print), NULL, "show what would be removed and do nothing"},
};

const struct verb verb_clean = {"clean", "ROOT",
	"remove package files that nobody needs any more from ROOT's cache", options,
	sizeof options / sizeof *options, run};
