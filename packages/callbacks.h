/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libalpm says and asks while it works, in the child inside: told to the parent, answered as
 * `pacman --noconfirm` would, and watched for failures that libalpm calls success. */
#ifndef PACKAGES_CALLBACKS_H
#define PACKAGES_CALLBACKS_H

#include <stdbool.h>
#include <stddef.h>

#include "packages/alpm_compat.h"
#include "lib/error.h"
#include "lib/text.h"

struct callbacks {
	int out; /* where wire_send_* write */
	alpm_handle_t *handle;
	const struct strings *answers; /* "ID=ANSWER" of a struct package_question; may be NULL */
	bool asks; /* somebody is there to be asked: what is not answered yet is sent to him */
	size_t total; /* packages to add and to remove */
	size_t done;
	bool planning; /* warnings are notes: nothing was done yet */
	bool silent; /* it was all said before */
	char current[300]; /* "package lxc", "hook 20-x.hook"; empty: libalpm itself */
	bool ships_keyrings; /* the current package does */
	bool lacks_secret_key; /* pacman-key said so since the current package began */
	/* The first failure that a return value does not tell, and how many there were. */
	char failure[4500];
	size_t failures;
	char failed_package[256]; /* in whose midst the last failure came; empty: in none's */
	size_t done_before; /* packages, when it came */
	/* Told before libalpm opens a package's file to install it, and when it was; may be NULL.
	 */
	void (*begins)(void *arg, const char *package);
	void (*ended)(void *arg, const char *package);
	void *arg;
	bool disk_full; /* it was when a failure came: libalpm loses errno on the way */
	bool broken; /* the parent does not listen any more */
};

/* `c` outlives the handle. */
void callbacks_install(struct callbacks *c, alpm_handle_t *h);
/* 0, or ERROR_PACKAGES with the first failure; ERROR_SPACE where the disk was full then. */
int callbacks_check(const struct callbacks *c, struct error **e) must_check;

#endif
