/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One package's desc on its way through the database reader: text, record, package.
 *
 * The worker cuts the text into fields and sends them in a record; the parent believes nothing of
 * it, checks each field and forms the text anew. Both are pure. For mirrors/syncdb.c only. */
#ifndef MIRRORS_SYNCDB_DESC_H
#define MIRRORS_SYNCDB_DESC_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/error.h"
#include "mirrors/syncdb.h"

/* Worker: the desc of the directory NAME-VERSION as a record. 1, or 0 where it cannot be read. */
int syncdb_desc_encode(const char *directory, const char *text, size_t length, struct buf *record,
	struct error **e) must_check;

/* Parent: 1 a package (its strings are the caller's), 0 one that must be dropped, -1 bytes that are
 * no record at all. */
int syncdb_desc_decode(const unsigned char *record, size_t length, struct syncdb_package *p,
	struct error **e) must_check;
/* Frees what it holds, not the struct. */
void syncdb_package_clear(struct syncdb_package *p);

#endif
