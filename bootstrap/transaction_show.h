/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transaction as people see it before it runs. */
#ifndef BOOTSTRAP_TRANSACTION_SHOW_H
#define BOOTSTRAP_TRANSACTION_SHOW_H

#include "lib/report.h"
#include "packages/packages.h"

/* One result row a package (old → new, what is to be fetched, what it takes), and the totals as a
 * note; for an empty plan, that there is nothing to do. */
void transaction_show(const struct package_plan *p, struct report *report);

#endif
