/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/transaction.h"

#include <errno.h>
#include <string.h>

#include "bootstrap/hostclock_config.h"
#include "bootstrap/lxc_choice.h"
#include "bootstrap/managed.h"
#include "bootstrap/ranked.h"
#include "bootstrap/restart.h"
#include "bootstrap/start.h"
#include "bootstrap/transaction_show.h"
#include "bootstrap/wakelock.h"
#include "containers/owners.h"
#include "hooks/hook.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/syscalls.h"
#include "packages/given.h"

/* The products that pass from stage to stage. */
enum {
	OPTIONS = 1 << 0,
	ROOT = 1 << 1,
	TIME = 1 << 2,
	MIRRORS = 1 << 3,
	DATABASES = 1 << 4,
	PLAN = 1 << 5,
	ENVIRONMENT = 1 << 6,
	CHANGED = 1 << 7,
	TOLD = 1 << 8,
};

/* Each product once, owned here until the end. */
struct transaction {
	const struct transaction_options *options;
	const struct transaction_asker *asker;
	struct report *report;
	struct config *config;
	struct managed managed;
	struct http_settings http;
	struct mirrors *mirrors;
	struct ranked ranked;
	struct fetch_source source;
	struct databases *databases;
	struct strings names; /* targets that are no files */
	struct strings ignore; /* --ignore, and what this kernel does not carry */
	bool taken; /* the files among the targets */
	struct given_packages given;
	struct package_plan *plan;
	struct environment *environment;
	bool started; /* the environment is ours to end */
	bool lent; /* the container's users are to have again what we write */
};

static struct packages_context context_of(struct transaction *t)
{
	return (struct packages_context){
		.rootfs = t->managed.rootfs,
		.environment = t->environment,
		.source = t->mirrors ? &t->source : NULL,
		.keyring = t->config->keyring,
		.conf = t->managed.conf,
		.cache_dir = t->config->cache_dir,
		.report = t->report,
		.arch = t->config->arch,
		.allow_old = t->config->allow_old,
	};
}

static int act_root(void *arg, struct error **e)
{
	struct transaction *t = arg;
	const struct transaction_options *o = t->options;
	if (managed_open(&t->managed, o->root, o->container, t->report, e) < 0)
		return -1;
	struct config_options config = o->config;
	config.arch = t->managed.arch;
	t->config = config_new(o->root, &config, e);
	return t->config ? 0 : -1;
}

static int act_clock(void *arg, struct error **e)
{
	struct transaction *t = arg;
	return hostclock_of_config(t->config, &t->http, t->report, e);
}

/* --mirror and our own file first, else the servers of the root's pacman.conf. */
static int make_mirrors(struct transaction *t, struct error **e)
{
	const struct strings *own = &t->config->mirrors;
	size_t replaced = 0;
	t->mirrors = own->count || !t->managed.conf->repo_count
			     ? mirrors_new(own, t->config->arch, e)
			     : mirrors_of_conf(t->managed.conf, t->config->arch, &replaced, e);
	t->source = (struct fetch_source){t->mirrors, &t->http, t->report};
	if (replaced)
		report_note(t->report,
			"no server of %zu repositories in the root's pacman.conf speaks https, and "
			"databases are not signed: Arch Linux ARM's own are asked, too",
			replaced);
	return t->mirrors ? 0 : -1;
}

static int rank_mirrors(struct transaction *t, bool unasked, struct error **e)
{
	const struct ranked_settings settings = {.http = &t->http,
		.report = t->report,
		.in_order = t->config->mirrors_in_order,
		.unasked = unasked};
	return ranked_mirrors(t->mirrors, &settings, &t->ranked, e);
}

static int act_mirrors(void *arg, struct error **e)
{
	struct transaction *t = arg;
	if (make_mirrors(t, e) < 0 || rank_mirrors(t, false, e) < 0)
		return -1;
	/* Those of a command line, or of our own file, are not the root's. */
	if (!t->options->print && !t->config->mirrors.count)
		ranked_write(&t->ranked, t->mirrors, t->managed.rootfs, false, t->report);
	return 0;
}

/* An installation may need nothing of the network: whoever is not there is found out later. */
static int act_mirrors_unasked(void *arg, struct error **e)
{
	return make_mirrors(arg, e) < 0 ? -1 : rank_mirrors(arg, true, e);
}

static int act_databases(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct packages_context c = context_of(t);
	t->databases = t->options->print ? databases_look(&c, e) : databases_sync(&c, e);
	if (!t->databases)
		ranked_forget(&t->ranked, t->report);
	return t->databases ? 0 : -1;
}

/* As `pacman -S`: what the last refresh knew. Newer packages among older ones do not fit. */
static int act_databases_remembered(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct packages_context c = context_of(t);
	t->databases = databases_remembered(&c, e);
	if (!t->databases)
		return -1;
	if (databases_count(t->databases) || !t->names.count || !t->managed.conf->repo_count)
		return 0;
	report_note(t->report, "%s has no package databases yet: they are fetched",
		rootfs_path(t->managed.rootfs));
	databases_free(take(&t->databases));
	return act_databases(t, e);
}

static int take_given(struct transaction *t, struct error **e)
{
	struct packages_context c = context_of(t);
	const struct strings *targets = &t->options->targets;
	for (size_t i = 0; i < targets->count; i++)
		if (given_is_meant(targets->items[i]) &&
			given_add(&c, targets->items[i], &t->given, e) < 0)
			return -1;
	return 0;
}

static int act_plan(void *arg, struct error **e)
{
	struct transaction *t = arg;
	const struct transaction_options *o = t->options;
	struct packages_context c = context_of(t);
	struct package_wish wish = {
		.operation = o->operation,
		.targets = &t->names,
		.given = &t->given,
		.needed = o->needed,
		.asdeps = o->asdeps,
		.asexplicit = o->asexplicit,
		.downgrade = o->downgrade,
		.recursive = o->recursive,
		.unneeded = o->unneeded,
		.cascade = o->cascade,
		.nosave = o->nosave,
		.ignore = &t->ignore,
		.ignore_group = &o->ignore_group,
		.overwrite = &o->overwrite,
		.ask = t->asker->question,
		.ask_arg = t->asker->arg,
	};
	/* The second time, all that is there already. */
	if (o->operation != PACKAGES_UNINSTALL && !t->taken && take_given(t, e) < 0)
		return -1;
	t->taken = true;
	t->plan = package_plan_make(&c, t->databases, &wish, e);
	return t->plan ? 0 : -1;
}

/* A refresh keeps the LXC that runs, as IgnorePkg would: the new one would start no container. */
static int act_plan_for_kernel(void *arg, struct error **e)
{
	struct transaction *t = arg;
	if (act_plan(t, e) < 0)
		return -1;
	const struct planned_package *seven = lxc_choice_in_plan(t->plan);
	if (!seven)
		return 0;
	if (t->options->operation == PACKAGES_REFRESH && seven->old_version &&
		!strings_contain(&t->names, seven->name)) {
		lxc_choice_tell_kept(seven, t->report);
		package_plan_free(take(&t->plan));
		if (strings_add(&t->ignore, "lxc", e) < 0 || act_plan(t, e) < 0)
			return -1;
		seven = lxc_choice_in_plan(t->plan);
	}
	if (!seven)
		return 0;
	return lxc_choice_refuse(seven, e);
}

static int act_no_databases(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct packages_context c = context_of(t);
	t->databases = databases_remembered(&c, e);
	return t->databases ? 0 : -1;
}

static int act_environment(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct hook_settings settings = {&t->config->dns_servers, NULL};
	t->lent = t->options->container != NULL;
	if (t->lent && owners_lend(t->managed.rootfs, e) < 0)
		return -1;
	/* Of one on a container's rootfs nobody else knows: it ends with us, however we end. */
	if (t->lent)
		t->environment =
			start_environment(t->managed.rootfs, &settings, true, t->report, e);
	else
		t->environment = start_or_find_environment(
			t->managed.rootfs, &settings, t->report, &t->started, e);
	t->started = t->started || (t->lent && t->environment);
	return t->environment ? 0 : -1;
}

static int act_packages(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct packages_context c = context_of(t);
	auto_error *why = NULL;
	int r = package_plan_commit(&c, t->databases, t->plan, &why);
	/* libalpm syncs nothing. After a failure, too: what was done shall last. */
	if (sys_syncfs(rootfs_fd(t->managed.rootfs)) < 0 && r == 0)
		r = error_set(&why, fd_error_code(errno), errno, "sync %s",
			rootfs_path(t->managed.rootfs));
	if (r < 0 && error_errno(why) == ENOENT && t->options->operation == PACKAGES_INSTALL)
		error_hint(&why,
			"the mirrors have newer packages than this root knows of: alarmstrap "
			"refresh %s",
			t->options->root);
	if (r < 0 && e)
		*e = take(&why);
	return r;
}

static bool is_changed(const struct package_plan *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->packages[i].action != PACKAGE_REMOVE &&
			strcmp(p->packages[i].name, name) == 0)
			return true;
	return false;
}

/* New keys must be known to the root's own pacman, whatever was there before. */
static int act_hooks(void *arg, struct error **e)
{
	struct transaction *t = arg;
	struct hook_settings settings = {&t->config->dns_servers, NULL};
	struct hook_context c = {t->managed.rootfs, t->environment, &settings, false, t->report};
	if (!is_changed(t->plan, hook_keyring.packages[0]))
		return 0;
	return hook_keyring.apply(&c, e) < 0 ? error_wrap(e, "hook %s", hook_keyring.name) : 0;
}

static int act_restart(void *arg, struct error **e)
{
	struct transaction *t = arg;
	restart_tell(t->managed.rootfs, t->report);
	return 0;
}

/* clang-format off */
#define CHANGE_ROWS \
	{"environment", "make sure that the environment is up", ROOT | PLAN, ENVIRONMENT, \
		act_environment}, \
	{"packages", "fetch what is needed, verify it, change the root", \
		ENVIRONMENT | PLAN | DATABASES, CHANGED, act_packages}, \
	{"hooks", "make new keys known to the root's pacman", CHANGED, TOLD, act_hooks}, \
	{"restart", "look for what runs with files that were replaced", CHANGED, TOLD, act_restart}
/* clang-format on */
enum { CHANGE_COUNT = 4 };

static const struct stage refresh_rows[] = {
	{"root", "look at ROOT and its pacman.conf", OPTIONS, ROOT, act_root},
	{"clock", "make sure of the time that certificates are checked at", ROOT, TIME, act_clock},
	{"mirrors", "find the mirrors that are fresh and fast", ROOT | TIME, MIRRORS, act_mirrors},
	{"databases", "fetch the package databases", MIRRORS, DATABASES, act_databases},
	{"plan", "find out what is to be upgraded", DATABASES, PLAN, act_plan_for_kernel},
	CHANGE_ROWS,
};
static const struct stage install_rows[] = {
	{"root", "look at ROOT and its pacman.conf", OPTIONS, ROOT, act_root},
	{"clock", "make sure of the time that signatures are checked at", ROOT, TIME, act_clock},
	{"mirrors", "read which mirrors there are", ROOT | TIME, MIRRORS, act_mirrors_unasked},
	{"databases", "read the package databases of the last refresh", MIRRORS, DATABASES,
		act_databases_remembered},
	{"plan", "find out what is to be installed", DATABASES, PLAN, act_plan_for_kernel},
	CHANGE_ROWS,
};
static const struct stage uninstall_rows[] = {
	{"root", "look at ROOT and its pacman.conf", OPTIONS, ROOT, act_root},
	{"databases", "read the package databases of the last refresh", ROOT, DATABASES,
		act_no_databases},
	{"plan", "find out what is to be removed", ROOT, PLAN, act_plan},
	CHANGE_ROWS,
};
#define TABLE(array)                                                                               \
	{                                                                                          \
		.rows = array, .count = sizeof array / sizeof *(array), .given = OPTIONS           \
	}
static const struct stages tables[] = {
	[PACKAGES_INSTALL] = TABLE(install_rows),
	[PACKAGES_REFRESH] = TABLE(refresh_rows),
	[PACKAGES_UNINSTALL] = TABLE(uninstall_rows),
};

const struct stages *transaction_stages(enum package_operation operation)
{
	return &tables[operation];
}

/* Who came in meanwhile keeps it up. Processes of a container whose rootfs this is are in
 * namespaces of their own, and do not. */
static void end_environment(struct transaction *t)
{
	auto_error *e = NULL;
	if (!t->environment)
		return;
	if (!t->started || environment_count_processes(t->environment) > 0) {
		if (t->started)
			report_note(t->report, "the environment stays up: somebody is in it");
		environment_free(t->environment);
		return;
	}
	if (stop_environment(t->environment, t->report, &e) < 0)
		report_warn(t->report, "%s", error_message(e));
}

/* After a failure, too. */
static void return_to_container(struct transaction *t)
{
	auto_error *e = NULL;
	if (t->lent && owners_return(t->managed.rootfs, &e) < 0)
		report_warn(t->report, "%s", error_message(e));
}

static void transaction_end(struct transaction *t)
{
	interrupt_forget();
	end_environment(t);
	return_to_container(t);
	package_plan_free(t->plan);
	databases_free(t->databases);
	given_free(&t->given);
	strings_free(&t->names);
	strings_free(&t->ignore);
	mirrors_free(t->mirrors);
	ranked_free(&t->ranked);
	managed_close(&t->managed);
	config_free(t->config);
	wakelock_release(WAKELOCK_DIR);
}

static int run_part(struct transaction *t, bool change, struct error **e)
{
	const struct stages *all = &tables[t->options->operation];
	struct stages part = *all;
	size_t look = all->count - CHANGE_COUNT;
	part.total = t->options->print ? look : all->count;
	part.before = change ? look : 0;
	part.rows += part.before;
	part.count = change ? CHANGE_COUNT : look;
	return stages_run(&part, t, t->report, e);
}

static int change(struct transaction *t, bool *declined, struct error **e)
{
	const struct transaction_asker *a = t->asker;
	transaction_show(t->plan, t->report);
	if (!t->plan->count || t->options->print)
		return 0;
	int go_on = a->proceed ? a->proceed(a->arg, t->plan, e) : 1;
	if (go_on < 0)
		return -1;
	*declined = !go_on;
	if (!go_on)
		return 0;
	wakelock_hold(WAKELOCK_DIR);
	return run_part(t, true, e);
}

static int sort_targets(struct transaction *t, struct error **e)
{
	const struct strings *targets = &t->options->targets;
	bool files = t->options->operation != PACKAGES_UNINSTALL;
	for (size_t i = 0; i < targets->count; i++)
		if (!(files && given_is_meant(targets->items[i])) &&
			strings_add(&t->names, targets->items[i], e) < 0)
			return -1;
	for (size_t i = 0; i < t->options->ignore.count; i++)
		if (strings_add(&t->ignore, t->options->ignore.items[i], e) < 0)
			return -1;
	return 0;
}

int transaction_run(const struct transaction_options *o, const struct transaction_asker *asker,
	struct report *report, bool *declined, struct error **e)
{
	struct transaction t = {.options = o, .asker = asker, .report = report};
	*declined = false;
	if (interrupt_survive_hangup(e) < 0)
		return -1;
	int r = sort_targets(&t, e);
	if (r == 0)
		r = run_part(&t, false, e);
	if (r == 0)
		r = change(&t, declined, e);
	transaction_end(&t);
	return r;
}
