/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests/integration/environment: chroot/ alone, without the program around it.
 *
 *   environment-tool VERB ROOT [ARG…]; see the table at the end. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chroot/cgroups.h"
#include "chroot/environment.h"
#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"

static struct environment *need(const struct rootfs *r, struct error **e)
{
	struct environment *env = environment_find(r, e);
	if (!env)
		error_set(e, ERROR_ROOT, 0, "%s is not up", rootfs_path(r));
	return env;
}

static int start_with(const struct rootfs *r, const struct environment_options *o,
	struct report *report, struct error **e)
{
	struct environment *env = environment_start(r, o, report, e);
	if (!env)
		return -1;
	printf("%d\n", (int)environment_holder(env));
	environment_free(env);
	return 0;
}

static int start(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return start_with(r, NULL, report, e);
}

static int start_unified(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return start_with(r, &(struct environment_options){.layout = CGROUP_UNIFIED}, report, e);
}

static int start_moved(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return start_with(r, &(struct environment_options){.move_root = true}, report, e);
}

static int find(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	struct environment *env = environment_find(r, e);
	if (!env)
		return e && *e ? -1 : 1;
	printf("%d %lld\n", (int)environment_holder(env), (long long)environment_started_at(env));
	environment_free(env);
	return 0;
}

static int stop(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	struct environment *env = need(r, e);
	return env ? environment_stop(env, report, e) : -1;
}

static int sweep(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return environment_sweep(r, report, e);
}

static void print_line(void *arg, const char *line)
{
	puts(line);
}

static int run(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	struct environment *env = need(r, e);
	int status = -1;
	if (env && environment_run(env, args, print_line, NULL, &status, e) < 0)
		status = -1;
	environment_free(env);
	return status;
}

/* enter ROOT [-u USER] [-d DIR] [-v NAME=value] [CMD…] */
static int enter(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	struct enter_options o = {0};
	auto_strings variables = {0};
	int status = -1;
	for (; args[0] && args[0][0] == '-' && args[1]; args += 2) {
		if (args[0][1] == 'u')
			o.user = args[1];
		if (args[0][1] == 'd')
			o.cwd = args[1];
		if (args[0][1] == 'v' && strings_add(&variables, args[1], e) < 0)
			return -1;
	}
	o.variables = &variables;
	struct environment *env = need(r, e);
	if (env && environment_enter(env, args[0] ? args : NULL, &o, &status, e) < 0)
		status = -1;
	environment_free(env);
	return status;
}

static int cgroups_with(
	const struct rootfs *r, enum cgroup_layout layout, struct report *report, struct error **e)
{
	struct environment *env = need(r, e);
	int result = env ? cgroups_mount(env, layout, report, e) : -1;
	if (result == 0)
		result = cgroups_mounted(env, e) == 1 ? 0 : 1;
	environment_free(env);
	return result;
}

static int cgroups(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return cgroups_with(r, CGROUP_AUTO, report, e);
}

static int cgroups_unified(
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	return cgroups_with(r, CGROUP_UNIFIED, report, e);
}

static int delete (
	const struct rootfs *r, const char *const *args, struct report *report, struct error **e)
{
	char *auto_free parent = NULL, *auto_free name = NULL;
	if (path_split(rootfs_path(r), &parent, &name, e) < 0)
		return -1;
	int auto_fd dir = path_open_dir(AT_FDCWD, parent, e);
	struct tree_deleted done;
	if (dir < 0 || tree_delete(dir, name, &done, e) < 0)
		return -1;
	printf("%llu entries, %llu bytes\n", (unsigned long long)done.entries,
		(unsigned long long)done.bytes);
	return 0;
}

static const struct {
	const char *name;
	int (*act)(const struct rootfs *r, const char *const *args, struct report *report,
		struct error **e); /* the exit status, -1: an error */
} verbs[] = {
	{"start", start},
	{"start-unified", start_unified},
	{"start-moved", start_moved},
	{"find", find},
	{"stop", stop},
	{"sweep", sweep},
	{"run", run},
	{"enter", enter},
	{"cgroups", cgroups},
	{"cgroups-unified", cgroups_unified},
	{"delete", delete},
};

static int act(const char *verb, const char *root, const char *const *args, struct report *report,
	struct error **e)
{
	int result = -1;
	if (interrupt_install(e) < 0)
		return -1;
	struct rootfs *r = rootfs_open(root, e);
	if (!r)
		return -1;
	size_t i = 0, count = sizeof verbs / sizeof *verbs;
	while (i < count && strcmp(verbs[i].name, verb) != 0)
		i++;
	if (i < count)
		result = verbs[i].act(r, args, report, e);
	else
		error_set(e, ERROR_USAGE, 0, "no verb '%s'", verb);
	rootfs_free(r);
	return result;
}

int main(int argc, char **argv)
{
	auto_error *e = NULL;
	struct report *report = report_new(REPORT_PLAIN);
	int result = -1;
	if (argc < 3)
		error_set(&e, ERROR_USAGE, 0, "environment-tool VERB ROOT [ARG…]");
	else
		result = act(argv[1], argv[2], (const char *const *)argv + 3, report, &e);
	if (e)
		report_error(report, e);
	report_free(report);
	return e ? error_exit_status(e) : result;
}
