/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap stop ROOT */
#include "bootstrap/start.h"
#include "cli/option.h"
#include "cli/root.h"
#include "lib/fd.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_root root = {NULL, NULL};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, NULL, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 1, e) < 0 ||
		root_open(operands.items[0], &root, e) < 0)
		return -1;
	if (!root.environment) {
		report_note(report, "no environment is up on %s", operands.items[0]);
		/* One that was killed left its cgroups and its bridge. */
		return sweep_environment(root.rootfs, report, e);
	}
	report_begin(report, "stop", 0, 0, "%s", operands.items[0]);
	int r = stop_environment(take(&root.environment), report, e);
	report_end(report, r < 0 && e ? *e : NULL);
	return r;
}

const struct verb verb_stop = {
	"stop", "ROOT", "end the containers and the environment", NULL, 0, run};
