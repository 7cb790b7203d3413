/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_pieces.h"

#include <string.h>

void fetch_pieces_one(struct fetch_pieces *p, uint64_t have, uint64_t total)
{
	*p = (struct fetch_pieces){.count = 1};
	p->items[0] = (struct fetch_piece){0, have, total ? total : FETCH_END_UNKNOWN, false};
}

/* A piece begins where the one before it ends: the first has what is there from 0 on. */
int fetch_pieces_from(struct fetch_pieces *p, const struct fetch_meta *m, uint64_t size)
{
	struct fetch_pieces to = {.count = 0};
	uint64_t total = m->total ? m->total : FETCH_END_UNKNOWN;
	if (!m->have_count || m->have[m->have_count - 1].end > (size < total ? size : total))
		return -1;
	if (m->have[0].from)
		to.items[to.count++] = (struct fetch_piece){0, 0, m->have[0].from, false};
	for (size_t i = 0; i < m->have_count; i++) {
		bool last = i + 1 == m->have_count;
		if (to.count == FETCH_PIECES_MAX)
			return -1;
		to.items[to.count++] = (struct fetch_piece){
			m->have[i].from, m->have[i].end, last ? total : m->have[i + 1].from, false};
	}
	*p = to;
	return 0;
}

void fetch_pieces_set_total(struct fetch_pieces *p, uint64_t total)
{
	p->items[p->count - 1].end = total;
}

struct fetch_piece *fetch_pieces_untaken(struct fetch_pieces *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (!p->items[i].taken && p->items[i].at < p->items[i].end)
			return &p->items[i];
	return NULL;
}

struct fetch_piece *fetch_pieces_at(struct fetch_pieces *p, uint64_t at)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].taken && p->items[i].at == at && at < p->items[i].end)
			return &p->items[i];
	return NULL;
}

static void remove_piece(struct fetch_pieces *p, size_t i)
{
	p->count--;
	memmove(&p->items[i], &p->items[i + 1], (p->count - i) * sizeof *p->items);
}

void fetch_pieces_advance(struct fetch_pieces *p, struct fetch_piece *piece, uint64_t length)
{
	size_t i = (size_t)(piece - p->items);
	piece->at += length;
	while (piece->at == piece->end && i + 1 < p->count) {
		const struct fetch_piece *next = piece + 1;
		*piece = (struct fetch_piece){piece->from, next->at, next->end, next->taken};
		remove_piece(p, i + 1);
	}
	if (piece->at == piece->end)
		piece->taken = false;
}

struct fetch_piece *fetch_pieces_split(struct fetch_pieces *p, uint64_t least)
{
	struct fetch_piece *longest = NULL;
	if (p->count == FETCH_PIECES_MAX)
		return NULL;
	for (size_t i = 0; i < p->count; i++) {
		struct fetch_piece *one = &p->items[i];
		if (!one->taken || one->end == FETCH_END_UNKNOWN || one->end - one->at < least)
			continue;
		if (!longest || one->end - one->at > longest->end - longest->at)
			longest = one;
	}
	if (!longest)
		return NULL;
	size_t i = (size_t)(longest - p->items);
	uint64_t middle = longest->at + (longest->end - longest->at) / 2;
	memmove(longest + 2, longest + 1, (p->count - i - 1) * sizeof *longest);
	longest[1] = (struct fetch_piece){middle, middle, longest->end, false};
	longest->end = middle;
	p->count++;
	return longest + 1;
}

uint64_t fetch_pieces_have(const struct fetch_pieces *p)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < p->count; i++)
		sum += p->items[i].at - p->items[i].from;
	return sum;
}

bool fetch_pieces_complete(const struct fetch_pieces *p)
{
	return p->count == 1 && p->items[0].at == p->items[0].end;
}
