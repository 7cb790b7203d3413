/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: NAME.part, its sidecar NAME.part.meta, and how it becomes NAME. */
#ifndef MIRRORS_FETCH_PART_H
#define MIRRORS_FETCH_PART_H

#include "lib/digest.h"
#include "mirrors/fetch.h"

/* What the sidecar keeps, for files without a known hash: only the same version, by its ETag and
 * from the same URL, may be continued. */
struct fetch_meta {
	char *url, *etag;
	uint64_t total; /* 0: not known */
};
int fetch_meta_parse(const char *text, struct fetch_meta *to, struct error **e) must_check;
int fetch_meta_print(const struct fetch_meta *m, struct buf *to, struct error **e) must_check;
void fetch_meta_free(struct fetch_meta *m);

/* Where to go on with a part of `part_size` bytes. offset 0: anew. */
struct fetch_resume {
	uint64_t offset;
	const char *if_etag; /* borrowed from the meta */
};
struct fetch_resume fetch_resume_decide(const struct fetch_item *item, uint64_t part_size,
	const struct fetch_meta *meta, const char *url);

struct fetch_part {
	int dirfd; /* borrowed */
	const struct fetch_item *item; /* borrowed */
	char *name, *meta_name;
	int fd; /* -1: not open */
	uint64_t at; /* bytes it holds */
	uint64_t total; /* of the whole, where known */
	struct fetch_meta meta;
	struct digest *digest; /* of what it holds; only where a hash is known */
};

int fetch_part_init(struct fetch_part *p, int dirfd, const struct fetch_item *item,
	struct error **e) must_check;
/* Closes it. A part that the next run could not continue is removed with its sidecar. */
void fetch_part_free(struct fetch_part *p);
/* The body begins as `head` says: cut, or opened at its end with its bytes hashed again. `url` is
 * where it comes from. */
int fetch_part_begin(struct fetch_part *p, const struct http_head *head, const char *url,
	struct error **e) must_check;
int fetch_part_write(
	struct fetch_part *p, const void *data, size_t length, struct error **e) must_check;
/* Checks size and hash, renames it to NAME and hands out its descriptor. ERROR_TRUST for a wrong
 * hash: the part is then removed. */
struct fetched *fetch_part_finish(struct fetch_part *p, size_t mirror, struct error **e) must_check;
/* Begins from nothing. */
void fetch_part_discard(struct fetch_part *p);
/* 1: NAME, or a whole NAME.part, has the size and hash wanted and is *out; 0: fetch it. */
int fetch_part_adopt(struct fetch_part *p, struct fetched **out, struct error **e) must_check;

/* mirrors/fetched.c; takes the descriptor over when it succeeds. */
struct fetched *fetched_new(
	int *fd, const char *name, uint64_t size, size_t mirror, struct error **e) must_check;

/* Whether no other mirror would help. */
static inline bool fetch_failure_is_local(const struct error *failure)
{
	enum error_code code = error_code(failure);
	return code == ERROR_SPACE || code == ERROR_SYSTEM || code == ERROR_INTERRUPTED;
}

#endif
