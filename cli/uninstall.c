/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap uninstall ROOT PKG… */
#include "cli/transaction.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	return transaction_verb(v, PACKAGES_UNINSTALL, 2, argc, argv, report, status, e);
}

static const struct option_row options[] = {
	{"recursive", 's', OPTION_FLAG, TRANSACTION_AT(options.recursive), NULL,
		"and what was installed for them and nobody else needs"},
	{"unneeded", 'u', OPTION_FLAG, TRANSACTION_AT(options.unneeded), NULL,
		"only those that no other package needs"},
	{"cascade", 0, OPTION_FLAG, TRANSACTION_AT(options.cascade), NULL,
		"and every package that needs them"},
	{"nosave", 'n', OPTION_FLAG, TRANSACTION_AT(options.nosave), NULL,
		"do not save changed configuration files as FILE.pacsave"},
	TRANSACTION_ROWS,
};

const struct verb verb_uninstall = {"uninstall", "ROOT PKG…", "remove packages from ROOT", options,
	sizeof options / sizeof *options, run};
