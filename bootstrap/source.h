/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the rootfs tarball comes from: the word of --from. */
#ifndef BOOTSTRAP_SOURCE_H
#define BOOTSTRAP_SOURCE_H

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/report.h"
#include "mirrors/fetch.h"
#include "mirrors/mirrors.h"

enum source_kind {
	SOURCE_MIRROR, /* a mirror, under the name of the architecture */
	SOURCE_PACKAGES, /* no tarball: packages from the mirrors */
	SOURCE_FILE, /* a file at hand, its signature beside it */
	SOURCE_URL, /* a file on the web, its signature beside it */
};

/* Zero-initialised is a mirror. */
struct source {
	enum source_kind kind;
	char *place; /* of a file or URL: as the user wrote it */
	char *name; /* the last part of `place`: what the tarball is called */
};

/* NULL and "mirror": a mirror; "packages". http(s)://… is a URL, anything else a file; one that is
 * called like a word of the option is written ./mirror. A file and its signature must be there and
 * be regular files: what would fail only later is said before anything happens. ERROR_USAGE,
 * ERROR_CONFIG, or ERROR_TRUST where there is no signature. */
int source_parse(const char *word, struct source *to, struct error **e) must_check;
/* Opens the file and reads its signature. A file that others than we may write is copied first, to
 * a file without a name in `dirfd`: they could change it after it was verified. */
struct fetched *source_open(const struct source *s, int dirfd, struct report *report,
	struct buf *signature, struct error **e) must_check;
/* For a URL: the one place to fetch `name` and its signature from, as a mirror's os/. */
struct mirrors *source_mirrors(const struct source *s, struct error **e) must_check;
void source_free(struct source *s);

#endif
