/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a root this device's and nobody else's: what its user says of it. */
#ifndef HOOKS_IDENTITY_H
#define HOOKS_IDENTITY_H

#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

struct identity {
	char *hostname; /* NULL: the tarball's stays */
	struct strings keys; /* lines of authorized_keys, for root and alarm */
	struct strings passwords; /* "USER:HASH" */
};

/* As the command line and the configuration file have it; NULL: not given. */
struct identity_words {
	const char *hostname, *authorized_keys, *passwords;
};
/* Checks the words and reads the files that they name, into an empty `to`. ERROR_CONFIG. */
int identity_read(
	struct identity *to, const struct identity_words *words, struct error **e) must_check;
void identity_free(struct identity *i);

/* Pure: letters, digits and hyphens, parts joined by dots (RFC 1123 section 2.1), at most the 64
 * bytes that uname(2) has room for. ERROR_CONFIG. */
int identity_check_hostname(const char *name, struct error **e) must_check;

/* For a finished root, which is its user's: warns of each wish that it does not meet. */
void identity_tell_unmet(
	const struct identity *wish, const struct rootfs *r, struct report *report);

/* Takes out of the root below root_fd what each device must have of its own: machine-id, SSH host
 * keys, random seeds, a pacman keyring that has a private key. Paths are added to `removed`. */
int identity_strip(int root_fd, struct strings *removed, struct error **e) must_check;

#endif
