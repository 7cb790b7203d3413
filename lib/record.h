/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records down a pipe from a child: typed, of bounded length, ended by a closing record.
 *
 * The reader treats every byte as foreign. Whoever ends without the closing record has failed,
 * whatever its exit status says. Used by lib/worker and by the child of packages/ that runs in the
 * environment. */
#ifndef LIB_RECORD_H
#define LIB_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* The most bytes one record carries. */
enum { RECORD_MAX = 256 * 1024 };
/* Smaller types belong to this file: the closing record and an error's. */
enum { RECORD_TYPE_FIRST = 16 };

struct record {
	uint32_t type;
	uint32_t length;
	const unsigned char *data; /* valid until the next call; NUL follows */
};

/* The child's end. */
int record_send(
	int fd, uint32_t type, const void *data, size_t length, struct error **e) must_check;
/* The last record: all went well, or `failure` as the reader gets it. */
int record_send_end(int fd, const struct error *failure, struct error **e) must_check;

/* The parent's end. `data` has room for RECORD_MAX + 1 bytes. */
struct record_reader {
	int fd;
	unsigned char *data;
	/* Asked at least four times a second while nothing comes; -1 with an error ends the wait.
	 * May be NULL. */
	int (*waiting)(void *arg, struct error **e);
	void *arg;
};
enum record_outcome {
	RECORD_FAILED = -1, /* bytes that are no record, or the wait was ended */
	RECORD_ENDED = 0, /* the child ended well */
	RECORD_GOT = 1,
	RECORD_CUT = 2, /* the pipe was closed between two records; no error is set */
	RECORD_UNWELL = 3, /* the child ended, and this is its error */
};
enum record_outcome record_next(
	const struct record_reader *r, struct record *record, struct error **e) must_check;

#endif
