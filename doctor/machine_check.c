/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/machine_check.h"

#include <stdio.h>
#include <string.h>

#include "chroot/cgroup_missing.h"
#include "lib/text.h"

/* Controllers that the kernel has and that are not switched off: "devices 4 1 1". */
static int enabled(const struct observations *o, struct strings *to, struct error **e)
{
	for (const char *line = o->controllers; *line;
		line += strcspn(line, "\n"), line += *line == '\n') {
		char name[64];
		int hierarchy, cgroups, on;
		if (sscanf(line, "%63s %d %d %d", name, &hierarchy, &cgroups, &on) == 4 && on &&
			strings_add(to, name, e) < 0)
			return -1;
	}
	return 0;
}

/* "no limits by the cgroups memory: boot the kernel with cgroup_enable=memory" is what and remedy.
 */
static int add_cgroup(char *note, struct findings *to, struct error **e)
{
	char *colon = strstr(note, ": ");
	const char *remedy = colon ? colon + 2 : "";
	if (colon)
		*colon = '\0';
	const struct finding_texts texts = {
		.what = note,
		.why = "a container can take all that there is",
		.how = "/proc/cgroups and /proc/cmdline",
		.remedy = remedy,
	};
	return findings_add(to, FINDING_LIMITED, ERROR_KERNEL, &texts, e);
}

static int check_cgroups(
	const struct observations *o, const struct plan *p, struct findings *to, struct error **e)
{
	const struct cgroup_kernel kernel = {o->controllers, o->self_cgroup, o->command_line};
	auto_strings have = {0}, notes = {0};
	/* Absent without CONFIG_PROC_CGROUPS (6.13), which says nothing. */
	if (p->tier != PLAN_CONTAINERS || !*o->controllers)
		return 0;
	if (enabled(o, &have, e) < 0 ||
		cgroup_missing(&kernel, &have, p->layout == CGROUP_UNIFIED, &notes, e) < 0)
		return -1;
	for (size_t i = 0; i < notes.count; i++)
		if (add_cgroup(notes.items[i], to, e) < 0)
			return -1;
	return 0;
}

/* A line of mountinfo ends in the filesystem's options. */
static int check_noprefix(const struct observations *o, struct findings *to, struct error **e)
{
	static const struct finding_texts texts = {
		.what = "the cgroup cpuset is mounted with noprefix",
		.why = "its files are named as Android wants them, and LXC does not find them: "
		       "containers are not bound to processors",
		.how = "/proc/self/mountinfo",
		.remedy = "none is needed: the environment leaves cpuset out",
	};
	auto_strings lines = {0};
	if (strings_split(&lines, o->mounts, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (strstr(lines.items[i], " - cgroup ") && strstr(lines.items[i], "cpuset") &&
			strstr(lines.items[i], "noprefix"))
			return findings_add(to, FINDING_NOTE, ERROR_KERNEL, &texts, e);
	return 0;
}

/* No release of ours is older than its newest commit. */
static int check_clock(
	const struct observations *o, int64_t now_s, struct findings *to, struct error **e)
{
	static const struct finding_texts behind = {
		.what = "the clock stands before this program was made",
		.why = "no certificate and no signature is valid yet",
		.how = "the system clock against the date of the source",
		.remedy = "bootstrap sets it; by itself: alarmstrap clock --set",
	};
	static const struct finding_texts chip = {
		.what = "there is no clock chip",
		.why = "after each boot the clock stands where it stood, or at 1970",
		.how = "/sys/class/rtc/rtc0 is not there",
		.remedy = "after each boot: alarmstrap clock --set",
	};
	if (now_s < SOURCE_DATE && findings_add(to, FINDING_LIMITED, ERROR_CLOCK, &behind, e) < 0)
		return -1;
	return o->clock_chip ? 0 : findings_add(to, FINDING_NOTE, ERROR_CLOCK, &chip, e);
}

/* Phones keep theirs in netd's own tables, where these files do not show it. */
static int check_route(const struct observations *o, struct findings *to, struct error **e)
{
	static const struct finding_texts texts = {
		.what = "there is no default route",
		.why = "nothing can be downloaded, and containers get no link to lie on",
		.how = "/proc/net/route and /proc/net/ipv6_route",
		.remedy = "bring a link up (dhcpcd eth0), or bootstrap --from=FILE with the files "
			  "at hand",
	};
	if (*o->link || o->android)
		return 0;
	return findings_add(to, FINDING_LIMITED, ERROR_NETWORK, &texts, e);
}

int machine_check(const struct observations *o, const struct plan *p, int64_t now_s,
	struct findings *to, struct error **e)
{
	if (check_cgroups(o, p, to, e) < 0 || check_noprefix(o, to, e) < 0 ||
		check_route(o, to, e) < 0)
		return -1;
	return check_clock(o, now_s, to, e);
}
