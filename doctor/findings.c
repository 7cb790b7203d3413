/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/findings.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/text.h"

static const char *const severities[] = {
	[FINDING_NO_BOOTSTRAP] = "no bootstrap",
	[FINDING_NO_CONTAINERS] = "no containers",
	[FINDING_LIMITED] = "limited",
	[FINDING_NOTE] = "note",
};

static void finding_free(struct finding *f)
{
	free(f->what);
	free(f->why);
	free(f->how);
	free(f->remedy);
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		finding_free(&f->items[i]);
	free(f->items);
	*f = (struct findings){0};
}

int findings_add(struct findings *f, enum finding_severity severity, enum error_code code,
	const struct finding_texts *texts, struct error **e)
{
	struct finding new = {.severity = severity, .code = code};
	new.what = text_copy(texts->what, e);
	new.why = text_copy(texts->why, e);
	new.how = text_copy(texts->how ? texts->how : "", e);
	new.remedy = text_copy(texts->remedy ? texts->remedy : "", e);
	void *more = reallocarray(f->items, f->count + 1, sizeof *f->items);
	if (more)
		f->items = more;
	if (!more || !new.what || !new.why || !new.how || !new.remedy) {
		finding_free(&new);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "findings");
	}
	f->items[f->count++] = new;
	return 0;
}

void findings_sort(struct findings *f)
{
	/* By insertion: few, and those alike must keep their order, which qsort(3) does not. */
	for (size_t i = 1; i < f->count; i++) {
		struct finding moved = f->items[i];
		size_t to = i;
		for (; to > 0 && f->items[to - 1].severity > moved.severity; to--)
			f->items[to] = f->items[to - 1];
		f->items[to] = moved;
	}
}

size_t findings_count(const struct findings *f, enum finding_severity severity)
{
	size_t count = 0;
	for (size_t i = 0; i < f->count; i++)
		count += f->items[i].severity == severity;
	return count;
}

void findings_report(const struct findings *f, bool all, struct report *report)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *x = &f->items[i];
		if (x->severity == FINDING_NOTE && !all)
			continue;
		const struct report_field fields[] = {
			{"severity", severities[x->severity]},
			{"what", x->what},
			{"why", x->why},
			{"how", x->how},
			{"remedy", x->remedy},
		};
		report_record(report, "finding", fields, sizeof fields / sizeof *fields);
	}
}

int findings_verdict(const struct findings *f, struct error **e)
{
	const struct finding *worst = NULL;
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].severity <= FINDING_NO_CONTAINERS &&
			(!worst || f->items[i].severity < worst->severity))
			worst = &f->items[i];
	if (!worst)
		return 0;
	if (worst->severity == FINDING_NO_BOOTSTRAP)
		error_set(e, worst->code, 0, "nothing can be made of this machine as it is: %s",
			worst->what);
	else
		error_set(e, ERROR_CONTAINER, 0, "a root, but no containers: %s", worst->what);
	return *worst->remedy ? error_hint(e, "%s", worst->remedy)
			      : error_hint(e, "see the findings above");
}
