/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "packages/handle.h"
#include "packages/query.h"
#include "packages/wire.h"

struct answer {
	alpm_handle_t *handle;
	alpm_db_t *local;
	const struct package_query *query;
	int out;
};

static const char *reason_of(alpm_pkg_t *p)
{
	return alpm_pkg_get_reason(p) == ALPM_PKG_REASON_EXPLICIT ? "explicit" : "dependency";
}

static int not_installed(const char *name, struct error **e)
{
	error_set(e, ERROR_PACKAGES, 0, "package '%s' is not installed", name);
	return error_hint(e, "'alarmstrap query ROOT' lists what is");
}

static bool is_empty_freed(alpm_list_t *names)
{
	bool empty = !names;
	FREELIST(names);
	return empty;
}

/* As pacman -Qt: nobody needs it, not even optionally. */
static bool is_unrequired(alpm_pkg_t *p)
{
	return is_empty_freed(alpm_pkg_compute_requiredby(p)) &&
	       is_empty_freed(alpm_pkg_compute_optionalfor(p));
}

static bool is_foreign(const struct answer *a, alpm_pkg_t *p)
{
	alpm_list_for (item, alpm_get_syncdbs(a->handle))
		if (alpm_db_get_pkg(item->data, alpm_pkg_get_name(p)))
			return false;
	return true;
}

static bool passes(const struct answer *a, alpm_pkg_t *p)
{
	const struct package_query *q = a->query;
	bool explicit = alpm_pkg_get_reason(p) == ALPM_PKG_REASON_EXPLICIT;
	return !(q->explicit && !explicit) && !(q->deps && explicit) &&
	       !(q->foreign && !is_foreign(a, p)) && !(q->unrequired && !is_unrequired(p));
}

static int tell_package(const struct answer *a, alpm_pkg_t *p, struct error **e)
{
	char size[32];
	if (!passes(a, p))
		return 0;
	text_size(size, sizeof size, (uint64_t)alpm_pkg_get_isize(p));
	const char *const values[QUERY_PACKAGES_VALUES] = {
		alpm_pkg_get_name(p), alpm_pkg_get_version(p), reason_of(p), size};
	return wire_send_row(a->out, values, QUERY_PACKAGES_VALUES, e);
}

static int tell_upgrade(const struct answer *a, alpm_pkg_t *p, struct error **e)
{
	alpm_pkg_t *new = alpm_sync_get_new_version(p, alpm_get_syncdbs(a->handle));
	if (!new || !passes(a, p))
		return 0;
	const char *const values[QUERY_UPGRADES_VALUES] = {alpm_pkg_get_name(p),
		alpm_pkg_get_version(p), alpm_pkg_get_version(new),
		alpm_db_get_name(alpm_pkg_get_db(new)),
		alpm_pkg_should_ignore(a->handle, new) ? "yes" : "no"};
	return wire_send_row(a->out, values, QUERY_UPGRADES_VALUES, e);
}

static int tell_files(const struct answer *a, alpm_pkg_t *p, struct error **e)
{
	const alpm_filelist_t *files = alpm_pkg_get_files(p);
	for (size_t i = 0; i < files->count; i++) {
		char *auto_free path = text_format(e, "/%s", files->files[i].name);
		if (!path)
			return -1;
		const char *const values[QUERY_LIST_VALUES] = {alpm_pkg_get_name(p), path};
		if (wire_send_row(a->out, values, QUERY_LIST_VALUES, e) < 0)
			return -1;
	}
	return 0;
}

static int join(struct buf *to, const char *word, struct error **e)
{
	return buf_printf(to, e, "%s%s", to->length ? ", " : "", word);
}

/* Takes the list over. */
static int join_all(struct buf *to, alpm_list_t *names, struct error **e)
{
	int r = 0;
	alpm_list_for (item, names)
		if (r == 0)
			r = join(to, item->data, e);
	FREELIST(names);
	return r;
}

/* Everything that needs `p`, by whatever way, and was asked for. */
static int join_askers(const struct answer *a, alpm_pkg_t *p, struct buf *to, struct error **e)
{
	alpm_list_t *seen = alpm_list_add(NULL, p);
	int r = 0;
	/* The list grows while it is walked. */
	for (alpm_list_t *at = seen; at && r == 0; at = at->next) {
		alpm_list_t *names = alpm_pkg_compute_requiredby(at->data);
		alpm_list_for (name, names) {
			alpm_pkg_t *user = alpm_db_get_pkg(a->local, name->data);
			if (!user || alpm_list_find_ptr(seen, user))
				continue;
			seen = alpm_list_add(seen, user);
			if (r == 0 && alpm_pkg_get_reason(user) == ALPM_PKG_REASON_EXPLICIT)
				r = join(to, alpm_pkg_get_name(user), e);
		}
		FREELIST(names);
	}
	alpm_list_free(seen);
	return r;
}

static int tell_why(const struct answer *a, alpm_pkg_t *p, struct error **e)
{
	auto_buf needed = BUF(0), optional = BUF(0), askers = BUF(0);
	if (join_all(&needed, alpm_pkg_compute_requiredby(p), e) < 0 ||
		join_all(&optional, alpm_pkg_compute_optionalfor(p), e) < 0 ||
		join_askers(a, p, &askers, e) < 0)
		return -1;
	const char *const values[QUERY_WHY_VALUES] = {alpm_pkg_get_name(p), reason_of(p),
		buf_text(&needed), buf_text(&optional), buf_text(&askers)};
	return wire_send_row(a->out, values, QUERY_WHY_VALUES, e);
}

/* What pacman has in its lists: without the first slash, the directory's links resolved, the last
 * component as it is. A word without a slash is a program. */
static char *owned_name(const char *word, struct error **e)
{
	char real[PATH_MAX];
	char *auto_free path = strchr(word, '/') ? text_format(e, "/%s", word)
						 : text_format(e, "/usr/bin/%s", word);
	size_t length = path ? strlen(path) : 0;
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	char *slash = path ? strrchr(path, '/') : NULL;
	if (!slash)
		return NULL;
	*slash = '\0';
	if (!realpath(*path ? path : "/", real))
		return text_format(e, "%s/%s", path + strspn(path, "/"), slash + 1);
	const char *dir = real + 1;
	return text_format(e, "%s%s%s", dir, *dir ? "/" : "", slash + 1);
}

static bool owns(alpm_pkg_t *p, const char *name)
{
	char directory[PATH_MAX];
	alpm_filelist_t *files = alpm_pkg_get_files(p);
	snprintf(directory, sizeof directory, "%s/", name);
	return alpm_filelist_contains(files, name) || alpm_filelist_contains(files, directory);
}

static int tell_owners(const struct answer *a, const char *word, struct error **e)
{
	char *auto_free name = owned_name(word, e);
	bool any = false;
	if (!name)
		return -1;
	alpm_list_for (item, alpm_db_get_pkgcache(a->local)) {
		alpm_pkg_t *p = item->data;
		if (!owns(p, name))
			continue;
		any = true;
		char *auto_free path = text_format(e, "/%s", name);
		if (!path)
			return -1;
		const char *const values[QUERY_OWNS_VALUES] = {
			path, alpm_pkg_get_name(p), alpm_pkg_get_version(p)};
		if (wire_send_row(a->out, values, QUERY_OWNS_VALUES, e) < 0)
			return -1;
	}
	if (any)
		return 0;
	error_set(e, ERROR_PACKAGES, 0, "no package owns /%s", name);
	return error_hint(e, "name the file as the root sees it: /usr/bin/lxc-start");
}

typedef int tell_one(const struct answer *a, alpm_pkg_t *p, struct error **e);

static int each_package(const struct answer *a, tell_one *tell, struct error **e)
{
	const struct strings *words = a->query->words;
	if (!words || !words->count) {
		alpm_list_for (item, alpm_db_get_pkgcache(a->local))
			if (tell(a, item->data, e) < 0)
				return -1;
		return 0;
	}
	for (size_t i = 0; i < words->count; i++) {
		alpm_pkg_t *p = alpm_db_get_pkg(a->local, words->items[i]);
		if (!p)
			return not_installed(words->items[i], e);
		if (tell(a, p, e) < 0)
			return -1;
	}
	return 0;
}

static int answer(const struct answer *a, struct error **e)
{
	static tell_one *const tells[] = {
		[QUERY_PACKAGES] = tell_package,
		[QUERY_UPGRADES] = tell_upgrade,
		[QUERY_LIST] = tell_files,
		[QUERY_WHY] = tell_why,
	};
	if (a->query->kind != QUERY_OWNS)
		return each_package(a, tells[a->query->kind], e);
	for (size_t i = 0; i < a->query->words->count; i++)
		if (tell_owners(a, a->query->words->items[i], e) < 0)
			return -1;
	return 0;
}

int query_answer(int out, void *arg, struct error **e)
{
	const struct query_request *r = arg;
	struct answer a = {.query = r->query, .out = out};
	a.handle = handle_open(r->context->conf, packages_arch(r->context), r->databases, e);
	if (!a.handle)
		return -1;
	a.local = alpm_get_localdb(a.handle);
	int result = answer(&a, e);
	handle_close(a.handle);
	return result;
}
