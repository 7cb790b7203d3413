/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/story.h"

#include <stdlib.h>

#include "lib/buf.h"

/* An error names this many; more are counted. */
enum { NAMED_MAX = 8 };

static void tell_missing(struct buf *to, const alpm_depmissing_t *m, alpm_list_t *adding)
{
	char *want = alpm_dep_compute_string(m->depend);
	int told;
	if (!m->causingpkg)
		told = buf_printf(
			to, NULL, "%s needs %s, which no repository has", m->target, want);
	else if (alpm_pkg_find(adding, m->causingpkg))
		told = buf_printf(to, NULL, "the new %s breaks %s, which needs %s", m->causingpkg,
			m->target, want);
	else
		told = buf_printf(to, NULL, "removing %s breaks %s, which needs %s", m->causingpkg,
			m->target, want);
	(void)told; /* out of memory: the story is shorter */
	free(want);
}

static void tell_conflict(struct buf *to, const alpm_conflict_t *c)
{
	const char *first = compat_conflict_first(c), *second = compat_conflict_second(c);
	char *reason = c->reason && c->reason->mod != ALPM_DEP_MOD_ANY
			       ? alpm_dep_compute_string(c->reason)
			       : NULL;
	int told = buf_printf(to, NULL, "%s conflicts with %s%s%s%s", first, second,
		reason ? " (" : "", reason ? reason : "", reason ? ")" : "");
	(void)told;
	free(reason);
}

static void tell_file(struct buf *to, const alpm_fileconflict_t *c)
{
	int told;
	if (c->type == ALPM_FILECONFLICT_TARGET)
		told = buf_printf(
			to, NULL, "%s is in both %s and %s", c->file, c->target, c->ctarget);
	else if (c->ctarget && *c->ctarget)
		told = buf_printf(to, NULL, "%s of %s is there already, owned by %s", c->file,
			c->target, c->ctarget);
	else
		told = buf_printf(to, NULL, "%s of %s is there already, owned by no package",
			c->file, c->target);
	(void)told;
}

static void tell_item(struct buf *to, const struct story *s, void *item)
{
	switch (s->number) {
	case ALPM_ERR_UNSATISFIED_DEPS:
		tell_missing(to, item, s->adding);
		return;
	case ALPM_ERR_CONFLICTING_DEPS:
		tell_conflict(to, item);
		return;
	case ALPM_ERR_FILE_CONFLICTS:
		tell_file(to, item);
		return;
	default: /* names of packages or of their files */
		if (buf_puts(to, item, NULL) < 0)
			return;
	}
}

/* "text of libalpm: item; item; and 3 more" */
static int tell(const struct story *s, enum error_code code, struct error **e)
{
	auto_buf text = {0};
	size_t count = alpm_list_count(s->data), i = 0;
	alpm_list_for (item, s->data) {
		if (i == NAMED_MAX && buf_printf(&text, NULL, "; and %zu more", count - i) == 0)
			break;
		if (i++ && buf_puts(&text, "; ", NULL) < 0)
			break;
		tell_item(&text, s, item->data);
	}
	return error_set(e, code, 0, "%s%s%s", alpm_strerror(s->number), text.length ? ": " : "",
		buf_text(&text));
}

int story_of_prepare(const struct story *s, struct error **e)
{
	tell(s, ERROR_PACKAGES, e);
	switch (s->number) {
	case ALPM_ERR_UNSATISFIED_DEPS:
		return error_hint(e, "the mirror may be in mid-update: try again, or refresh "
				     "the whole root first");
	case ALPM_ERR_CONFLICTING_DEPS:
		return error_hint(e, "uninstall one of the two first, or leave out the target "
				     "that brings the other");
	case ALPM_ERR_PKG_INVALID_ARCH:
		return error_hint(e, "Architecture in the root's /etc/pacman.conf must be the "
				     "repository's");
	default:
		return -1;
	}
}

int story_of_commit(const struct story *s, struct error **e)
{
	switch (s->number) {
	case ALPM_ERR_FILE_CONFLICTS:
		tell(s, ERROR_PACKAGES, e);
		return error_hint(e, "move the named files away, then run the same command again");
	case ALPM_ERR_DISK_SPACE:
		return tell(s, ERROR_SPACE, e);
	case ALPM_ERR_PKG_INVALID:
	case ALPM_ERR_PKG_INVALID_CHECKSUM:
	case ALPM_ERR_PKG_INVALID_SIG:
		return tell(s, ERROR_TRUST, e);
	default:
		return tell(s, ERROR_PACKAGES, e);
	}
}

int story_of_target(const char *target, const char *repositories, struct error **e)
{
	error_set(e, ERROR_PACKAGES, 0, "package '%s' is in no repository (%s)", target,
		repositories);
	return error_hint(e, "check the spelling; a target is a package, a group, what a package "
			     "provides, or REPOSITORY/PACKAGE");
}

void story_free(struct story *s)
{
	alpm_list_for (item, s->data) {
		if (s->number == ALPM_ERR_UNSATISFIED_DEPS)
			alpm_depmissing_free(item->data);
		else if (s->number == ALPM_ERR_CONFLICTING_DEPS)
			alpm_conflict_free(item->data);
		else if (s->number == ALPM_ERR_FILE_CONFLICTS)
			alpm_fileconflict_free(item->data);
		else
			free(item->data);
	}
	alpm_list_free(s->data);
	s->data = NULL;
}
