/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/cgroup_missing.h"

#include <stdio.h>
#include <string.h>

#include "lib/buf.h"

enum reason {
	PRESENT,
	NOT_BUILT, /* no such line in /proc/cgroups */
	DISABLED, /* cgroup_disable= of kernel-parameters.txt */
	NOT_ENABLED, /* off unless asked for: memory on the kernels of many boards */
	KEPT_FOR_V2, /* cgroup_no_v1= */
	USED_BY_V2,
	USED_BY_V1,
	NOT_BUILT_FOR_V1, /* MEMCG_V1 is an option of its own since Linux 6.11 */
	NOT_DELEGATED, /* cgroup-v2.rst, "Delegation" */
	REASON_COUNT
};

static const struct controller {
	const char *name, *name_v2; /* NULL: cgroup2 does it without a controller */
	const char *option;
} wanted[] = {
	{"devices", NULL, "CONFIG_CGROUP_DEVICE"},
	{"freezer", NULL, "CONFIG_CGROUP_FREEZER"},
	{"memory", "memory", "CONFIG_MEMCG"},
	{"pids", "pids", "CONFIG_CGROUP_PIDS"},
	{"cpu", "cpu", "CONFIG_CGROUP_SCHED"},
	{"blkio", "io", "CONFIG_BLK_CGROUP"},
};
enum { WANTED_COUNT = sizeof wanted / sizeof *wanted };

/* Whether the list behind `parameter` ("cgroup_no_v1=") on the command line has the name, by either
 * of its two. */
static bool command_line_has(const char *line, const char *parameter, const struct controller *c)
{
	for (const char *at = line; (at = strstr(at, parameter)); at++) {
		if (at != line && at[-1] != ' ')
			continue;
		const char *list = at + strlen(parameter);
		size_t length = strcspn(list, " \n");
		while (length) {
			size_t n = strcspn(list, ", \n");
			const char *names[] = {c->name, c->name_v2, "all"};
			for (size_t i = 0; i < 3; i++)
				if (names[i] && strlen(names[i]) == n &&
					strncmp(list, names[i], n) == 0)
					return true;
			n += list[n] == ',';
			list += n;
			length -= n;
		}
	}
	return false;
}

/* "devices 0 1 1": name, hierarchy, number of cgroups, enabled. false: no such line. */
static bool find_line(const char *controllers, const char *name, int *hierarchy, int *enabled)
{
	for (const char *p = controllers; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char found[64];
		int cgroups;
		if (sscanf(p, "%63s %d %d %d", found, hierarchy, &cgroups, enabled) == 4 &&
			strcmp(found, name) == 0)
			return true;
	}
	return false;
}

static bool shows_v2(const char *self)
{
	return strncmp(self, "0::", 3) == 0 || strstr(self, "\n0::");
}

static enum reason reason_of(
	const struct cgroup_kernel *k, const struct controller *c, bool unified)
{
	int hierarchy = 0, enabled = 0;
	if (!find_line(k->controllers, c->name, &hierarchy, &enabled))
		return NOT_BUILT;
	if (!enabled)
		return command_line_has(k->command_line, "cgroup_disable=", c) ? DISABLED
									       : NOT_ENABLED;
	if (unified)
		return hierarchy ? USED_BY_V1 : NOT_DELEGATED;
	if (command_line_has(k->command_line, "cgroup_no_v1=", c))
		return KEPT_FOR_V2;
	if (shows_v2(k->self) && hierarchy == 0)
		return USED_BY_V2;
	return NOT_BUILT_FOR_V1;
}

/* "memory" by the kernel option that it needs. */
static const char *word_of(const struct controller *c, enum reason r)
{
	if (r == NOT_BUILT)
		return c->option;
	if (r == NOT_BUILT_FOR_V1 && strcmp(c->name, "memory") == 0)
		return "CONFIG_MEMCG_V1";
	return r == NOT_BUILT_FOR_V1 ? c->option : c->name;
}

/* The words follow where it ends in a space or an equals sign. */
static const char *const remedies[REASON_COUNT] = {
	[NOT_BUILT] = "the kernel lacks ",
	[DISABLED] = "boot the kernel without cgroup_disable=",
	[NOT_ENABLED] = "boot the kernel with cgroup_enable=",
	[KEPT_FOR_V2] = "boot the kernel without cgroup_no_v1=",
	[USED_BY_V2] = "the host's cgroup2 has them",
	[USED_BY_V1] = "the host has them in v1",
	[NOT_BUILT_FOR_V1] = "the kernel lacks ",
	[NOT_DELEGATED] = "the cgroup above does not hand them down (cgroup.subtree_control)",
};

static int join(struct buf *to, const char *word, struct error **e)
{
	return buf_printf(to, e, "%s%s", to->length ? "," : "", word);
}

static int add_note(
	const enum reason *reasons, enum reason r, struct strings *notes, struct error **e)
{
	auto_buf names = BUF(0), words = BUF(0);
	for (size_t i = 0; i < WANTED_COUNT; i++)
		if (reasons[i] == r && (join(&names, wanted[i].name, e) < 0 ||
					       join(&words, word_of(&wanted[i], r), e) < 0))
			return -1;
	if (!names.length)
		return 0;
	bool open = text_has_suffix(remedies[r], " ") || text_has_suffix(remedies[r], "=");
	char *note = text_format(e, "no limits by the cgroups %s: %s%s", buf_text(&names),
		remedies[r], open ? buf_text(&words) : "");
	return note ? strings_take(notes, note, e) : -1;
}

int cgroup_missing(const struct cgroup_kernel *kernel, const struct strings *have, bool unified,
	struct strings *notes, struct error **e)
{
	enum reason reasons[WANTED_COUNT];
	for (size_t i = 0; i < WANTED_COUNT; i++) {
		const struct controller *c = &wanted[i];
		bool there = unified && !c->name_v2;
		there = there || strings_contain(have, c->name) ||
			(c->name_v2 && strings_contain(have, c->name_v2));
		reasons[i] = there ? PRESENT : reason_of(kernel, c, unified);
	}
	for (enum reason r = PRESENT + 1; r < REASON_COUNT; r++)
		if (add_note(reasons, r, notes, e) < 0)
			return -1;
	return 0;
}
