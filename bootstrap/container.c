/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bootstrap/container_impl.h"
#include "bootstrap/hostclock_config.h"
#include "bootstrap/networks.h"
#include "bootstrap/start.h"
#include "bootstrap/unpack.h"
#include "bootstrap/wakelock.h"
#include "containers/containers.h"
#include "containers/network_service.h"
#include "hooks/hook.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"

/* The products that pass from stage to stage. */
enum {
	OPTIONS = 1 << 0,
	PLACE = 1 << 1,
	TIME = 1 << 2,
	MIRRORS = 1 << 3,
	FETCHED = 1 << 4,
	VERIFIED = 1 << 5,
	UNPACKED = 1 << 6,
	FURNISHED = 1 << 7,
	CONTAINER = 1 << 8,
};

/* Who asked for it gets it; else said aloud, since root of a privileged container is root. */
static int choose_privilege(struct making *m, struct error **e)
{
	auto_buf uids = BUF(0), gids = BUF(0);
	struct container_idmap map;
	if (m->options->privileged)
		return 0;
	/* sysfs shows a network, and only who owns that may mount it, as LXC's template would. */
	if (m->options->template && network_is_of_host(m->managed.rootfs, &m->spec.network)) {
		report_warn(m->report,
			"the template of busybox and the network of the host do not go together "
			"with a user namespace: %s is privileged, its root is root",
			m->spec.name);
		return 0;
	}
	if (!m->facts.user_namespaces) {
		report_warn(m->report,
			"this kernel has no user namespaces (CONFIG_USER_NS, "
			"user.max_user_namespaces): %s is privileged, its root is root",
			m->spec.name);
		return 0;
	}
	if (idmap_of_root(rootfs_fd(m->managed.rootfs), &map, e) < 0 ||
		path_read_file(AT_FDCWD, "/proc/self/uid_map", &uids, e) < 0 ||
		path_read_file(AT_FDCWD, "/proc/self/gid_map", &gids, e) < 0)
		return -1;
	if (idmap_is_mapped(buf_text(&uids), &map) && idmap_is_mapped(buf_text(&gids), &map))
		m->spec.idmap = map;
	else
		report_warn(m->report,
			"we are in a user namespace that lacks the ids from %u on: %s is "
			"privileged, its root is ours",
			map.base, m->spec.name);
	return 0;
}

/* What the command line asks for; else default.conf, which `bootstrap` wrote. */
static int choose_network(struct making *m, struct error **e)
{
	const struct config_options *o = &m->options->config;
	if (!o->network && !o->link)
		return 0;
	return networks_settle(m->managed.rootfs, o, &m->spec.network, m->link, m->report, e);
}

static int open_environment(struct making *m, struct error **e)
{
	struct hook_settings settings = {.dns_servers = &m->options->config.dns_servers};
	bool started = false;
	m->environment =
		start_or_find_environment(m->managed.rootfs, &settings, m->report, &started, e);
	if (!m->environment)
		return -1;
	if (started)
		container_bring_back(m->environment, m->report);
	return 0;
}

static int act_root(void *arg, struct error **e)
{
	struct making *m = arg;
	const struct container_options *o = m->options;
	struct config_options config = o->config;
	if (container_check_name(m->spec.name, e) < 0 ||
		managed_open(&m->managed, o->root, NULL, m->report, e) < 0)
		return -1;
	config.arch = m->managed.arch;
	if (!config.from)
		config.from = "packages";
	m->config = config_new(o->root, &config, e);
	if (!m->config || open_environment(m, e) < 0 ||
		container_refuse_without_pid_namespace(m->environment, e) < 0 ||
		container_facts_probe(m->environment, &m->facts, e) < 0 ||
		container_facts_refuse_limits(&m->facts, &m->spec.limits, e) < 0)
		return -1;
	return choose_network(m, e) < 0 ? -1 : choose_privilege(m, e);
}

static int act_place(void *arg, struct error **e)
{
	struct making *m = arg;
	if (act_root(m, e) < 0)
		return -1;
	m->staging = container_staging_open(m->managed.rootfs, m->spec.name, m->report, e);
	if (!m->staging)
		return -1;
	return target_probe(container_staging_rootfs_fd(m->staging), &m->target, e);
}

static int act_clock(void *arg, struct error **e)
{
	struct making *m = arg;
	return hostclock_of_config(m->config, &m->http, m->report, e);
}

/* --mirror and our own file first, else the servers of ROOT's pacman.conf. */
static int act_mirrors(void *arg, struct error **e)
{
	struct making *m = arg;
	const struct strings *own = &m->config->mirrors;
	size_t replaced = 0;
	if (m->config->source.kind == SOURCE_URL &&
		!(m->origin = source_mirrors(&m->config->source, e)))
		return -1;
	m->mirrors = own->count || !m->managed.conf->repo_count
			     ? mirrors_new(own, m->config->arch, e)
			     : mirrors_of_conf(m->managed.conf, m->config->arch, &replaced, e);
	const struct ranked_settings settings = {
		.http = &m->http, .report = m->report, .in_order = m->config->mirrors_in_order};
	return m->mirrors ? ranked_mirrors(m->mirrors, &settings, &m->ranked, e) : -1;
}

/* ROOT's cache as the host sees it: no link of ROOT's leads out of it. */
static char *find_cache(const struct making *m, struct error **e)
{
	char link[64], real[PATH_MAX];
	if (m->config->cache_dir)
		return text_copy(m->config->cache_dir, e);
	int auto_fd fd =
		rootfs_open_dir(rootfs_fd(m->managed.rootfs), "var/cache/pacman/pkg", 1, e);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = fd < 0 ? -1 : readlink(link, real, sizeof real - 1);
	if (n < 0) {
		error_set(e, ERROR_SYSTEM, errno, "ROOT's cache of packages");
		return NULL;
	}
	real[n] = '\0';
	return text_copy(real, e);
}

static int act_fetch_packages(void *arg, struct error **e)
{
	struct making *m = arg;
	const struct strings *asked = &m->options->packages;
	m->cache_dir = find_cache(m, e);
	if (!m->cache_dir)
		return -1;
	const struct base_settings settings = {
		.source = {m->mirrors, &m->http, m->report},
		.keyring = m->config->keyring,
		.packages = asked,
		.alone = asked->count > 0,
		.cache_dir = m->cache_dir,
		.staging_path = container_staging_rootfs(m->staging),
		.target = &m->target,
		.target_path = container_staging_rootfs(m->staging),
		.allow_old = m->config->allow_old,
	};
	m->base = base_new(&settings, e);
	return m->base ? base_fetch(m->base, e) : -1;
}

static int act_verify_packages(void *arg, struct error **e)
{
	struct making *m = arg;
	return base_verify(m->base, e);
}

static int open_made(struct making *m, struct error **e)
{
	m->rootfs = rootfs_open(container_staging_rootfs(m->staging), e);
	return m->rootfs ? 0 : -1;
}

static int act_install(void *arg, struct error **e)
{
	struct making *m = arg;
	if (base_install(m->base, e) < 0 || open_made(m, e) < 0 ||
		base_check(m->base, m->rootfs, e) < 0)
		return -1;
	base_free(take(&m->base));
	ranked_write(&m->ranked, m->mirrors, m->rootfs, true, m->report);
	return 0;
}

static struct acquire_context acquire_context_of(struct making *m)
{
	return (struct acquire_context){
		.source = {m->origin ? m->origin : m->mirrors, &m->http, m->report},
		.keyring = m->config->keyring,
		.from = &m->config->source,
		.tarball = m->config->tarball,
		.directory_fd = container_staging_download_fd(m->staging),
		.target = &m->target,
		.target_path = container_staging_rootfs(m->staging),
		.allow_old = m->config->allow_old,
	};
}

static int act_fetch_tarball(void *arg, struct error **e)
{
	struct making *m = arg;
	struct acquire_context c = acquire_context_of(m);
	return acquire_fetch(&c, &m->acquired, e);
}

static int act_verify_tarball(void *arg, struct error **e)
{
	struct making *m = arg;
	struct acquire_context c = acquire_context_of(m);
	return acquire_verify(&c, &m->acquired, e);
}

static int act_unpack(void *arg, struct error **e)
{
	struct making *m = arg;
	if (unpack_rootfs(m->acquired.verified, container_staging_rootfs_fd(m->staging), m->report,
		    e) < 0)
		return -1;
	acquired_free(&m->acquired);
	if (open_made(m, e) < 0)
		return -1;
	ranked_write(&m->ranked, m->mirrors, m->rootfs, true, m->report);
	return 0;
}

static int act_template(void *arg, struct error **e)
{
	struct making *m = arg;
	if (container_refuse_existing(m->managed.rootfs, m->spec.name, e) < 0)
		return -1;
	return container_create(m->environment, &m->spec, &m->facts, e);
}

/* clang-format off */
#define LOOK_ROWS \
	{"root", "look at ROOT, its environment, and what this kernel can carry", OPTIONS, PLACE, \
		act_place}, \
	{"clock", "make sure of the time that certificates are checked at", PLACE, TIME, act_clock}, \
	{"mirrors", "find the mirrors that are fresh and fast", PLACE | TIME, MIRRORS, act_mirrors}
#define END_ROWS \
	{"furnish", "name, init and network; hooks: identity, etc, keyring, sandbox", UNPACKED, \
		FURNISHED, making_furnish}, \
	{"commit", "give it to the container's users, write LXC's configuration", \
		PLACE | FURNISHED, CONTAINER, making_commit}
/* clang-format on */

static const struct stage packages_rows[] = {
	LOOK_ROWS,
	{"fetch", "fetch the packages and all that they need, over HTTPS", PLACE | TIME | MIRRORS,
		FETCHED, act_fetch_packages},
	{"verify", "verify each package's signature", FETCHED | TIME, VERIFIED,
		act_verify_packages},
	{"unpack", "install them", PLACE | VERIFIED, UNPACKED, act_install},
	END_ROWS,
};
static const struct stage tarball_rows[] = {
	LOOK_ROWS,
	{"fetch", "fetch the tarball and its signature, or take those at hand",
		PLACE | TIME | MIRRORS, FETCHED, act_fetch_tarball},
	{"verify", "verify the tarball's signature", FETCHED | TIME, VERIFIED, act_verify_tarball},
	{"unpack", "unpack it", PLACE | VERIFIED, UNPACKED, act_unpack},
	END_ROWS,
};
static const struct stage template_rows[] = {
	{"root", "look at ROOT, its environment, and what this kernel can carry", OPTIONS, PLACE,
		act_root},
	{"create", "make it by LXC's template", PLACE, CONTAINER, act_template},
};

#define TABLE(array)                                                                               \
	{                                                                                          \
		.rows = array, .count = sizeof array / sizeof *(array), .given = OPTIONS           \
	}
static const struct stages tables[] = {
	[CONTAINER_PACKAGES] = TABLE(packages_rows),
	[CONTAINER_TARBALL] = TABLE(tarball_rows),
	[CONTAINER_TEMPLATE] = TABLE(template_rows),
};

const struct stages *container_stages(enum container_source source)
{
	return &tables[source];
}

static int check_options(const struct container_options *o, struct error **e)
{
	bool template = o->template != NULL;
	const char *wrong = NULL;
	if (template && strcmp(o->template, "busybox") != 0) {
		error_set(e, ERROR_USAGE, 0, "there is no template '%s'", o->template);
		return error_hint(e, "known is busybox; without --template it is Arch Linux ARM");
	}
	if (template && (o->packages.count || o->config.from))
		wrong = "packages or --from";
	else if (template && o->spec.init != CONTAINER_INIT_AUTO)
		wrong = "--init";
	if (wrong) {
		error_set(e, ERROR_USAGE, 0, "--template and %s do not go together", wrong);
		return error_hint(e, "a container of busybox has its own init, and nothing else");
	}
	if (!o->config.from || strcmp(o->config.from, "packages") == 0 || !o->packages.count)
		return 0;
	error_set(e, ERROR_USAGE, 0, "a tarball brings its own packages");
	return error_hint(e, "add '%s' later: alarmstrap install ROOT --container %s %s",
		o->packages.items[0], o->spec.name, o->packages.items[0]);
}

static enum container_source source_of(const struct container_options *o)
{
	if (o->template)
		return CONTAINER_TEMPLATE;
	return !o->config.from || strcmp(o->config.from, "packages") == 0 ? CONTAINER_PACKAGES
									  : CONTAINER_TARBALL;
}

/* Before the directory in which it works is deleted, what runs there ends. */
static void making_end(struct making *m)
{
	interrupt_forget();
	acquired_free(&m->acquired);
	base_free(m->base);
	rootfs_free(m->rootfs);
	container_staging_free(m->staging, m->report);
	free(m->cache_dir);
	mirrors_free(m->mirrors);
	ranked_free(&m->ranked);
	mirrors_free(m->origin);
	environment_free(m->environment);
	managed_close(&m->managed);
	config_free(m->config);
	wakelock_release(WAKELOCK_DIR);
}

int container_make(const struct container_options *o, struct report *report, struct error **e)
{
	struct making m = {.options = o, .spec = o->spec, .report = report};
	if (check_options(o, e) < 0 || container_check_name(o->spec.name, e) < 0)
		return -1;
	if (o->print) {
		const struct user_hooks none = {NULL, 0};
		stages_print(&tables[source_of(o)], &none, report);
		return 0;
	}
	if (interrupt_survive_hangup(e) < 0)
		return -1;
	wakelock_hold(WAKELOCK_DIR);
	int r = stages_run(&tables[source_of(o)], &m, report, e);
	making_end(&m);
	if (r == 0)
		report_note(report, "start it: alarmstrap container start %s %s", o->root,
			o->spec.name);
	return r;
}
