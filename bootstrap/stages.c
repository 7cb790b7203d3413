/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/stages.h"

#include <stdio.h>

#include "lib/fd.h"
#include "lib/interrupt.h"

int stages_run(const struct stages *s, void *flow, struct report *report, struct error **e)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct stage *row = &s->rows[i];
		auto_error *failure = NULL;
		if (interrupt_check(e) < 0)
			return -1;
		report_begin(report, row->name, (int)i + 1, (int)s->count, "%s", row->title);
		int r = s->enter ? s->enter(flow, row, (int)i + 1, &failure) : 0;
		if (r == 0)
			r = row->act(flow, &failure);
		report_end(report, r < 0 ? failure : NULL);
		if (r < 0) {
			if (e)
				*e = take(&failure);
			return -1;
		}
	}
	return 0;
}

void stages_print(const struct stages *s, struct report *report)
{
	for (size_t i = 0; i < s->count; i++) {
		char place[48];
		snprintf(place, sizeof place, "%zu of %zu", i + 1, s->count);
		report_result(report, "stage",
			(struct report_field[]){{"stage", place}, {"name", s->rows[i].name},
				{"what it does", s->rows[i].title}},
			3);
	}
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
