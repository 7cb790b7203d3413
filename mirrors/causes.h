/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why several mirrors failed, each cause told once: a link that is down is one cause and not
 * thirteen. */
#ifndef MIRRORS_CAUSES_H
#define MIRRORS_CAUSES_H

#include "lib/text.h"

struct cause;

/* Zero-initialised is empty. */
struct causes {
	struct cause *items;
	size_t count;
};

/* `base` is the mirror's URL; messages that differ in it, or in its host, alone are one cause. */
int causes_add(
	struct causes *c, const char *base, const char *message, struct error **e) must_check;
/* "connect to a: Connection refused (and 12 others likewise); …", the first come first. */
int causes_tell(const struct causes *c, struct buf *to, struct error **e) must_check;
void causes_free(struct causes *c);
#define auto_causes __attribute__((cleanup(causes_free))) struct causes

#endif
