/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: the sidecar NAME.part.meta, by which a part is continued after a kill, a
 * power cut and a reboot.
 *
 * Lines "KEY VALUE", the last "end"; blank ones after it are padding. url, etag: where the part is
 * from, and of which version. version: the item's own name for its content. total: bytes of the
 * whole, 0 unknown. boot: the kernel's boot_id. Within the same boot what was written is there;
 * after another boot only what was synced. have: a range that is there, for a part in several
 * pieces. */
#ifndef MIRRORS_FETCH_META_H
#define MIRRORS_FETCH_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"

enum { FETCH_PIECES_MAX = 16, FETCH_META_SIZE_MAX = 16 * 1024 };

struct fetch_range {
	uint64_t from, end;
};
struct fetch_meta {
	char *url, *etag, *version; /* "" where there is none; NULL before it was read or made */
	char boot[40];
	uint64_t total, synced;
	struct fetch_range have[FETCH_PIECES_MAX];
	size_t have_count; /* 0: what is there is one piece, as long as the file is */
};
/* ERROR_SYSTEM for what was not written whole, or makes no sense. */
int fetch_meta_parse(const char *text, struct fetch_meta *to, struct error **e) must_check;
int fetch_meta_print(const struct fetch_meta *m, struct buf *to, struct error **e) must_check;
void fetch_meta_free(struct fetch_meta *m);
/* The kernel's id of this boot (random(4)); "" where it has none. */
void fetch_meta_boot(char to[40]);

#endif
