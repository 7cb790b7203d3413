/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files from the mirrors: tried in order, resumed, counted; and the descriptor that comes of it.
 *
 * `struct fetched` owns an open file whose bytes came from a mirror and are trusted by nobody yet.
 * The only way on is mirrors/verified. */
#ifndef MIRRORS_FETCH_H
#define MIRRORS_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/error.h"
#include "lib/http.h"
#include "lib/report.h"
#include "mirrors/mirrors.h"

struct fetched;

struct fetch_source {
	const struct mirrors *mirrors;
	const struct http_settings *http;
	struct report *report; /* progress of the whole; may be NULL */
};

struct fetch_item {
	const char *repo; /* NULL: os/ */
	const char *file; /* "core.db", "lxc-….pkg.tar.zst" */
	uint64_t limit; /* most bytes */
	uint64_t size; /* exact size where known, else 0 */
	const char *sha256; /* lower-case hex where known: decides over mirrors; else NULL */
	bool metadata; /* https only (databases, signatures) */
	/* Absence is not an error: the product is then NULL. The first mirror that says 404
	 * decides. */
	bool optional;
	/* Bits 1u << DIGEST_…: made while the file is written, for fetched_digest. */
	unsigned digests;
	/* Names the content (the digest of its signature, say), and bit i of `alike` says that the
	 * i-th mirror holds just that: it may be continued there, and fetched from several of them
	 * at once. They are asked before the others. NULL, 0: not known. sha256 needs neither. */
	const char *version;
	uint64_t alike;
	uint64_t preferred_plus; /* 1 + index of the mirror to ask first; 0: in order */
};

/* Fetches the items into the directory `dirfd` under their own names: NAME.part while under way,
 * renamed when whole (and, with sha256, matching). A NAME that is there already with the right size
 * and sha256 is not fetched again. out[i] is set for each. On error the finished files stay, and
 * parts that the next run can continue.
 *
 * A file that fails at one mirror goes to the next; a mirror that fails twice in a row goes to the
 * end of everybody's queue. Errors: ERROR_NETWORK with every mirror's reason (errno ENOENT where
 * all lack the file: a half-synced mirror's database), ERROR_TRUST for wrong hashes, ERROR_SPACE,
 * ERROR_INTERRUPTED. */
int fetch_files(const struct fetch_source *s, int dirfd, const struct fetch_item *items,
	size_t count, struct fetched **out, struct error **e) must_check;

/* The same, told as it goes: `done` is called once for each item as soon as it is whole, in any
 * order, while others are still under way; a file that was there already is among them. It may take
 * *file over (setting it NULL); what it leaves is closed. *file is NULL for an optional item that
 * is absent. It returns 0; or -1 with ERROR_TRUST where the file is not what it should be: it is
 * then removed, its mirror blamed, and asked of another, three times at most; or -1 with another
 * error, which ends the run. It is to be quick: meanwhile nothing is written. */
struct fetch_listener {
	int (*done)(void *arg, size_t index, struct fetched **file, struct error **e);
	void *arg;
};
int fetch_each(const struct fetch_source *s, int dirfd, const struct fetch_item *items,
	size_t count, const struct fetch_listener *listener, struct error **e) must_check;
/* A small file (a signature, a checksum) appended to `to`. *mirror is the index to ask first
 * (SIZE_MAX: in order), then the one it came from; preferred_plus and sha256 are not looked at.
 * 1: got it; 0: no mirror has it (for an optional one: the first that answered); -1: error. */
int fetch_small(const struct fetch_source *s, const struct fetch_item *item, struct buf *to,
	size_t *mirror, struct error **e) must_check;

/* Borrowed; positioned anywhere, use pread. */
int fetched_fd(const struct fetched *f);
const char *fetched_name(const struct fetched *f);
uint64_t fetched_size(const struct fetched *f);
/* Which mirror the last byte came from; 0 for a file that was there already. */
size_t fetched_mirror(const struct fetched *f);
/* Of all its bytes, as they were written; to be copied before it is finished. NULL: not made. */
const struct digest *fetched_digest(const struct fetched *f, enum digest_kind kind);
/* For a file of the user's own (bootstrap --from FILE): as unverified as any. */
struct fetched *fetched_from_file(const char *path, struct error **e) must_check;
/* Whether somebody but root and us could change its bytes: by its owner and mode. */
bool fetched_others_may_write(const struct fetched *f);
/* The same bytes in a file of ours without a name, on the filesystem of `dirfd`. */
struct fetched *fetched_copy(
	const struct fetched *f, int dirfd, struct report *report, struct error **e) must_check;
void fetched_free(struct fetched *f);

#endif
