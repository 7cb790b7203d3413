/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sync database reader: `REPO.db` as a mirror sent it, read in a worker and written anew.
 *
 * libalpm parses a database with every format that libarchive knows, before anything is verified.
 * So it never sees the mirror's bytes: the worker reads them (tar in gz, xz or zst), checks every
 * desc field, and the parent writes what it got back as a plain tar. Entries that cannot be read
 * (ALARM has shipped one of all NUL bytes) are dropped and counted. Formats: pacman's db layout,
 * NAME-VERSION/desc with %FIELD% sections. */
#ifndef MIRRORS_SYNCDB_H
#define MIRRORS_SYNCDB_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"
#include "mirrors/fetch.h"

struct syncdb_package {
	char *name, *version, *filename, *arch;
	char *sha256; /* lower-case hex, NULL where absent */
	unsigned char *signature; /* %PGPSIG% decoded, NULL where absent */
	size_t signature_length;
	uint64_t packed_size; /* %CSIZE% */
	uint64_t installed_size;
	int64_t build_date;
	char *desc; /* the text to write into the new database: known fields only, re-formed */
};

struct syncdb {
	char *repo;
	struct syncdb_package *packages; /* sorted by name */
	size_t count;
	size_t dropped; /* entries that could not be read */
};

/* ERROR_TRUST for bytes that are no such database or break a limit. */
struct syncdb *syncdb_read(const char *repo, const struct fetched *f, struct error **e) must_check;
/* NULL where it is not there. */
const struct syncdb_package *syncdb_find(const struct syncdb *db, const char *name);
/* The newest BUILDDATE in it: a repository hardly ever takes its newest package back. 0: none. */
int64_t syncdb_newest(const struct syncdb *db);
/* As a plain tar that libalpm reads, to `fd`. */
int syncdb_write(const struct syncdb *db, int fd, struct error **e) must_check;
void syncdb_free(struct syncdb *db);

#endif
