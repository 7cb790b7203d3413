/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of an archive under extraction: cleaned, and remembered with their types.
 *
 * The directory starts empty, so the set is a model of it: what lies at a path is known without
 * asking the disk, and no name can go through a symlink. For lib/tar*.c only. */
#ifndef LIB_TAR_NAMES_H
#define LIB_TAR_NAMES_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

enum { TAR_NAME_MAX = 4096 }; /* PATH_MAX, with the NUL */

/* "./a//b/." becomes "a/b"; the root becomes ".". ERROR_TRUST for an absolute path, "..", an empty
 * or too long one. */
int tar_name_clean(const char *path, char to[TAR_NAME_MAX], struct error **e) must_check;

struct tar_names;

/* At most `limit` names, directories that are only named as parents among them. */
struct tar_names *tar_names_new(uint64_t limit, struct error **e) must_check;
/* A clean name of `type` (S_IFREG…) comes: its parents must be directories, and where the name
 * itself was there before, it must have been of this type. */
int tar_names_admit(
	struct tar_names *n, const char *name, mode_t type, struct error **e) must_check;
/* The type of a clean name that was admitted, 0 where none was. */
mode_t tar_names_type(const struct tar_names *n, const char *name);
void tar_names_free(struct tar_names *n);

#endif
