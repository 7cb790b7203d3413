/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New containers in a finished ROOT, as a flow: look, fetch, verify, unpack, furnish, commit.
 *
 * An Arch container is made as ROOT was, by our own bridge, from ROOT's mirrors and with its cache
 * of packages, or from a tarball that is verified as `bootstrap` does. With a template of LXC's, by
 * lxc-create. The environment is started where it is not up. */
#ifndef BOOTSTRAP_CONTAINER_H
#define BOOTSTRAP_CONTAINER_H

#include <stdbool.h>

#include "bootstrap/config.h"
#include "bootstrap/stages.h"
#include "chroot/environment.h"
#include "containers/spec.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

/* As the command line gave it. */
struct container_options {
	const char *root;
	struct container_spec spec;
	struct config_options config; /* `from` NULL: packages */
	const char *template; /* NULL: none; "busybox" */
	struct strings packages; /* none: base */
	bool privileged; /* wanted; else only where the kernel leaves no choice */
	bool print;
};

int container_make(
	const struct container_options *o, struct report *report, struct error **e) must_check;

/* For the test of the tables. */
enum container_source { CONTAINER_PACKAGES, CONTAINER_TARBALL, CONTAINER_TEMPLATE };
const struct stages *container_stages(enum container_source source);

#endif
