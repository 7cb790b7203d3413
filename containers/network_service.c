/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network_service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "chroot/environment_record.h"
#include "containers/lxcpath.h"
#include "containers/network_links.h"
#include "containers/network_netlink.h"
#include "containers/network_place.h"
#include "lib/fd.h"
#include "lib/path_inside.h"
#include "lib/proc.h"
#include "lib/text.h"

#define DEFAULT_CONF "/etc/lxc/default.conf"
enum { CONFIG_MAX = 256 * 1024 };

typedef int network_act(const struct network_place *p, struct error **e);
struct work {
	struct network_place place;
	network_act *act;
};

/* What a child says of an error: the code, the message and the remedy, a line each. */
struct verdict {
	int lines;
	enum error_code code;
	char message[1024], hint[512];
};

static int say_error(const struct error *e)
{
	printf("%d\n%s\n%s\n", (int)error_code(e), error_message(e), error_remedy(e));
	return 1;
}

/* Where the root is `/`. */
static int work_body(void *arg)
{
	const struct work *w = arg;
	auto_error *e = NULL;
	int auto_fd lock = network_lock(&e);
	return lock < 0 || w->act(&w->place, &e) < 0 ? say_error(e) : 0;
}

static void hear(void *arg, const char *line)
{
	struct verdict *v = arg;
	int64_t code = ERROR_SYSTEM;
	switch (v->lines++) {
	case 0:
		(void)!text_to_int64(line, 1, ERROR_COUNT - 1, &code);
		v->code = (enum error_code)code;
		break;
	case 1:
		snprintf(v->message, sizeof v->message, "%s", line);
		break;
	case 2:
		snprintf(v->hint, sizeof v->hint, "%s", line);
		break;
	default:
		break;
	}
}

static int open_root(const struct environment *env, struct error **e)
{
	const char *path = environment_path(env);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(e, ERROR_SYSTEM, errno, "%s", path) : fd;
}

static int act_inside(const struct environment *env, network_act *act, struct error **e)
{
	struct work w = {.act = act};
	struct verdict v = {.lines = 0};
	int auto_fd output = -1;
	int status = 0;
	int auto_fd root = open_root(env, e);
	if (root < 0 || network_place_of(&w.place, root, e) < 0)
		return -1;
	pid_t pid = environment_fork(env, work_body, &w, 0, &output, e);
	if (pid < 0)
		return -1;
	if (proc_read_lines(output, hear, &v, 0, e) < 0) {
		proc_kill(pid);
		return -1;
	}
	if (proc_wait(pid, &status, e) < 0)
		return -1;
	if (!status)
		return 0;
	error_set(e, v.lines > 1 ? v.code : ERROR_SYSTEM, 0, "%s",
		v.lines > 1 ? v.message : "the work on the containers' network was cut off");
	return *v.hint ? error_hint(e, "%s", v.hint) : -1;
}

int network_bridge_of(const struct rootfs *r, char bridge[IFNAMSIZ], struct error **e)
{
	struct network_place place;
	if (network_place_of(&place, rootfs_fd(r), e) < 0)
		return -1;
	memcpy(bridge, place.bridge, IFNAMSIZ);
	return 0;
}

int network_serve(const struct environment *env, struct error **e)
{
	return act_inside(env, network_place_up, e);
}

/* Has that file of the root such a line of networks, "lxc.net.0.link = lxc-1a2b3c4d"? `value` NULL:
 * any but "empty". */
static bool has_line(int root, const char *path, const char *key, const char *value)
{
	auto_error *absent = NULL;
	auto_buf text = BUF(CONFIG_MAX);
	auto_strings lines = {0};
	int auto_fd fd = path_open_inside(root, path, O_RDONLY | O_NONBLOCK, &absent);
	if (fd < 0 || fd_read_all(fd, &text, &absent) < 0 ||
		strings_split(&lines, buf_text(&text), "\n", &absent) < 0)
		return false;
	for (size_t i = 0; i < lines.count; i++) {
		char *right = strchr(lines.items[i], '=');
		if (!right)
			continue;
		*right++ = '\0';
		const char *left = text_trim(lines.items[i]);
		right = text_trim(right);
		if (text_has_prefix(left, "lxc.net.") && text_has_suffix(left, key) &&
			(value ? strcmp(right, value) == 0 : strcmp(right, "empty") != 0))
			return true;
	}
	return false;
}

bool network_is_of_host(const struct rootfs *r, const struct container_network *n)
{
	if (n->mode == NETWORK_INHERIT)
		return has_line(rootfs_fd(r), DEFAULT_CONF, ".type", "none");
	return n->mode == NETWORK_HOST;
}

/* The configuration files of that container, or with NULL of all. */
static int find_configs(int root, const char *name, struct strings *files, struct error **e)
{
	char *auto_free path = lxcpath_find(root, e);
	char *auto_free pattern =
		path ? text_format(e, "%s/%s/config", path, name ? name : "*") : NULL;
	return pattern ? path_glob_inside(root, pattern, files, e) : -1;
}

/* 1 where a configuration names the bridge: the container's, or with `name` NULL any. */
static int is_used(const struct environment *env, const char *name, struct error **e)
{
	struct network_place place;
	auto_strings files = {0};
	int auto_fd root = open_root(env, e);
	if (root < 0 || network_place_of(&place, root, e) < 0 ||
		find_configs(root, name, &files, e) < 0)
		return -1;
	if (!name && has_line(root, DEFAULT_CONF, ".link", place.bridge))
		return 1;
	for (size_t i = 0; i < files.count; i++)
		if (has_line(root, files.items[i], ".link", place.bridge))
			return 1;
	return 0;
}

int network_has_addresses(const struct environment *env, const char *name, struct error **e)
{
	auto_strings files = {0};
	int auto_fd root = open_root(env, e);
	if (root < 0 || find_configs(root, name, &files, e) < 0)
		return -1;
	return files.count && has_line(root, files.items[0], ".type", NULL);
}

int network_serve_container(const struct environment *env, const char *name, struct error **e)
{
	int used = is_used(env, name, e);
	return used > 0 ? network_serve(env, e) : used;
}

int network_serve_if_used(const struct environment *env, struct error **e)
{
	int used = is_used(env, NULL, e);
	return used > 0 && network_serve(env, e) < 0 ? -1 : used;
}

/* Only what was written in this boot: a root that comes from elsewhere cannot have us run its
 * tools. */
static bool is_recorded(int root)
{
	auto_error *absent = NULL;
	auto_buf text = BUF(4096);
	char boot[RECORD_BOOT_ID];
	int auto_fd fd = path_open_inside(root, NETWORK_RECORD, O_RDONLY | O_NONBLOCK, &absent);
	environment_record_boot_id(boot);
	return fd >= 0 && *boot && fd_read_all(fd, &text, &absent) == 0 &&
	       text_has_prefix(buf_text(&text), boot);
}

/* 1 where there is something to take away. */
static int is_there(int root, struct network_place *p, struct error **e)
{
	auto_network_links links = {NULL, 0};
	if (network_place_of(p, root, e) < 0)
		return -1;
	if (is_recorded(root))
		return 1;
	int auto_fd fd = netlink_open(0, e);
	if (fd < 0 || network_links_read(&links, fd, e) < 0)
		return -1;
	for (size_t i = 0; i < links.count; i++)
		if (text_has_prefix(links.items[i].alias, p->owner))
			return 1;
	return 0;
}

int network_report(const struct environment *env, struct report *report, struct error **e)
{
	struct network_place place;
	struct subnet s;
	char address[SUBNET_TEXT];
	auto_network_links links = {NULL, 0};
	int auto_fd root = open_root(env, e);
	int auto_fd fd = root < 0 ? -1 : netlink_open(0, e);
	if (fd < 0 || network_place_of(&place, root, e) < 0 ||
		network_links_read(&links, fd, e) < 0)
		return -1;
	const struct network_link *bridge = network_links_find(&links, place.bridge);
	int has = bridge ? network_address_read(fd, bridge->index, &s, e) : 0;
	if (has <= 0)
		return has;
	subnet_format(address, &s, 1, 0);
	report_result(report, "network",
		(struct report_field[]){{"network", place.bridge}, {"address", address},
			{"served", network_keeper_alive(&place) ? "yes" : "no"}},
		3);
	return 0;
}

int network_end(const struct environment *env, struct error **e)
{
	struct network_place place;
	int auto_fd root = open_root(env, e);
	int there = root < 0 ? -1 : is_there(root, &place, e);
	return there > 0 ? act_inside(env, network_place_down, e) : there;
}

/* The root's shell and its tools for NAT run here without an environment: there is none any more,
 * and who started one let them run. */
static int sweep_body(void *arg)
{
	const struct work *w = arg;
	auto_error *e = NULL;
	if (w->act(&w->place, &e) == 0)
		return 0;
	fprintf(stderr, "%s\n", error_message(e));
	return 1;
}

int network_sweep(const struct rootfs *r, struct error **e)
{
	struct work w = {.act = network_place_down};
	auto_error *unsure = NULL;
	int status = 0;
	int there = is_there(rootfs_fd(r), &w.place, e);
	if (there <= 0)
		return there;
	/* One that starts meanwhile waits for the lock, or is up by now and has its network from
	 * us. */
	int auto_fd lock = network_lock(e);
	struct environment *env = lock < 0 ? NULL : environment_find(r, &unsure);
	environment_free(env);
	if (lock < 0 || env || unsure)
		return lock < 0 ? -1 : 0;
	pid_t pid = rootfs_fork(r, sweep_body, &w, e);
	if (pid < 0 || proc_wait(pid, &status, e) < 0)
		return -1;
	if (!status)
		return 0;
	error_set(e, ERROR_SYSTEM, 0, "what was left of the containers' network %s stays",
		w.place.bridge);
	return error_hint(e,
		"'ip link delete %s' and a look at the firewall do by hand what failed",
		w.place.bridge);
}
