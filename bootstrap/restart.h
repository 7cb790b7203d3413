/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes on running with files that a transaction replaced, and so needs a restart. */
#ifndef BOOTSTRAP_RESTART_H
#define BOOTSTRAP_RESTART_H

#include <stdbool.h>

#include "chroot/rootfs.h"
#include "lib/report.h"

/* Looks at every process whose `/` is this rootfs, and names in one warning those that have a
 * deleted program or library mapped. */
void restart_tell(const struct rootfs *r, struct report *report);
/* Pure: does this line of /proc/PID/maps (proc(5)) map code of a file that was deleted? */
bool restart_is_stale(const char *line);

#endif
