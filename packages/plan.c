/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan, as the parent keeps it: asked of a child, then checked against the databases. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packages/inside.h"
#include "packages/solve.h"

/* More than every package of every repository. */
enum { PLAN_MAX = 100 * 1000 };

/* Takes `p` over. Sizes are the database's: the child may say what it likes. */
static int plan_add(struct package_plan *plan, const struct databases *d, struct planned_package *p,
	struct error **e)
{
	const struct syncdb_package *entry =
		p->action == PACKAGE_REMOVE ? NULL : databases_entry(d, p);
	if ((p->action != PACKAGE_REMOVE && !entry) || plan->count == PLAN_MAX)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "plan");
	struct planned_package *grown =
		reallocarray(plan->packages, plan->count + 1, sizeof *grown);
	if (!grown)
		return error_set(e, ERROR_SYSTEM, errno, "plan");
	plan->packages = grown;
	if (entry) {
		p->packed_size = entry->packed_size;
		p->installed_size = entry->installed_size;
		plan->download_size += p->packed_size;
		plan->installed_size += p->installed_size;
	}
	grown[plan->count++] = *p;
	*p = (struct planned_package){0};
	return 0;
}

static int read_plan(struct inside *child, const struct databases *d, struct package_plan *plan,
	struct error **e)
{
	struct planned_package p = {0};
	int got;
	while ((got = inside_next(child, &p, e)) == 1) {
		if (plan_add(plan, d, &p, e) < 0) {
			planned_package_free(&p);
			return -1;
		}
	}
	return got;
}

struct package_plan *package_plan_install(const struct packages_context *c,
	const struct databases *d, const struct strings *targets, bool needed, struct error **e)
{
	struct solve_request request = {c, d, targets, needed};
	struct inside_setting setting = {.context = c, .databases = d};
	struct package_plan *plan = calloc(1, sizeof *plan);
	if (!plan) {
		error_set(e, ERROR_SYSTEM, errno, "plan");
		return NULL;
	}
	struct inside *child = inside_start(&setting, solve_plan, &request, e);
	int result = child ? read_plan(child, d, plan, e) : -1;
	inside_free(child);
	if (result == 0)
		return plan;
	package_plan_free(plan);
	return NULL;
}

void package_plan_free(struct package_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		planned_package_free(&p->packages[i]);
	free(p->packages);
	free(p);
}
