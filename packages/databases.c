/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/databases.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/trusted_time.h"
#include "packages/inside.h"
#include "packages/rootdir.h"

/* ALARM's extra.db has 8 MB; an attacker's may not fill the disk. */
static const uint64_t DATABASE_MAX_BYTES = 128ULL << 20;

/* A repository whose SigLevel demands a signed database gets one or nothing. `Optional` checks
 * nothing here: who can change the database can leave its signature out. */
static int check_signature(const struct packages_context *c, const struct pacman_repo *repo,
	const struct fetched *f, struct error **e)
{
	if (repo->database_level != SIG_REQUIRED)
		return 0;
	char *auto_free file = text_format(e, "%s.db.sig", repo->name);
	struct fetch_item item = {
		.repo = repo->name, .file = file, .limit = OPENPGP_SIGNATURE_MAX, .metadata = true};
	auto_buf signature = BUF(OPENPGP_SIGNATURE_MAX);
	size_t mirror = fetched_mirror(f);
	int got = file ? fetch_small(c->source, &item, &signature, &mirror, e) : -1;
	if (got < 0)
		return -1;
	if (got == 0) {
		error_set(e, ERROR_TRUST, 0, "%s.db has no signature", repo->name);
		return error_hint(
			e, "pacman.conf says SigLevel = DatabaseRequired for [%s]", repo->name);
	}
	int64_t now = trusted_time_now(&c->source->http->time);
	return openpgp_verify_fd(
		c->keyring, signature.data, signature.length, fetched_fd(f), now, NULL, e);
}

static int read_one(const struct packages_context *c, const struct pacman_repo *repo,
	const struct fetched *f, struct databases *d, struct error **e)
{
	if (check_signature(c, repo, f, e) < 0)
		return error_wrap(e, "%s.db", repo->name);
	struct syncdb *db = syncdb_read(repo->name, f, e);
	if (!db)
		return error_wrap(e, "%s.db", repo->name);
	d->items[d->count++] = db;
	if (db->dropped)
		report_note(c->report, "%s: %zu entries of the database cannot be read: left out",
			repo->name, db->dropped);
	return 0;
}

static int fetch_all(
	const struct packages_context *c, int dir, struct fetched **out, struct error **e)
{
	const struct pacman_conf *conf = c->conf;
	struct fetch_item *auto_free items = calloc(conf->repo_count, sizeof *items);
	auto_strings names = {0};
	if (!items)
		return error_set(e, ERROR_SYSTEM, errno, "databases");
	for (size_t i = 0; i < conf->repo_count; i++) {
		char *name = text_format(e, "%s.db", conf->repos[i].name);
		if (!name || strings_take(&names, name, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < conf->repo_count; i++)
		items[i] = (struct fetch_item){.repo = conf->repos[i].name,
			.file = names.items[i],
			.limit = DATABASE_MAX_BYTES,
			.metadata = true};
	if (fetch_files(c->source, dir, items, conf->repo_count, out, e) < 0)
		return error_wrap(e, "databases");
	/* An older signature would make the new database a bad one to pacman in the root. */
	for (size_t i = 0; i < conf->repo_count; i++) {
		char signature[NAME_MAX + 1];
		snprintf(signature, sizeof signature, "%s.sig", names.items[i]);
		if (unlinkat(dir, signature, 0) < 0 && errno != ENOENT)
			return error_set(e, ERROR_SYSTEM, errno, "remove %s", signature);
		if (fchmodat(dir, names.items[i], 0644, 0) < 0)
			return error_set(e, ERROR_SYSTEM, errno, "%s", names.items[i]);
	}
	return 0;
}

static int sync_all(const struct packages_context *c, struct databases *d, struct error **e)
{
	size_t count = c->conf->repo_count;
	int auto_fd dir = rootdir_open(rootfs_fd(c->rootfs), PACMAN_DB_PATH "/sync", e);
	struct fetched **auto_free files = calloc(count, sizeof(struct fetched *));
	if (dir < 0 || !files)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "databases");
	int result = fetch_all(c, dir, files, e);
	for (size_t i = 0; i < count && result == 0; i++)
		result = read_one(c, &c->conf->repos[i], files[i], d, e);
	for (size_t i = 0; i < count; i++)
		fetched_free(files[i]);
	return result;
}

struct databases *databases_sync(const struct packages_context *c, struct error **e)
{
	size_t count = c->conf->repo_count;
	if (count == 0) {
		error_set(e, ERROR_CONFIG, 0, "pacman.conf names no repository");
		return NULL;
	}
	struct databases *d = calloc(1, sizeof *d);
	if (d)
		d->items = calloc(count, sizeof *d->items);
	if (!d || !d->items)
		error_set(e, ERROR_SYSTEM, errno, "databases");
	if (d && d->items && sync_all(c, d, e) == 0)
		return d;
	databases_free(d);
	return NULL;
}

void databases_free(struct databases *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->count; i++)
		syncdb_free(d->items[i]);
	free(d->items);
	free(d);
}

const struct syncdb *databases_repo(const struct databases *d, const char *repo)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->items[i]->repo, repo) == 0)
			return d->items[i];
	return NULL;
}

const struct syncdb_package *databases_entry(
	const struct databases *d, const struct planned_package *p)
{
	const struct syncdb *db = databases_repo(d, p->repo);
	const struct syncdb_package *s = db ? syncdb_find(db, p->name) : NULL;
	if (!s || strcmp(s->version, p->version) != 0 || strcmp(s->filename, p->filename) != 0)
		return NULL;
	return s;
}

char *databases_names(const struct databases *d, struct error **e)
{
	auto_buf names = {0};
	for (size_t i = 0; i < d->count; i++)
		if (buf_printf(&names, e, "%s%s", i ? ", " : "", d->items[i]->repo) < 0)
			return NULL;
	return names.length ? buf_take(&names) : text_copy("", e);
}
