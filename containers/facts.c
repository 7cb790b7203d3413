/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "chroot/userns.h"
#include "containers/lxc.h"
#include "lib/text.h"

static const char script[] =
	"c=/sys/fs/cgroup\n"
	"[ ! -f $c/cgroup.controllers ] || echo \"v2 $(cat $c/cgroup.controllers)\"\n"
	"[ ! -f $c/unified/cgroup.controllers ] ||"
	" echo \"v2at $(cat $c/unified/cgroup.controllers)\"\n"
	"[ -f $c/cgroup.controllers ] || for d in $c/*; do"
	" [ ! -f $d/cgroup.procs ] || echo \"v1 ${d##*/}\"; done\n"
	"! grep -q ^Seccomp: /proc/self/status ||"
	" [ ! -f /usr/share/lxc/config/common.seccomp ] || echo seccomp\n";

/* Each word of `text`, between spaces and commas, that is a controller's name. */
static int note_controllers(
	struct container_facts *f, const char *text, enum cgroup_version where, struct error **e)
{
	const struct {
		const char *name;
		enum cgroup_version *at;
	} known[] = {{"memory", &f->memory}, {"cpu", &f->cpu}, {"pids", &f->pids},
		{"devices", &f->devices}};
	auto_strings words = {0};
	if (strings_split(&words, text, " ,", e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (*known[i].at == CGROUP_ABSENT && strings_contain(&words, known[i].name))
			*known[i].at = where;
	return 0;
}

int container_facts_parse(struct container_facts *f, const char *text, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i], *words = strchr(line, ' ');
		bool alone = text_has_prefix(line, "v2 "), v1 = text_has_prefix(line, "v1 ");
		f->unified |= alone;
		f->any_cgroup |= alone || v1;
		f->seccomp |= strcmp(line, "seccomp") == 0;
		if (!words || !(alone || v1 || text_has_prefix(line, "v2at ")))
			continue;
		if (note_controllers(f, words, v1 ? CGROUP_IN_V1 : CGROUP_IN_V2, e) < 0)
			return -1;
	}
	/* In v2 access to devices is a matter of BPF and no controller; LXC sees for itself. */
	if (f->unified)
		f->devices = CGROUP_IN_V2;
	return 0;
}

int container_facts_probe(
	const struct environment *env, struct container_facts *facts, struct error **e)
{
	struct container_facts f = {0};
	struct utsname host;
	auto_lxc l = LXC;
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	if (lxc_run(env, argv, &l, e) < 0 || container_facts_parse(&f, buf_text(&l.output), e) < 0)
		return -1;
	int works = userns_works(env, e);
	if (works < 0)
		return -1;
	f.user_namespaces = works;
	if (uname(&host) < 0 ||
		sscanf(host.release, "%d.%d", &f.kernel_major, &f.kernel_minor) != 2)
		return error_set(e, ERROR_SYSTEM, errno, "find out which kernel this is");
	*facts = f;
	return 0;
}

int container_facts_refuse_limits(
	const struct container_facts *f, const struct container_limits *limits, struct error **e)
{
	const struct {
		bool asked;
		enum cgroup_version where;
		const char *option, *controller, *remedy;
	} rows[] = {
		{limits->memory_bytes > 0, f->memory, "memory", "memory",
			"it needs a kernel with CONFIG_MEMCG, started without "
			"cgroup_disable=memory"},
		{limits->thousandths_cpu > 0, f->cpu, "cpus", "cpu",
			"it needs a kernel with CONFIG_CFS_BANDWIDTH"},
		{limits->pids > 0, f->pids, "pids", "pids",
			"it needs a kernel with CONFIG_CGROUP_PIDS (Linux 4.3)"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!rows[i].asked || rows[i].where != CGROUP_ABSENT)
			continue;
		error_set(e, ERROR_KERNEL, 0,
			"--%s: the environment has no cgroup controller '%s'%s", rows[i].option,
			rows[i].controller,
			f->unified ? " in cgroup2 (the host's v1 may hold it)" : "");
		return error_hint(e, "leave the limit out; %s", rows[i].remedy);
	}
	return 0;
}

/* NEWS and README of systemd: 256 refuses to boot with v1 in sight, 258 knows it no more and wants
 * Linux 5.4, 260 wants 5.10. Before: 3.15. */
const char *container_facts_against_systemd(const struct container_facts *f, const char *version)
{
	static const struct {
		long systemd;
		int major, minor;
		const char *why;
	} baselines[] = {
		{260, 5, 10, "this systemd needs Linux 5.10"},
		{258, 5, 4, "this systemd needs Linux 5.4"},
		{0, 3, 15, "systemd needs Linux 3.15"},
	};
	const char *colon = strchr(version, ':');
	long systemd = strtol(colon ? colon + 1 : version, NULL, 10);
	if (!f->any_cgroup)
		return "systemd needs cgroups, and none are mounted";
	if (systemd >= 256 && !f->unified)
		return "this systemd needs cgroup2 alone (start --cgroup-layout=unified)";
	for (size_t i = 0; i < sizeof baselines / sizeof *baselines; i++)
		if (systemd >= baselines[i].systemd)
			return f->kernel_major > baselines[i].major ||
					       (f->kernel_major == baselines[i].major &&
						       f->kernel_minor >= baselines[i].minor)
				       ? NULL
				       : baselines[i].why;
	return NULL;
}
