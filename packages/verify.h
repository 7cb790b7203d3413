/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every installed file against what its package's mtree says of it, as `pacman -Qkk` does: type,
 * owner, mode, link, time, size and, unlike pacman before 6.1, SHA-256.
 *
 * ROOT is read in a worker that is chrooted into it and changes nothing: no link leads out, and
 * what lies in ROOT's database is foreign. All cores take part. */
#ifndef PACKAGES_VERIFY_H
#define PACKAGES_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"
#include "mirrors/pacman_conf.h"

/* One thing that differs; a file may have several. All strings may hold foreign bytes. */
struct verify_finding {
	const char *package, *path; /* "/usr/bin/sh" */
	/* "missing", "type", "owner", "mode", "link", "time", "size", "sha256", "unreadable" */
	const char *what;
	const char *expected, *found;
	/* A configuration file (pacman's %BACKUP%) of which the content was changed: that is what
	 * it is for. */
	bool backup;
};

struct verify_counts {
	uint64_t packages, files;
	uint64_t altered; /* files with a finding that is no backup's */
	uint64_t altered_packages; /* with such files */
	uint64_t backups; /* files with a backup's only */
	uint64_t without_mtree; /* packages that nothing is known of */
};

struct verify_request {
	const struct rootfs *rootfs;
	const struct pacman_conf *conf; /* ROOT's, for NoExtract and DBPath; may be NULL */
	const struct strings *names; /* of packages; empty: all */
	struct report *report; /* progress, and which packages have no mtree */
	/* A rootfs whose ids 0 to owner_count - 1 are `owner_base` and up here: of an unprivileged
	 * container. Both 0: none is shifted. */
	uint32_t owner_base, owner_count;
	/* In the order of packages' names and of their mtrees. */
	int (*found)(void *arg, const struct verify_finding *f, struct error **e);
	void *arg;
};

/* 0 whatever was found. ERROR_ROOT where there is no package database, ERROR_PACKAGES for a name
 * that is not installed. */
int verify_packages(
	const struct verify_request *r, struct verify_counts *counts, struct error **e) must_check;

#endif
