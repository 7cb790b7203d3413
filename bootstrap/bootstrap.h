/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main job: from an absent directory to a ROOT with running containers. */
#ifndef BOOTSTRAP_BOOTSTRAP_H
#define BOOTSTRAP_BOOTSTRAP_H

#include "bootstrap/config.h"
#include "bootstrap/stages.h"
#include "lib/error.h"
#include "lib/report.h"

/* Does it all. On error neither ROOT nor a mount nor a process is left; downloads are. A finished
 * ROOT is said to be so, and only the containers asked for are made and started in it. */
int bootstrap_run(const struct config *config, struct report *report, struct error **e) must_check;
/* Shows the stages, and the user's hooks among them. */
int bootstrap_print(
	const struct config *config, struct report *report, struct error **e) must_check;
/* The flow's table, for its tests and the documentation. Both have the same stages by name. */
const struct stages *bootstrap_stages(bool from_packages);

#endif
