/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which LXC: LXC 7 only where this kernel carries it (containers/lxc_demands.h). */
#ifndef BOOTSTRAP_LXC_CHOICE_H
#define BOOTSTRAP_LXC_CHOICE_H

#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"
#include "packages/packages.h"

/* For a root of `arch`: where this kernel is the one that it will run on and lacks what LXC 7
 * needs, the target "lxc" becomes "lxc<1:7", and that is said. */
int lxc_choice_targets(const char *arch, struct strings *targets, struct report *report,
	struct error **e) must_check;
/* *why, the failure of a plan, becomes *e; where no repository has such an LXC, with that story.
 * -1.
 */
int lxc_choice_explain(const char *arch, struct error **why, struct error **e);
/* The LXC that a plan brings and this kernel does not carry; NULL: none. Then either of: */
const struct planned_package *lxc_choice_in_plan(const struct package_plan *p);
void lxc_choice_tell_kept(const struct planned_package *seven, struct report *report);
int lxc_choice_refuse(const struct planned_package *seven, struct error **e); /* -1 */

#endif
