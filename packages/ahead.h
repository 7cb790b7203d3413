/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages unpacked ahead of libalpm, which unpacks one after the other on one core.
 *
 * A process for each core makes plain tars out of verified packages, while others are still
 * downloaded and while libalpm writes those before. libalpm finds them when it comes to the
 * package; where one is not there, it unpacks the package itself: nothing depends on the help. The
 * plain tars have no names, take no more than a bounded space, and are gone when their package is
 * done. What lies in the package cache are the mirror's files. */
#ifndef PACKAGES_AHEAD_H
#define PACKAGES_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct ahead;

struct ahead_settings {
	size_t count; /* of packages */
	int dir; /* where the plain tars lie; borrowed */
	uint64_t space; /* most bytes of them at a time */
};

/* Starts the processes. NULL without an error where there is no space for it. */
struct ahead *ahead_start(const struct ahead_settings *s, struct error **e) must_check;
/* The package behind `fd`, which was verified and stays open, is about `unpacked_size` bytes of
 * files. Those that were added first are unpacked first. */
void ahead_add(struct ahead *a, size_t index, int fd, uint64_t unpacked_size);
/* Adds the descriptors that a child needs for what follows to keep[*count]: room for one more than
 * there are packages. */
void ahead_keep(const struct ahead *a, int *keep, size_t *count);

/* In the child: the package's plain tar, waited for where it is nearly ready. Borrowed; -1: none.
 */
int ahead_take(struct ahead *a, size_t index);
/* In the child: it was installed, and its space is free for others. */
void ahead_done(struct ahead *a, size_t index);

/* Ends the processes. NULL is fine, here and above. */
void ahead_free(struct ahead *a);

#endif
