/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a file is, before it is fetched. */
#ifndef MIRRORS_FETCH_SIZE_H
#define MIRRORS_FETCH_SIZE_H

#include <stdint.h>

#include "lib/error.h"
#include "mirrors/fetch.h"

/* Asks the mirrors for the beginning of the file and takes the size that the first of them tells: 1
 * with *size, 0 where none tells, -1 with ERROR_INTERRUPTED. It is a mirror's word and good for
 * planning alone. */
int fetch_size(const struct fetch_source *s, const struct fetch_item *item, uint64_t *size,
	struct error **e) must_check;

#endif
