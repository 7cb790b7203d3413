/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/flow.h"

#include "bootstrap/lxc_choice.h"
#include "bootstrap/networks.h"
#include "hooks/hook.h"
#include "lib/fd.h"
#include "mirrors/pacman_conf.h"
#include "packages/packages.h"

/* What the hooks need, and what is asked for. */
static int add_targets(
	const struct config *c, struct strings *to, struct report *report, struct error **e)
{
	if (hooks_packages(to, e) < 0 || lxc_choice_targets(c->arch, to, report, e) < 0 ||
		networks_packages(c, to, e) < 0)
		return -1;
	for (size_t i = 0; i < c->packages.count; i++)
		if (strings_add(to, c->packages.items[i], e) < 0)
			return -1;
	return 0;
}

/* Beside the staging directory, so that they outlive it. */
static const char *package_dir(const struct flow *f)
{
	return f->config->cache_dir ? f->config->cache_dir : place_download_path(f->place);
}

int flow_fetch_packages(void *arg, struct error **e)
{
	struct flow *f = arg;
	int auto_fd staging = place_make_staging(f->place, e);
	f->staged = staging >= 0;
	if (staging < 0 || add_targets(f->config, &f->targets, f->report, e) < 0)
		return -1;
	const struct base_settings settings = {
		.source = {f->mirrors, &f->http, f->report},
		.keyring = f->config->keyring,
		.packages = &f->targets,
		.cache_dir = package_dir(f),
		.staging_path = place_staging_path(f->place),
		.target = place_facts(f->place),
		.target_path = place_root(f->place),
		.allow_old = f->config->allow_old,
	};
	f->base = base_new(&settings, e);
	auto_error *why = NULL;
	if (!f->base)
		return -1;
	return base_fetch(f->base, &why) == 0 ? 0 : lxc_choice_explain(f->config->arch, &why, e);
}

int flow_verify_packages(void *arg, struct error **e)
{
	struct flow *f = arg;
	return base_verify(f->base, e);
}

int flow_install_packages(void *arg, struct error **e)
{
	struct flow *f = arg;
	if (base_install(f->base, e) < 0)
		return -1;
	f->rootfs = rootfs_open(place_staging_path(f->place), e);
	return f->rootfs ? 0 : -1;
}

int flow_check_packages(void *arg, struct error **e)
{
	struct flow *f = arg;
	if (base_check(f->base, f->rootfs, e) < 0)
		return -1;
	base_free(take(&f->base));
	return 0;
}

static int install(
	const struct packages_context *c, const struct strings *targets, struct error **e)
{
	struct databases *d = databases_sync(c, e);
	struct package_plan *plan = d ? package_plan_install(c, d, targets, true, e) : NULL;
	int r = plan ? package_plan_commit(c, d, plan, e) : -1;
	package_plan_free(plan);
	databases_free(d);
	return r;
}

int flow_packages(void *arg, struct error **e)
{
	struct flow *f = arg;
	auto_strings targets = {0};
	auto_pacman_conf *conf = pacman_conf_read(rootfs_fd(f->rootfs), "/etc/pacman.conf", e);
	if (!conf || add_targets(f->config, &targets, f->report, e) < 0)
		return -1;
	struct fetch_source source = {f->mirrors, &f->http, f->report};
	struct packages_context c = {
		.rootfs = f->rootfs,
		.environment = f->environment,
		.source = &source,
		.keyring = f->config->keyring,
		.conf = conf,
		.cache_dir = package_dir(f),
		.report = f->report,
		.allow_old = f->config->allow_old,
	};
	auto_error *why = NULL;
	return install(&c, &targets, &why) == 0 ? 0 : lxc_choice_explain(f->config->arch, &why, e);
}
