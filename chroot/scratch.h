/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mount namespace of a child's own, and what it lays over its paths: seen by nobody else, gone
 * with the child. For a child inside the environment that must not believe what lies in the root.
 */
#ifndef CHROOT_SCRATCH_H
#define CHROOT_SCRATCH_H

#include "lib/error.h"

/* From here on no mount of this process reaches another, nor the other way round. */
int scratch_begin(struct error **e) must_check;
/* An empty directory in memory over the absolute `path`, made with its parents where absent. */
int scratch_cover(const char *path, struct error **e) must_check;

#endif
