/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many pieces of work, none of which waits for another, on all cores. */
#ifndef LIB_PARALLEL_H
#define LIB_PARALLEL_H

#include <stddef.h>

#include "lib/error.h"

struct parallel {
	/* Piece `index`, in any thread. */
	int (*work)(void *arg, size_t index, struct error **e);
	/* In the caller's thread, about ten times a second and once at the end: how many pieces are
	 * done. -1 ends it all. May be NULL. */
	int (*tick)(void *arg, size_t done, struct error **e);
	void *arg;
};

/* Does pieces 0 to count - 1, begun in this order. After a failure no further piece is begun; the
 * error is that of the first piece, in their order, that failed. Where threads cannot be had the
 * caller's does it all. */
int parallel_run(const struct parallel *p, size_t count, struct error **e) must_check;

#endif
