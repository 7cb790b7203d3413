/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: NAME.part, its sidecar NAME.part.meta, and how it becomes NAME. */
#ifndef MIRRORS_FETCH_PART_H
#define MIRRORS_FETCH_PART_H

#include "lib/digest_set.h"
#include "mirrors/fetch.h"
#include "mirrors/fetch_meta.h"
#include "mirrors/fetch_pieces.h"

/* How to go on with a part of `have` bytes at `url`. */
struct fetch_resume {
	bool anew; /* what is there is of no use */
	const char *if_etag; /* borrowed from the meta */
};
/* `alike`: the mirror of `url` holds the version that the item names. */
struct fetch_resume fetch_resume_decide(const struct fetch_item *item, uint64_t have,
	const struct fetch_meta *meta, const char *url, bool alike);

struct fetch_part {
	int dirfd; /* borrowed */
	const struct fetch_item *item; /* borrowed */
	char *name, *meta_name;
	int fd; /* -1: not open */
	struct fetch_pieces pieces;
	uint64_t total; /* of the whole, where known */
	struct fetch_meta meta;
	size_t meta_length; /* of the sidecar's file */
	uint64_t unsaved, unsynced; /* bytes since the sidecar was written, since the last sync */
	struct digest_set *digests; /* of the first `hashed` bytes */
	uint64_t hashed;
};

int fetch_part_init(struct fetch_part *p, int dirfd, const struct fetch_item *item,
	struct error **e) must_check;
/* Closes it. A part that the next run could not continue is removed with its sidecar. */
void fetch_part_free(struct fetch_part *p);
/* Whether the body is the whole file, and what is there of it goes. */
bool fetch_part_begins_anew(const struct fetch_part *p, const struct http_head *head);
/* A body begins as `head` says. `url` is where it comes from. */
int fetch_part_begin(struct fetch_part *p, const struct http_head *head, const char *url,
	struct error **e) must_check;
/* As many of the bytes for *at as the piece there wants; *at moves on. */
int fetch_part_write(struct fetch_part *p, uint64_t *at, const void *data, size_t length,
	struct error **e) must_check;
/* Checks size and hash, renames it to NAME and hands out its descriptor. ERROR_TRUST for a wrong
 * hash: the part is then removed. */
struct fetched *fetch_part_finish(struct fetch_part *p, size_t mirror, struct error **e) must_check;
/* Begins from nothing. */
void fetch_part_discard(struct fetch_part *p);
/* 1: NAME, or a whole NAME.part, has the size and hash wanted and is *out; 0: fetch it. */
int fetch_part_adopt(struct fetch_part *p, struct fetched **out, struct error **e) must_check;

/* mirrors/fetch_sidecar.c. */
void fetch_part_read_meta(struct fetch_part *p, uint64_t size);
/* A body from `url` begins the part. */
int fetch_part_new_meta(struct fetch_part *p, const struct http_head *head, const char *url,
	struct error **e) must_check;
/* `length` more bytes were written: syncs and saves where it is time to. */
int fetch_part_wrote(struct fetch_part *p, size_t length, struct error **e) must_check;
int fetch_part_save(struct fetch_part *p, struct error **e) must_check;
bool fetch_etag_is_strong(const char *etag);

/* mirrors/fetched.c; takes the descriptor and the digests over when it succeeds. */
struct fetched *fetched_new(
	int *fd, const char *name, uint64_t size, size_t mirror, struct error **e) must_check;
void fetched_set_digests(struct fetched *f, struct digest_set **digests);

/* Whether no other mirror would help. */
static inline bool fetch_failure_is_local(const struct error *failure)
{
	enum error_code code = error_code(failure);
	return code == ERROR_SPACE || code == ERROR_SYSTEM || code == ERROR_INTERRUPTED;
}

#endif
