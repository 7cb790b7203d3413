/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Into a container that runs, by lxc-attach(1). */
#include <stdlib.h>
#include <string.h>

#include "containers/containers.h"
#include "containers/lxc.h"
#include "lib/fd.h"

/* A shell with login's variables, whichever the container has. */
static const char shell[] = "[ ! -x /bin/bash ] || exec /bin/bash -l; exec /bin/sh -l";

/* lxc-attach knows no way to tell "not running" from a command that failed. */
static int refuse_stopped(const struct environment *env, const char *name, struct error **e)
{
	char state[LXC_STATE];
	int there = lxc_state(env, name, state, e);
	if (there < 0)
		return -1;
	if (!there)
		return container_no_such(name, e);
	if (strcmp(state, "RUNNING") == 0)
		return 0;
	error_set(e, ERROR_CONTAINER, 0, "container '%s' does not run", name);
	return error_hint(
		e, "start it: alarmstrap container start %s %s", environment_path(env), name);
}

static int add_all(struct strings *to, const char *const *words, struct error **e)
{
	for (; *words; words++)
		if (strings_add(to, *words, e) < 0)
			return -1;
	return 0;
}

static int add_variable(struct strings *to, const char *text, struct error **e)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return error_set(e, ERROR_USAGE, 0, "'%s' is not NAME=value", text);
	return strings_add(to, "-v", e) < 0 ? -1 : strings_add(to, text, e);
}

/* Of our own variables the container gets the terminal's name alone. */
static int command_line(struct strings *to, const char *name, const char *const *argv,
	const struct strings *variables, struct error **e)
{
	const char *term = getenv("TERM");
	const char *first[] = {"lxc-attach", "-n", name, "--clear-env", NULL};
	const char *usual[] = {"HOME=/root", "USER=root", "LANG=C.UTF-8",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"};
	const char *default_argv[] = {"/bin/sh", "-c", shell, NULL};
	char *auto_free terminal = term ? text_format(e, "TERM=%s", term) : NULL;
	if ((term && !terminal) || add_all(to, first, e) < 0 ||
		(terminal && add_variable(to, terminal, e) < 0))
		return -1;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (add_variable(to, usual[i], e) < 0)
			return -1;
	for (size_t i = 0; variables && i < variables->count; i++)
		if (add_variable(to, variables->items[i], e) < 0)
			return -1;
	if (strings_add(to, "--", e) < 0)
		return -1;
	return add_all(to, argv ? argv : default_argv, e);
}

int container_enter(const struct environment *env, const char *name, const char *const *argv,
	const struct strings *variables, int *status, struct error **e)
{
	auto_strings words = {0};
	if (container_check_name(name, e) < 0 || refuse_stopped(env, name, e) < 0 ||
		command_line(&words, name, argv, variables, e) < 0)
		return -1;
	return environment_enter(env, (const char *const *)words.items, NULL, status, e);
}
