/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reading end that tar_reader and tar_extract share: libarchive with one format and three
 * filters, over a descriptor. For lib/tar*.c only. */
#ifndef LIB_TAR_INPUT_H
#define LIB_TAR_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct archive;
struct archive_entry;

struct tar_input {
	struct archive *archive;
	unsigned char *block;
	int fd; /* borrowed */
	int failed; /* errno of a read that failed */
	bool seekable;
	uint64_t offset;
	uint64_t warnings; /* headers of which some part could not be read */
};

/* A regular file is read from its start by pread, whatever its offset; anything else by read. */
int tar_input_open(struct tar_input *in, int fd, struct error **e) must_check;
/* As tar_reader_next. */
int tar_input_next(struct tar_input *in, struct archive_entry **entry, struct error **e) must_check;
/* The next piece of the entry's content and where it belongs: 1, or 0 at its end. */
struct tar_piece {
	const void *data;
	size_t size;
	int64_t offset;
};
int tar_input_piece(struct tar_input *in, struct tar_piece *piece, struct error **e) must_check;
/* Bytes of the archive as packed, and of the tar stream in it, that were consumed so far. */
uint64_t tar_input_packed(const struct tar_input *in);
uint64_t tar_input_unpacked(const struct tar_input *in);
void tar_input_close(struct tar_input *in);

#endif
