/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The context that the stages of a container in the making share, for the files that have its acts.
 */
#ifndef BOOTSTRAP_CONTAINER_IMPL_H
#define BOOTSTRAP_CONTAINER_IMPL_H

#include <net/if.h>

#include "bootstrap/acquire.h"
#include "bootstrap/base.h"
#include "bootstrap/container.h"
#include "bootstrap/managed.h"
#include "bootstrap/ranked.h"
#include "chroot/target.h"
#include "containers/facts.h"
#include "containers/staging.h"

/* Each product once, owned here until the end. */
struct making {
	const struct container_options *options;
	struct container_spec spec;
	struct report *report;
	struct config *config;
	struct managed managed; /* ROOT */
	struct environment *environment; /* ROOT's */
	struct container_facts facts;
	char link[IFNAMSIZ]; /* of the spec's network */
	struct container_staging *staging;
	struct target_facts target;
	struct http_settings http;
	struct mirrors *mirrors, *origin; /* origin: of a tarball's URL */
	struct ranked ranked;
	struct acquired acquired; /* a tarball, or */
	struct base *base; /* packages */
	char *cache_dir;
	struct rootfs *rootfs; /* the container's */
};

/* What an unpacked rootfs needs to be a container's: hooks, name, init. `arg` is the struct making.
 */
int making_furnish(void *arg, struct error **e) must_check;
/* Its owners, its configuration, its name. */
int making_commit(void *arg, struct error **e) must_check;

#endif
