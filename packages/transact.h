/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transaction itself, in the child inside: exactly what was planned, or nothing. */
#ifndef PACKAGES_TRANSACT_H
#define PACKAGES_TRANSACT_H

#include "packages/cache.h"

struct transact_request {
	const struct packages_context *context;
	const struct databases *databases;
	const struct package_plan *plan;
	const struct cache *cache;
};
/* The body of the child; `arg` is a struct transact_request. */
int transact(int out, void *arg, struct error **e) must_check;

#endif
