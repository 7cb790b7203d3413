/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes and POSIX ACLs of an archive's entries, filtered and set. For lib/tar*.c
 * only.
 */
#ifndef LIB_TAR_ATTRIBUTES_H
#define LIB_TAR_ATTRIBUTES_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/tar.h"

struct archive_entry;
struct tar_late_attribute;

struct tar_attributes {
	uint64_t limit; /* bytes of one entry's attributes */
	struct tar_extracted *counts; /* where dropped ones are counted */
	struct tar_late_attribute *late;
	struct tar_late_attribute **late_end;
	uint64_t late_bytes;
};

/* Sets those of `entry` on the file at `name`, which is complete. A directory's wait for
 * tar_attributes_finish: its default ACL would be inherited by what is yet to be made in it. */
int tar_attributes_set(struct tar_attributes *a, const char *name, struct archive_entry *entry,
	struct error **e) must_check;
int tar_attributes_finish(struct tar_attributes *a, struct error **e) must_check;
void tar_attributes_free(struct tar_attributes *a);

#endif
