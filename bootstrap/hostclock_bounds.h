/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between which times now must lie, whoever says what: the floor and the ceiling.
 *
 * The floor is the latest of: the date of the newest commit this was built from, the time an
 * earlier run learned and saved, the date of the Android below us. The ceiling is fifteen years
 * after the commit. A time saved must itself have been agreed on by a quorum: what a user said or
 * what a clock happened to show is never saved, lest one mistake lock all later times out. */
#ifndef BOOTSTRAP_HOSTCLOCK_BOUNDS_H
#define BOOTSTRAP_HOSTCLOCK_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct hostclock_bounds {
	int64_t floor_s, ceiling_s; /* Unix time */
	const char *floor_is; /* "the day this program was made", … */
};

/* Pure. `saved_s`, `android_s`: 0 for none; what lies past the ceiling is absurd and does not
 * count. `time_size`: of time_t; 4 ends the world in 2038. */
struct hostclock_bounds hostclock_bounds_from(
	int64_t source_s, int64_t saved_s, int64_t android_s, size_t time_size);
bool hostclock_possible(const struct hostclock_bounds *b, int64_t unix_s);

/* The bounds here and now. `path` NULL: "time" in
 * directory_state(). */
struct hostclock_bounds hostclock_bounds(const char *path);

/* The time saved in `path`: one number. 0 where there is none, or the file is writable by others.
 */
int64_t hostclock_saved(const char *path);
/* Saves `unix_s` unless a later time is there. `path` NULL: "time" in directory_state(); its
 * directory is made. For what a quorum agreed on, and for the creation time of a verified
 * signature. */
int hostclock_save(const char *path, int64_t unix_s, struct error **e) must_check;

/* Pure: ro.build.date.utc of the text of an Android build.prop; 0 where it has none. */
int64_t hostclock_android_date(const char *build_prop);

#endif
