/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive's bytes, decompressed in a thread of its own ahead of whoever reads them, or in the
 * reader's own where there is none.
 *
 * Decompression takes most of an extraction's time and cannot be divided; so it gets a core for
 * itself, and entries are written meanwhile on another. Blocks come in order and their borders
 * depend on the archive alone, so that errors do, too: all but the last are of TAR_STREAM_BLOCK
 * bytes. For lib/tar*.c only. */
#ifndef LIB_TAR_STREAM_H
#define LIB_TAR_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct archive;
struct tar_stream;

enum { TAR_STREAM_BLOCK = 256 * 1024 }; /* of whole tar blocks: no header lies across a border */

struct tar_stream_block {
	const unsigned char *data;
	size_t length;
	uint64_t packed; /* bytes of the archive that it and all before it came from */
};

/* `archive` is open in libarchive's raw format; it is the stream's until tar_stream_stop. Without
 * `ahead`, or where a process may have no thread, tar_stream_next does the work. */
struct tar_stream *tar_stream_start(
	struct archive *archive, bool ahead, struct error **e) must_check;
/* 1: a block, valid until the next call; 0: the end; -1: archive_error_string(archive) says why,
 * and after an error or the end there is nothing more. */
int tar_stream_next(struct tar_stream *s, struct tar_stream_block *block) must_check;
/* Waits for the thread, which does not wait for anything but a read of the archive. */
void tar_stream_stop(struct tar_stream *s);

#endif
