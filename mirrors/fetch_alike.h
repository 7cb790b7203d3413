/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mirrors hold the same version of a file whose name tells none ("-latest"): those whose
 * signatures of it are the same, byte for byte. */
#ifndef MIRRORS_FETCH_ALIKE_H
#define MIRRORS_FETCH_ALIKE_H

#include "lib/digest.h"
#include "mirrors/fetch.h"

enum { FETCH_ALIKE_MAX = 3 };
struct fetch_alike {
	struct buf signature;
	uint64_t mirrors; /* bits */
	size_t first; /* the first of them */
	char version[DIGEST_HEX_MAX]; /* the signature's SHA-256 */
};
/* Asks the first mirrors that speak https for `item` (the signature), all at once, and waits for
 * the late ones no longer than a second after the first. The versions found, those that most
 * mirrors have first; none where none of them answered well. */
int fetch_alike(const struct fetch_source *s, const struct fetch_item *item,
	struct fetch_alike found[FETCH_ALIKE_MAX], size_t *count, struct error **e) must_check;
void fetch_alike_free(struct fetch_alike *found, size_t count);

#endif
