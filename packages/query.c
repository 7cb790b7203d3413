/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/query.h"

#include <errno.h>

#include "packages/inside.h"
#include "packages/local.h"
#include "packages/packages.h"

char *package_installed_version(const struct rootfs *r, const char *name, struct error **e)
{
	auto_error *failure = NULL;
	char *version = local_version(rootfs_fd(r), name, &failure);
	if (!failure)
		return version;
	error_wrap(&failure, "package database of %s", rootfs_path(r));
	error_set(e, error_code(failure), 0, "%s", error_message(failure));
	error_hint(e, "%s", error_remedy(failure));
	return NULL;
}

enum { COLUMNS_MAX = 5 };
static const struct {
	const char *kind;
	size_t count;
	const char *names[COLUMNS_MAX];
} shapes[] = {
	[QUERY_PACKAGES] = {"package", QUERY_PACKAGES_VALUES,
		{"package", "version", "reason", "size"}},
	[QUERY_UPGRADES] = {"upgrade", QUERY_UPGRADES_VALUES,
		{"package", "from", "to", "repository", "ignored"}},
	[QUERY_OWNS] = {"owner", QUERY_OWNS_VALUES, {"file", "package", "version"}},
	[QUERY_LIST] = {"file", QUERY_LIST_VALUES, {"package", "file"}},
	[QUERY_WHY] = {"why", QUERY_WHY_VALUES,
		{"package", "reason", "needed by", "optional for", "asked for by"}},
};

struct rows {
	struct report *report;
	enum package_query_kind kind;
	int count;
};

static int show_row(void *arg, const struct strings *values, struct error **e)
{
	struct rows *rows = arg;
	struct report_field fields[COLUMNS_MAX];
	if (values->count != shapes[rows->kind].count)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "read what the package child sent");
	for (size_t i = 0; i < values->count; i++)
		fields[i] = (struct report_field){shapes[rows->kind].names[i], values->items[i]};
	report_result(rows->report, shapes[rows->kind].kind, fields, values->count);
	rows->count++;
	return 0;
}

int package_query(const struct packages_context *c, const struct databases *d,
	const struct package_query *q, struct error **e)
{
	struct query_request request = {c, d, q};
	struct inside_setting setting = {.context = c, .databases = d};
	struct rows rows = {c->report, q->kind, 0};
	struct planned_package unexpected = {0};
	struct inside *child = inside_start(&setting, query_answer, &request, e);
	if (!child)
		return -1;
	inside_on_row(child, show_row, &rows);
	int got = inside_next(child, &unexpected, e);
	if (got == 1) {
		planned_package_free(&unexpected);
		got = error_set(e, ERROR_SYSTEM, EBADMSG, "read what the package child sent");
	}
	inside_free(child);
	report_flush(c->report);
	return got < 0 ? -1 : rows.count;
}
