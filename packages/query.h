/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The child's side of a query: libalpm on the root's databases. */
#ifndef PACKAGES_QUERY_H
#define PACKAGES_QUERY_H

#include "packages/alpm_compat.h"
#include "packages/databases.h"

/* How many values each row has, by kind; packages/query.c has their names. */
enum {
	QUERY_PACKAGES_VALUES = 4,
	QUERY_UPGRADES_VALUES = 5,
	QUERY_OWNS_VALUES = 3,
	QUERY_LIST_VALUES = 2,
	QUERY_WHY_VALUES = 5
};

struct query_request {
	const struct packages_context *context;
	const struct databases *databases;
	const struct package_query *query;
};
/* The body of the child; `arg` is a struct query_request. */
int query_answer(int out, void *arg, struct error **e) must_check;

#endif
