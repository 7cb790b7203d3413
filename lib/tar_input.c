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
	struct tar_input *in = arg;
	ssize_t n;
	do
		n = in->seekable ? pread(in->fd, in->block, BLOCK_BYTES, (off_t)in->offset)
				 : read(in->fd, in->block, BLOCK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		in->failed = errno;
		archive_set_error(a, errno, "read");
		return -1;
	}
	in->offset += (uint64_t)n;
	*data = in->block;
	return n;
}

/* Whose fault it was decides the code: the disk's, ours, or (nearly always) the archive's. */
static int broken(const struct tar_input *in, struct error **e)
{
	const char *why = archive_error_string(in->archive);
	if (in->failed)
		return error_set(e, ERROR_SYSTEM, in->failed, "read archive");
	if (archive_errno(in->archive) == ENOMEM)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
	return error_set(e, ERROR_TRUST, 0, "broken archive: %s", why ? why : "no reason given");
}

/* ARCHIVE_WARN means: this libarchive would run an external program. */
static int enable(struct archive *a)
{
	return archive_read_support_format_tar(a) == ARCHIVE_OK &&
	       archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
	       archive_read_support_filter_xz(a) == ARCHIVE_OK &&
	       archive_read_support_filter_zstd(a) == ARCHIVE_OK;
}

int tar_input_open(struct tar_input *in, int fd, struct error **e)
{
	*in = (struct tar_input){.fd = fd, .seekable = lseek(fd, 0, SEEK_CUR) >= 0};
	in->archive = archive_read_new();
	in->block = malloc(BLOCK_BYTES);
	if (!in->archive || !in->block) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
		goto failed;
	}
	if (!enable(in->archive)) {
		error_set(e, ERROR_SYSTEM, 0, "this libarchive cannot read tar in gz, xz and zst");
		goto failed;
	}
	if (archive_read_open(in->archive, in, NULL, read_block, NULL) != ARCHIVE_OK) {
		broken(in, e);
		goto failed;
	}
	/* The descriptor counts as one filter. Compressed twice is a bomb, or a mistake. */
	if (archive_filter_count(in->archive) > 2) {
		error_set(e, ERROR_TRUST, 0, "the archive is compressed more than once");
		goto failed;
	}
	return 0;
failed:
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
	int got = archive_read_next_header(in->archive, entry);
	if (got == ARCHIVE_EOF)
		return check_end(in, e);
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return broken(in, e);
	in->warnings += got == ARCHIVE_WARN;
	return 1;
}

int tar_input_piece(struct tar_input *in, struct tar_piece *piece, struct error **e)
{
	la_int64_t offset;
	int got = archive_read_data_block(in->archive, &piece->data, &piece->size, &offset);
	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK)
		return broken(in, e);
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
	return position(in, -1);
}

uint64_t tar_input_unpacked(const struct tar_input *in)
{
	return position(in, 0);
}

void tar_input_close(struct tar_input *in)
{
	if (in->archive)
		archive_read_free(in->archive);
	free(in->block);
	in->archive = NULL;
	in->block = NULL;
}
