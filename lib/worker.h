/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child that touches the network or parses untrusted bytes, and may do little else.
 *
 * It sends records down a pipe: typed, of bounded length. The parent reads them as it reads any
 * foreign data: it checks type, length and range, writes to disk and hashes itself, so that a
 * broken worker cannot lie about what lies on disk. A worker that ends without its closing record
 * has failed, whatever its exit status. */
#ifndef LIB_WORKER_H
#define LIB_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/record.h"

/* The most bytes one record carries. */
enum { WORKER_RECORD_MAX = RECORD_MAX };

/* Record types of a worker's own start here; smaller ones belong to this file. */
enum { WORKER_TYPE_FIRST = RECORD_TYPE_FIRST };

struct worker_rights {
	/* Become user and group 65534 with no capability. Android's 3003 (aid_inet) stays as a
	 * group where `network` is set, else a socket is refused there. */
	bool unprivileged;
	bool network; /* false: an empty network namespace where the kernel has them */
	/* Descriptor of a directory to chroot into, -1: none. Before privileges are dropped. */
	int root;
	/* Capabilities kept, as a mask of 1ULL << CAP_X, when not `unprivileged`. 0: all. */
	uint64_t capabilities;
	/* Descriptors kept open besides stdio and the pipe. */
	const int *keep;
	size_t keep_count;
};

struct worker_out; /* the child's end */
struct worker; /* the parent's end */

/* The child's work: 0, or -1 with an error, which the parent then gets as its own. */
typedef int worker_body(struct worker_out *out, void *arg, struct error **e);

/* Child: sends one record; type >= WORKER_TYPE_FIRST. */
int worker_send(struct worker_out *out, uint32_t type, const void *data, size_t length,
	struct error **e) must_check;

/* Parent: starts the child. NULL on error. Every worker ends in worker_free, which kills it where
 * it still runs. */
struct worker *worker_start(const struct worker_rights *rights, worker_body *body, void *arg,
	struct error **e) must_check;

struct worker_record {
	uint32_t type;
	uint32_t length;
	const unsigned char *data; /* valid until the next call; NUL follows */
};
/* 1: a record; 0: the worker finished well; -1: it failed, or ERROR_INTERRUPTED, or no record came
 * in `timeout_ms` (0: no limit). */
int worker_next(struct worker *w, struct worker_record *record, int timeout_ms,
	struct error **e) must_check;
/* Readable when worker_next would not wait. Borrowed. */
int worker_fd(const struct worker *w);
void worker_free(struct worker *w);
void worker_cleanup(struct worker **w);
#define auto_worker __attribute__((cleanup(worker_cleanup))) struct worker

#endif
