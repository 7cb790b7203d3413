/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap query ROOT [PKG…] */
#include "bootstrap/managed.h"
#include "cli/option.h"

struct choices {
	const char *container;
	struct strings owns;
	bool upgrades, list, why, explicit, deps, unrequired, orphans, foreign;
};

/* One question at a time; filters go with packages and upgrades. */
static int choose(const struct choices *c, const struct strings *words, struct package_query *q,
	struct error **e)
{
	int kinds = c->upgrades + c->list + c->why + (c->owns.count != 0);
	if (kinds > 1)
		return error_set(e, ERROR_USAGE, 0,
			"query: --upgrades, --list, --why and --owns are questions of their own");
	if ((c->list || c->why) && !words->count)
		return error_set(e, ERROR_USAGE, 0, "query: of which package?");
	if (c->owns.count && words->count)
		return error_set(
			e, ERROR_USAGE, 0, "query: '%s' is one word too many", words->items[0]);
	*q = (struct package_query){
		.kind = c->upgrades	? QUERY_UPGRADES
			: c->list	? QUERY_LIST
			: c->why	? QUERY_WHY
			: c->owns.count ? QUERY_OWNS
					: QUERY_PACKAGES,
		.words = c->owns.count ? &c->owns : words,
		.explicit = c->explicit,
		.deps = c->deps || c->orphans,
		.unrequired = c->unrequired || c->orphans,
		.foreign = c->foreign,
	};
	return 0;
}

static int query(const char *root, const struct choices *c, const struct strings *words,
	struct report *report, struct error **e)
{
	auto_managed m = {NULL, NULL, NULL};
	struct package_query q;
	if (choose(c, words, &q, e) < 0 || managed_open(&m, root, c->container, report, e) < 0)
		return -1;
	struct packages_context context = managed_context(&m, report);
	struct databases *d = databases_remembered(&context, e);
	if (!d)
		return -1;
	int rows = -1;
	if ((c->upgrades || c->foreign) && !databases_count(d)) {
		error_set(e, ERROR_PACKAGES, 0, "%s has no package databases yet", root);
		error_hint(e, "fetch them: alarmstrap refresh %s", root);
	} else {
		rows = package_query(&context, d, &q, e);
	}
	databases_free(d);
	if (rows == 0)
		report_note(report, "there are none");
	return rows < 0 ? -1 : 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {0};
	auto_strings operands = {0}, words = {0};
	int r = -1;
	if (options_parse(v, argc, argv, &c, &operands, e) == 0 &&
		options_operands(v, &operands, 1, 4096, e) == 0)
		r = 0;
	for (size_t i = 1; r == 0 && i < operands.count; i++)
		r = strings_add(&words, operands.items[i], e);
	if (r == 0)
		r = query(operands.items[0], &c, &words, report, e);
	strings_free(&c.owns);
	return r;
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"upgrades", 'u', OPTION_FLAG, AT(upgrades), NULL,
		"those of which the last refresh saw a newer version"},
	{"explicit", 'e', OPTION_FLAG, AT(explicit), NULL, "only what was asked for"},
	{"deps", 'd', OPTION_FLAG, AT(deps), NULL, "only what was installed for others"},
	{"unrequired", 't', OPTION_FLAG, AT(unrequired), NULL, "only what nobody needs"},
	{"orphans", 0, OPTION_FLAG, AT(orphans), NULL, "--deps and --unrequired together"},
	{"foreign", 0, OPTION_FLAG, AT(foreign), NULL, "only what no repository has"},
	{"owns", 'o', OPTION_EACH, AT(owns), "FILE",
		"which package this file of the root belongs to"},
	{"list", 'l', OPTION_FLAG, AT(list), NULL, "the files of PKG"},
	{"why", 0, OPTION_FLAG, AT(why), NULL, "why PKG is installed: who needs it, who asked"},
	{"container", 0, OPTION_TEXT, AT(container), "NAME",
		"look at the rootfs of this LXC container of ROOT"},
};

const struct verb verb_query = {"query", "ROOT [PKG…]", "tell what is installed in ROOT, and why",
	options, sizeof options / sizeof *options, run};
