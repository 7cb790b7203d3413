/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap start ROOT */
#include "bootstrap/start.h"
#include "cli/option.h"
#include "cli/root.h"
#include "containers/containers.h"

struct choices {
	struct strings dns_servers, binds;
	const char *cgroup_layout;
};

static int start(const char *path, const struct choices *c, struct report *report, struct error **e)
{
	auto_root root = {NULL, NULL};
	bool started = false;
	if (root_open(path, &root, e) < 0)
		return -1;
	auto_binds binds = {.count = 0};
	for (size_t i = 0; i < c->binds.count; i++)
		if (binds_add(&binds, c->binds.items[i], e) < 0)
			return -1;
	if (binds_refuse_covered(&binds, e) < 0)
		return -1;
	enum cgroup_layout unused;
	if (c->cgroup_layout && cgroup_layout_parse(c->cgroup_layout, &unused, e) < 0)
		return -1;
	struct hook_settings settings = {
		.dns_servers = &c->dns_servers, .binds = &binds, .cgroup_layout = c->cgroup_layout};
	if (root.environment) {
		report_note(report, "the environment on %s is up already (pid %d)", path,
			(int)environment_holder(root.environment));
		if (c->dns_servers.count)
			report_warn(report, "--dns was not used: it is written when it starts");
		if (c->cgroup_layout)
			report_warn(report, "--cgroup-layout was not used: stop it first");
		if (binds.count)
			report_warn(report,
				"--bind was not used: stop it first, or give it to 'enter'");
		return 0;
	}
	report_begin(report, "start", 0, 0, "%s", path);
	root.environment = start_or_find_environment(root.rootfs, &settings, report, &started, e);
	report_end(report, root.environment ? NULL : (e ? *e : NULL));
	if (!root.environment)
		return -1;
	if (started)
		container_bring_back(root.environment, report);
	report_note(report, "enter it: alarmstrap enter %s", path);
	return 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {0};
	auto_strings operands = {0};
	int r = -1;
	if (options_parse(v, argc, argv, &c, &operands, e) == 0 &&
		options_operands(v, &operands, 1, 1, e) == 0)
		r = start(operands.items[0], &c, report, e);
	strings_free(&c.dns_servers);
	strings_free(&c.binds);
	return r;
}

static const struct option_row options[] = {
	{"dns", 0, OPTION_LIST, offsetof(struct choices, dns_servers), "IP",
		"write this DNS server into its resolv.conf"},
	{"cgroup-layout", 0, OPTION_TEXT, offsetof(struct choices, cgroup_layout), "WORD",
		"auto, unified (cgroup2 alone), v1 or hybrid; kept from start to start"},
	{"bind", 0, OPTION_EACH, offsetof(struct choices, binds), "HOST:GUEST[:ro]",
		"show this file or directory of the host in it, while it is up"},
};

const struct verb verb_start = {"start", "ROOT", "start the environment on a finished ROOT",
	options, sizeof options / sizeof *options, run};
