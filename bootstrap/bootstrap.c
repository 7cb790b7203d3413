/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/bootstrap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/flow.h"
#include "bootstrap/hostclock_config.h"
#include "bootstrap/networks.h"
#include "bootstrap/start.h"
#include "bootstrap/wakelock.h"
#include "chroot/environment.h"
#include "containers/containers.h"
#include "doctor/doctor.h"
#include "hooks/hook.h"
#include "hooks/user.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "packages/packages.h"

/* The products that pass from stage to stage, as bits for the table. */
enum {
	CONFIG = 1 << 0,
	PLACE = 1 << 1,
	TIME = 1 << 2,
	MIRRORS = 1 << 3,
	FETCHED = 1 << 4,
	VERIFIED = 1 << 5,
	STAGED = 1 << 6,
	ENVIRONMENT = 1 << 7,
	PACKAGES = 1 << 8,
	CONFIGURED = 1 << 9,
	ROOT = 1 << 10,
	CONTAINERS = 1 << 11,
};

static struct hook_settings hook_settings_of(const struct flow *f)
{
	const struct config *c = f->config;
	return (struct hook_settings){.dns_servers = &c->dns_servers,
		.link = c->link,
		.network = c->network,
		.network_lines = networks_lines,
		.cgroup_layout = c->cgroup_layout,
		.identity = f->committed ? NULL : &c->identity};
}

static int act_place(void *arg, struct error **e)
{
	struct flow *f = arg;
	f->place = place_open(f->config->root, f->report, e);
	int log = f->place ? place_open_log(f->place, e) : -1;
	return log < 0 ? -1 : report_log_to(f->report, log, e);
}

static int run_hooks(struct flow *f, const struct stage *row, bool after, struct error **e)
{
	struct user_hook_context c = {
		.stage = row->name,
		.after = after,
		.arch = f->config->arch,
		.root = f->rootfs ? rootfs_path(f->rootfs) : NULL,
		.environment = f->environment,
		.timeout_ms = f->config->hook_timeout_ms,
		.report = f->report,
	};
	if (user_hooks_run(&f->hooks, &c, e) == 0)
		return 0;
	if (f->committed)
		error_hint(e, "%s is complete, and stays; look inside: alarmstrap enter %s",
			f->config->root, f->config->root);
	return -1;
}

static const struct stages *stages_of(const struct config *c);

/* What is being done, for another shell and for the next run. */
static int enter_stage(void *arg, const struct stage *row, int index, struct error **e)
{
	struct flow *f = arg;
	wakelock_hold(WAKELOCK_DIR);
	if (f->place && !f->committed &&
		journal_write(place_work_fd(f->place), row->name, index,
			(int)stages_of(f->config)->count, e) < 0)
		return -1;
	return run_hooks(f, row, false, e);
}

static int leave_stage(void *arg, const struct stage *row, struct error **e)
{
	return run_hooks(arg, row, true, e);
}

static int act_clock(void *arg, struct error **e)
{
	struct flow *f = arg;
	return hostclock_of_config(f->config, &f->http, f->report, e);
}

static int act_mirrors(void *arg, struct error **e)
{
	struct flow *f = arg;
	const struct source *from = &f->config->source;
	if (from->kind == SOURCE_URL && !(f->origin = source_mirrors(from, e)))
		return -1;
	f->mirrors = mirrors_new(&f->config->mirrors, f->config->arch, e);
	const struct ranked_settings settings = {
		.http = &f->http, .report = f->report, .in_order = f->config->mirrors_in_order};
	return f->mirrors ? ranked_mirrors(f->mirrors, &settings, &f->ranked, e) : -1;
}

int flow_look_over(struct flow *f, struct error **e)
{
	struct hook_settings settings = hook_settings_of(f);
	struct hook_context c = {f->rootfs, NULL, &settings, false, f->report};
	return hooks_run(HOOK_UNPACK, &c, e);
}

static int act_install(void *arg, struct error **e)
{
	return flow_install_packages(arg, e) < 0 ? -1 : flow_look_over(arg, e);
}

static int act_environment(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct hook_settings settings = hook_settings_of(f);
	f->environment = start_environment(f->rootfs, &settings, !f->committed, f->report, e);
	return f->environment ? 0 : -1;
}

static int act_hooks(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct hook_settings settings = hook_settings_of(f);
	struct hook_context c = {f->rootfs, f->environment, &settings, false, f->report};
	if (!f->committed)
		ranked_write(&f->ranked, f->mirrors, f->rootfs, true, f->report);
	return hooks_run(HOOK_CONFIGURE, &c, e);
}

/* An empty ROOT was replaced: who stands in it sees nothing of the new one. */
static void tell_replaced(struct flow *f)
{
	struct stat st;
	if (stat(".", &st) == 0 && st.st_nlink == 0)
		report_note(f->report, "the empty directory that you are in was replaced: cd %s",
			f->config->root);
}

/* The staging directory must be nobody's root when it is renamed: the environment ends here and
 * starts again on the finished ROOT. */
static int act_commit(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct environment *env = take(&f->environment);
	if (environment_stop(env, f->report, e) < 0)
		return -1;
	rootfs_free(take(&f->rootfs));
	if (place_commit(f->place, e) < 0)
		return -1;
	f->committed = true;
	tell_replaced(f);
	f->rootfs = rootfs_open(f->config->root, e);
	if (!f->rootfs || act_environment(f, e) < 0)
		return error_hint(e, "%s is complete; 'alarmstrap start %s' tries this step again",
			f->config->root, f->config->root);
	return 0;
}

/* clang-format off */
#define LOOK_ROWS \
	{"place", "look at ROOT and make the staging place beside it", CONFIG, PLACE, act_place}, \
	{"clock", "make sure of the time that certificates are checked at", CONFIG, TIME, act_clock}, \
	{"mirrors", "find the mirrors that are fresh and fast", CONFIG | TIME, MIRRORS, act_mirrors}
#define ENVIRONMENT_ROW \
	{"environment", "start the environment; hooks: cgroups, dns", STAGED, ENVIRONMENT, \
		act_environment}
#define CONTAINERS_ROW \
	{"containers", "create and start the containers, wait for their addresses", ROOT, \
		CONTAINERS, flow_containers}
#define END_ROWS \
	{"hooks", "configure; hooks: identity, etc, keyring, sandbox, lxc, network", \
		ENVIRONMENT | PACKAGES, CONFIGURED, act_hooks}, \
	{"commit", "make the staging directory ROOT, and start the environment on it", \
		PLACE | CONFIGURED, ROOT, act_commit}, \
	CONTAINERS_ROW
#define TABLE(array, products) \
	{.rows = array, .count = sizeof array / sizeof *(array), .given = products, \
		.enter = enter_stage, .leave = leave_stage, .inside = ENVIRONMENT}
/* clang-format on */

static const struct stage tarball_rows[] = {
	LOOK_ROWS,
	{"fetch", "fetch the rootfs tarball and its signature, or take those of --from",
		PLACE | TIME | MIRRORS, FETCHED, flow_fetch_tarball},
	{"verify", "verify the tarball's signature", FETCHED | TIME, VERIFIED, flow_verify_tarball},
	{"unpack", "unpack it into the staging directory; hook: identity", PLACE | VERIFIED, STAGED,
		flow_unpack_tarball},
	ENVIRONMENT_ROW,
	{"packages", "install LXC and what else is asked for, signatures verified",
		ENVIRONMENT | MIRRORS | TIME, PACKAGES, flow_packages},
	END_ROWS,
};
/* Without a tarball. The stages have the same names, so that hooks of the user's have the same
 * moments: between unpack and environment the root stands for the first time. */
static const struct stage packages_rows[] = {
	LOOK_ROWS,
	{"fetch", "fetch base, LXC, what else is asked for, and all that they need, over HTTPS",
		PLACE | TIME | MIRRORS, FETCHED, flow_fetch_packages},
	{"verify", "verify each package's signature", FETCHED | TIME, VERIFIED,
		flow_verify_packages},
	{"unpack", "install them into the staging directory", PLACE | VERIFIED, STAGED,
		act_install},
	ENVIRONMENT_ROW,
	{"packages", "see that each of them stands in the database of packages", STAGED, PACKAGES,
		flow_check_packages},
	END_ROWS,
};
/* For a ROOT that an earlier run finished. */
static const struct stage finished_rows[] = {CONTAINERS_ROW};

static const struct stages tarball_table = TABLE(tarball_rows, CONFIG);
static const struct stages packages_table = TABLE(packages_rows, CONFIG);
static const struct stages containers_table = TABLE(finished_rows, CONFIG | ENVIRONMENT | ROOT);

static const struct stages *stages_of(const struct config *c)
{
	return bootstrap_stages(c->source.kind == SOURCE_PACKAGES);
}

const struct stages *bootstrap_stages(bool from_packages)
{
	return from_packages ? &packages_table : &tarball_table;
}

int bootstrap_print(const struct config *config, struct report *report, struct error **e)
{
	struct user_hooks hooks = {NULL, 0};
	if (stages_hooks(stages_of(config), &config->hook_dirs, &hooks, e) < 0)
		return -1;
	stages_print(stages_of(config), &hooks, report);
	user_hooks_free(&hooks);
	return 0;
}

/* Up to the commit the environment runs on the staging directory: it goes first. On a slow card
 * the deletion takes its time, so it is a stage that is seen. */
static void undo(struct flow *f)
{
	auto_error *e = NULL;
	if (f->staged)
		report_begin(f->report, "undo", 0, 0, "delete what was unpacked");
	base_free(take(&f->base));
	if (f->environment && environment_stop(take(&f->environment), f->report, &e) < 0)
		report_warn(f->report, "%s", error_message(e));
	if (f->place)
		place_discard(f->place, f->report);
	if (f->staged)
		report_end(f->report, NULL);
}

/* What is left when a run ends, well or not. */
static void flow_end(struct flow *f, bool failed)
{
	interrupt_forget();
	acquired_free(&f->acquired);
	strings_free(&f->targets);
	if (failed && !f->committed) {
		ranked_forget(&f->ranked, f->report);
		undo(f);
	}
	base_free(f->base);
	environment_free(f->environment);
	rootfs_free(f->rootfs);
	mirrors_free(f->mirrors);
	ranked_free(&f->ranked);
	mirrors_free(f->origin);
	user_hooks_free(&f->hooks);
	place_free(f->place);
	wakelock_release(WAKELOCK_DIR);
}

/* A finished ROOT belongs to its user and pacman inside: say so, rather than pass over a wish. */
static void tell_not_installed(struct flow *f)
{
	for (size_t i = 0; i < f->config->packages.count; i++) {
		const char *name = f->config->packages.items[i];
		char *auto_free version = package_installed_version(f->rootfs, name, NULL);
		if (!version)
			report_warn(f->report,
				"%s is not installed, and a finished ROOT gets no packages here: "
				"alarmstrap enter %s -- pacman -Syu %s",
				name, f->config->root, name);
	}
}

/* ROOT was finished by an earlier run. */
static int run_again(struct flow *f, struct error **e)
{
	const struct config *c = f->config;
	struct hook_settings settings = hook_settings_of(f);
	/* What is up may be at work for others: no failure of ours ends it. */
	f->committed = true;
	place_sweep(c->root);
	report_note(f->report, "%s is complete already", c->root);
	f->rootfs = rootfs_open(c->root, e);
	if (!f->rootfs)
		return -1;
	tell_not_installed(f);
	identity_tell_unmet(&c->identity, f->rootfs, f->report);
	if (!c->containers.count)
		return 0;
	f->environment = start_or_find_environment(f->rootfs, &settings, f->report, NULL, e);
	if (!f->environment)
		return -1;
	/* A network that is asked for is also for the containers made now. */
	if (((c->link || c->network) && act_hooks(f, e) < 0) ||
		stages_run(&containers_table, f, f->report, e) < 0)
		return -1;
	return flow_show_containers(f, e);
}

static int flow_run(struct flow *f, struct error **e)
{
	const struct config *c = f->config;
	enum place_state state;
	if (stages_hooks(stages_of(c), &c->hook_dirs, &f->hooks, e) < 0 ||
		place_look(c->root, &state, e) < 0)
		return -1;
	if (state == PLACE_ENDING)
		return place_refuse_unfinished(c->root, e) < 0
			       ? -1
			       : error_set(e, ERROR_BUSY, 0, "%s was being deleted", c->root);
	if (state == PLACE_MOVING && place_finish(c->root, f->report, e) < 0)
		return -1;
	if (state != PLACE_FREE)
		return run_again(f, e);
	if (doctor_before(c->containers.count != 0, f->report, e) < 0)
		return -1;
	return stages_run(stages_of(c), f, f->report, e) < 0 ? -1 : flow_show_containers(f, e);
}

int bootstrap_run(const struct config *config, struct report *report, struct error **e)
{
	struct flow f = {.config = config, .report = report};
	if (geteuid() != 0)
		return error_set(e, ERROR_PRIVILEGE, 0, "bootstrap needs root");
	/* What would fail only after the download. */
	if (config->link && hook_check_link(config->link, e) < 0)
		return -1;
	if (interrupt_survive_hangup(e) < 0)
		return -1;
	int r = flow_run(&f, e);
	flow_end(&f, r < 0);
	return r;
}
