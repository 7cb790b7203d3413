/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap status ROOT */
#include <stdio.h>

#include "bootstrap/hostclock.h"
#include "bootstrap/place.h"
#include "cli/option.h"
#include "cli/root.h"
#include "containers/containers.h"
#include "lib/fd.h"
#include "lib/path.h"

static void show_environment(const struct root *root, struct report *report)
{
	char pid[16] = "-", since[32] = "-";
	if (root->environment) {
		snprintf(pid, sizeof pid, "%d", (int)environment_holder(root->environment));
		hostclock_format(since, environment_started_at(root->environment));
	}
	report_result(report, "environment",
		(struct report_field[]){{"root", rootfs_path(root->rootfs)},
			{"state", root->environment ? "up" : "down"}, {"pid", pid},
			{"since", since}},
		4);
}

/* 1 and shown where a bootstrap is under way on this ROOT. */
static int show_run(const char *path, struct report *report, struct error **e)
{
	struct journal_entry j;
	char place[48], pid[16], since[32];
	char *auto_free root = path_absolute(path, e);
	int found = root ? place_under_way(root, &j, e) : -1;
	if (found <= 0)
		return found;
	snprintf(place, sizeof place, "%d of %d", j.index, j.count);
	snprintf(pid, sizeof pid, "%d", (int)j.pid);
	hostclock_format(since, j.began_s);
	report_result(report, "run",
		(struct report_field[]){{"root", root}, {"stage", place}, {"name", j.stage},
			{"pid", pid}, {"since", since}},
		5);
	return 1;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_root root = {NULL, NULL};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, NULL, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 1, e) < 0)
		return -1;
	int under_way = show_run(operands.items[0], report, e);
	if (under_way)
		return under_way < 0 ? -1 : 0;
	if (root_open(operands.items[0], &root, e) < 0)
		return -1;
	show_environment(&root, report);
	auto_container_list list = {NULL, 0};
	/* No LXC inside is a state, too. */
	if (root.environment && container_list(root.environment, &list, NULL) == 0)
		container_list_report(&list, report);
	return 0;
}

const struct verb verb_status = {
	"status", "ROOT", "tell what runs in ROOT, since when", NULL, 0, run};
