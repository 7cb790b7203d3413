/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/cgroup_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

/* As systemd has named them since 2012, whatever order the kernel shows. */
static const char *directory_of(const char *list)
{
	if (text_has_prefix(list, "name="))
		return list + strlen("name=");
	if (strcmp(list, "cpuacct,cpu") == 0)
		return "cpu,cpuacct";
	if (strcmp(list, "net_prio,net_cls") == 0)
		return "net_cls,net_prio";
	return list;
}

static int add(
	struct cgroup_plan *plan, const char *list, const char *path, bool fresh, struct error **e)
{
	void *more = realloc(plan->items, (plan->count + 1) * sizeof *plan->items);
	if (!more)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "cgroups");
	plan->items = more;
	bool v2 = !*list;
	struct cgroup_hierarchy h = {.fresh = fresh};
	h.name = text_copy(v2 ? "unified" : directory_of(list), e);
	/* A named hierarchy without controllers must say `none`. */
	if (!v2)
		h.options =
			text_format(e, "%s%s", text_has_prefix(list, "name=") ? "none," : "", list);
	h.path = text_copy(path, e);
	plan->items[plan->count++] = h;
	return h.name && h.path && (v2 || h.options) ? 0 : -1;
}

/* "4:cpu,cpuacct:/user.slice"; a path may hold colons. */
static int add_line(
	struct cgroup_plan *plan, const char *line, enum cgroup_layout layout, struct error **e)
{
	const char *list = strchr(line, ':');
	const char *path = list ? strchr(list + 1, ':') : NULL;
	if (!path || path[1] != '/')
		return error_set(e, ERROR_SYSTEM, 0, "/proc/self/cgroup: strange line '%s'", line);
	char *auto_free name = strndup(list + 1, (size_t)(path - list - 1));
	if (!name)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "cgroups");
	if (layout == CGROUP_V1 && !*name)
		return 0;
	return add(plan, name, path + 1, false, e);
}

static const struct cgroup_hierarchy *v2_of(const struct cgroup_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->items[i].options)
			return &plan->items[i];
	return NULL;
}

/* What LXC needs on v1 and a bare kernel has not mounted. Where the kernel shows a cgroup2, only
 * those are taken that have no counterpart there, and never on a host that is all cgroup2; unless
 * it was asked for. */
static bool wanted_fresh(
	const struct cgroup_plan *plan, const char *name, enum cgroup_layout layout)
{
	static const char *const wanted[] = {
		"devices", "freezer", "memory", "pids", "cpu", "cpuacct", "blkio"};
	bool v2 = layout == CGROUP_AUTO && v2_of(plan);
	if (v2 && plan->count == 1)
		return false;
	for (size_t i = 0; i < (v2 ? 2 : sizeof wanted / sizeof *wanted); i++)
		if (strcmp(name, wanted[i]) == 0)
			return true;
	return false;
}

/* "devices 0 1 1": name, hierarchy (0: none yet), number of cgroups, enabled. */
static int add_fresh(struct cgroup_plan *plan, const char *controllers, enum cgroup_layout layout,
	struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, controllers, "\n", e) < 0)
		return -1;
	struct cgroup_plan before = *plan;
	for (size_t i = 0; i < lines.count; i++) {
		auto_strings f = {0};
		if (strings_split(&f, lines.items[i], " \t", e) < 0)
			return -1;
		if (f.count < 4 || f.items[0][0] == '#' || strcmp(f.items[1], "0") != 0 ||
			strcmp(f.items[3], "1") != 0)
			continue;
		before.items = plan->items;
		if (wanted_fresh(&before, f.items[0], layout) &&
			add(plan, f.items[0], "/", true, e) < 0)
			return -1;
	}
	return 0;
}

static int fill(struct cgroup_plan *plan, const char *self, const char *controllers,
	enum cgroup_layout layout, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, self, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (add_line(plan, lines.items[i], layout, e) < 0)
			return -1;
	bool only_v2 = layout == CGROUP_AUTO && plan->count == 1 && v2_of(plan);
	bool wants_v2 = layout == CGROUP_UNIFIED || layout == CGROUP_HYBRID;
	if (layout != CGROUP_UNIFIED && add_fresh(plan, controllers, layout, e) < 0)
		return -1;
	/* A kernel shows its line of cgroup2 only once that was mounted somewhere. */
	if (wants_v2 && !v2_of(plan) && add(plan, "", "/", true, e) < 0)
		return -1;
	plan->unified = layout == CGROUP_UNIFIED || only_v2;
	if (plan->count > 0)
		return 0;
	error_set(e, ERROR_KERNEL, 0, "this kernel offers no control groups");
	return error_hint(e,
		"LXC needs CONFIG_CGROUPS, CONFIG_CGROUP_DEVICE, CONFIG_CGROUP_FREEZER: "
		"build or choose a kernel that has them");
}

int cgroup_plan_make(struct cgroup_plan *plan, const char *self, const char *controllers,
	enum cgroup_layout layout, struct error **e)
{
	auto_cgroup_plan new = {0};
	if (fill(&new, self, controllers, layout, e) < 0)
		return -1;
	*plan = new;
	new = (struct cgroup_plan){0};
	return 0;
}

int cgroup_plan_read(struct cgroup_plan *plan, enum cgroup_layout layout, struct error **e)
{
	auto_buf self = BUF(0), controllers = BUF(0);
	/* Absent without CONFIG_CGROUPS, and /proc/cgroups without CONFIG_PROC_CGROUPS (6.13): no
	 * text is an answer. */
	if (path_exists(AT_FDCWD, "/proc/self/cgroup") &&
		path_read_file(AT_FDCWD, "/proc/self/cgroup", &self, e) < 0)
		return -1;
	if (path_exists(AT_FDCWD, "/proc/cgroups") &&
		path_read_file(AT_FDCWD, "/proc/cgroups", &controllers, e) < 0)
		return -1;
	return cgroup_plan_make(plan, buf_text(&self), buf_text(&controllers), layout, e);
}

bool cgroup_plan_mounts(const struct cgroup_plan *plan, const struct cgroup_hierarchy *h)
{
	return !plan->unified || !h->options;
}

void cgroup_plan_free(struct cgroup_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->items[i].name);
		free(plan->items[i].options);
		free(plan->items[i].path);
	}
	free(plan->items);
	*plan = (struct cgroup_plan){0};
}
