/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/transact.h"

#include <string.h>

#include "lib/interrupt.h"
#include "packages/ahead_use.h"
#include "packages/callbacks.h"
#include "packages/given.h"
#include "packages/handle.h"
#include "packages/local.h"
#include "packages/solve.h"
#include "packages/story.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_planned(const struct package_plan *plan, const struct planned_package *want)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_package *p = &plan->packages[i];
		if (p->action == want->action && same_text(p->name, want->name) &&
			same_text(p->version, want->version) &&
			same_text(p->old_version, want->old_version) &&
			same_text(p->repo, want->repo) && same_text(p->filename, want->filename))
			return true;
	}
	return false;
}

/* Somebody may have changed the root since the plan was shown. */
static int compare(alpm_handle_t *h, const struct package_plan *plan, struct error **e)
{
	size_t count = 0;
	const char *differs = NULL;
	alpm_list_for (item, alpm_trans_get_add(h)) {
		struct planned_package p = solve_describe(h, item->data);
		count++;
		if (!is_planned(plan, &p))
			differs = p.name;
	}
	alpm_list_for (item, alpm_trans_get_remove(h)) {
		struct planned_package p = solve_describe_removal(item->data);
		count++;
		if (!is_planned(plan, &p))
			differs = p.name;
	}
	if (!differs && count == plan->count)
		return 0;
	error_set(e, ERROR_PACKAGES, 0, "the root is not what the plan was made for%s%s",
		differs ? ": " : "", differs ? differs : "");
	return error_hint(e, "run the same command again: it plans anew");
}

/* What stands after a commit that broke off. Nothing began: nothing to say. */
static int tell_state(const struct callbacks *cb, struct error **e)
{
	const char *name = cb->failed_package;
	size_t done = *name ? cb->done_before : cb->done;
	if (!done && !*name)
		return -1;
	error_wrap(e, "%zu of %zu packages were done", done, cb->total);
	if (!*name)
		return -1;
	error_wrap(e, "%s is not whole", name);
	return error_hint(e,
		"free some space if it is full, then install %s again with --overwrite '*': the "
		"database says that it is there, but not which files it has",
		name);
}

static int commit(alpm_handle_t *h, const struct callbacks *cb, struct error **e)
{
	struct story s = {.adding = alpm_trans_get_add(h)};
	if (alpm_trans_commit(h, &s.data) == 0)
		return 0;
	s.number = alpm_errno(h);
	s.adding = alpm_trans_get_add(h);
	auto_error *told = NULL;
	story_of_commit(&s, &told);
	story_free(&s);
	bool space = cb->disk_full && error_code(told) == ERROR_PACKAGES;
	error_set(e, space ? ERROR_SPACE : error_code(told), 0, "%s%s%s%s",
		space ? "the disk is full: " : "", error_message(told), cb->failures ? ": " : "",
		cb->failures ? cb->failure : "");
	tell_state(cb, e);
	return space ? -1 : error_hint(e, "%s", error_remedy(told));
}

/* Those that were not reached, because of an interrupt, have no entry to mark. */
static int mark_one(alpm_handle_t *h, const struct planned_package *p, struct error **e)
{
	alpm_pkg_t *now = alpm_db_get_pkg(alpm_get_localdb(h), p->name);
	if (!now || strcmp(alpm_pkg_get_version(now), p->version) != 0)
		return 0;
	return local_mark_signed(p->name, p->version, e);
}

static int mark_signed(alpm_handle_t *h, const struct transact_request *r, struct error **e)
{
	for (size_t i = 0; i < r->cache->count; i++)
		if (r->cache->files[i].verified && mark_one(h, r->cache->files[i].package, e) < 0)
			return -1;
	for (size_t i = 0; i < r->plan->count; i++) {
		const struct planned_package *p = &r->plan->packages[i];
		bool is_given = p->filename && !p->repo;
		const struct given_package *g =
			is_given ? given_find(r->plan->wish.given, p->filename) : NULL;
		if (g && g->verified && mark_one(h, p, e) < 0)
			return -1;
	}
	return 0;
}

/* From here to the end of the function the root is in change: a journal would begin and end here.
 * db.lck is held around it. */
static int change_root(alpm_handle_t *h, const struct transact_request *r,
	const struct callbacks *cb, struct error **e)
{
	if (commit(h, cb, e) < 0)
		return -1;
	if (mark_signed(h, r, e) < 0)
		return -1;
	if (interrupt_check(e) < 0 && cb->done < cb->total)
		return error_wrap(e, "%zu of %zu packages were done", cb->done, cb->total);
	error_clear(e);
	return callbacks_check(cb, e);
}

static int run(
	alpm_handle_t *h, const struct transact_request *r, struct callbacks *cb, struct error **e)
{
	if (solve_begin(h, r->databases, &r->plan->wish, 0, e) < 0 || solve_prepare(h, e) < 0 ||
		compare(h, r->plan, e) < 0)
		return -1;
	cb->total = r->plan->count;
	cb->silent = false;
	return change_root(h, r, cb, e);
}

int transact(int out, void *arg, struct error **e)
{
	const struct transact_request *r = arg;
	const struct packages_context *c = r->context;
	struct callbacks cb = {.out = out, .silent = true, .answers = &r->plan->answers};
	alpm_handle_t *h = handle_open(c->conf, packages_arch(c), r->databases, e);
	if (!h)
		return -1;
	struct ahead_use ahead = {r->cache};
	if (r->cache->ahead) {
		cb.begins = ahead_use_begin;
		cb.ended = ahead_use_end;
		cb.arg = &ahead;
	}
	callbacks_install(&cb, h);
	int result = run(h, r, &cb, e);
	handle_close(h);
	return result;
}
