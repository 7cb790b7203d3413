/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rankings that are kept for a day, a file for each list of mirrors: nobody is asked again so soon.
 *
 * It is a hint and no more: a file that somebody else could have written, is older, of the future,
 * or not whole, is as if it were not there; and the most that one can do is change the order. */
#ifndef MIRRORS_RANKING_CACHE_H
#define MIRRORS_RANKING_CACHE_H

#include "lib/buf.h"
#include "lib/error.h"
#include "mirrors/ranking.h"

enum { RANKING_LASTS_S = 24 * 3600 };

/* malloc'd name of the file for these mirrors, in whatever order. */
char *ranking_name(const struct mirrors *m, struct error **e) must_check;
/* The ranking of just these mirrors: 1; 0: there is none; -1: an error. */
int ranking_load(const char *dir, const struct mirrors *m, int64_t now_s, struct ranking *to,
	struct error **e) must_check;
int ranking_save(
	const char *dir, const char *name, const struct ranking *r, struct error **e) must_check;
/* For one that led nowhere. It may be gone already. */
int ranking_forget(const char *dir, const char *name, struct error **e) must_check;

/* Pure: text of a ranking, and back (0, or -1 for anything that is not whole). */
int ranking_print(const struct ranking *r, struct buf *to, struct error **e) must_check;
int ranking_parse(const char *text, struct ranking *to, struct error **e) must_check;

#endif
