/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A root's /etc/pacman.d/mirrorlist, as we write it: the winners of a ranking, those that were left
 * out and why, and what stood there before, as comments.
 *
 * Its first line says that we write it anew; who removes that line keeps the rest for good. */
#ifndef MIRRORS_MIRRORLIST_H
#define MIRRORS_MIRRORLIST_H

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/text.h"
#include "mirrors/mirrors.h"
#include "mirrors/pacman_conf.h"
#include "mirrors/ranking.h"

#define MIRRORLIST_PATH "/etc/pacman.d/mirrorlist"

/* Reads it: 1, or 0 where the root has none. */
int mirrorlist_read(int root_fd, struct buf *to, struct error **e) must_check;
/* Pure: whether we wrote it, and may write it again unasked. */
bool mirrorlist_is_ours(const char *text);
/* Pure: its servers in order; with `all` also those in comments ("#Server = …") that are mirrors.
 * Lines that mean something else are passed over. */
int mirrorlist_servers(const char *text, bool all, struct strings *to, struct error **e) must_check;
/* Pure: whether pacman takes the servers of [core] from it. */
bool mirrorlist_is_used(const char *text, const struct pacman_conf *conf);

/* Pure: the new text. The servers are those of `m` that serve every repository of the
 * distribution, in its order; what was left out is of `r`; `before` is what stood there. */
int mirrorlist_print(const struct mirrors *m, const struct ranking *r, const char *before,
	struct buf *to, struct error **e) must_check;
/* Writes it where that changes something. 1: written; 0: it was like that, or `m` has nothing to
 * write. */
int mirrorlist_write(int root_fd, const struct mirrors *m, const struct ranking *r,
	const char *before, struct error **e) must_check;

#endif
