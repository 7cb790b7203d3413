/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chroot/environment.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "packages/packages.h"

struct base {
	struct base_settings settings;
	struct packages_context context; /* its conf is `conf` */
	struct rootfs *rootfs;
	struct environment *environment;
	struct pacman_conf *conf;
	struct databases *databases;
	struct strings targets; /* the plan's */
	struct package_plan *plan;
	struct cache *cache;
};

uint64_t base_space(uint64_t download_size, uint64_t have, uint64_t installed_size)
{
	/* Blocks that are not full, the local database, caches that hooks make. */
	const uint64_t rest = 50000000;
	uint64_t missing = download_size > have ? download_size - have : 0;
	return missing + installed_size + installed_size / 8 + rest;
}

/* Directories that libalpm wants before a package brings them; modes as the packages have. The log
 * of the first packages would be lost without its directory. */
static int make_directories(const struct rootfs *r, struct error **e)
{
	/* Made under whatever umask, and no package of the root's brings "/" itself. */
	if (fchmod(rootfs_fd(r), 0755) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(r));
	if (path_make_dirs(rootfs_fd(r), "var/lib/pacman", 0755, e) < 0)
		return -1;
	return path_make_dirs(rootfs_fd(r), "var/log", 0755, e);
}

static int start_bare(struct base *b, struct error **e)
{
	const struct environment_options options = {.tethered = true};
	b->rootfs = rootfs_open_damaged(b->settings.staging_path, e);
	if (!b->rootfs || make_directories(b->rootfs, e) < 0)
		return -1;
	b->environment = environment_start(b->rootfs, &options, b->settings.source.report, e);
	return b->environment ? 0 : -1;
}

struct base *base_new(const struct base_settings *s, struct error **e)
{
	struct base *b = calloc(1, sizeof *b);
	if (!b) {
		error_set(e, ERROR_SYSTEM, errno, "packages");
		return NULL;
	}
	b->settings = *s;
	if (start_bare(b, e) < 0) {
		base_free(b);
		return NULL;
	}
	b->context = (struct packages_context){
		.rootfs = b->rootfs,
		.environment = b->environment,
		.source = &b->settings.source,
		.keyring = s->keyring,
		.cache_dir = s->cache_dir,
		.report = s->source.report,
		.allow_old = s->allow_old,
	};
	return b;
}

static int plan(struct base *b, struct error **e)
{
	static const char BASE[] = "base";
	if (!b->settings.alone && strings_add(&b->targets, BASE, e) < 0)
		return -1;
	for (size_t i = 0; i < b->settings.packages->count; i++)
		if (strings_add(&b->targets, b->settings.packages->items[i], e) < 0)
			return -1;
	b->plan = package_plan_install(&b->context, b->databases, &b->targets, false, e);
	return b->plan ? 0 : -1;
}

/* Bytes of the plan's files that lie in the cache: a guess for the space alone. */
static uint64_t bytes_there(const struct base *b)
{
	uint64_t have = 0;
	int auto_fd dir = open(b->settings.cache_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; dir >= 0 && i < b->plan->count; i++) {
		const struct planned_package *p = &b->plan->packages[i];
		struct stat st;
		if (fstatat(dir, p->filename, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			(uint64_t)st.st_size == p->packed_size)
			have += p->packed_size;
	}
	return have;
}

static int check_space(const struct base *b, struct error **e)
{
	const struct package_plan *p = b->plan;
	char download[32], installed[32];
	uint64_t have = bytes_there(b);
	text_size(download, sizeof download, p->download_size > have ? p->download_size - have : 0);
	text_size(installed, sizeof installed, p->installed_size);
	report_note(b->settings.source.report,
		"%zu packages: %s to fetch, %s installed, from %zu repositories", p->count,
		download, installed, b->conf->repo_count);
	return target_judge_space(b->settings.target, b->settings.target_path,
		base_space(p->download_size, have, p->installed_size), e);
}

int base_fetch(struct base *b, struct error **e)
{
	b->conf = package_shipped_conf(&b->context, e);
	b->context.conf = b->conf;
	b->databases = b->conf ? databases_sync(&b->context, e) : NULL;
	if (!b->databases || plan(b, e) < 0 || check_space(b, e) < 0)
		return -1;
	b->cache = cache_fetch(&b->context, b->databases, b->plan, e);
	return b->cache ? 0 : -1;
}

int base_verify(struct base *b, struct error **e)
{
	return cache_verify(&b->context, b->cache, e);
}

int base_install(struct base *b, struct error **e)
{
	if (package_plan_commit_cached(&b->context, b->databases, b->plan, b->cache, e) < 0)
		return -1;
	b->context.environment = NULL;
	return environment_stop(take(&b->environment), b->settings.source.report, e);
}

int base_check(const struct base *b, const struct rootfs *r, struct error **e)
{
	for (size_t i = 0; i < b->plan->count; i++) {
		const struct planned_package *p = &b->plan->packages[i];
		auto_error *why = NULL;
		char *auto_free version = package_installed_version(r, p->name, &why);
		if (why) {
			if (e)
				*e = take(&why);
			return -1;
		}
		if (!version || strcmp(version, p->version) != 0)
			return error_set(e, ERROR_PACKAGES, 0,
				"%s %s was to be installed, and the database has %s", p->name,
				p->version, version ? version : "none");
	}
	return 0;
}

void base_free(struct base *b)
{
	if (!b)
		return;
	if (b->environment) {
		auto_error *e = NULL;
		if (environment_stop(b->environment, b->settings.source.report, &e) < 0)
			report_warn(b->settings.source.report, "%s", error_message(e));
	}
	cache_free(b->cache);
	package_plan_free(b->plan);
	strings_free(&b->targets);
	databases_free(b->databases);
	pacman_conf_free(b->conf);
	rootfs_free(b->rootfs);
	free(b);
}
