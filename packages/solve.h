/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets to transaction, in the child inside. */
#ifndef PACKAGES_SOLVE_H
#define PACKAGES_SOLVE_H

#include "packages/alpm_compat.h"
#include "packages/databases.h"

/* Adds what a target names: [REPO/]NAME with a version bound, something provided, or a group. */
int solve_add_target(alpm_handle_t *h, const struct databases *d, const char *target,
	struct error **e) must_check;
/* Resolves dependencies and conflicts; ERROR_PACKAGES tells them. */
int solve_prepare(alpm_handle_t *h, struct error **e) must_check;
/* Begins the transaction that a wish means, with libalpm's `flags` besides its own, and adds what
 * it names. `names` of repositories are for the story of what is not found. */
int solve_begin(alpm_handle_t *h, const struct databases *d, const struct package_wish *wish,
	int flags, struct error **e) must_check;
/* How a package that would be added stands to what is installed. The strings are libalpm's. */
struct planned_package solve_describe(alpm_handle_t *h, alpm_pkg_t *p);
/* The same for one that would be removed. */
struct planned_package solve_describe_removal(alpm_pkg_t *p);
/* The body of the child that plans; `arg` is a struct solve_request. */
struct solve_request {
	const struct packages_context *context;
	const struct databases *databases;
	const struct package_wish *wish;
	const struct strings *answers;
};
int solve_plan(int out, void *arg, struct error **e) must_check;

#endif
