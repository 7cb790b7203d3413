/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last stages of a container in the making. */
#include <fcntl.h>
#include <inttypes.h>

#include "bootstrap/container_impl.h"
#include "containers/containers.h"
#include "containers/furnish.h"
#include "containers/shift.h"
#include "hooks/hook.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "packages/packages.h"

/* Its own pacman asks whom ROOT's asks. A container without pacman has no such file. */
static int copy_mirrorlist(const struct making *m, struct error **e)
{
	static const char MIRRORLIST[] = "/etc/pacman.d/mirrorlist";
	auto_error *absent = NULL;
	auto_buf text = BUF(0);
	char *auto_free name = NULL;
	int auto_fd from = path_open_inside(
		rootfs_fd(m->managed.rootfs), MIRRORLIST, O_RDONLY | O_NONBLOCK, &absent);
	int auto_fd dir = path_open_parent_inside(rootfs_fd(m->rootfs), MIRRORLIST, &name, &absent);
	if (from < 0 || dir < 0)
		return 0;
	if (fd_read_all(from, &text, e) < 0)
		return -1;
	return path_write_file(dir, name, 0644, text.data, text.length, e);
}

/* What makes a root of an unpacked one: nothing shared with others, and a pacman that trusts its
 * keyring and can download. In a bare environment of its own, as `--from packages` has it. */
static int run_hooks(struct making *m, struct error **e)
{
	static const struct hook *const hooks[] = {&hook_etc, &hook_keyring, &hook_sandbox};
	const struct environment_options bare = {.tethered = true};
	auto_error *no_pacman = NULL;
	struct hook_settings settings = {.dns_servers = &m->config->dns_servers};
	struct hook_context c = {m->rootfs, NULL, &settings, CGROUP_AUTO, m->report};
	if (hook_identity_strip.apply(&c, e) < 0)
		return error_wrap(e, "hook %s", hook_identity_strip.name);
	int auto_fd pacman =
		path_open_inside(rootfs_fd(m->rootfs), "/usr/bin/pacman-key", O_PATH, &no_pacman);
	if (pacman < 0)
		return 0;
	struct environment *env = environment_start(m->rootfs, &bare, m->report, e);
	if (!env)
		return -1;
	c.environment = env;
	int r = 0;
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks && r == 0; i++) {
		int done = hooks[i]->check ? hooks[i]->check(&c, e) : 0;
		r = done ? (done < 0 ? -1 : 0) : hooks[i]->apply(&c, e);
		if (r < 0)
			error_wrap(e, "hook %s", hooks[i]->name);
	}
	auto_error *second = NULL;
	if (environment_stop(env, m->report, r < 0 ? &second : e) < 0)
		return -1;
	return r;
}

int making_furnish(void *arg, struct error **e)
{
	struct making *m = arg;
	char *auto_free systemd = package_installed_version(m->rootfs, "systemd", NULL);
	if (run_hooks(m, e) < 0 || copy_mirrorlist(m, e) < 0)
		return -1;
	return container_furnish(
		m->managed.rootfs, m->rootfs, &m->spec, &m->facts, systemd, m->report, e);
}

static int give_away(struct making *m, struct error **e)
{
	struct shift_done done = {0};
	if (!m->spec.idmap.count)
		return 0;
	if (shift_tree(rootfs_fd(m->rootfs), &m->spec.idmap, &done, e) < 0)
		return -1;
	if (done.lost_capabilities)
		report_note(m->report,
			"%" PRIu64
			" programs (such as ping) will work for the container's root only: "
			"file capabilities in user namespaces came with Linux 4.14",
			done.lost_capabilities);
	return 0;
}

int making_commit(void *arg, struct error **e)
{
	struct making *m = arg;
	auto_buf config = BUF(0);
	if (give_away(m, e) < 0 ||
		container_config_of_root(m->managed.rootfs, &m->spec, &m->facts,
			container_staging_rootfs_inside(m->staging), &config, e) < 0)
		return -1;
	rootfs_free(take(&m->rootfs));
	return container_staging_commit(m->staging, &config, &m->spec.idmap, e);
}
