/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The package manager bridge as a flow: install, uninstall and refresh on a finished ROOT.
 *
 * One table of rows: look (root, clock, mirrors, databases, plan), show and ask, then change
 * (environment, packages, hooks, restart). Where the environment is up it is used and stays up;
 * where it is not, one is started for the scriptlets and hooks and ends again. */
#ifndef BOOTSTRAP_TRANSACTION_H
#define BOOTSTRAP_TRANSACTION_H

#include <stdbool.h>

#include "bootstrap/config.h"
#include "bootstrap/stages.h"
#include "lib/error.h"
#include "lib/report.h"
#include "packages/packages.h"

/* As the command line gave it, in pacman's words. */
struct transaction_options {
	enum package_operation operation;
	const char *root, *container; /* container NULL: ROOT itself */
	struct config_options config;
	struct strings targets, ignore, ignore_group, overwrite;
	bool needed, asdeps, asexplicit, downgrade;
	bool recursive, unneeded, cascade, nosave;
	bool print; /* show what would be done, and do nothing */
};

/* Who is asked. NULL members: nobody, the answer is the usual one and yes. */
struct transaction_asker {
	package_ask *question;
	/* After the plan was shown: 1 go on, 0 do not. */
	int (*proceed)(void *arg, const struct package_plan *plan, struct error **e);
	void *arg;
};

/* *declined: nothing was changed because the answer was no. */
int transaction_run(const struct transaction_options *o, const struct transaction_asker *asker,
	struct report *report, bool *declined, struct error **e) must_check;

/* The table of an operation, for --help and the tests. */
const struct stages *transaction_stages(enum package_operation operation);

#endif
