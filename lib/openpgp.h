/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenPGP detached signatures, checked without gpg (RFC 9580, RFC 4880).
 *
 * Scope: binary detached v4 signatures (type 0x00) by RSA >= 2048, Ed25519 (both encodings), NIST
 * P-256 and P-384, with SHA-256, SHA-384 or SHA-512. Everything else is refused: what is accepted
 * is a strict subset of what gpgv accepts, but for Ed25519 as RFC 9580 has it, which gpgv lacks.
 * The caller says what time it is. */
#ifndef LIB_OPENPGP_H
#define LIB_OPENPGP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/error.h"

struct openpgp_keyring;

/* Binary or armored transferable public keys, one or many. A key that is not usable is kept so that
 * it can be named in an error. ERROR_CONFIG for bytes that are no keyring or hold no key. */
struct openpgp_keyring *openpgp_keyring_parse(
	const void *data, size_t length, struct error **e) must_check;
/* The same from a file; ERROR_CONFIG names the path. Beside a NAME.gpg the lists NAME-trusted and
 * NAME-revoked count where they are there, as pacman-key(8) has them. */
struct openpgp_keyring *openpgp_keyring_read(const char *path, struct error **e) must_check;
/* The texts of such lists, each may be NULL. `trusted` has lines FINGERPRINT:TRUST:, 4 marginal, 5
 * full, 6 ultimate, as gpg --export-ownertrust writes them: from now on a key is believed that is
 * named there, or of which a user id is certified by one that is fully or three that are marginally
 * trusted. `revoked` has lines FINGERPRINT of keys that are not believed, whatever else says so.
 * They only ever take away. ERROR_CONFIG for a line that is neither. */
int openpgp_keyring_restrict(struct openpgp_keyring *k, const char *trusted, const char *revoked,
	struct error **e) must_check;
/* From now on only signatures by RSA keys of so many bits, or more, with this digest. */
void openpgp_keyring_demand(struct openpgp_keyring *k, size_t rsa_bits, enum digest_kind digest);
/* Fingerprint of the i-th primary key in upper-case hex; NULL past the end. */
const char *openpgp_keyring_fingerprint(const struct openpgp_keyring *k, size_t i);
void openpgp_keyring_free(struct openpgp_keyring *k);
void openpgp_keyring_cleanup(struct openpgp_keyring **k);
#define auto_openpgp_keyring                                                                       \
	__attribute__((cleanup(openpgp_keyring_cleanup))) struct openpgp_keyring

enum {
	OPENPGP_FINGERPRINT_MAX = 65,
	OPENPGP_USER_ID_MAX = 256,
	OPENPGP_METHOD_MAX = 48,
	OPENPGP_SIGNATURE_MAX = 16 * 1024, /* bytes of a file of signatures */
	OPENPGP_SIGNATURES_MAX = 32, /* in it */
};

struct openpgp_result {
	char fingerprint[OPENPGP_FINGERPRINT_MAX]; /* of the primary key, upper-case hex */
	char user_id[OPENPGP_USER_ID_MAX]; /* its first valid user id; foreign bytes */
	int64_t signed_at; /* Unix time */
};

/* Is `signature` (binary or armored, one or several packets; one good one is enough, and one bad
 * one by a key of the ring spoils all) a good signature of the whole file behind `fd` (read by
 * pread from offset 0), by a key of the ring that is valid at `now_s`? 0 with *result filled (may
 * be NULL), or -1 with ERROR_TRUST and the reason; ERROR_SYSTEM when reading failed. */
int openpgp_verify_fd(const struct openpgp_keyring *k, const void *signature, size_t length, int fd,
	int64_t now_s, struct openpgp_result *result, struct error **e) must_check;
/* The same where digests of the whole file were made as it came: known[kind] is one, or NULL, and
 * then the file is read. */
struct digest;
int openpgp_verify_known(const struct openpgp_keyring *k, const void *signature, size_t length,
	int fd, const struct digest *const known[], int64_t now_s, struct openpgp_result *result,
	struct error **e) must_check;
/* Bits 1u << DIGEST_… of the digests that the signatures are over; 0 for what cannot be read. */
unsigned openpgp_digest_kinds(const void *signature, size_t length);
/* The same over bytes in memory. */
int openpgp_verify_data(const struct openpgp_keyring *k, const void *signature, size_t length,
	const void *data, size_t size, int64_t now_s, struct openpgp_result *result,
	struct error **e) must_check;

/* For people: what is to be said of each signature by itself, too. */
enum openpgp_verdict {
	OPENPGP_GOOD,
	OPENPGP_UNKNOWN, /* by no key of the ring */
	OPENPGP_REFUSED, /* whatever the file is: the signature or its key is not fit */
	OPENPGP_BAD, /* it is no signature of this file */
};
struct openpgp_finding {
	enum openpgp_verdict verdict;
	/* Of the primary key; OPENPGP_UNKNOWN: what the signature names, a fingerprint, a key id or
	 * nothing. */
	char fingerprint[OPENPGP_FINGERPRINT_MAX];
	char user_id[OPENPGP_USER_ID_MAX];
	int64_t signed_at; /* Unix time by the signer's word; -1: not told */
	char method[OPENPGP_METHOD_MAX]; /* "RSA-4096, SHA-512" */
	const char *why; /* a constant; NULL for a good one */
};
struct openpgp_findings {
	struct openpgp_finding items[OPENPGP_SIGNATURES_MAX]; /* in the order of the file */
	size_t count;
	/* What openpgp_verify_fd says of the same: NULL, or why not. The caller's. */
	struct error *refusal;
};
struct openpgp_examination {
	const struct openpgp_keyring *keyring;
	const void *signature;
	size_t length;
	int64_t now_s;
};
/* ERROR_TRUST for bytes that are no signature; ERROR_SYSTEM when reading failed. */
int openpgp_examine_fd(const struct openpgp_examination *x, int fd, struct openpgp_findings *to,
	struct error **e) must_check;
/* The ring's packets, without armor; for other programs. */
const void *openpgp_keyring_bytes(const struct openpgp_keyring *k, size_t *length);

#endif
