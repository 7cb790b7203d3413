/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking at a ROOT and its work directory, from outside and without a lock. For place.c; what
 * others may ask stands in place.h. */
#ifndef BOOTSTRAP_PLACE_LOOK_H
#define BOOTSTRAP_PLACE_LOOK_H

#include <stdbool.h>

#include "lib/error.h"

/* There when ROOT is complete. */
#define PLACE_STATE_FILE "var/lib/alarmstrap/state"

/* Where things lie. For a mount point `parent` is ROOT itself. */
struct place_names {
	char *root, *parent, *name, *work;
	bool mount_point;
};

int place_names_of(const char *root, struct place_names *names, struct error **e) must_check;
void place_names_free(struct place_names *names);

#endif
