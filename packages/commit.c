/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan becomes true: fetched, verified, locked, committed. */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "packages/inside.h"
#include "packages/lock.h"
#include "packages/transact.h"

/* HoldPkg takes patterns (pacman.conf(5)). */
static bool is_held(const struct pacman_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->hold_pkg.count; i++)
		if (fnmatch(conf->hold_pkg.items[i], name, 0) == 0)
			return true;
	return false;
}

/* As pacman: only an uninstall is held up, and asks; a replacement is not. */
static int check_held(
	const struct pacman_conf *conf, const struct package_plan *p, struct error **e)
{
	if (p->wish.operation != PACKAGES_UNINSTALL)
		return 0;
	for (size_t i = 0; i < p->count; i++) {
		const char *name = p->packages[i].name;
		if (p->packages[i].action != PACKAGE_REMOVE || !is_held(conf, name))
			continue;
		error_set(e, ERROR_PACKAGES, 0, "%s stands in HoldPkg and would be removed", name);
		return error_hint(e, "take it out of HoldPkg in the root's /etc/pacman.conf, if "
				     "that is what you want");
	}
	return 0;
}

static int run_child(const struct inside_setting *s, struct transact_request *r, struct error **e)
{
	struct planned_package unexpected = {0};
	struct inside *child = inside_start(s, transact, r, e);
	if (!child)
		return -1;
	inside_let_finish(child);
	int got = inside_next(child, &unexpected, e);
	if (got == 1) {
		planned_package_free(&unexpected);
		got = error_set(e, ERROR_SYSTEM, EBADMSG, "read what the package child sent");
	}
	inside_free(child);
	return got;
}

static int commit_cached(struct transact_request *r, struct error **e)
{
	const struct packages_context *c = r->context;
	struct inside_file *auto_free files = calloc(r->cache->count + 1, sizeof *files);
	if (!files)
		return error_set(e, ERROR_SYSTEM, errno, "commit");
	for (size_t i = 0; i < r->cache->count; i++)
		files[i] = (struct inside_file){
			r->cache->files[i].entry->filename, cache_file_fd(&r->cache->files[i])};
	int *auto_free keep = calloc(r->cache->count + 1, sizeof *keep);
	if (!keep)
		return error_set(e, ERROR_SYSTEM, errno, "commit");
	size_t keep_count = 0;
	ahead_keep(r->cache->ahead, keep, &keep_count);
	struct inside_setting setting = {
		c, r->databases, files, r->cache->count, r->plan->wish.given, keep, keep_count};
	int auto_fd lock = lock_prepare(rootfs_fd(c->rootfs), c->report, e);
	return lock < 0 ? -1 : run_child(&setting, r, e);
}

int package_plan_commit(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e)
{
	if (p->count == 0)
		return 0;
	if (check_held(c->conf, p, e) < 0)
		return -1;
	struct cache *cache = cache_fetch(c, d, p, e);
	int result = cache ? cache_verify(c, cache, e) : -1;
	if (result == 0)
		result = package_plan_commit_cached(c, d, p, cache, e);
	cache_free(cache);
	return result;
}

int package_plan_commit_cached(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, const struct cache *cache, struct error **e)
{
	struct transact_request request = {c, d, p, cache};
	return commit_cached(&request, e);
}
