/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside packages/ahead: what its processes share, and what each of them does. */
#ifndef PACKAGES_AHEAD_WORK_H
#define PACKAGES_AHEAD_WORK_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/worker.h"

/* A package passes through them in this order; it leaves the row by AHEAD_OURS or AHEAD_FAILED,
 * after which libalpm unpacks the package itself. */
enum ahead_state {
	AHEAD_NOT_SENT,
	AHEAD_SENT, /* some worker will take it up */
	AHEAD_UNDER_WAY,
	AHEAD_READY,
	AHEAD_OURS, /* libalpm came first */
	AHEAD_FAILED,
};

/* In memory that all processes share. The workers may write it, but they unpack nothing that was
 * not verified. */
struct ahead_slot {
	_Atomic uint32_t state;
	_Atomic uint64_t bytes; /* written so far */
};

struct ahead_share {
	size_t count;
	struct ahead_slot slots[];
};

/* One order: its two descriptors, packed and plain, come with it. */
struct ahead_order {
	uint32_t index;
	uint64_t limit; /* of the plain file */
};

struct ahead_work {
	int orders; /* a SOCK_SEQPACKET socket; several workers wait at it, each order goes to one
		     */
	struct ahead_share *share;
};
/* The body of a worker: until nobody holds the other end any more. */
int ahead_work(struct worker_out *out, void *arg, struct error **e) must_check;

/* Moves a slot from one state to another, unless somebody else was quicker. */
static inline _Bool ahead_move(struct ahead_slot *s, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong(&s->state, &from, to);
}

#endif
