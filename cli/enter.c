/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap enter ROOT [-- CMD…] */
#include "cli/option.h"
#include "cli/root.h"

struct choices {
	const char *user, *cwd;
	struct strings variables, binds;
};

static int enter(const struct strings *operands, const struct choices *c, struct report *report,
	int *status, struct error **e)
{
	auto_root root = {NULL, NULL};
	if (root_open(operands->items[0], &root, e) < 0)
		return -1;
	auto_binds binds = {.count = 0};
	for (size_t i = 0; i < c->binds.count; i++)
		if (binds_add(&binds, c->binds.items[i], e) < 0)
			return -1;
	if (root_bring_up(&root, report, e) < 0)
		return -1;
	const char *const *argv = (const char *const *)operands->items + 1;
	struct enter_options o = {c->user, c->cwd, &c->variables, &binds};
	return environment_enter(
		root.environment, operands->count > 1 ? argv : NULL, &o, status, e);
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {0};
	auto_strings operands = {0};
	int r = -1;
	if (options_parse(v, argc, argv, &c, &operands, e) == 0 &&
		options_operands(v, &operands, 1, 4096, e) == 0)
		r = enter(&operands, &c, report, status, e);
	strings_free(&c.variables);
	strings_free(&c.binds);
	return r;
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"user", 'u', OPTION_TEXT, AT(user), "NAME", "run as this user of the environment"},
	{"cwd", 'C', OPTION_TEXT, AT(cwd), "DIR", "start in this directory of the environment"},
	{"env", 'e', OPTION_EACH, AT(variables), "NAME=VALUE", "set this variable"},
	{"bind", 0, OPTION_EACH, AT(binds), "HOST:GUEST[:ro]",
		"show this file or directory of the host to the command, there"},
};

const struct verb verb_enter = {"enter", "ROOT [-- CMD…]",
	"run a shell or a command in the environment, starting it if need be", options,
	sizeof options / sizeof *options, run};
