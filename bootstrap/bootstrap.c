/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/bootstrap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/acquire.h"
#include "bootstrap/flow.h"
#include "bootstrap/hostclock.h"
#include "bootstrap/hostclock_bounds.h"
#include "bootstrap/networks.h"
#include "bootstrap/start.h"
#include "bootstrap/unpack.h"
#include "bootstrap/wakelock.h"
#include "chroot/environment.h"
#include "containers/containers.h"
#include "containers/network_service.h"
#include "doctor/doctor.h"
#include "hooks/hook.h"
#include "hooks/user.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "mirrors/pacman_conf.h"
#include "packages/packages.h"

enum { ADDRESS_WAIT_MS = 30000 };

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
	const struct config *c = f->config;
	f->http.ca_pem = c->ca_pem;
	f->http.ca_pem_length = c->ca_pem_length;
	f->http.dns_servers = c->dns_servers; /* borrowed */
	f->http.rate_limit = c->rate_limit;
	struct hostclock_settings settings = {
		.given = c->time,
		.from = c->time_from,
		.insecure = c->insecure_time,
		.sources = &c->clock,
		.http = &f->http,
	};
	return hostclock_find(&settings, f->report, &f->http.time, e);
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

static struct acquire_context acquire_context_of(struct flow *f)
{
	return (struct acquire_context){
		.source = {f->origin ? f->origin : f->mirrors, &f->http, f->report},
		.keyring = f->config->keyring,
		.from = &f->config->source,
		.tarball = f->config->tarball,
		.directory_fd = place_download_fd(f->place),
		.target = place_facts(f->place),
		.target_path = place_root(f->place),
		.allow_old = f->config->allow_old,
	};
}

static int act_fetch(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct acquire_context c = acquire_context_of(f);
	return acquire_fetch(&c, &f->acquired, e);
}

/* It is at least as late as when the tarball was signed, so no later run believes a clock before
 * that. Never later than now: the signer's clock may be ahead. */
static void learn_time(struct flow *f)
{
	auto_error *e = NULL;
	int64_t signed_s = verified_signer(f->acquired.verified)->signed_at;
	int64_t now_s = trusted_time_now(&f->http.time);
	if (hostclock_save(f->config->clock.time_file, signed_s < now_s ? signed_s : now_s, &e) < 0)
		report_note(f->report, "%s", error_message(e));
}

static int act_verify(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct acquire_context c = acquire_context_of(f);
	if (acquire_verify(&c, &f->acquired, e) < 0)
		return -1;
	learn_time(f);
	return 0;
}

/* What was unpacked and is no root: it is the tarball that is wrong then, and not ROOT. */
static struct rootfs *open_unpacked(const char *path, struct error **e)
{
	auto_error *why = NULL;
	struct rootfs *r = rootfs_open(path, &why);
	if (r)
		return r;
	if (error_code(why) == ERROR_ROOT)
		error_set(e, ERROR_TRUST, 0, "the tarball is signed, but %s", error_message(why));
	else if (e)
		*e = take(&why);
	return NULL;
}

/* The hooks of a root that stands for the first time. */
static int look_over(struct flow *f, struct error **e)
{
	struct hook_settings settings = hook_settings_of(f);
	struct hook_context c = {f->rootfs, NULL, &settings, false, f->report};
	return hooks_run(HOOK_UNPACK, &c, e);
}

static int act_install(void *arg, struct error **e)
{
	return flow_install_packages(arg, e) < 0 ? -1 : look_over(arg, e);
}

/* A tarball of the user's may be for another machine; its own pacman.conf says for which. */
static int check_arch(const struct flow *f, struct error **e)
{
	const char *ours = f->config->arch;
	auto_pacman_conf *conf = pacman_conf_read(rootfs_fd(f->rootfs), "/etc/pacman.conf", NULL);
	const struct strings *theirs = conf ? &conf->architectures : NULL;
	if (!theirs || !theirs->count || strings_contain(theirs, "auto") ||
		strings_contain(theirs, ours))
		return 0;
	error_set(e, ERROR_CONFIG, 0, "the tarball is for %s, and not for %s", theirs->items[0],
		ours);
	return error_hint(e, "name another tarball, or say --arch=%s", theirs->items[0]);
}

static int unpack(struct flow *f, struct error **e)
{
	int auto_fd staging = place_make_staging(f->place, e);
	f->staged = staging >= 0;
	if (staging < 0 || unpack_rootfs(f->acquired.verified, staging, f->report, e) < 0)
		return -1;
	f->rootfs = open_unpacked(place_staging_path(f->place), e);
	if (!f->rootfs || check_arch(f, e) < 0)
		return -1;
	return look_over(f, e);
}

static int act_unpack(void *arg, struct error **e)
{
	struct flow *f = arg;
	auto_error *why = NULL;
	if (unpack(f, &why) == 0)
		return 0;
	if (error_code(why) == ERROR_TRUST) {
		struct acquire_context c = acquire_context_of(f);
		acquire_discard(&c);
	}
	if (e)
		*e = take(&why);
	return -1;
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

static int wait_addresses(struct flow *f, const struct strings *names, struct error **e)
{
	auto_strings awaited = {0};
	for (size_t i = 0; i < names->count; i++) {
		int awaits = network_has_addresses(f->environment, names->items[i], e);
		if (awaits < 0 || (awaits && strings_add(&awaited, names->items[i], e) < 0))
			return -1;
	}
	int have = container_wait_addresses(f->environment, &awaited, ADDRESS_WAIT_MS, e);
	if (have < 0)
		return -1;
	if ((size_t)have < awaited.count)
		report_warn(f->report,
			"%zu of %zu containers got no address in %d s: is there a "
			"DHCP server on the link?",
			awaited.count - (size_t)have, awaited.count, ADDRESS_WAIT_MS / 1000);
	return 0;
}

static int make_containers(struct flow *f, struct error **e)
{
	const struct strings *names = &f->config->containers;
	const char *emulated = container_emulated(f->environment);
	for (size_t i = 0; i < names->count; i++) {
		const struct container_spec spec = {.name = names->items[i]};
		const struct container_facts facts = {false}; /* no limits are set */
		if (container_create(f->environment, &spec, &facts, e) < 0 ||
			(!emulated && container_start(f->environment, names->items[i], e) < 0))
			return -1;
		report_progress(f->report, i + 1, names->count, REPORT_COUNT);
	}
	if (names->count && emulated)
		report_warn(f->report,
			"the containers are created, but not started: this machine emulates %s, "
			"and LXC needs the real one",
			emulated);
	if (!names->count || emulated)
		return 0;
	return wait_addresses(f, names, e);
}

static int act_containers(void *arg, struct error **e)
{
	struct flow *f = arg;
	if (make_containers(f, e) == 0)
		return 0;
	if (e && error_code(*e) == ERROR_INTERRUPTED)
		return -1; /* to run it again is the remedy, and it goes on from here */
	return error_hint(e, "%s is complete and up; look inside: alarmstrap enter %s",
		f->config->root, f->config->root);
}

static const struct stage rows[] = {
	{"place", "look at ROOT and make the staging place beside it", CONFIG, PLACE, act_place},
	{"clock", "make sure of the time that certificates are checked at", CONFIG, TIME,
		act_clock},
	{"mirrors", "find the mirrors that are fresh and fast", CONFIG | TIME, MIRRORS,
		act_mirrors},
	{"fetch", "fetch the rootfs tarball and its signature, or take those of --from",
		PLACE | TIME | MIRRORS, FETCHED, act_fetch},
	{"verify", "verify the tarball's signature", FETCHED | TIME, VERIFIED, act_verify},
	{"unpack", "unpack it into the staging directory; hook: identity", PLACE | VERIFIED, STAGED,
		act_unpack},
	{"environment", "start the environment; hooks: cgroups, dns", STAGED, ENVIRONMENT,
		act_environment},
	{"packages", "install LXC and what else is asked for, signatures verified",
		ENVIRONMENT | MIRRORS | TIME, PACKAGES, flow_packages},
	{"hooks", "configure; hooks: identity, etc, keyring, sandbox, lxc, network",
		ENVIRONMENT | PACKAGES, CONFIGURED, act_hooks},
	{"commit", "make the staging directory ROOT, and start the environment on it",
		PLACE | CONFIGURED, ROOT, act_commit},
	{"containers", "create and start the containers, wait for their addresses", ROOT,
		CONTAINERS, act_containers},
};
static const struct stages table = {
	.rows = rows,
	.count = sizeof rows / sizeof *rows,
	.given = CONFIG,
	.enter = enter_stage,
	.leave = leave_stage,
	.inside = ENVIRONMENT,
};
/* Without a tarball. The stages have the same names, so that hooks of the user's have the same
 * moments: between unpack and environment the root stands for the first time. */
static const struct stage packages_rows[] = {
	{"place", "look at ROOT and make the staging place beside it", CONFIG, PLACE, act_place},
	{"clock", "make sure of the time that certificates are checked at", CONFIG, TIME,
		act_clock},
	{"mirrors", "find the mirrors that are fresh and fast", CONFIG | TIME, MIRRORS,
		act_mirrors},
	{"fetch", "fetch base, LXC, what else is asked for, and all that they need, over HTTPS",
		PLACE | TIME | MIRRORS, FETCHED, flow_fetch_packages},
	{"verify", "verify each package's signature", FETCHED | TIME, VERIFIED,
		flow_verify_packages},
	{"unpack", "install them into the staging directory", PLACE | VERIFIED, STAGED,
		act_install},
	{"environment", "start the environment; hooks: cgroups, dns", STAGED, ENVIRONMENT,
		act_environment},
	{"packages", "see that each of them stands in the database of packages", STAGED, PACKAGES,
		flow_check_packages},
	{"hooks", "configure; hooks: identity, etc, keyring, sandbox, lxc, network",
		ENVIRONMENT | PACKAGES, CONFIGURED, act_hooks},
	{"commit", "make the staging directory ROOT, and start the environment on it",
		PLACE | CONFIGURED, ROOT, act_commit},
	{"containers", "create and start the containers, wait for their addresses", ROOT,
		CONTAINERS, act_containers},
};
static const struct stages packages_table = {
	.rows = packages_rows,
	.count = sizeof packages_rows / sizeof *packages_rows,
	.given = CONFIG,
	.enter = enter_stage,
	.leave = leave_stage,
	.inside = ENVIRONMENT,
};
/* The last row alone, for a ROOT that an earlier run finished. */
static const struct stages containers_table = {
	.rows = rows + sizeof rows / sizeof *rows - 1,
	.count = 1,
	.given = CONFIG | ENVIRONMENT | ROOT,
	.enter = enter_stage,
	.leave = leave_stage,
	.inside = ENVIRONMENT,
};

static const struct stages *stages_of(const struct config *c)
{
	return bootstrap_stages(c->source.kind == SOURCE_PACKAGES);
}

const struct stages *bootstrap_stages(bool from_packages)
{
	return from_packages ? &packages_table : &table;
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

static int show_containers(struct flow *f, struct error **e)
{
	auto_container_list list = {NULL, 0};
	if (container_list(f->environment, &list, e) < 0)
		return -1;
	container_list_report(&list, f->report);
	report_flush(f->report);
	if (!list.count)
		report_note(f->report,
			"to create and start a container: alarmstrap bootstrap %s --container NAME",
			f->config->root);
	return 0;
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
	return show_containers(f, e);
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
	return stages_run(stages_of(c), f, f->report, e) < 0 ? -1 : show_containers(f, e);
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
