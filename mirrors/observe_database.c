/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/observe_database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "mirrors/observe.h"
#include "mirrors/syncdb.h"

/* The largest package would only be the one that a mirror's cache has forgotten. */
static const uint64_t SAMPLE_MAX_BYTES = 64 << 20;

int database_hash(const struct buf *body, char hex[DIGEST_HEX_MAX], struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	auto_digest *d = digest_new(DIGEST_SHA256, e);
	if (!d || digest_update(d, body->data, body->length, e) < 0 ||
		digest_finish(d, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(DIGEST_SHA256), hex);
	return 0;
}

static int take_facts(const struct syncdb *db, struct database_facts *facts, struct error **e)
{
	const struct syncdb_package *large = NULL;
	struct database_facts found = {.newest_s = syncdb_newest(db)};
	for (size_t i = 0; i < db->count; i++) {
		const struct syncdb_package *p = &db->packages[i];
		if (p->packed_size && p->packed_size <= SAMPLE_MAX_BYTES &&
			(!large || p->packed_size > large->packed_size))
			large = p;
	}
	if (large) {
		found.size = large->packed_size;
		found.file = text_copy(large->filename, e);
		if (!found.file)
			return -1;
	}
	*facts = found;
	return 0;
}

/* memfd_create(2) is of Linux 3.17, and Android has no /tmp. */
static int open_nameless(struct error **e)
{
	int fd = memfd_create("database", MFD_CLOEXEC);
	if (fd >= 0)
		return fd;
	FILE *file = tmpfile();
	fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1;
	if (fd < 0)
		error_set(e, fd_error_code(errno), errno, "temporary file");
	if (file)
		fclose(file);
	return fd;
}

int database_look(const struct buf *body, struct database_facts *facts, struct error **e)
{
	char path[64];
	int auto_fd fd = open_nameless(e);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int r = fd < 0 ? -1 : fd_write_all(fd, body->data, body->length, e);
	struct fetched *f = r < 0 ? NULL : fetched_from_file(path, e);
	struct syncdb *db = f ? syncdb_read(OBSERVE_REPO, f, e) : NULL;
	r = db ? take_facts(db, facts, e) : -1;
	syncdb_free(db);
	fetched_free(f);
	return r;
}

int database_facts_copy(
	struct database_facts *to, const struct database_facts *from, struct error **e)
{
	struct database_facts copy = *from;
	if (from->file && !(copy.file = text_copy(from->file, e)))
		return -1;
	*to = copy;
	return 0;
}

void database_facts_free(struct database_facts *f)
{
	free(f->file);
	f->file = NULL;
}
