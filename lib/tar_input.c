/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 128 * 1024 };

static la_ssize_t read_block(struct archive *a, void *arg, const void **data)
{
	struct tar_source *s = arg;
	ssize_t n;
	do
		n = s->seekable ? pread(s->fd, s->block, BLOCK_BYTES, (off_t)s->offset)
				: read(s->fd, s->block, BLOCK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		s->failed = errno;
		archive_set_error(a, errno, "read");
		return -1;
	}
	s->offset += (uint64_t)n;
	*data = s->block;
	return n;
}

/* Whose fault it was decides the code: the disk's, ours, or (nearly always) the archive's. */
static int broken(const struct tar_input *in, struct archive *a, struct error **e)
{
	/* From 3.8 on libarchive has words of its own for a stream that fails it. */
	if (in->stream_failed)
		a = in->filters;
	const char *why = archive_error_string(a);
	bool ahead = in->stream && !in->stream_failed;
	if (!ahead && in->source.failed)
		return error_set(e, ERROR_SYSTEM, in->source.failed, "read archive");
	if (archive_errno(a) == ENOMEM)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
	return error_set(e, ERROR_TRUST, 0, "broken archive: %s", why ? why : "no reason given");
}

/* ARCHIVE_WARN means: this libarchive would run an external program. */
static int enable_filters(struct archive *a, struct error **e)
{
	if (archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
		archive_read_support_filter_xz(a) == ARCHIVE_OK &&
		archive_read_support_filter_zstd(a) == ARCHIVE_OK)
		return 0;
	return error_set(e, ERROR_SYSTEM, 0, "this libarchive cannot read tar in gz, xz and zst");
}

static struct archive *new_archive(struct error **e)
{
	struct archive *a = archive_read_new();
	if (!a)
		error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
	return a;
}

static int begin(struct tar_input *in, int fd, struct error **e)
{
	*in = (struct tar_input){.source = {.fd = fd, .seekable = lseek(fd, 0, SEEK_CUR) >= 0}};
	in->source.block = malloc(BLOCK_BYTES);
	if (!in->source.block)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
	in->archive = new_archive(e);
	return in->archive ? 0 : -1;
}

static int enable_tar(struct tar_input *in, struct error **e)
{
	if (archive_read_support_format_tar(in->archive) == ARCHIVE_OK)
		return 0;
	return error_set(e, ERROR_SYSTEM, 0, "this libarchive cannot read tar");
}

/* Opens what has the filters. The descriptor counts as one, too. Compressed twice is a bomb, or a
 * mistake. */
static int open_filters(struct tar_input *in, struct archive *a, struct error **e)
{
	if (enable_filters(a, e) < 0)
		return -1;
	if (archive_read_open(a, &in->source, NULL, read_block, NULL) != ARCHIVE_OK)
		return broken(in, a, e);
	if (archive_filter_count(a) > 2)
		return error_set(e, ERROR_TRUST, 0, "the archive is compressed more than once");
	return 0;
}

int tar_input_open(struct tar_input *in, int fd, struct error **e)
{
	if (begin(in, fd, e) == 0 && enable_tar(in, e) == 0 &&
		open_filters(in, in->archive, e) == 0)
		return 0;
	tar_input_close(in);
	return -1;
}

static void look_for_header(struct tar_input *in)
{
	tar_header_look(&in->header, in->block_at, in->block.data, in->block.length);
}

static la_ssize_t read_stream(struct archive *a, void *arg, const void **data)
{
	struct tar_input *in = arg;
	in->block_at += in->block.length;
	in->block.length = 0;
	int got = tar_stream_next(in->stream, &in->block);
	if (got == 0)
		return 0;
	if (got < 0) {
		in->stream_failed = true;
		archive_set_error(a, archive_errno(in->filters), "read");
		return -1;
	}
	look_for_header(in);
	*data = in->block.data;
	return (la_ssize_t)in->block.length;
}

/* The filters alone, as what libarchive calls the raw format: one entry, the tar stream. */
static int open_raw(struct tar_input *in, struct archive *a, struct error **e)
{
	struct archive_entry *whole;
	if (archive_read_support_format_raw(a) != ARCHIVE_OK)
		return error_set(e, ERROR_SYSTEM, 0, "this libarchive cannot read raw streams");
	if (open_filters(in, a, e) < 0)
		return -1;
	return archive_read_next_header(a, &whole) == ARCHIVE_OK ? 0 : broken(in, a, e);
}

int tar_input_open_raw(struct tar_input *in, int fd, struct error **e)
{
	if (begin(in, fd, e) == 0 && open_raw(in, in->archive, e) == 0)
		return 0;
	tar_input_close(in);
	return -1;
}

static int open_ahead(struct tar_input *in, struct error **e)
{
	if (enable_tar(in, e) < 0)
		return -1;
	in->filters = new_archive(e);
	if (!in->filters || open_raw(in, in->filters, e) < 0)
		return -1;
	/* A thread in a read of a pipe could not be stopped. */
	in->stream = tar_stream_start(in->filters, in->source.seekable, e);
	if (!in->stream)
		return -1;
	if (archive_read_open(in->archive, in, NULL, read_stream, NULL) != ARCHIVE_OK)
		return broken(in, in->archive, e);
	return 0;
}

int tar_input_open_ahead(struct tar_input *in, int fd, struct error **e)
{
	if (begin(in, fd, e) == 0 && open_ahead(in, e) == 0)
		return 0;
	tar_input_close(in);
	return -1;
}

/* libarchive takes the end of the stream for the end of the archive. POSIX (pax, "ustar
 * Interchange Format") wants two blocks of zeros there: without one, something was cut off. */
static int check_end(const struct tar_input *in, struct error **e)
{
	uint64_t end = (uint64_t)archive_read_header_position(in->archive);
	if (tar_input_unpacked(in) < end + 512)
		return error_set(e, ERROR_TRUST, 0, "broken archive: it has no end mark");
	return 0;
}

int tar_input_next(struct tar_input *in, struct archive_entry **entry, struct error **e)
{
	*entry = NULL;
	/* All content was taken, its padding with it: here the entry begins. */
	tar_header_begin(&in->header, tar_input_unpacked(in));
	look_for_header(in);
	int got = archive_read_next_header(in->archive, entry);
	if (got == ARCHIVE_EOF)
		return check_end(in, e);
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return broken(in, in->archive, e);
	in->warnings += got == ARCHIVE_WARN;
	return 1;
}

mode_t tar_input_mode(const struct tar_input *in, struct archive_entry *entry)
{
	mode_t mode = archive_entry_perm(entry);
	uint64_t start = (uint64_t)archive_read_header_position(in->archive);
	if (!in->header.found || in->header.start != start)
		return mode;
	/* The header's bits for the group are the ACL's mask: more than the group's own. */
	if (archive_entry_acl_types(entry) & ARCHIVE_ENTRY_ACL_TYPE_ACCESS)
		return (in->header.mode & 07000) | (mode & 0777);
	return in->header.mode;
}

int tar_input_piece(struct tar_input *in, struct tar_piece *piece, struct error **e)
{
	la_int64_t offset;
	int got = archive_read_data_block(in->archive, &piece->data, &piece->size, &offset);
	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK)
		return broken(in, in->archive, e);
	piece->offset = offset;
	return 1;
}

static uint64_t position(const struct tar_input *in, int filter)
{
	la_int64_t at = archive_filter_bytes(in->archive, filter);
	return at > 0 ? (uint64_t)at : 0;
}

uint64_t tar_input_packed(const struct tar_input *in)
{
	return in->stream ? in->block.packed : position(in, -1);
}

uint64_t tar_input_unpacked(const struct tar_input *in)
{
	return position(in, 0);
}

void tar_input_close(struct tar_input *in)
{
	tar_stream_stop(in->stream);
	if (in->archive)
		archive_read_free(in->archive);
	if (in->filters)
		archive_read_free(in->filters);
	free(in->source.block);
	*in = (struct tar_input){.source = {.fd = -1}};
}
