/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap status [ROOT] */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bootstrap/hostclock.h"
#include "bootstrap/place.h"
#include "chroot/mountinfo.h"
#include "cli/option.h"
#include "cli/root.h"
#include "containers/containers.h"
#include "containers/network_service.h"
#include "lib/fd.h"
#include "lib/path.h"

static void show_environment(const struct root *root, struct report *report)
{
	char pid[16] = "-", since[32] = "-", count[16] = "0";
	const struct environment *env = root->environment;
	if (env) {
		snprintf(pid, sizeof pid, "%d", (int)environment_holder(env));
		snprintf(count, sizeof count, "%d", environment_count_processes(env));
		hostclock_format(since, environment_started_at(env));
	}
	report_result(report, "environment",
		(struct report_field[]){{"root", rootfs_path(root->rootfs)},
			{"state", env ? "up" : "down"}, {"pid", pid}, {"since", since},
			{"processes", count}},
		5);
}

/* Those of the containers are in namespaces of their own. */
static int show_mounts(const struct environment *env, struct report *report, struct error **e)
{
	auto_mountinfo m = {0};
	if (mountinfo_read(&m, environment_holder(env), e) < 0)
		return -1;
	for (size_t i = 0; i < m.count; i++)
		report_result(report, "mount",
			(struct report_field[]){{"mount", m.entries[i].target},
				{"type", m.entries[i].type}, {"source", m.entries[i].source}},
			3);
	return 0;
}

/* /proc/PID/cgroup: "4:memory:/path", and "0::/path" for cgroup2 (cgroups(7)). */
static int show_cgroups(const struct environment *env, struct report *report, struct error **e)
{
	char path[64];
	auto_buf text = BUF(0);
	auto_strings lines = {0};
	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)environment_holder(env));
	if (path_read_file(AT_FDCWD, path, &text, e) < 0 ||
		strings_split(&lines, buf_text(&text), "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		char *controllers = strchr(lines.items[i], ':');
		char *at = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!at)
			continue;
		*at = '\0';
		const char *name = controllers[1] ? controllers + 1 : "(cgroup2)";
		report_result(report, "cgroup",
			(struct report_field[]){{"cgroup", name}, {"path", at + 1}}, 2);
	}
	return 0;
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

static int show_all_of(const char *path, bool whole, struct report *report, struct error **e)
{
	auto_root root = {NULL, NULL};
	int under_way = show_run(path, report, e);
	if (under_way)
		return under_way < 0 ? -1 : 0;
	if (root_open(path, &root, e) < 0)
		return -1;
	show_environment(&root, report);
	if (!root.environment || !whole)
		return 0;
	if (show_mounts(root.environment, report, e) < 0 ||
		show_cgroups(root.environment, report, e) < 0)
		return -1;
	if (network_report(root.environment, report, e) < 0)
		return -1;
	auto_container_list list = {NULL, 0};
	/* No LXC inside is a state, too. */
	if (container_list(root.environment, &list, NULL) == 0)
		container_list_report(&list, report);
	return 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_strings operands = {0}, roots = {0};
	if (options_parse(v, argc, argv, NULL, &operands, e) < 0 ||
		options_operands(v, &operands, 0, 1, e) < 0)
		return -1;
	if (operands.count)
		return show_all_of(operands.items[0], true, report, e);
	if (geteuid() != 0)
		return error_set(e, ERROR_PRIVILEGE, 0, "this needs root");
	if (environment_list(&roots, e) < 0)
		return -1;
	for (size_t i = 0; i < roots.count; i++) {
		auto_error *why = NULL;
		/* A staging directory, or one that ends at this moment: the others count. */
		if (show_all_of(roots.items[i], false, report, &why) < 0)
			report_note(report, "%s: %s", roots.items[i], error_message(why));
	}
	if (!roots.count)
		report_note(report, "no environment is up");
	return 0;
}

const struct verb verb_status = {"status", "[ROOT]",
	"tell what runs in ROOT, since when; without one, what environments are up", NULL, 0, run};
