/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb `signature`: who signed a file, when, how, and whether we would take it. */
#ifndef BOOTSTRAP_SIGNATURE_H
#define BOOTSTRAP_SIGNATURE_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/report.h"

struct signature_options {
	const char *keyring; /* NULL: Arch Linux ARM's, built in */
	const char *time; /* NULL: the system's clock, where it can be right */
	bool second_opinion; /* ask gpgv, too */
};

/* Shows each signature in the file `signature` (NULL: `file` with ".sig") over `file`. Well where
 * bootstrap would take the file; ERROR_TRUST where not, and where gpgv disagrees; ERROR_CONFIG for
 * what cannot be read, ERROR_CLOCK where it is not known what time it is. */
int signature_show(const char *file, const char *signature, const struct signature_options *o,
	struct report *report, struct error **e) must_check;

#endif
