/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/plan.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "doctor/probe_check.h"
#include "lib/text.h"

static bool can(const struct observations *o, const char *probe)
{
	return probe_can(&o->tried, probe);
}

static bool can_all(const struct observations *o, const char *const *probes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!can(o, probes[i]))
			return false;
	return true;
}

static bool has_cgroups(const struct observations *o)
{
	return can(o, "cgroup1") || can(o, "cgroup2");
}

static enum plan_tier tier_of(const struct observations *o)
{
	static const char *const root[] = {"mount-namespace", "enter", "mknod", "setuid", "socket"};
	static const char *const containers[] = {
		"uts-namespace", "ipc-namespace", "pid-namespace", "devpts"};
	/* glibc's floor on aarch64; on 32 bits it is 3.2. */
	if (o->release.version < KERNEL(3, 2) || !can_all(o, root, sizeof root / sizeof *root))
		return PLAN_NOTHING;
	return has_cgroups(o) && can_all(o, containers, sizeof containers / sizeof *containers)
		       ? PLAN_CONTAINERS
		       : PLAN_ROOT;
}

/* Whether /proc/self/cgroup shows a hierarchy of v1, or cgroup2. */
static bool shows(const struct observations *o, bool v2)
{
	for (const char *line = o->self_cgroup; *line;
		line += strcspn(line, "\n"), line += *line == '\n')
		if (text_has_prefix(line, "0::") == v2)
			return true;
	return false;
}

/* LXC 7 calls clone3 and mount_setattr and has no cgroup v1. Android's filters kill who asks for
 * the calls, so there the version must do. */
static bool takes_lxc_7(const struct observations *o)
{
	bool calls = o->android ? false : can(o, "clone3") && can(o, "mount-setattr");
	return o->release.version >= KERNEL(5, 12) && calls && can(o, "cgroup2") &&
	       can(o, "cgroup-namespace");
}

static enum cgroup_layout layout_of(const struct observations *o, bool lxc_7)
{
	bool v2 = can(o, "cgroup2");
	if (lxc_7 || !can(o, "cgroup1"))
		return CGROUP_UNIFIED;
	if (shows(o, false))
		return v2 && shows(o, true) ? CGROUP_HYBRID : CGROUP_V1;
	/* Nothing of v1 is mounted: a host that is all cgroup2, or a bare one. */
	if (v2 && shows(o, true))
		return CGROUP_UNIFIED;
	return CGROUP_V1;
}

static enum plan_network network_of(const struct observations *o)
{
	bool bridged = can(o, "veth") && can(o, "bridge");
	/* Phones have Wi-Fi or a modem; a cable is the exception. */
	bool cable = *o->link && !o->wireless && !o->android;
	if (!can(o, "net-namespace"))
		return PLAN_NETWORK_HOST;
	if (can(o, "macvlan") && (cable || (!bridged && !*o->link)))
		return PLAN_NETWORK_MACVLAN;
	if (bridged)
		return PLAN_NETWORK_VETH;
	if (can(o, "ipvlan"))
		return PLAN_NETWORK_IPVLAN;
	return can(o, "macvlan") ? PLAN_NETWORK_MACVLAN : PLAN_NETWORK_NONE;
}

static void add(struct plan *p, const char *part, const char *choice, const char *because)
{
	if (p->row_count < PLAN_ROWS)
		p->rows[p->row_count++] = (struct plan_row){part, choice, because};
}

static void tell_tier(struct plan *p, const struct observations *o)
{
	static const char *const choices[] = {
		[PLAN_NOTHING] = "nothing",
		[PLAN_ROOT] = "a root with pacman",
		[PLAN_CONTAINERS] = "a root with containers",
	};
	const char *because = "all that containers need can be done here";
	if (o->release.version < KERNEL(3, 2))
		because = "glibc of today wants Linux 3.2, and 3.7 on aarch64";
	else if (p->tier == PLAN_NOTHING)
		because = "what even a root needs is refused, see the findings";
	else if (p->tier == PLAN_ROOT)
		because = "namespaces or control groups are lacking, see the findings";
	add(p, "tier", choices[p->tier], because);
}

static void tell_lxc(struct plan *p, const struct observations *o)
{
	if (!p->lxc_7)
		add(p, "lxc", "lxc<1:7",
			o->release.version < KERNEL(5, 12)
				? "LXC 7 wants clone3, mount_setattr (5.12) and cgroup2"
			: o->android ? "what LXC 7 wants cannot be tried on Android"
				     : "LXC 7 wants clone3, mount_setattr and cgroup2, and one of "
				       "them is refused");
	else if (o->release.version < KERNEL(6, 12))
		add(p, "lxc", "lxc",
			"clone3, mount_setattr and cgroup2 are there; its authors "
			"promise it from 6.12 on");
	else
		add(p, "lxc", "lxc", "clone3, mount_setattr and cgroup2 are there");
}

static void tell_layout(struct plan *p, const struct observations *o)
{
	static const char *const choices[] = {
		[CGROUP_AUTO] = "auto",
		[CGROUP_UNIFIED] = "unified",
		[CGROUP_V1] = "v1",
		[CGROUP_HYBRID] = "hybrid",
	};
	const char *because = "nothing is mounted on the host, and v1 has what LXC limits by";
	if (p->lxc_7)
		because = shows(o, false) ? "LXC 7 knows cgroup2 alone; limits by controllers that "
					    "the host has in v1 do not work"
					  : "LXC 7 knows cgroup2 alone";
	else if (p->layout == CGROUP_UNIFIED)
		because = "the host has cgroup2 alone";
	else if (shows(o, false))
		because = p->layout == CGROUP_HYBRID ? "the host has both" : "the host has v1";
	add(p, "cgroups", choices[p->layout], because);
}

static void tell_network(struct plan *p, const struct observations *o)
{
	static const struct plan_row rows[] = {
		[PLAN_NETWORK_NONE] = {"network", "none", "no kind of link can be made"},
		[PLAN_NETWORK_HOST] = {"network", "host",
			"there are no network namespaces: containers share the host's network"},
		[PLAN_NETWORK_MACVLAN] = {"network", "macvlan",
			"each container gets an address of its own on the LAN"},
		[PLAN_NETWORK_VETH] = {"network", "veth",
			"behind a bridge: Wi-Fi and modems refuse the extra addresses of macvlan"},
		[PLAN_NETWORK_IPVLAN] = {"network", "ipvlan",
			"one hardware address serves all, and neither bridge nor veth can be had"},
	};
	const char *because = rows[p->network].because;
	if (p->network == PLAN_NETWORK_VETH && !can(o, "macvlan"))
		because = "behind a bridge: macvlan cannot be had";
	else if (p->network == PLAN_NETWORK_VETH && !*o->link && !o->android)
		because =
			"behind a bridge: no default route shows a link that macvlan could lie on";
	add(p, "network", rows[p->network].choice, because);
}

static void tell_init(struct plan *p, const struct observations *o)
{
	if (p->systemd)
		add(p, "init", "systemd", "Linux 5.10 or newer, and cgroup2 for it");
	else if (o->release.version < KERNEL(5, 10))
		add(p, "init", "lxc-init", "systemd of today wants Linux 5.10");
	else
		add(p, "init", "lxc-init", "systemd of today knows cgroup2 alone");
}

static void tell_sandbox(struct plan *p)
{
	if (!p->download_user)
		add(p, "pacman", "no DownloadUser", "only root may open sockets here");
	else if (!p->landlock && !p->seccomp)
		add(p, "pacman", "DisableSandbox",
			"neither Landlock nor seccomp filters are there");
	else if (!p->landlock)
		add(p, "pacman", "DisableSandboxFilesystem", "there is no Landlock");
	else if (!p->seccomp)
		add(p, "pacman", "DisableSandboxSyscalls", "there are no seccomp filters");
	else
		add(p, "pacman", "the whole sandbox", "Landlock and seccomp filters are there");
}

struct plan plan_make(const struct observations *o)
{
	struct plan p = {.tier = tier_of(o)};
	tell_tier(&p, o);
	if (p.tier == PLAN_NOTHING)
		return p;
	p.landlock = can(o, "landlock");
	p.seccomp = can(o, "seccomp");
	p.download_user = can(o, "user-socket");
	tell_sandbox(&p);
	if (p.tier == PLAN_ROOT)
		return p;
	p.lxc_7 = takes_lxc_7(o);
	p.layout = layout_of(o, p.lxc_7);
	p.network = network_of(o);
	p.systemd = o->release.version >= KERNEL(5, 10) && p.layout == CGROUP_UNIFIED;
	tell_lxc(&p, o);
	tell_layout(&p, o);
	tell_network(&p, o);
	tell_init(&p, o);
	return p;
}

static bool is_forbidden(const struct observations *o, const char *probe)
{
	for (size_t i = 0; i < o->tried.count; i++) {
		const struct probe_answer *a = &o->tried.items[i];
		if (strcmp(a->probe->name, probe) == 0)
			return a->errnum == EPERM || a->errnum == EACCES;
	}
	return false;
}

static int add_no_cgroups(const struct observations *o, struct findings *to, struct error **e)
{
	const struct probe_keeper keeper = {o->status, o->label};
	bool forbidden = is_forbidden(o, "cgroup1") || is_forbidden(o, "cgroup2");
	auto_buf remedy = BUF(0);
	if ((forbidden ? probe_refusal(&keeper, CAP_SYS_ADMIN, &remedy, e)
		       : buf_puts(&remedy,
				 "build the kernel with CONFIG_CGROUPS=y, CONFIG_CGROUP_DEVICE=y, "
				 "CONFIG_CGROUP_FREEZER=y",
				 e)) < 0)
		return -1;
	const struct finding_texts texts = {
		.what = "no control groups of either version",
		.why = "LXC keeps each container in control groups, and starts none without",
		.how = "tried it: mount cgroup and cgroup2",
		.remedy = buf_text(&remedy),
	};
	return findings_add(to, FINDING_NO_CONTAINERS, ERROR_KERNEL, &texts, e);
}

int plan_check(
	const struct observations *o, const struct plan *p, struct findings *to, struct error **e)
{
	static const struct finding_texts old = {
		.what = "this kernel is older than 3.2",
		.why = "glibc of today does not start on it",
		.how = "/proc/sys/kernel/osrelease",
		.remedy = "a newer kernel: at least 3.2, on aarch64 3.7",
	};
	if (o->release.version < KERNEL(3, 2) &&
		findings_add(to, FINDING_NO_BOOTSTRAP, ERROR_KERNEL, &old, e) < 0)
		return -1;
	return p->tier == PLAN_NOTHING || has_cgroups(o) ? 0 : add_no_cgroups(o, to, e);
}

void plan_report(const struct plan *p, struct report *report)
{
	for (size_t i = 0; i < p->row_count; i++) {
		const struct report_field fields[] = {
			{"part", p->rows[i].part},
			{"plan", p->rows[i].choice},
			{"because", p->rows[i].because},
		};
		report_result(report, "plan", fields, sizeof fields / sizeof *fields);
	}
	report_flush(report);
}
