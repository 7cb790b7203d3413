/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/containers.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "chroot/binfmt.h"
#include "containers/lxc.h"
#include "containers/owners.h"
#include "containers/network_service.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/ticks.h"

enum { NAME_MAX_LENGTH = 63, POLL_MS = 200 };

int container_check_name(const char *name, struct error **e)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.");
	if (length && !name[length] && length <= NAME_MAX_LENGTH && isalnum((unsigned char)*name))
		return 0;
	error_set(e, ERROR_USAGE, 0, "'%s' is no name for a container", name);
	return error_hint(e, "use letters, digits, '-', '_' and '.', at most 63, a letter or digit "
			     "first");
}

int container_refuse_without_pid_namespace(const struct environment *env, struct error **e)
{
	if (environment_has_pid_namespace(env))
		return 0;
	error_set(e, ERROR_KERNEL, 0, "this kernel has no pid namespaces, which LXC needs");
	return error_hint(
		e, "run a kernel built with CONFIG_PID_NS; without it only 'enter' works");
}

const char *container_emulated(const struct environment *env)
{
	struct utsname host;
	int auto_fd root = open(environment_path(env), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *arch = root < 0 ? NULL : binfmt_arch_of(root, "/usr/bin/lxc-start");
	return arch && uname(&host) == 0 && !binfmt_is_native(host.machine, arch) ? arch : NULL;
}

/* An emulator of programs has no way to pass on clone(2) with new namespaces. */
static int refuse_emulated(const struct environment *env, struct error **e)
{
	const char *arch = container_emulated(env);
	if (!arch)
		return 0;
	error_set(e, ERROR_CONTAINER, 0,
		"LXC is built for %s, and what this machine emulates cannot start containers",
		arch);
	return error_hint(e, "start them on the device that ROOT is for");
}

int container_no_such(const char *name, struct error **e)
{
	error_set(e, ERROR_CONTAINER, 0, "there is no container '%s'", name);
	return error_hint(e, "'alarmstrap container list ROOT' shows what there is");
}

/* lxc-start says only where to look. Its log is appended to: what an earlier start said is not this
 * one's cause, and goes before. */
static int start_stopped(const struct environment *env, const char *name, struct error **e)
{
	char log[256];
	snprintf(log, sizeof log, "/var/log/lxc/%s.log", name);
	const char *forget[] = {"rm", "-f", log, NULL};
	const char *start[] = {"lxc-start", "-d", "-n", name, "-l", "INFO", "-o", log, NULL};
	const char *why[] = {"grep", "-h", "ERROR", log, NULL};
	auto_lxc l = LXC;
	if (lxc_run(env, forget, &l, e) < 0)
		return -1;
	buf_clear(&l.output);
	int status = lxc_run(env, start, &l, e);
	if (status <= 0)
		return status;
	buf_clear(&l.output);
	if (lxc_run(env, why, &l, e) < 0)
		return -1;
	return lxc_failed(&l, "start", name, e);
}

int container_start(const struct environment *env, const char *name, struct error **e)
{
	char state[32];
	const char *wait[] = {"lxc-wait", "-n", name, "-s", "RUNNING", "-t", "20", NULL};
	if (container_check_name(name, e) < 0 ||
		container_refuse_without_pid_namespace(env, e) < 0 || refuse_emulated(env, e) < 0)
		return -1;
	int there = lxc_state(env, name, state, e);
	if (there < 0)
		return -1;
	if (!there)
		return container_no_such(name, e);
	if (strcmp(state, "RUNNING") == 0)
		return 0;
	if (owners_return_lent(env, name, e) < 0 || network_serve_container(env, name, e) < 0 ||
		start_stopped(env, name, e) < 0)
		return -1;
	return lxc_must_run(env, wait, "wait for", name, e);
}

int container_stop(const struct environment *env, const char *name, struct error **e)
{
	char state[32];
	int there = container_check_name(name, e) < 0 ? -1 : lxc_state(env, name, state, e);
	if (there < 0)
		return -1;
	if (!there)
		return container_no_such(name, e);
	if (strcmp(state, "STOPPED") == 0)
		return 0;
	const char *argv[] = {"lxc-stop", "-n", name, "-t", "10", NULL};
	return lxc_must_run(env, argv, "stop", name, e);
}

/* Lines of lxc-info: "State: RUNNING", "PID: 12", "IP: 10.0.0.2" (one line an address). */
static int parse_info(char *text, struct container *c, struct error **e)
{
	auto_buf addresses = BUF(0);
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		char *value = strchr(line, ':');
		if (!value)
			continue;
		*value++ = '\0';
		value = text_trim(value);
		if (strcmp(line, "State") == 0 && !c->state && !(c->state = text_copy(value, e)))
			return -1;
		int64_t pid;
		if (strcmp(line, "PID") == 0 && text_to_int64(value, 1, INT32_MAX, &pid) == 0)
			c->init = (pid_t)pid;
		if (strcmp(line, "IP") == 0 &&
			buf_printf(&addresses, e, "%s%s", addresses.length ? ", " : "", value) < 0)
			return -1;
	}
	c->addresses = text_copy(buf_text(&addresses), e);
	if (!c->addresses)
		return -1;
	return c->state
		       ? 0
		       : error_set(e, ERROR_CONTAINER, 0, "lxc-info tells no state of %s", c->name);
}

static int fill(
	const struct environment *env, const char *name, struct container *c, struct error **e)
{
	auto_lxc l = LXC;
	const char *argv[] = {"lxc-info", "-n", name, NULL};
	int status = lxc_run(env, argv, &l, e);
	if (status < 0)
		return -1;
	if (status || !l.output.length)
		return lxc_failed(&l, "look at", name, e);
	c->name = text_copy(name, e);
	return c->name ? parse_info(l.output.data, c, e) : -1;
}

int container_list(const struct environment *env, struct container_list *list, struct error **e)
{
	auto_lxc l = LXC;
	auto_strings names = {0};
	auto_container_list found = {NULL, 0};
	const char *argv[] = {"lxc-ls", "-1", NULL};
	int status = lxc_run(env, argv, &l, e);
	if (status < 0)
		return -1;
	if (status == 127) {
		error_set(e, ERROR_CONTAINER, 0, "LXC is not installed in this environment");
		return error_hint(e, "run 'alarmstrap bootstrap ROOT' to its end first");
	}
	if (status)
		return lxc_failed(&l, "list", "", e);
	if (strings_split(&names, buf_text(&l.output), "\n", e) < 0)
		return -1;
	found.items = calloc(names.count + 1, sizeof *found.items);
	if (!found.items)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "list containers");
	for (size_t i = 0; i < names.count; i++) {
		/* Between the names LXC complains of configurations that it does not understand. */
		const char *name = text_trim(names.items[i]);
		if (container_check_name(name, NULL) == 0 &&
			fill(env, name, &found.items[found.count++], e) < 0)
			return -1;
	}
	*list = found;
	found = (struct container_list){NULL, 0};
	return 0;
}

void container_list_report(const struct container_list *list, struct report *report)
{
	for (size_t i = 0; i < list->count; i++)
		report_result(report, "container",
			(struct report_field[]){{"container", list->items[i].name},
				{"state", list->items[i].state},
				{"address", list->items[i].addresses}},
			3);
}

void container_list_free(struct container_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].state);
		free(list->items[i].addresses);
	}
	free(list->items);
	*list = (struct container_list){NULL, 0};
}

/* lxc-stop waits for one container; a shell inside waits for all of them. */
int container_stop_all(const struct environment *env, struct error **e)
{
	static const char script[] = "command -v lxc-ls >/dev/null || exit 0\n"
				     "for name in $(lxc-ls -1 --running); do\n"
				     "	lxc-stop -n \"$name\" -t 10 &\n"
				     "done\nwait\n";
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	return lxc_must_run(env, argv, "stop", "", e);
}

static int count_addressed(const struct container_list *list, const struct strings *names)
{
	int count = 0;
	for (size_t i = 0; i < list->count; i++)
		count += *list->items[i].addresses && strings_contain(names, list->items[i].name);
	return count;
}

int container_wait_addresses(const struct environment *env, const struct strings *names,
	int64_t timeout_ms, struct error **e)
{
	int64_t deadline = ticks_ms() + timeout_ms;
	for (;;) {
		auto_container_list list = {NULL, 0};
		if (container_list(env, &list, e) < 0)
			return -1;
		int have = count_addressed(&list, names);
		if ((size_t)have == names->count || ticks_ms() >= deadline)
			return have;
		ticks_sleep_ms(POLL_MS);
	}
}
