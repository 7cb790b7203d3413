/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libalpm's lists of what went wrong, told as one error each. Pure: list in, error out. */
#ifndef PACKAGES_STORY_H
#define PACKAGES_STORY_H

#include "packages/alpm_compat.h"
#include "lib/error.h"

/* A list that libalpm filled, and the packages that the transaction would add. */
struct story {
	alpm_errno_t number;
	alpm_list_t *data;
	alpm_list_t *adding;
};

/* Why alpm_trans_prepare failed. Always -1. */
int story_of_prepare(const struct story *s, struct error **e);
/* Why alpm_trans_commit failed. Always -1. */
int story_of_commit(const struct story *s, struct error **e);
/* `target` is in none of the repositories ("core, extra"). Always -1. */
int story_of_target(const char *target, const char *repositories, struct error **e);
/* Frees the list as its number says. */
void story_free(struct story *s);

#endif
