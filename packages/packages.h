/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libalpm bridge: what is wanted, solved against the mirrors, fetched, verified, installed.
 *
 * libalpm runs in a child inside the environment with a mount namespace of its own: over its sync
 * directory lies a tmpfs with databases that syncdb wrote anew, and its package cache holds only
 * files whose signature was verified. It never touches the network. Three steps, three types: a
 * plan is made without changing anything, its files are fetched and verified, only then it is
 * committed. */
#ifndef PACKAGES_PACKAGES_H
#define PACKAGES_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/openpgp.h"
#include "lib/report.h"
#include "mirrors/fetch.h"
#include "mirrors/pacman_conf.h"

struct packages_context {
	const struct rootfs *rootfs;
	const struct environment *environment;
	const struct fetch_source *source;
	const struct openpgp_keyring *keyring;
	const struct pacman_conf *conf; /* the root's own */
	const char *cache_dir; /* extra cache on the host, NULL: ROOT's var/cache/pacman/pkg */
	struct report *report;
};

/* The databases of every repository of the conf, fetched and read. */
struct databases;
struct databases *databases_sync(const struct packages_context *c, struct error **e) must_check;
void databases_free(struct databases *d);

enum package_action {
	PACKAGE_INSTALL,
	PACKAGE_UPGRADE,
	PACKAGE_REINSTALL,
	PACKAGE_REMOVE,
	PACKAGE_DOWNGRADE, /* the repository's is older than what is installed */
};
struct planned_package {
	enum package_action action;
	bool asked; /* a target itself, and not what a target needs */
	char *name, *version, *old_version; /* old NULL on install, version NULL on remove */
	char *repo, *filename;
	uint64_t packed_size, installed_size;
};
struct package_plan {
	struct planned_package *packages;
	size_t count;
	uint64_t download_size, installed_size;
};
/* What installing `targets` (names, provisions, groups, "lxc<1:7") would do; `needed`: what is up
 * to date is left out. An empty plan is no error. ERROR_PACKAGES names what cannot be found or
 * solved. */
struct package_plan *package_plan_install(const struct packages_context *c,
	const struct databases *d, const struct strings *targets, bool needed,
	struct error **e) must_check;
void package_plan_free(struct package_plan *p);

/* Fetches and verifies each file of the plan, then commits it by libalpm. Scriptlets' and hooks'
 * output goes to the report line by line; one that fails is ERROR_PACKAGES although libalpm calls
 * it success. */
int package_plan_commit(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e) must_check;

/* Version of an installed package, malloc'd; NULL without an error where it is not installed. Reads
 * ROOT's local database by descriptor, without libalpm. */
char *package_installed_version(
	const struct rootfs *r, const char *name, struct error **e) must_check;

#endif
