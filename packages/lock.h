/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pacman's db.lck: whose it is, and what to do with one that nobody holds any more. */
#ifndef PACKAGES_LOCK_H
#define PACKAGES_LOCK_H

#include "lib/error.h"
#include "lib/report.h"

/* Makes sure that a transaction may begin in the root behind `root_fd`. A db.lck that no process
 * has open (a power cut left it) is removed with a note; a held one is ERROR_BUSY naming the pid,
 * and so is one of which we cannot tell. Returns a descriptor that keeps other runs of ours out
 * until it is closed. */
int lock_prepare(int root_fd, struct report *report, struct error **e) must_check;

#endif
