/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages that the user named by a file or an address: what `pacman -U` takes.
 *
 * Each is opened once and verified as LocalFileSigLevel or RemoteFileSigLevel of the root's conf
 * says, by FILE.sig beside it; what was opened is what is installed. */
#ifndef PACKAGES_GIVEN_H
#define PACKAGES_GIVEN_H

#include <stdbool.h>

#include "mirrors/verified.h"
#include "packages/packages.h"

struct given_package {
	char *name; /* the file's own, without directories */
	struct fetched *fetched; /* NULL once verified */
	struct verified *verified; /* NULL where it has no signature and needs none */
};
struct given_packages {
	struct given_package *items;
	size_t count;
};

/* Pure: is this target a file or an address, and no name of a package? */
bool given_is_meant(const char *target);
bool given_is_address(const char *target);
/* Adds one. An address is fetched into the context's cache and needs its source. ERROR_TRUST where
 * the signature is bad, or missing where one is demanded; ERROR_USAGE for two files of one name. */
int given_add(const struct packages_context *c, const char *target, struct given_packages *to,
	struct error **e) must_check;
/* NULL where none has this file name. */
const struct given_package *given_find(const struct given_packages *g, const char *name);
/* Borrowed descriptor of the file's bytes. */
int given_fd(const struct given_package *g);
void given_free(struct given_packages *g);
#define auto_given __attribute__((cleanup(given_free))) struct given_packages

#endif
