/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/tar_input.h"

struct tar_reader {
	struct tar_input in;
	struct archive_entry *entry;
	uint64_t limit;
};

struct tar_reader *tar_reader_open(int fd, struct error **e)
{
	struct tar_reader *t = calloc(1, sizeof *t);
	if (!t) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
		return NULL;
	}
	t->limit = tar_limits_default.total_bytes;
	if (tar_input_open(&t->in, fd, e) < 0) {
		free(t);
		return NULL;
	}
	return t;
}

void tar_reader_limit(struct tar_reader *t, uint64_t unpacked_bytes)
{
	t->limit = unpacked_bytes;
}

static int check_limit(const struct tar_reader *t, struct error **e)
{
	if (tar_input_unpacked(&t->in) > t->limit)
		return error_set(e, ERROR_TRUST, 0, "unpacks to more than %llu bytes",
			(unsigned long long)t->limit);
	return 0;
}

/* What was not asked for is read here piece by piece: libarchive would skip it in one go, however
 * much it is, before the limit is looked at. */
static int skip_content(struct tar_reader *t, struct error **e)
{
	struct tar_piece piece;
	int got;
	while ((got = tar_input_piece(&t->in, &piece, e)) > 0)
		if (check_limit(t, e) < 0)
			return -1;
	return got;
}

int tar_reader_next(struct tar_reader *t, struct tar_entry *entry, struct error **e)
{
	if (t->entry && skip_content(t, e) < 0)
		return -1;
	int got = tar_input_next(&t->in, &t->entry, e);
	if (got <= 0) {
		t->entry = NULL;
		return got;
	}
	if (check_limit(t, e) < 0)
		return -1;
	const char *path = archive_entry_pathname(t->entry);
	int64_t size = archive_entry_size(t->entry);
	if (!path || size < 0)
		return error_set(e, ERROR_TRUST, 0, "broken archive: entry without name or size");
	*entry = (struct tar_entry){path, archive_entry_filetype(t->entry), (uint64_t)size};
	return 1;
}

/* Holes of sparse files are zeros; the buffer's limit bounds them. */
static int append_at(struct buf *to, size_t start, const struct tar_piece *p, struct error **e)
{
	static const char zeros[4096];
	while (to->length - start < (uint64_t)p->offset) {
		uint64_t gap = (uint64_t)p->offset - (to->length - start);
		if (buf_append(to, zeros, gap < sizeof zeros ? gap : sizeof zeros, e) < 0)
			return -1;
	}
	return buf_append(to, p->data, p->size, e);
}

int tar_reader_content(struct tar_reader *t, struct buf *to, struct error **e)
{
	size_t start = to->length;
	size_t limit = to->limit ? to->limit : BUF_LIMIT;
	uint64_t size = (uint64_t)archive_entry_size(t->entry);
	if (size > limit - start)
		return error_set(e, ERROR_TRUST, 0, "%s: %llu bytes are too many",
			archive_entry_pathname(t->entry), (unsigned long long)size);
	struct tar_piece piece;
	int got;
	while ((got = tar_input_piece(&t->in, &piece, e)) > 0)
		if (check_limit(t, e) < 0 || append_at(to, start, &piece, e) < 0)
			return -1;
	if (got < 0)
		return -1;
	piece = (struct tar_piece){"", 0, (int64_t)size};
	return append_at(to, start, &piece, e);
}

int tar_decompress(int fd, struct buf *to, struct error **e)
{
	struct tar_input in;
	struct tar_piece piece;
	int got;
	if (tar_input_open_raw(&in, fd, e) < 0)
		return -1;
	while ((got = tar_input_piece(&in, &piece, e)) > 0)
		if (buf_append(to, piece.data, piece.size, e) < 0) {
			got = -1;
			break;
		}
	tar_input_close(&in);
	return got;
}

void tar_reader_free(struct tar_reader *t)
{
	if (!t)
		return;
	tar_input_close(&t->in);
	free(t);
}
