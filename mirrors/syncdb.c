/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/syncdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/tar.h"
#include "lib/text.h"
#include "lib/worker.h"
#include "mirrors/syncdb_desc.h"

enum { TYPE_DESC = WORKER_TYPE_FIRST, TYPE_UNREADABLE };
enum {
	PACKAGES_MAX = 100000,
	UNPACKED_MAX = 128 << 20,
	DESC_MAX = 256 * 1024,
	/* Silence of the worker; it has 128 MiB to look at in all. */
	TIMEOUT_MS = 120000,
};

/* The worker. Length of NAME-VERSION in "NAME-VERSION/desc" and where it begins; 0 for any other
 * path. */
static size_t directory_of(const struct tar_entry *entry, const char **at)
{
	*at = entry->path + (text_has_prefix(entry->path, "./") ? 2 : 0);
	const char *slash = strchr(*at, '/');
	if (entry->type != S_IFREG || !slash || strcmp(slash, "/desc") != 0)
		return 0;
	return (size_t)(slash - *at);
}

static int send_desc(struct worker_out *out, struct tar_reader *t, const struct tar_entry *entry,
	const char *directory, struct error **e)
{
	auto_buf text = BUF(DESC_MAX);
	auto_buf record = BUF(WORKER_RECORD_MAX);
	auto_error *unfit = NULL;
	if (entry->size > DESC_MAX)
		return worker_send(out, TYPE_UNREADABLE, NULL, 0, e);
	if (tar_reader_content(t, &text, e) < 0)
		return -1;
	/* It fails for a record past its limit, too: one more that cannot be read. */
	if (syncdb_desc_encode(directory, buf_text(&text), text.length, &record, &unfit) <= 0)
		return worker_send(out, TYPE_UNREADABLE, NULL, 0, e);
	return worker_send(out, TYPE_DESC, record.data, record.length, e);
}

static int send_descs(struct worker_out *out, struct tar_reader *t, struct error **e)
{
	struct tar_entry entry;
	bool any = false, desc = false;
	int got;
	while ((got = tar_reader_next(t, &entry, e)) > 0) {
		const char *at;
		size_t length = directory_of(&entry, &at);
		any = true;
		if (!length)
			continue;
		desc = true;
		char *auto_free directory = text_format(e, "%.*s", (int)length, at);
		if (!directory || send_desc(out, t, &entry, directory, e) < 0)
			return -1;
	}
	if (got == 0 && any && !desc)
		return error_set(e, ERROR_TRUST, 0, "no package database: it holds no desc");
	return got;
}

static int read_in_worker(struct worker_out *out, void *arg, struct error **e)
{
	const int *fd = arg;
	struct tar_reader *t = tar_reader_open(*fd, e);
	if (!t)
		return -1;
	tar_reader_limit(t, UNPACKED_MAX);
	int r = send_descs(out, t, e);
	tar_reader_free(t);
	return r;
}

/* The parent. */
struct collection {
	struct syncdb *db;
	size_t room;
	uint64_t bytes;
};

static int add_package(struct collection *c, struct syncdb_package *p, struct error **e)
{
	if (c->db->count == c->room) {
		size_t room = c->room ? c->room * 2 : 512;
		struct syncdb_package *more = realloc(c->db->packages, room * sizeof *more);
		if (!more) {
			syncdb_package_clear(p);
			return error_set(e, ERROR_SYSTEM, ENOMEM, "read database");
		}
		c->db->packages = more;
		c->room = room;
	}
	c->db->packages[c->db->count++] = *p;
	return 0;
}

static int take_record(struct collection *c, const struct worker_record *record, struct error **e)
{
	struct syncdb_package p;
	if (c->db->count + c->db->dropped >= PACKAGES_MAX)
		return error_set(e, ERROR_TRUST, 0, "more than %d packages", PACKAGES_MAX);
	c->bytes += record->length;
	if (c->bytes > UNPACKED_MAX)
		return error_set(e, ERROR_TRUST, 0, "more than %d bytes", UNPACKED_MAX);
	int got = 0;
	if (record->type == TYPE_DESC)
		got = syncdb_desc_decode(record->data, record->length, &p, e);
	else if (record->type != TYPE_UNREADABLE)
		return error_set(e, ERROR_TRUST, EBADMSG, "worker");
	if (got < 0)
		return -1;
	if (got > 0)
		return add_package(c, &p, e);
	c->db->dropped++;
	return 0;
}

static int by_name_then_place(const void *left, const void *right)
{
	const struct syncdb_package *const *a = left, *const *b = right;
	int order = strcmp((*a)->name, (*b)->name);
	return order ? order : (*a > *b) - (*a < *b);
}

/* Sorts by name; of two packages with one name the first in the file stays. */
static int sort_packages(struct syncdb *db, struct error **e)
{
	struct syncdb_package **order = calloc(db->count + 1, sizeof *order);
	struct syncdb_package *sorted = calloc(db->count + 1, sizeof *sorted);
	if (!order || !sorted) {
		free(order);
		free(sorted);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read database");
	}
	for (size_t i = 0; i < db->count; i++)
		order[i] = &db->packages[i];
	qsort(order, db->count, sizeof *order, by_name_then_place);
	size_t kept = 0;
	for (size_t i = 0; i < db->count; i++) {
		if (kept && strcmp(sorted[kept - 1].name, order[i]->name) == 0) {
			syncdb_package_clear(order[i]);
			db->dropped++;
		} else {
			sorted[kept++] = *order[i];
		}
	}
	free(order);
	free(db->packages);
	db->packages = sorted;
	db->count = kept;
	return 0;
}

static int read_records(struct syncdb *db, struct worker *w, struct error **e)
{
	struct collection c = {.db = db};
	struct worker_record record;
	int got;
	while ((got = worker_next(w, &record, TIMEOUT_MS, e)) > 0)
		if (take_record(&c, &record, e) < 0)
			return -1;
	if (got < 0)
		return -1;
	if (!db->count && db->dropped)
		return error_set(
			e, ERROR_TRUST, 0, "none of its %zu entries can be read", db->dropped);
	return sort_packages(db, e);
}

struct syncdb *syncdb_read(const char *repo, const struct fetched *f, struct error **e)
{
	int fd = fetched_fd(f);
	const struct worker_rights rights = {
		.unprivileged = true, .root = -1, .keep = &fd, .keep_count = 1};
	struct syncdb *db = calloc(1, sizeof *db);
	if (!db || !(db->repo = strdup(repo))) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "database %s", repo);
		syncdb_free(db);
		return NULL;
	}
	auto_worker *w = worker_start(&rights, read_in_worker, &fd, e);
	if (!w || read_records(db, w, e) < 0) {
		error_wrap(e, "database %s", repo);
		syncdb_free(db);
		return NULL;
	}
	return db;
}

static int name_order(const void *name, const void *package)
{
	return strcmp(name, ((const struct syncdb_package *)package)->name);
}

const struct syncdb_package *syncdb_find(const struct syncdb *db, const char *name)
{
	if (!db->count)
		return NULL;
	return bsearch(name, db->packages, db->count, sizeof *db->packages, name_order);
}

int64_t syncdb_newest(const struct syncdb *db)
{
	int64_t newest_s = 0;
	for (size_t i = 0; i < db->count; i++)
		if (db->packages[i].build_date > newest_s)
			newest_s = db->packages[i].build_date;
	return newest_s;
}

/* libalpm passes over entries of directories: they would be half of all. */
static int write_package(struct tar_writer *t, const struct syncdb_package *p, struct error **e)
{
	char *auto_free desc = text_format(e, "%s-%s/desc", p->name, p->version);
	if (!desc)
		return -1;
	return tar_writer_add(t, desc, p->desc, strlen(p->desc), e);
}

int syncdb_write(const struct syncdb *db, int fd, struct error **e)
{
	struct tar_writer *t = tar_writer_open(fd, e);
	int r = t ? 0 : -1;
	for (size_t i = 0; r == 0 && i < db->count; i++)
		r = write_package(t, &db->packages[i], e);
	if (r == 0)
		r = tar_writer_close(t, e);
	tar_writer_free(t);
	return r < 0 ? error_wrap(e, "write database %s", db->repo) : 0;
}

void syncdb_free(struct syncdb *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->count; i++)
		syncdb_package_clear(&db->packages[i]);
	free(db->packages);
	free(db->repo);
	free(db);
}
