/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A root from packages alone: the stages fetch, verify and unpack of `bootstrap --from packages`.
 *
 * libalpm works inside a bare environment on the empty staging directory: holder, mounts and
 * nothing else, so that scriptlets and hooks find /proc and /dev from the first of them on, and
 * what they leave running ends with it. It is stopped when the packages are installed: the stage
 * `environment` starts on a root that is whole. */
#ifndef BOOTSTRAP_BASE_H
#define BOOTSTRAP_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "chroot/rootfs.h"
#include "chroot/target.h"
#include "lib/error.h"
#include "lib/openpgp.h"
#include "lib/report.h"
#include "lib/text.h"
#include "mirrors/fetch.h"

struct base;

/* Everything is borrowed and must outlive the base. */
struct base_settings {
	struct fetch_source source;
	const struct openpgp_keyring *keyring;
	const struct strings *packages; /* what is asked for beside `base` */
	bool alone; /* and not beside it: these, and what they need */
	const char *cache_dir; /* where the packages are kept */
	const char *staging_path; /* an empty directory */
	const struct target_facts *target; /* of the filesystem it lies on */
	const char *target_path; /* for messages */
	bool allow_old; /* databases */
};

struct base *base_new(const struct base_settings *s, struct error **e) must_check;
/* Which packages, and all of them into the cache. ERROR_SPACE before the first is asked for, where
 * they and what becomes of them does not fit. */
int base_fetch(struct base *b, struct error **e) must_check;
/* ERROR_TRUST for a package whose signature is not good. */
int base_verify(struct base *b, struct error **e) must_check;
/* Installs them all in one transaction of libalpm's, and stops the bare environment. */
int base_install(struct base *b, struct error **e) must_check;
/* Whether each package that was planned stands in the root's database as planned: libalpm calls
 * success what is not always one. */
int base_check(const struct base *b, const struct rootfs *r, struct error **e) must_check;
/* Stops what still runs; what lies in the staging directory is the caller's to delete. */
void base_free(struct base *b);

/* Pure: what it takes on the target, about. `have` bytes of the download are there already. */
uint64_t base_space(uint64_t download_size, uint64_t have, uint64_t installed_size);

#endif
