/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker of packages/verify: its records, and what it does. Inside packages/verify*. */
#ifndef PACKAGES_VERIFY_INSIDE_H
#define PACKAGES_VERIFY_INSIDE_H

#include "lib/worker.h"
#include "packages/verify.h"
#include "packages/verify_file.h"

enum verify_record {
	VERIFY_RECORD_PROGRESS = WORKER_TYPE_FIRST, /* two uint64_t: files done, files in all */
	VERIFY_RECORD_NO_MTREE, /* the package's name */
	VERIFY_RECORD_FINDING, /* struct verify_head, then four texts, a NUL after each */
	VERIFY_RECORD_COUNTS, /* struct verify_counts */
};
struct verify_head {
	uint32_t what, backup;
};

struct verify_job {
	const char *db_path; /* in ROOT, absolute */
	const struct strings *names;
	const struct strings *no_extract;
	uint32_t owner_base, owner_count;
};

/* worker_body: arg is a struct verify_job. */
int verify_inside(struct worker_out *out, void *arg, struct error **e);

/* The database's entry "NAME-PKGVER-PKGREL" cut in place after the name; NULL for another form. */
char *verify_entry_cut(char *entry);
/* pacman's NoExtract: the last pattern that matches decides, and one with "!" means no. */
bool verify_not_extracted(const struct strings *patterns, const char *path);

#endif
