/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tar archives by libarchive: read entry by entry, extracted with suspicion, written plainly.
 *
 * Only tar inside gzip, xz, zstd or nothing is understood: the memory errors of recent years lie in
 * libarchive's other formats. Everything here is meant to run in a worker. */
#ifndef LIB_TAR_H
#define LIB_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

/* Descriptors of regular files are read from their start, wherever their offset stands, and leave
 * it alone. LC_CTYPE must be C or of UTF-8: names then come as the bytes in the archive.
 *
 * Reading. The fields are foreign bytes; path is as it stands in the archive. */
struct tar_entry {
	const char *path;
	mode_t type; /* S_IFREG, S_IFDIR, … */
	uint64_t size;
};
struct tar_reader;
struct tar_reader *tar_reader_open(int fd, struct error **e) must_check;
/* ERROR_TRUST once the tar stream is longer than this; 16 GiB unless told. */
void tar_reader_limit(struct tar_reader *t, uint64_t unpacked_bytes);
/* 1: an entry (valid until the next call), 0: the end, -1: broken. */
int tar_reader_next(struct tar_reader *t, struct tar_entry *entry, struct error **e) must_check;
/* The whole content of the current entry into `to`; ERROR_TRUST where its limit is too small. */
int tar_reader_content(struct tar_reader *t, struct buf *to, struct error **e) must_check;
void tar_reader_free(struct tar_reader *t);

/* Extraction into the current directory, which is empty and the root of a chroot of ours. A regular
 * file is decompressed in a thread of its own. The error is always that of the first entry at
 * fault. Refused with ERROR_TRUST: absolute paths, "..", a path through a symlink, a second entry
 * of another type at the same path, a hard link to anything but an earlier regular file of this
 * archive, anything past the limits. Skipped and counted: device nodes, FIFOs and sockets. Owners
 * are numeric. Kept extended attributes: security.capability, user.*, POSIX ACLs. */
struct tar_limits {
	uint64_t entries; /* 500,000 */
	uint64_t total_bytes; /* 16 GiB, holes counted */
	uint64_t file_bytes; /* 4 GiB */
	uint64_t ratio; /* unpacked : packed, 40 */
	uint64_t attribute_bytes; /* 64 KiB */
};
extern const struct tar_limits tar_limits_default;

struct tar_extracted {
	uint64_t entries, bytes; /* unpacked */
	uint64_t read_bytes; /* of the archive so far */
	uint64_t skipped_nodes; /* devices, FIFOs, sockets */
	uint64_t dropped_attributes; /* not of the kept kinds, or refused by the filesystem */
	uint64_t dropped_capabilities; /* of these, security.capability: programs lose rights */
};
/* Called now and then, and once at the end. -1 ends the extraction. */
typedef int tar_progress(void *arg, const struct tar_extracted *so_far, struct error **e);
int tar_extract(int fd, const struct tar_limits *limits, tar_progress *progress, void *arg,
	struct error **e) must_check;

/* What a single file holds that is packed by gzip, xz or zstd or not at all, appended to `to`; its
 * limit holds. ERROR_TRUST for broken and for empty ones. */
int tar_decompress(int fd, struct buf *to, struct error **e) must_check;

/* The stream inside a file that gzip, xz or zstd packed, written to `to` as it is: 1, or 0 for a
 * file that is not packed. `advanced` is told the bytes written so far; -1 ends it, may be NULL.
 * ERROR_TRUST for more than `limit` bytes and for what is broken, cut off or packed twice. */
typedef int tar_plain_advanced(void *arg, uint64_t written_bytes, struct error **e);
struct tar_plain {
	int from, to;
	uint64_t limit;
	tar_plain_advanced *advanced;
	void *arg;
};
int tar_plain(const struct tar_plain *p, struct error **e) must_check;

/* Writing a plain tar of small regular files, and of directories (paths that end in "/"): no
 * owners, no dates, so the same input gives the same bytes. */
struct tar_writer;
struct tar_writer *tar_writer_open(int fd, struct error **e) must_check;
int tar_writer_add(struct tar_writer *t, const char *path, const void *data, size_t length,
	struct error **e) must_check;
int tar_writer_close(struct tar_writer *t, struct error **e) must_check;
void tar_writer_free(struct tar_writer *t);

#endif
