/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reading end that tar_reader and tar_extract share: libarchive with one format and three
 * filters, over a descriptor. For lib/tar*.c only. */
#ifndef LIB_TAR_INPUT_H
#define LIB_TAR_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/tar_header.h"
#include "lib/tar_stream.h"

struct archive;
struct archive_entry;

struct tar_source {
	unsigned char *block;
	int fd; /* borrowed */
	int failed; /* errno of a read that failed */
	bool seekable;
	uint64_t offset;
};

struct tar_input {
	struct archive *archive; /* reads entries */
	uint64_t warnings; /* headers of which some part could not be read */
	/* Where another thread decompresses, `source` and `filters` are its alone. */
	struct tar_source source;
	/* Of tar_input_open_ahead. */
	struct archive *filters;
	struct tar_stream *stream; /* what comes of them */
	bool stream_failed; /* its thread is through: source.failed may be looked at */
	struct tar_stream_block block; /* the stream's that is looked at */
	uint64_t block_at; /* where in the stream it begins */
	struct tar_header header; /* of the entry */
};

/* A regular file is read from its start by pread, whatever its offset; anything else by read. */
int tar_input_open(struct tar_input *in, int fd, struct error **e) must_check;
/* The same with a regular file decompressed in a thread of its own, where there can be one: for
 * whoever has work to do between pieces, and asks for modes. `in` stays where it is until
 * tar_input_close. */
int tar_input_open_ahead(struct tar_input *in, int fd, struct error **e) must_check;
/* The stream inside without its entries: for tar_input_piece. */
int tar_input_open_raw(struct tar_input *in, int fd, struct error **e) must_check;
/* As tar_reader_next. Where it fails, `*entry` is what was understood of it, or NULL. */
int tar_input_next(struct tar_input *in, struct archive_entry **entry, struct error **e) must_check;
/* 07777 of the entry's mode, after tar_input_open_ahead: of its own header, but read, write and
 * execute as an access ACL has them, should it have one. */
mode_t tar_input_mode(const struct tar_input *in, struct archive_entry *entry);
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
