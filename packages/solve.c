/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/solve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "packages/callbacks.h"
#include "packages/given.h"
#include "packages/handle.h"
#include "packages/inside.h"
#include "packages/story.h"
#include "packages/wire.h"

static int add_package(alpm_handle_t *h, alpm_pkg_t *p, struct error **e)
{
	/* The same name twice, from two repositories: the first wins, as with pacman. */
	if (alpm_add_pkg(h, p) == 0 || alpm_errno(h) == ALPM_ERR_TRANS_DUP_TARGET)
		return 0;
	return handle_error(h, alpm_pkg_get_name(p), e);
}

/* How many members; 0: there is no such group. */
static int add_group(alpm_handle_t *h, alpm_list_t *dbs, const char *name, struct error **e)
{
	alpm_list_t *members = alpm_find_group_pkgs(dbs, name);
	int count = 0;
	alpm_list_for (item, members) {
		if (add_package(h, item->data, e) < 0) {
			count = -1;
			break;
		}
		count++;
	}
	alpm_list_free(members);
	return count;
}

static int add_from(alpm_handle_t *h, alpm_list_t *dbs, const char *name, struct error **e)
{
	alpm_pkg_t *p = alpm_find_dbs_satisfier(h, dbs, name);
	if (p)
		return add_package(h, p, e) < 0 ? -1 : 1;
	return add_group(h, dbs, name, e);
}

/* NULL where there is no such repository. */
static alpm_db_t *find_repo(alpm_handle_t *h, const char *name, size_t length)
{
	alpm_list_for (item, alpm_get_syncdbs(h)) {
		const char *have = alpm_db_get_name(item->data);
		if (strlen(have) == length && strncmp(have, name, length) == 0)
			return item->data;
	}
	return NULL;
}

int solve_add_target(
	alpm_handle_t *h, const struct databases *d, const char *target, struct error **e)
{
	const char *slash = strchr(target, '/');
	int found = 0;
	if (slash) {
		alpm_db_t *db = find_repo(h, target, (size_t)(slash - target));
		alpm_list_t *one = db ? alpm_list_add(NULL, db) : NULL;
		found = one ? add_from(h, one, slash + 1, e) : 0;
		alpm_list_free(one);
	} else if (*target) {
		found = add_from(h, alpm_get_syncdbs(h), target, e);
	}
	if (found)
		return found < 0 ? -1 : 0;
	char *auto_free names = databases_names(d, e);
	return names ? story_of_target(target, names, e) : -1;
}

int solve_prepare(alpm_handle_t *h, struct error **e)
{
	struct story s = {0};
	if (alpm_trans_prepare(h, &s.data) == 0)
		return 0;
	s.number = alpm_errno(h);
	s.adding = alpm_trans_get_add(h);
	story_of_prepare(&s, e);
	story_free(&s);
	return -1;
}

/* A package that the user named by its file has no database; it is known by its file's name. */
static void describe_origin(struct planned_package *d, alpm_pkg_t *p)
{
	const char *filename = alpm_pkg_get_filename(p);
	const char *slash = filename ? strrchr(filename, '/') : NULL;
	if (alpm_pkg_get_origin(p) == ALPM_PKG_FROM_FILE) {
		d->filename = (char *)(slash ? slash + 1 : filename);
		return;
	}
	d->repo = (char *)alpm_db_get_name(alpm_pkg_get_db(p));
	d->filename = (char *)filename;
}

struct planned_package solve_describe(alpm_handle_t *h, alpm_pkg_t *p)
{
	struct planned_package d = {
		.name = (char *)alpm_pkg_get_name(p), .version = (char *)alpm_pkg_get_version(p)};
	alpm_pkg_t *old = alpm_db_get_pkg(alpm_get_localdb(h), d.name);
	describe_origin(&d, p);
	d.installed_size = (uint64_t)alpm_pkg_get_isize(p);
	d.action = PACKAGE_INSTALL;
	if (old) {
		d.old_version = (char *)alpm_pkg_get_version(old);
		d.old_size = (uint64_t)alpm_pkg_get_isize(old);
		int newer = alpm_pkg_vercmp(d.version, d.old_version);
		d.action = newer > 0 ? PACKAGE_UPGRADE
			   : newer   ? PACKAGE_DOWNGRADE
				     : PACKAGE_REINSTALL;
	}
	return d;
}

struct planned_package solve_describe_removal(alpm_pkg_t *p)
{
	return (struct planned_package){.action = PACKAGE_REMOVE,
		.name = (char *)alpm_pkg_get_name(p),
		.old_version = (char *)alpm_pkg_get_version(p),
		.old_size = (uint64_t)alpm_pkg_get_isize(p)};
}

/* pacman -R takes "local/NAME", too, and groups. */
static int add_removal(alpm_handle_t *h, const char *target, struct error **e)
{
	alpm_db_t *local = alpm_get_localdb(h);
	const char *name = text_has_prefix(target, "local/") ? target + strlen("local/") : target;
	alpm_pkg_t *p = alpm_db_get_pkg(local, name);
	alpm_group_t *group = p ? NULL : alpm_db_get_group(local, name);
	if (!p && !group) {
		error_set(e, ERROR_PACKAGES, 0, "package '%s' is not installed", name);
		return error_hint(e, "'alarmstrap query ROOT' lists what is");
	}
	if (p)
		return alpm_remove_pkg(h, p) < 0 ? handle_error(h, name, e) : 0;
	alpm_list_for (item, group->packages)
		if (alpm_remove_pkg(h, item->data) < 0 &&
			alpm_errno(h) != ALPM_ERR_TRANS_DUP_TARGET)
			return handle_error(h, name, e);
	return 0;
}

static int add_given(alpm_handle_t *h, const struct given_package *g, struct error **e)
{
	alpm_pkg_t *p = NULL;
	char path[PATH_MAX];
	snprintf(path, sizeof path, INSIDE_GIVEN_PATH "/%s", g->name);
	if (alpm_pkg_load(h, path, 1, 0, &p) < 0)
		return handle_error(h, g->name, e);
	if (alpm_add_pkg(h, p) == 0)
		return 0;
	alpm_errno_t number = alpm_errno(h);
	alpm_pkg_free(p);
	if (number == ALPM_ERR_TRANS_DUP_TARGET)
		return error_set(e, ERROR_PACKAGES, 0, "%s: its package is named twice", g->name);
	return handle_error(h, g->name, e);
}

static int wish_flags(const struct package_wish *w)
{
	return (w->needed ? ALPM_TRANS_FLAG_NEEDED : 0) |
	       (w->asdeps ? ALPM_TRANS_FLAG_ALLDEPS : 0) |
	       (w->asexplicit ? ALPM_TRANS_FLAG_ALLEXPLICIT : 0) |
	       (w->recursive ? ALPM_TRANS_FLAG_RECURSE : 0) |
	       (w->unneeded ? ALPM_TRANS_FLAG_UNNEEDED : 0) |
	       (w->cascade ? ALPM_TRANS_FLAG_CASCADE : 0) |
	       (w->nosave ? ALPM_TRANS_FLAG_NOSAVE : 0);
}

int solve_begin(alpm_handle_t *h, const struct databases *d, const struct package_wish *wish,
	int flags, struct error **e)
{
	if (handle_add_wish(h, wish, e) < 0)
		return -1;
	if (alpm_trans_init(h, flags | wish_flags(wish)) < 0)
		return handle_error(h, "begin the transaction", e);
	for (size_t i = 0; wish->targets && i < wish->targets->count; i++) {
		const char *target = wish->targets->items[i];
		int r = wish->operation == PACKAGES_UNINSTALL ? add_removal(h, target, e)
							      : solve_add_target(h, d, target, e);
		if (r < 0)
			return -1;
	}
	for (size_t i = 0; wish->given && i < wish->given->count; i++)
		if (add_given(h, &wish->given->items[i], e) < 0)
			return -1;
	if (wish->operation == PACKAGES_REFRESH && alpm_sync_sysupgrade(h, wish->downgrade) < 0)
		return handle_error(h, "look for upgrades", e);
	return 0;
}

static int send_plan(alpm_handle_t *h, alpm_list_t *asked, int out, struct error **e)
{
	alpm_list_for (item, alpm_trans_get_remove(h)) {
		struct planned_package p = solve_describe_removal(item->data);
		p.asked = alpm_list_find_ptr(asked, item->data) != NULL;
		if (wire_send_package(out, &p, e) < 0)
			return -1;
	}
	alpm_list_for (item, alpm_trans_get_add(h)) {
		struct planned_package p = solve_describe(h, item->data);
		p.asked = alpm_list_find_ptr(asked, item->data) != NULL;
		if (wire_send_package(out, &p, e) < 0)
			return -1;
	}
	return 0;
}

static int plan(alpm_handle_t *h, const struct solve_request *r, int out, struct error **e)
{
	if (solve_begin(h, r->databases, r->wish, ALPM_TRANS_FLAG_NOLOCK, e) < 0)
		return -1;
	alpm_list_t *asked = alpm_list_join(
		alpm_list_copy(alpm_trans_get_add(h)), alpm_list_copy(alpm_trans_get_remove(h)));
	int result = solve_prepare(h, e);
	if (result == 0)
		result = send_plan(h, asked, out, e);
	alpm_list_free(asked);
	return result;
}

int solve_plan(int out, void *arg, struct error **e)
{
	const struct solve_request *r = arg;
	struct callbacks cb = {
		.out = out, .planning = true, .answers = r->answers, .asks = r->wish->ask != NULL};
	alpm_handle_t *h =
		handle_open(r->context->conf, packages_arch(r->context), r->databases, e);
	if (!h)
		return -1;
	callbacks_install(&cb, h);
	int result = plan(h, r, out, e);
	handle_close(h);
	return result;
}
