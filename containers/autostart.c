/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Containers that come back with the environment: `lxc.start.auto = 1`, lxc.container.conf(5). */
#include <string.h>

#include "containers/containers.h"
#include "containers/lxc.h"

/* LXC's own order (lxc.start.order), one name a line; nothing where LXC is not there. */
static const char script[] = "! command -v lxc-autostart >/dev/null || lxc-autostart --list --all";

static int start_all(const struct environment *env, struct report *report, struct error **e)
{
	auto_lxc l = LXC;
	auto_strings lines = {0};
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	int status = lxc_run(env, argv, &l, e);
	if (status < 0)
		return -1;
	if (status)
		return lxc_failed(&l, "list", "", e);
	if (strings_split(&lines, buf_text(&l.output), "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		auto_error *why = NULL;
		char *name = lines.items[i]; /* "NAME DELAY", lxc-autostart(1) */
		name[strcspn(name, " \t")] = '\0';
		if (container_start(env, name, &why) < 0)
			report_warn(report, "%s; %s", error_message(why), error_remedy(why));
		else
			report_note(report, "container %s is up again", name);
	}
	return 0;
}

void container_bring_back(const struct environment *env, struct report *report)
{
	auto_error *why = NULL;
	if (!environment_has_pid_namespace(env) || container_emulated(env))
		return;
	if (start_all(env, report, &why) < 0)
		report_warn(report, "containers: %s", error_message(why));
}
