/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap verify ROOT [PKG…] */
#include "packages/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bootstrap/managed.h"
#include "cli/option.h"
#include "containers/owners.h"
#include "lib/fd.h"

/* As many packages as the hint names. */
enum { NAMED_MAX = 8 };

struct choices {
	const char *container;
};

struct outcome {
	struct report *report;
	struct strings altered; /* names of packages, at most NAMED_MAX */
};

static int show(void *arg, const struct verify_finding *f, struct error **e)
{
	struct outcome *o = arg;
	report_result(o->report, "altered",
		(struct report_field[]){{"package", f->package}, {"path", f->path},
			{"what", f->what}, {"expected", f->expected}, {"found", f->found},
			{"backup", f->backup ? "yes" : "no"}},
		6);
	if (f->backup || o->altered.count == NAMED_MAX || strings_contain(&o->altered, f->package))
		return 0;
	return strings_add(&o->altered, f->package, e);
}

static void show_counts(const struct verify_counts *c, struct report *report)
{
	char packages[24], files[24], altered[24], backups[24], without[24];
	snprintf(packages, sizeof packages, "%" PRIu64, c->packages);
	snprintf(files, sizeof files, "%" PRIu64, c->files);
	snprintf(altered, sizeof altered, "%" PRIu64, c->altered);
	snprintf(backups, sizeof backups, "%" PRIu64, c->backups);
	snprintf(without, sizeof without, "%" PRIu64, c->without_mtree);
	report_result(report, "verified",
		(struct report_field[]){{"packages", packages}, {"files", files},
			{"altered", altered}, {"changed backups", backups},
			{"without mtree", without}},
		5);
}

/* `root` and `container` as they were given. */
static int tell_altered(const struct outcome *o, const struct verify_counts *c, const char *root,
	const char *container, struct error **e)
{
	auto_buf names = BUF(0);
	for (size_t i = 0; i < o->altered.count; i++)
		if (buf_printf(&names, e, " %s", o->altered.items[i]) < 0)
			return -1;
	error_set(e, ERROR_PACKAGES, 0,
		"%s: %" PRIu64 " files of %" PRIu64 " packages are not as they were installed",
		root, c->altered, c->altered_packages);
	return error_hint(e,
		"install anew what you did not change yourself: alarmstrap install %s%s%s%s%s",
		root, container ? " --container " : "", container ? container : "",
		buf_text(&names), c->altered_packages > o->altered.count ? " …" : "");
}

static int verify(const char *root, const struct choices *choices, const struct strings *names,
	struct report *report, struct error **e)
{
	auto_managed m = {NULL, NULL, NULL};
	struct outcome o = {.report = report};
	struct verify_counts counts = {0};
	struct container_idmap map = {0, 0};
	if (managed_open(&m, root, choices->container, report, e) < 0 ||
		(choices->container && owners_map(m.rootfs, &map, e) < 0))
		return -1;
	const struct verify_request request = {
		.rootfs = m.rootfs,
		.conf = m.conf,
		.names = names,
		.report = report,
		.owner_base = map.base,
		.owner_count = map.count,
		.found = show,
		.arg = &o,
	};
	report_begin(report, "verify", 0, 0, "%s", rootfs_path(m.rootfs));
	int r = verify_packages(&request, &counts, e);
	report_end(report, r < 0 && e ? *e : NULL);
	if (r == 0)
		show_counts(&counts, report);
	if (r == 0 && counts.altered)
		r = tell_altered(&o, &counts, root, choices->container, e);
	strings_free(&o.altered);
	return r;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {NULL};
	auto_strings operands = {0}, names = {0};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 4096, e) < 0)
		return -1;
	for (size_t i = 1; i < operands.count; i++)
		if (strings_add(&names, operands.items[i], e) < 0)
			return -1;
	return verify(operands.items[0], &c, &names, report, e);
}

static const struct option_row options[] = {
	{"container", 0, OPTION_TEXT, offsetof(struct choices, container), "NAME",
		"look at the rootfs of this LXC container of ROOT"},
};

const struct verb verb_verify = {"verify", "ROOT [PKG…]",
	"compare every installed file with what its package says of it", options,
	sizeof options / sizeof *options, run};
