/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a mirror, a URL or a file to a verified rootfs tarball: the stages fetch and verify.
 *
 * The name on the mirror ("-latest") is mutable, so the signatures are asked first: mirrors that
 * have the same one have the same tarball. Its digest is made while it is written, and it is judged
 * by its signature as soon as it is whole; what is not good is fetched from another mirror, and
 * what was signed long before one that was seen is refused. A whole tarball that an earlier run
 * left is used only if today's signature is good for it. */
#ifndef BOOTSTRAP_ACQUIRE_H
#define BOOTSTRAP_ACQUIRE_H

#include "bootstrap/source.h"
#include "chroot/target.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/openpgp.h"
#include "mirrors/fetch.h"
#include "mirrors/verified.h"

struct acquire_context {
	struct fetch_source source;
	const struct openpgp_keyring *keyring;
	const struct source *from; /* of a URL, source.mirrors is its directory */
	const char *tarball; /* file name */
	int directory_fd; /* where downloads lie */
	const struct target_facts *target; /* of the filesystem they and ROOT lie on */
	const char *target_path; /* for messages */
	bool allow_old; /* older than one that was seen: a warning */
};

/* Zero-initialised is empty. Of `fetched`, the user's own file, and `verified` at most one is set.
 */
struct acquired {
	struct buf signature;
	struct fetched *fetched;
	struct verified *verified;
};

/* Pure: what a bootstrap takes, about, from a tarball of `size` bytes of which `have` are there. 0:
 * the size is not known. */
uint64_t acquire_space(uint64_t size, uint64_t have);

/* ERROR_SPACE before the tarball is asked for, where it and what becomes of it does not fit. */
int acquire_fetch(const struct acquire_context *c, struct acquired *a, struct error **e) must_check;
/* Tells who signed it; the user's own file is verified here. */
int acquire_verify(
	const struct acquire_context *c, struct acquired *a, struct error **e) must_check;
/* Deletes a tarball that was fetched, is signed and yet of no use: kept, it would fail each run
 * from here on. */
void acquire_discard(const struct acquire_context *c);
void acquired_free(struct acquired *a);

#endif
