/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: which bytes of a file are there, which are missing, and which of those
 * somebody is fetching. Pure. */
#ifndef MIRRORS_FETCH_PIECES_H
#define MIRRORS_FETCH_PIECES_H

#include "mirrors/fetch_meta.h"

/* [from, at) is there, [at, end) is missing. Pieces lie one behind the other without a gap, and all
 * but the last have something missing: a piece that was completed becomes one with the next. */
struct fetch_piece {
	uint64_t from, at, end;
	bool taken; /* a stream works on it */
};
struct fetch_pieces {
	struct fetch_piece items[FETCH_PIECES_MAX];
	size_t count;
};

/* The end of a file of unknown length. */
#define FETCH_END_UNKNOWN UINT64_MAX

/* One piece of which `have` bytes are there. total 0: not known. */
void fetch_pieces_one(struct fetch_pieces *p, uint64_t have, uint64_t total);
/* What a sidecar tells; -1 where it does not fit `total` or a file of `size` bytes. */
int fetch_pieces_from(struct fetch_pieces *p, const struct fetch_meta *m, uint64_t size) must_check;
/* The length is known now. */
void fetch_pieces_set_total(struct fetch_pieces *p, uint64_t total);
/* The first with something missing that nobody works on; NULL: none. */
struct fetch_piece *fetch_pieces_untaken(struct fetch_pieces *p);
/* The one that is being worked on at `at`; NULL: none. */
struct fetch_piece *fetch_pieces_at(struct fetch_pieces *p, uint64_t at);
/* `length` more bytes are there. The piece may be another, or none, afterwards. */
void fetch_pieces_advance(struct fetch_pieces *p, struct fetch_piece *piece, uint64_t length);
/* Cuts the longest missing range of `least` bytes or more, that is being worked on, in two; the
 * second half is the piece returned. NULL where there is none, or no room. */
struct fetch_piece *fetch_pieces_split(struct fetch_pieces *p, uint64_t least);
uint64_t fetch_pieces_have(const struct fetch_pieces *p);
bool fetch_pieces_complete(const struct fetch_pieces *p);

#endif
