/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap install ROOT PKG… */
#include "cli/transaction.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	return transaction_verb(v, PACKAGES_INSTALL, 2, argc, argv, report, status, e);
}

static const struct option_row options[] = {
	{"needed", 0, OPTION_FLAG, TRANSACTION_AT(options.needed), NULL,
		"leave out what is up to date"},
	{"asdeps", 0, OPTION_FLAG, TRANSACTION_AT(options.asdeps), NULL,
		"record them as installed for others"},
	{"asexplicit", 0, OPTION_FLAG, TRANSACTION_AT(options.asexplicit), NULL,
		"record them, and what they need, as asked for"},
	TRANSACTION_FETCH_ROWS,
	TRANSACTION_ROWS,
};

const struct verb verb_install = {"install", "ROOT PKG|FILE|URL…",
	"install packages in ROOT: names, groups, 'lxc<1:7', package files", options,
	sizeof options / sizeof *options, run};
