/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan, as the parent keeps it: asked of a child, then checked against the databases. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "packages/given.h"
#include "packages/inside.h"
#include "packages/questions.h"
#include "packages/solve.h"

/* More than every package of every repository. */
enum { PLAN_MAX = 100 * 1000 };

/* Sizes are the database's, or the file's: the child may say what it likes. */
static int take_sizes(const struct package_plan *plan, const struct databases *d,
	struct planned_package *p, struct error **e)
{
	struct stat st;
	if (p->action == PACKAGE_REMOVE)
		return 0;
	if (p->repo) {
		const struct syncdb_package *entry = databases_entry(d, p);
		if (!entry)
			return error_set(e, ERROR_SYSTEM, EBADMSG, "plan");
		p->packed_size = entry->packed_size;
		p->installed_size = entry->installed_size;
		return 0;
	}
	const struct given_package *g = given_find(plan->wish.given, p->filename);
	if (!g || fstat(given_fd(g), &st) < 0)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "plan");
	p->packed_size = (uint64_t)st.st_size;
	return 0;
}

/* Takes `p` over. */
static int plan_add(struct package_plan *plan, const struct databases *d, struct planned_package *p,
	struct error **e)
{
	if (plan->count == PLAN_MAX)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "plan");
	if (take_sizes(plan, d, p, e) < 0)
		return -1;
	struct planned_package *grown =
		reallocarray(plan->packages, plan->count + 1, sizeof *grown);
	if (!grown)
		return error_set(e, ERROR_SYSTEM, errno, "plan");
	plan->packages = grown;
	plan->download_size += p->repo ? p->packed_size : 0;
	plan->installed_size += p->action == PACKAGE_REMOVE ? 0 : p->installed_size;
	plan->old_size += p->old_size;
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

/* What people say to the questions of one attempt. */
struct asking {
	struct package_plan *plan;
	bool anew; /* an answer was not the usual one: the plan is another */
};

static int on_question(void *arg, const struct package_question *q, struct error **e)
{
	struct asking *a = arg;
	const struct package_wish *w = &a->plan->wish;
	if (!w->ask || questions_find(&a->plan->answers, q->id))
		return 0;
	auto_error *failure = NULL;
	char *auto_free said = w->ask(w->ask_arg, q, &failure);
	if (!said && failure) {
		if (e)
			*e = take(&failure);
		return -1;
	}
	a->anew |= said && strcmp(said, q->usual) != 0;
	return strings_take(
		&a->plan->answers, text_format(e, "%s=%s", q->id, said ? said : q->usual), e);
}

static void forget_packages(struct package_plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		planned_package_free(&p->packages[i]);
	free(p->packages);
	p->packages = NULL;
	p->count = 0;
	p->download_size = p->installed_size = p->old_size = 0;
}

/* 1: an answer makes another attempt necessary, whatever came of this one. */
static int attempt(const struct packages_context *c, const struct databases *d,
	struct package_plan *plan, struct error **e)
{
	struct solve_request request = {c, d, &plan->wish, &plan->answers};
	struct inside_setting setting = {.context = c, .databases = d, .given = plan->wish.given};
	struct asking asking = {plan, false};
	auto_error *failure = NULL;
	struct inside *child = inside_start(&setting, solve_plan, &request, &failure);
	if (child)
		inside_on_question(child, on_question, &asking);
	int result = child ? read_plan(child, d, plan, &failure) : -1;
	inside_free(child);
	if (asking.anew && error_code(failure) != ERROR_INTERRUPTED)
		return 1;
	if (result < 0 && e)
		*e = take(&failure);
	return result;
}

struct package_plan *package_plan_make(const struct packages_context *c, const struct databases *d,
	const struct package_wish *wish, struct error **e)
{
	struct package_plan *plan = calloc(1, sizeof *plan);
	if (!plan) {
		error_set(e, ERROR_SYSTEM, errno, "plan");
		return NULL;
	}
	plan->wish = *wish;
	int result;
	while ((result = attempt(c, d, plan, e)) == 1)
		forget_packages(plan);
	if (result == 0)
		return plan;
	package_plan_free(plan);
	return NULL;
}

struct package_plan *package_plan_install(const struct packages_context *c,
	const struct databases *d, const struct strings *targets, bool needed, struct error **e)
{
	const struct package_wish wish = {.targets = targets, .needed = needed};
	return package_plan_make(c, d, &wish, e);
}

void package_plan_free(struct package_plan *p)
{
	if (!p)
		return;
	forget_packages(p);
	strings_free(&p->answers);
	free(p);
}
