/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/solve.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "packages/callbacks.h"
#include "packages/handle.h"
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

struct planned_package solve_describe(alpm_handle_t *h, alpm_pkg_t *p)
{
	struct planned_package d = {
		.name = (char *)alpm_pkg_get_name(p), .version = (char *)alpm_pkg_get_version(p)};
	alpm_pkg_t *old = alpm_db_get_pkg(alpm_get_localdb(h), d.name);
	d.repo = (char *)alpm_db_get_name(alpm_pkg_get_db(p));
	d.filename = (char *)alpm_pkg_get_filename(p);
	d.action = PACKAGE_INSTALL;
	if (old) {
		d.old_version = (char *)alpm_pkg_get_version(old);
		int newer = alpm_pkg_vercmp(d.version, d.old_version);
		d.action = newer > 0 ? PACKAGE_UPGRADE
			   : newer   ? PACKAGE_DOWNGRADE
				     : PACKAGE_REINSTALL;
	}
	return d;
}

static int send_plan(alpm_handle_t *h, alpm_list_t *asked, int out, struct error **e)
{
	alpm_list_for (item, alpm_trans_get_remove(h)) {
		struct planned_package p = {.action = PACKAGE_REMOVE,
			.name = (char *)alpm_pkg_get_name(item->data),
			.old_version = (char *)alpm_pkg_get_version(item->data),
			.installed_size = (uint64_t)alpm_pkg_get_isize(item->data)};
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
	int flags = ALPM_TRANS_FLAG_NOLOCK | (r->needed ? ALPM_TRANS_FLAG_NEEDED : 0);
	if (alpm_trans_init(h, flags) < 0)
		return handle_error(h, "begin to plan", e);
	for (size_t i = 0; i < r->targets->count; i++)
		if (solve_add_target(h, r->databases, r->targets->items[i], e) < 0)
			return -1;
	alpm_list_t *asked = alpm_list_copy(alpm_trans_get_add(h));
	int result = solve_prepare(h, e);
	if (result == 0)
		result = send_plan(h, asked, out, e);
	alpm_list_free(asked);
	return result;
}

int solve_plan(int out, void *arg, struct error **e)
{
	const struct solve_request *r = arg;
	const struct packages_context *c = r->context;
	struct callbacks cb = {.out = out, .planning = true};
	alpm_handle_t *h = handle_open(c->conf, mirrors_arch(c->source->mirrors), r->databases, e);
	if (!h)
		return -1;
	callbacks_install(&cb, h);
	int result = plan(h, r, out, e);
	handle_close(h);
	return result;
}
