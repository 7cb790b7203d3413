/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packages/wire.h"

const char *questions_find(const struct strings *answers, const char *id)
{
	size_t length = strlen(id);
	for (size_t i = answers ? answers->count : 0; i > 0; i--) {
		const char *line = answers->items[i - 1];
		if (strncmp(line, id, length) == 0 && line[length] == '=')
			return line + length + 1;
	}
	return NULL;
}

/* The answer that was given, or the usual one. Where nobody is asked, `note` tells what was done
 * without asking. */
static const char *answer(struct callbacks *c, const struct package_question *q, const char *note)
{
	const char *given = questions_find(c->answers, q->id);
	if (given)
		return given;
	int sent = 0;
	if (c->asks && !c->broken)
		sent = wire_send_question(c->out, q, NULL);
	else if (note && !c->silent && !c->broken)
		sent = wire_send_text(c->out, WIRE_NOTE, note, NULL);
	c->broken |= sent < 0;
	return q->usual;
}

static bool is_yes(struct callbacks *c, const struct package_question *q, const char *note)
{
	return strcmp(answer(c, q, note), "yes") == 0;
}

enum { TEXT_BYTES = 2048 };

static void ignored(struct callbacks *c, alpm_question_install_ignorepkg_t *a)
{
	char id[TEXT_BYTES], text[TEXT_BYTES], note[TEXT_BYTES];
	const char *name = alpm_pkg_get_name(a->pkg);
	snprintf(id, sizeof id, "ignored %s", name);
	snprintf(text, sizeof text, "%s stands in IgnorePkg or IgnoreGroup. Install it?", name);
	snprintf(note, sizeof note,
		"%s stands in IgnorePkg or IgnoreGroup, but was asked for: it is installed", name);
	a->install = is_yes(c, &(struct package_question){id, text, "yes", {NULL, 0}}, note);
}

static void replaced(struct callbacks *c, alpm_question_replace_t *a)
{
	char id[TEXT_BYTES], text[TEXT_BYTES], note[TEXT_BYTES];
	const char *old = alpm_pkg_get_name(a->oldpkg), *new = alpm_pkg_get_name(a->newpkg);
	snprintf(id, sizeof id, "replace %s %s", old, new);
	snprintf(text, sizeof text, "Replace %s with %s/%s?", old, alpm_db_get_name(a->newdb), new);
	snprintf(note, sizeof note, "%s is replaced by %s", old, new);
	a->replace = is_yes(c, &(struct package_question){id, text, "yes", {NULL, 0}}, note);
}

static void in_the_way(struct callbacks *c, alpm_question_conflict_t *a)
{
	char id[TEXT_BYTES], text[TEXT_BYTES];
	const char *first = compat_conflict_first(a->conflict);
	const char *second = compat_conflict_second(a->conflict);
	snprintf(id, sizeof id, "conflict %s %s", first, second);
	snprintf(text, sizeof text, "%s and %s are in conflict. Remove %s?", first, second, second);
	a->remove = is_yes(c, &(struct package_question){id, text, "no", {NULL, 0}}, NULL);
}

static void unresolved(struct callbacks *c, alpm_question_remove_pkgs_t *a)
{
	char text[TEXT_BYTES];
	size_t used = 0;
	alpm_list_for (item, a->packages) {
		int n = snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
			alpm_pkg_get_name(item->data));
		if (n < 0 || (used += (size_t)n) >= sizeof text / 2)
			break;
	}
	snprintf(text + used, sizeof text - used,
		": dependencies cannot be resolved. Leave these packages as they are?");
	a->skip = is_yes(c, &(struct package_question){"skip", text, "no", {NULL, 0}}, NULL);
}

/* Usually the first in the order of the repositories. */
static void provider(struct callbacks *c, alpm_question_select_provider_t *a)
{
	char id[TEXT_BYTES], text[TEXT_BYTES], note[TEXT_BYTES];
	auto_strings names = {0};
	char *want = alpm_dep_compute_string(a->depend);
	a->use_index = 0;
	/* The index is one of the whole list: without all names there is no choice. */
	alpm_list_for (item, a->providers)
		if (strings_add(&names, alpm_pkg_get_name(item->data), NULL) < 0) {
			strings_free(&names);
			break;
		}
	if (want && names.count) {
		snprintf(id, sizeof id, "provider %s", want);
		snprintf(text, sizeof text, "%zu packages provide %s. Which?", names.count, want);
		snprintf(note, sizeof note, "%s: %s is chosen of %zu providers", want,
			names.items[0], names.count);
		const char *name = answer(
			c, &(struct package_question){id, text, names.items[0], names}, note);
		for (size_t i = 0; i < names.count; i++)
			if (strcmp(names.items[i], name) == 0)
				a->use_index = (int)i;
	}
	free(want);
}

void questions_answer(void *arg, alpm_question_t *question)
{
	struct callbacks *c = arg;
	switch (question->type) {
	case ALPM_QUESTION_INSTALL_IGNOREPKG:
		ignored(c, &question->install_ignorepkg);
		break;
	case ALPM_QUESTION_REPLACE_PKG:
		replaced(c, &question->replace);
		break;
	case ALPM_QUESTION_CONFLICT_PKG:
		in_the_way(c, &question->conflict);
		break;
	case ALPM_QUESTION_REMOVE_PKGS:
		unresolved(c, &question->remove_pkgs);
		break;
	case ALPM_QUESTION_SELECT_PROVIDER:
		provider(c, &question->select_provider);
		break;
	default: /* delete a bad file, import a key: no */
		question->any.answer = 0;
		break;
	}
}
