/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb mirrors: which there are, how good they are, and the best into ROOT's mirrorlist. */
#ifndef BOOTSTRAP_SURVEY_H
#define BOOTSTRAP_SURVEY_H

#include <stdbool.h>

#include "bootstrap/config.h"
#include "lib/error.h"
#include "lib/report.h"

struct survey_options {
	const char *root; /* NULL: none */
	const char *container; /* of it */
	bool rank; /* ask them; else tell what is known */
	bool print; /* tell which would be asked, and do nothing */
	struct config_options config;
	struct strings lists; /* files in the syntax of a mirrorlist */
};

/* One result row a mirror. Where --mirror, lists or the configuration file name some, it is those;
 * else those of ROOT; else Arch Linux ARM's own. */
int survey_run(const struct survey_options *o, struct report *report, struct error **e) must_check;

#endif
