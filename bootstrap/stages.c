/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/stages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/interrupt.h"

int stages_run(const struct stages *s, void *flow, struct report *report, struct error **e)
{
	size_t total = s->total ? s->total : s->count;
	for (size_t i = 0; i < s->count; i++) {
		const struct stage *row = &s->rows[i];
		int place = (int)(s->before + i) + 1;
		auto_error *failure = NULL;
		if (interrupt_check(e) < 0)
			return -1;
		report_begin(report, row->name, place, (int)total, "%s", row->title);
		int r = s->enter ? s->enter(flow, row, place, &failure) : 0;
		if (r == 0)
			r = row->act(flow, &failure);
		if (r == 0 && s->leave)
			r = s->leave(flow, row, &failure);
		report_end(report, r < 0 ? failure : NULL);
		if (r < 0) {
			if (e)
				*e = take(&failure);
			return -1;
		}
	}
	return 0;
}

static void print_row(struct report *report, const char *stage, const char *name, const char *what)
{
	report_result(report, "stage",
		(struct report_field[]){{"stage", stage}, {"name", name}, {"what it does", what}},
		3);
}

static void print_hooks(
	const struct user_hooks *hooks, const char *stage, bool after, struct report *report)
{
	for (size_t i = 0; i < hooks->count; i++)
		if (user_hook_is_at(&hooks->items[i], stage, after))
			print_row(report, "hook", hooks->items[i].name, hooks->items[i].path);
}

void stages_print(const struct stages *s, const struct user_hooks *hooks, struct report *report)
{
	for (size_t i = 0; i < s->count; i++) {
		char place[48];
		snprintf(place, sizeof place, "%zu of %zu", i + 1, s->count);
		print_hooks(hooks, s->rows[i].name, false, report);
		print_row(report, place, s->rows[i].name, s->rows[i].title);
		print_hooks(hooks, s->rows[i].name, true, report);
	}
}

int stages_hooks(const struct stages *s, const struct strings *dirs, struct user_hooks *hooks,
	struct error **e)
{
	struct user_stage *auto_free names = calloc(s->count, sizeof *names);
	unsigned have = s->given;
	if (!names)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "stages");
	for (size_t i = 0; i < s->count; i++) {
		names[i].name = s->rows[i].name;
		names[i].inside_before = s->inside && (have & s->inside) == s->inside;
		have |= s->rows[i].gives;
		names[i].inside_after = s->inside && (have & s->inside) == s->inside;
	}
	return user_hooks_read(hooks, dirs, &(struct user_stages){names, s->count}, e);
}

int stages_first_unmet(const struct stages *s)
{
	unsigned have = s->given;
	for (size_t i = 0; i < s->count; i++) {
		if ((s->rows[i].needs & have) != s->rows[i].needs)
			return (int)i;
		have |= s->rows[i].gives;
	}
	return -1;
}
