/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several digests of the same bytes, made in one pass over them. */
#ifndef LIB_DIGEST_SET_H
#define LIB_DIGEST_SET_H

#include "lib/digest.h"

enum { DIGEST_KINDS = DIGEST_SHA1 + 1 };
/* Bit `1u << kind` for each kind wanted. */
struct digest_set;

struct digest_set *digest_set_new(unsigned kinds, struct error **e) must_check;
int digest_set_update(
	struct digest_set *s, const void *data, size_t length, struct error **e) must_check;
/* Feeds the bytes [from, to) of the file behind fd, by pread. ERROR_SYSTEM where it is shorter. */
int digest_set_range(
	struct digest_set *s, int fd, uint64_t from, uint64_t to, struct error **e) must_check;
/* Borrowed: to be copied before it is finished. NULL: that kind is not in the set. */
const struct digest *digest_set_get(const struct digest_set *s, enum digest_kind kind);
/* Lower-case hex of what was fed so far; the set may be fed on. */
int digest_set_hex(const struct digest_set *s, enum digest_kind kind, char hex[DIGEST_HEX_MAX],
	struct error **e) must_check;
void digest_set_free(struct digest_set *s);

#endif
