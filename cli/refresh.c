/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap refresh ROOT [PKG…] */
#include "cli/transaction.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	return transaction_verb(v, PACKAGES_REFRESH, 1, argc, argv, report, status, e);
}

static const struct option_row options[] = {
	{"downgrade", 0, OPTION_FLAG, TRANSACTION_AT(options.downgrade), NULL,
		"go to what the mirror has where that is older, as pacman -Syuu"},
	{"needed", 0, OPTION_FLAG, TRANSACTION_AT(options.needed), NULL,
		"leave out what is up to date"},
	{"asdeps", 0, OPTION_FLAG, TRANSACTION_AT(options.asdeps), NULL,
		"record PKG as installed for others"},
	{"asexplicit", 0, OPTION_FLAG, TRANSACTION_AT(options.asexplicit), NULL,
		"record PKG, and what it needs, as asked for"},
	TRANSACTION_FETCH_ROWS,
	TRANSACTION_ROWS,
};

const struct verb verb_refresh = {"refresh", "ROOT [PKG…]",
	"fetch the package databases and upgrade everything in ROOT", options,
	sizeof options / sizeof *options, run};
