/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The context that the stages of a bootstrap share, for the files that have their acts. */
#ifndef BOOTSTRAP_FLOW_H
#define BOOTSTRAP_FLOW_H

#include <stdbool.h>

#include "bootstrap/acquire.h"
#include "bootstrap/base.h"
#include "bootstrap/config.h"
#include "bootstrap/place.h"
#include "bootstrap/ranked.h"
#include "chroot/environment.h"
#include "hooks/user.h"

/* The flow's context: each product once, owned here until flow_end. */
struct flow {
	const struct config *config;
	struct report *report;
	struct place *place;
	struct http_settings http;
	struct mirrors *mirrors;
	struct ranked ranked; /* what was found out about them */
	struct mirrors *origin; /* --from=URL: where the tarball is */
	struct acquired acquired; /* a tarball, or */
	struct base *base; /* packages */
	struct strings targets; /* of base */
	struct rootfs *rootfs;
	struct environment *environment;
	struct user_hooks hooks;
	bool staged; /* there is a staging directory to delete */
	bool committed; /* ROOT is complete, and what runs on it is its user's */
};

/* From a tarball; `arg` is the struct flow, here and below. */
int flow_fetch_tarball(void *arg, struct error **e) must_check;
int flow_verify_tarball(void *arg, struct error **e) must_check;
int flow_unpack_tarball(void *arg, struct error **e) must_check;
/* The hooks of a root that stands for the first time. */
int flow_look_over(struct flow *f, struct error **e) must_check;

/* The acts that have to do with packages. From a tarball: what is asked
 * for, into its environment. */
int flow_packages(void *arg, struct error **e) must_check;
/* From packages alone. */
int flow_fetch_packages(void *arg, struct error **e) must_check;
int flow_verify_packages(void *arg, struct error **e) must_check;
int flow_install_packages(void *arg, struct error **e) must_check;
int flow_check_packages(void *arg, struct error **e) must_check;

int flow_containers(void *arg, struct error **e) must_check;
int flow_show_containers(struct flow *f, struct error **e) must_check;

#endif
