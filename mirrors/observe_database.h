/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/observe*: what a mirror's database tells of the mirror. */
#ifndef MIRRORS_OBSERVE_DATABASE_H
#define MIRRORS_OBSERVE_DATABASE_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/error.h"

struct database_facts {
	int64_t newest_s; /* newest BUILDDATE */
	char *file; /* of a large package; NULL: none */
	uint64_t size; /* of that file, in bytes */
};

int database_hash(const struct buf *body, char hex[DIGEST_HEX_MAX], struct error **e) must_check;
/* Reads it in a worker, as any database. ERROR_TRUST where it is none. */
int database_look(
	const struct buf *body, struct database_facts *facts, struct error **e) must_check;
int database_facts_copy(
	struct database_facts *to, const struct database_facts *from, struct error **e) must_check;
void database_facts_free(struct database_facts *f);

#endif
