/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local database, NAME-VERSION/desc below var/lib/pacman/local, read and amended by hand. */
#ifndef PACKAGES_LOCAL_H
#define PACKAGES_LOCAL_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/error.h"

/* The version in the entry name "NAME-PKGVER-PKGREL", where it is that of `name`; else NULL. */
const char *local_entry_version(const char *entry, const char *name);
/* package_installed_version, of the root behind root_fd. */
char *local_version(int root_fd, const char *name, struct error **e) must_check;
/* Appends `desc` with `value` as the whole of %VALIDATION%. ERROR_ROOT for a desc without one. */
int local_with_validation(
	const char *desc, const char *value, struct buf *to, struct error **e) must_check;
/* In the child inside, under db.lck: the package's signature was good. libalpm, which saw no
 * signature, wrote `sha256`. */
int local_mark_signed(const char *name, const char *version, struct error **e) must_check;

#endif
