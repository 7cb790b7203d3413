/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/databases.h"

#include <dirent.h>
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
#include "lib/path_inside.h"
#include "lib/text.h"
#include "lib/trusted_time.h"
#include "mirrors/observe.h"
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

/* Where new databases wait until all are good. Beside the old ones: they are renamed. */
static const char NEW_DIR[] = ".alarmstrap-new";

static int fetch_all(const struct packages_context *c, int dir, size_t first, struct fetched **out,
	struct error **e)
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
			.metadata = true,
			.preferred_plus = first ? first + 1 : 0};
	if (fetch_files(c->source, dir, items, conf->repo_count, out, e) < 0)
		return error_wrap(e, "databases");
	return 0;
}

struct syncdb *databases_read_old(const struct packages_context *c, const char *repo)
{
	auto_error *absent = NULL;
	char path[64];
	char *auto_free name = text_format(NULL, PACMAN_DB_PATH "/sync/%s.db", repo);
	int auto_fd fd = name ? path_open_inside(rootfs_fd(c->rootfs), name,
					O_RDONLY | O_NONBLOCK | O_NOCTTY, &absent)
			      : -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	struct fetched *f = fd >= 0 ? fetched_from_file(path, NULL) : NULL;
	struct syncdb *db = f ? syncdb_read(repo, f, NULL) : NULL;
	fetched_free(f);
	return db;
}

/* An older signature would make the new database a bad one to pacman in the root. */
static int keep_one(int from, int to, const char *repo, struct error **e)
{
	char name[NAME_MAX + 1], signature[NAME_MAX + 1];
	snprintf(name, sizeof name, "%s.db", repo);
	snprintf(signature, sizeof signature, "%s.db.sig", repo);
	if (unlinkat(to, signature, 0) < 0 && errno != ENOENT)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", signature);
	if (fchmodat(from, name, 0644, 0) < 0 || renameat(from, name, to, name) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", name);
	return 0;
}

static int check_all(const struct packages_context *c, struct fetched *const *files,
	const struct database_marks *marks, struct databases *d, struct error **e)
{
	for (size_t i = 0; i < c->conf->repo_count; i++)
		if (read_one(c, &c->conf->repos[i], files[i], d, e) < 0)
			return -1;
	return databases_judge(c, d, files, marks, e);
}

/* From the mirror that is `first`, or whoever stands in for it. */
static int sync_from(const struct packages_context *c, int new, size_t first,
	const struct database_marks *marks, struct databases *d, struct error **e)
{
	size_t count = c->conf->repo_count;
	struct fetched **auto_free files = calloc(count, sizeof(struct fetched *));
	if (!files)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "databases");
	int result = fetch_all(c, new, first, files, e);
	if (result == 0)
		result = check_all(c, files, marks, d, e);
	for (size_t i = 0; i < count; i++)
		fetched_free(files[i]);
	return result;
}

/* What a run left that was killed goes, too: only files lie there. */
static void remove_new(int dir)
{
	int fd = openat(dir, NEW_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *entry; entries && (entry = readdir(entries));)
		unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
	unlinkat(dir, NEW_DIR, AT_REMOVEDIR);
}

static int make_new(int dir, struct error **e)
{
	remove_new(dir);
	if (mkdirat(dir, NEW_DIR, 0700) < 0)
		return error_set(e, fd_error_code(errno), errno, "mkdir %s/sync/%s", PACMAN_DB_PATH,
			NEW_DIR);
	return path_open_dir(dir, NEW_DIR, e);
}

/* The next that may be asked for databases after `mirror`; their count where there is none. */
static size_t next_mirror(const struct mirrors *m, size_t mirror)
{
	do
		mirror++;
	while (mirror < mirrors_count(m) &&
		!(mirrors_is_https(m, mirror) && mirrors_serves(m, mirror, OBSERVE_REPO)));
	return mirror < mirrors_count(m) ? mirror : mirrors_count(m);
}

static void forget_all(struct databases *d)
{
	while (d->count)
		syncdb_free(d->items[--d->count]);
}

/* A mirror whose databases are refused is as bad as one that is silent: the next is asked, three at
 * most. Where all are, the first one's reason is told. */
static int sync_any(const struct packages_context *c, int dir, const struct database_marks *marks,
	struct databases *d, struct error **e)
{
	enum { MIRRORS_MAX = 3 };
	const struct mirrors *m = c->source->mirrors;
	auto_error *first_why = NULL;
	size_t mirror = 0;
	for (int i = 0; i < MIRRORS_MAX && mirror < mirrors_count(m); i++) {
		auto_error *why = NULL;
		int auto_fd new = make_new(dir, e);
		if (new < 0)
			return -1;
		if (sync_from(c, new, mirror, marks, d, &why) == 0)
			return 0;
		forget_all(d);
		mirror = next_mirror(m, mirror);
		bool last = error_code(why) != ERROR_TRUST || i + 1 == MIRRORS_MAX ||
			    mirror == mirrors_count(m);
		if (!last)
			report_note(c->report, "%s; another mirror is asked", error_message(why));
		if (!first_why || error_code(why) == ERROR_INTERRUPTED) {
			error_clear(&first_why);
			first_why = take(&why);
		}
		if (last)
			break;
	}
	if (e && !*e)
		*e = take(&first_why);
	return -1;
}

static int keep_all(const struct packages_context *c, int dir, struct error **e)
{
	int auto_fd new = path_open_dir(dir, NEW_DIR, e);
	if (new < 0)
		return -1;
	for (size_t i = 0; i < c->conf->repo_count; i++)
		if (keep_one(new, dir, c->conf->repos[i].name, e) < 0)
			return -1;
	return 0;
}

static int sync_all(
	const struct packages_context *c, bool keep, struct databases *d, struct error **e)
{
	auto_marks marks = {NULL, 0};
	int auto_fd dir = rootdir_open(rootfs_fd(c->rootfs), PACMAN_DB_PATH "/sync", e);
	if (dir < 0 || databases_recall(c, &marks, e) < 0)
		return -1;
	int result = sync_any(c, dir, &marks, d, e);
	if (result == 0 && keep && (result = keep_all(c, dir, e)) == 0)
		result = databases_remember(c, d, &marks, e);
	remove_new(dir);
	return result;
}

static struct databases *databases_new(size_t count, struct error **e)
{
	struct databases *d = calloc(1, sizeof *d);
	if (d)
		d->items = calloc(count + 1, sizeof *d->items);
	if (d && d->items)
		return d;
	error_set(e, ERROR_SYSTEM, errno, "databases");
	databases_free(d);
	return NULL;
}

static struct databases *fetch(const struct packages_context *c, bool keep, struct error **e)
{
	size_t count = c->conf->repo_count;
	if (count == 0) {
		error_set(e, ERROR_CONFIG, 0, "pacman.conf names no repository");
		return NULL;
	}
	struct databases *d = databases_new(count, e);
	if (d && sync_all(c, keep, d, e) == 0)
		return d;
	databases_free(d);
	return NULL;
}

struct databases *databases_sync(const struct packages_context *c, struct error **e)
{
	return fetch(c, true, e);
}

struct databases *databases_look(const struct packages_context *c, struct error **e)
{
	return fetch(c, false, e);
}

struct databases *databases_remembered(const struct packages_context *c, struct error **e)
{
	struct databases *d = databases_new(c->conf->repo_count, e);
	for (size_t i = 0; d && i < c->conf->repo_count; i++) {
		struct syncdb *db = databases_read_old(c, c->conf->repos[i].name);
		if (db)
			d->items[d->count++] = db;
	}
	return d;
}

size_t databases_count(const struct databases *d)
{
	return d->count;
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
