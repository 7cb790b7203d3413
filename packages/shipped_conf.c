/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pacman.conf of a root that is not there yet. Which repositories there are is the
 * distribution's to say, and it says so in a package: a list of ours would go stale with the first
 * that is renamed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/tar.h"
#include "lib/worker.h"
#include "packages/cache.h"

#define CONF "etc/pacman.conf"

enum { TYPE_TEXT = WORKER_TYPE_FIRST, CONF_MAX_BYTES = 128 * 1024 };

/* In the worker: the file out of the package. */
static int send_conf(struct worker_out *out, void *arg, struct error **e)
{
	const int *fd = arg;
	struct tar_reader *t = tar_reader_open(*fd, e);
	struct tar_entry entry;
	auto_buf text = BUF(CONF_MAX_BYTES);
	int got = t ? 1 : -1;
	bool found = false;
	while (got > 0 && !found && (got = tar_reader_next(t, &entry, e)) > 0)
		found = strcmp(entry.path, CONF) == 0 && S_ISREG(entry.type);
	if (found)
		got = tar_reader_content(t, &text, e);
	tar_reader_free(t);
	if (got < 0)
		return -1;
	if (!found)
		return error_set(e, ERROR_PACKAGES, 0, "it has no " CONF);
	return worker_send(out, TYPE_TEXT, text.data, text.length, e);
}

static struct pacman_conf *read_conf(int fd, struct error **e)
{
	const struct worker_rights rights = {
		.unprivileged = true, .root = -1, .keep = &fd, .keep_count = 1};
	struct worker_record record;
	auto_worker *w = worker_start(&rights, send_conf, &fd, e);
	int got = w ? worker_next(w, &record, 0, e) : -1;
	if (got < 0)
		return NULL;
	if (got == 0 || record.type != TYPE_TEXT || memchr(record.data, '\0', record.length)) {
		error_set(e, ERROR_SYSTEM, EBADMSG, "read " CONF);
		return NULL;
	}
	return pacman_conf_parse((const char *)record.data, "/" CONF, e);
}

/* The files of a plan of one package. */
static struct pacman_conf *fetch_conf(const struct packages_context *c, const struct databases *d,
	const struct package_plan *plan, struct error **e)
{
	struct cache *cache = cache_fetch(c, d, plan, e);
	struct pacman_conf *conf = NULL;
	if (cache && cache_verify(c, cache, e) == 0)
		conf = read_conf(cache_file_fd(&cache->files[0]), e);
	cache_free(cache);
	if (!conf)
		error_wrap(e, "package %s", plan->packages[0].name);
	return conf;
}

static struct pacman_conf *find_conf(
	const struct packages_context *c, const struct databases *d, struct error **e)
{
	static const char name[] = "pacman";
	const char *repo = c->conf->repos[0].name;
	const struct syncdb *db = databases_repo(d, repo);
	const struct syncdb_package *p = db ? syncdb_find(db, name) : NULL;
	if (!p) {
		error_set(e, ERROR_PACKAGES, 0, "package '%s' is not in [%s]", name, repo);
		error_hint(e, "is this a mirror of Arch Linux ARM for %s?",
			mirrors_arch(c->source->mirrors));
		return NULL;
	}
	struct planned_package package = {.action = PACKAGE_INSTALL,
		.name = p->name,
		.version = p->version,
		.repo = db->repo,
		.filename = p->filename};
	const struct package_plan plan = {.packages = &package, .count = 1};
	return fetch_conf(c, d, &plan, e);
}

struct pacman_conf *package_shipped_conf(const struct packages_context *c, struct error **e)
{
	char name[] = "core";
	/* As Arch Linux ARM has it: packages are signed, databases are not. */
	struct pacman_repo core = {
		.name = name, .package_level = SIG_REQUIRED, .database_level = SIG_OPTIONAL};
	const struct pacman_conf first = {.repos = &core, .repo_count = 1};
	struct packages_context own = *c;
	own.conf = &first;
	struct databases *d = databases_sync(&own, e);
	struct pacman_conf *conf = d ? find_conf(&own, d, e) : NULL;
	databases_free(d);
	return conf;
}
