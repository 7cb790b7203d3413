/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/transaction_show.h"

#include "lib/text.h"

static const char *word(enum package_action action)
{
	static const char *const words[] = {
		[PACKAGE_INSTALL] = "install",
		[PACKAGE_UPGRADE] = "upgrade",
		[PACKAGE_REINSTALL] = "reinstall",
		[PACKAGE_REMOVE] = "remove",
		[PACKAGE_DOWNGRADE] = "downgrade",
	};
	return words[action];
}

static void show_package(const struct planned_package *k, struct report *report)
{
	char download[32] = "", installed[32] = "";
	bool removes = k->action == PACKAGE_REMOVE;
	if (!removes) {
		text_size(installed, sizeof installed, k->installed_size);
		text_size(download, sizeof download, k->repo ? k->packed_size : 0);
	}
	report_result(report, "change",
		(struct report_field[]){
			{"action", word(k->action)},
			{"package", k->name},
			{"from", k->old_version ? k->old_version : ""},
			{"to", removes ? "" : k->version},
			{"repository", k->repo ? k->repo : (removes ? "" : k->filename)},
			{"download", download},
			{"installed", installed},
		},
		7);
}

void transaction_show(const struct package_plan *p, struct report *report)
{
	char download[32], grows[32];
	if (!p->count) {
		report_note(report, "there is nothing to do");
		return;
	}
	for (size_t i = 0; i < p->count; i++)
		show_package(&p->packages[i], report);
	report_flush(report);
	bool more = p->installed_size >= p->old_size;
	text_size(download, sizeof download, p->download_size);
	text_size(grows, sizeof grows,
		more ? p->installed_size - p->old_size : p->old_size - p->installed_size);
	report_note(report, "%zu %s; %s to download; %s %s on disk", p->count,
		p->count == 1 ? "package" : "packages", download, grows, more ? "more" : "less");
}
