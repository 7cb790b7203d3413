/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap container list|create|start|stop ROOT [NAME] */
#include <string.h>

#include "cli/option.h"
#include "cli/root.h"
#include "containers/containers.h"

static int list(const struct environment *env, struct report *report, struct error **e)
{
	auto_container_list found = {NULL, 0};
	if (container_list(env, &found, e) < 0)
		return -1;
	container_list_report(&found, report);
	if (!found.count)
		report_note(report, "there are no containers");
	return 0;
}

static int create(const struct environment *env, const char *name, struct error **e)
{
	const struct container_spec spec = {.name = name};
	return container_create(env, &spec, e);
}

typedef int container_act(const struct environment *env, const char *name, struct error **e);

static const struct {
	const char *word;
	container_act *act; /* NULL: list */
} acts[] = {
	{"list", NULL},
	{"create", create},
	{"start", container_start},
	{"stop", container_stop},
};

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_root root = {NULL, NULL};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, NULL, &operands, e) < 0 ||
		options_operands(v, &operands, 2, 3, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		if (strcmp(acts[i].word, operands.items[0]) != 0)
			continue;
		size_t words = acts[i].act ? 3 : 2;
		if (options_operands(v, &operands, words, words, e) < 0 ||
			root_open_running(operands.items[1], &root, e) < 0)
			return -1;
		return acts[i].act ? acts[i].act(root.environment, operands.items[2], e)
				   : list(root.environment, report, e);
	}
	error_set(e, ERROR_USAGE, 0, "container: there is no '%s'", operands.items[0]);
	return error_hint(e, "usage: alarmstrap container %s", v->operands);
}

const struct verb verb_container = {"container", "list|create|start|stop ROOT [NAME]",
	"LXC containers in the environment", NULL, 0, run};
