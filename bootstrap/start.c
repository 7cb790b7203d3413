/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/start.h"

#include <string.h>

#include "containers/containers.h"
#include "containers/lxc_demands.h"
#include "containers/network_service.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/ticks.h"
#include "packages/packages.h"

/* Another start takes some 50 ms, a stop with containers some seconds. */
enum { PATIENCE_MS = 10000, LOOK_MS = 20 };

/* What is asked for now, or was before; else what the LXC inside wants. A rootfs that pacman has
 * not yet filled has no LXC: the host's own layout will do. */
static int choose_layout(const struct rootfs *r, const char *asked, enum cgroup_layout *layout,
	struct report *report, struct error **e)
{
	char *auto_free lxc = package_installed_version(r, "lxc", NULL);
	bool wants_unified = lxc_is_seven(lxc);
	enum cgroup_layout chosen = cgroup_layout_kept(rootfs_fd(r));
	if (asked && (cgroup_layout_parse(asked, &chosen, e) < 0 ||
			     cgroup_layout_keep(rootfs_fd(r), chosen, e) < 0))
		return -1;
	if (wants_unified && (chosen == CGROUP_V1 || chosen == CGROUP_HYBRID))
		report_warn(report,
			"LXC %s knows cgroup2 alone: with this layout it starts no container; "
			"--cgroup-layout=auto is the remedy",
			lxc);
	*layout = chosen == CGROUP_AUTO && wants_unified ? CGROUP_UNIFIED : chosen;
	return 0;
}

/* The network that containers' configurations name, also for those whom LXC's own commands start.
 * Without one, what an environment that was killed left of it goes. Neither is worth the
 * environment. */
static void begin_network(const struct environment *env, struct report *report)
{
	auto_error *why = NULL;
	int served = network_serve_if_used(env, &why);
	if (served == 0)
		served = network_end(env, &why);
	if (served >= 0)
		return;
	report_warn(report, "%s", error_message(why));
	report_note(report, "%s", error_remedy(why));
}

static void end_network(const struct environment *env, struct report *report)
{
	auto_error *why = NULL;
	if (network_end(env, &why) < 0)
		report_warn(report, "%s", error_message(why));
}

struct environment *start_environment(const struct rootfs *r, const struct hook_settings *settings,
	bool tethered, struct report *report, struct error **e)
{
	struct environment_options options = {.tethered = tethered, .binds = settings->binds};
	if (choose_layout(r, settings->cgroup_layout, &options.layout, report, e) < 0)
		return NULL;
	struct environment *env = environment_start(r, &options, report, e);
	if (!env)
		return NULL;
	struct hook_context c = {r, env, settings, options.layout, report};
	if (hooks_run(HOOK_ENVIRONMENT, &c, e) == 0) {
		if (!tethered)
			begin_network(env, report);
		return env;
	}
	auto_error *second = NULL;
	if (environment_stop(env, report, &second) < 0)
		report_warn(report, "%s", error_message(second));
	return NULL;
}

/* One attempt. NULL with ERROR_BUSY where somebody else starts or stops it at this moment. */
static struct environment *find_or_start(const struct rootfs *r,
	const struct hook_settings *settings, struct report *report, bool *started,
	struct error **e)
{
	auto_error *failure = NULL;
	struct environment *env = environment_find(r, &failure);
	*started = !env;
	if (env)
		return env;
	if (failure) {
		if (e)
			*e = take(&failure);
		return NULL;
	}
	return start_environment(r, settings, false, report, e);
}

int stop_environment(struct environment *env, struct report *report, struct error **e)
{
	auto_error *why = NULL;
	/* The holder would give them three seconds and then kill them: no init of a container takes
	 * SIGTERM for an end. */
	if (container_stop_all(env, &why) < 0)
		report_note(report, "containers: %s", error_message(why));
	end_network(env, report);
	return environment_stop(env, report, e);
}

int sweep_environment(const struct rootfs *r, struct report *report, struct error **e)
{
	if (environment_sweep(r, report, e) < 0)
		return -1;
	return network_sweep(r, e);
}

struct environment *start_or_find_environment(const struct rootfs *r,
	const struct hook_settings *settings, struct report *report, bool *started,
	struct error **e)
{
	bool ours = false;
	int64_t deadline = ticks_ms() + PATIENCE_MS;
	for (;;) {
		auto_error *why = NULL;
		struct environment *env = find_or_start(r, settings, report, &ours, &why);
		if (started)
			*started = ours;
		if (env)
			return env;
		if (error_code(why) != ERROR_BUSY || interrupt_pending() ||
			ticks_ms() >= deadline) {
			if (e)
				*e = take(&why);
			return NULL;
		}
		ticks_sleep_ms(LOOK_MS);
	}
}
