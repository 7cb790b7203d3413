/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libalpm handle made from the root's own pacman.conf. Only in the child inside. */
#ifndef PACKAGES_HANDLE_H
#define PACKAGES_HANDLE_H

#include "packages/alpm_compat.h"
#include "packages/databases.h"

/* `arch` stands for "auto". Signature levels stay 0: what libalpm can reach was verified. */
alpm_handle_t *handle_open(const struct pacman_conf *conf, const char *arch,
	const struct databases *d, struct error **e) must_check;
/* The options alone, on a handle that is there. */
int handle_apply(alpm_handle_t *h, const struct pacman_conf *conf, const char *arch,
	struct error **e) must_check;
/* What the wish says besides the conf: --ignore and the like. */
int handle_add_wish(alpm_handle_t *h, const struct package_wish *wish, struct error **e) must_check;
/* Ends a transaction, too, with its lock. */
void handle_close(alpm_handle_t *h);
/* What libalpm says of its last failure, as an error: "WHAT: could not find database". */
int handle_error(alpm_handle_t *h, const char *what, struct error **e);

#endif
