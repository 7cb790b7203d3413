/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenPGP detached signatures, checked without gpg (RFC 9580, RFC 4880).
 *
 * Scope: binary detached v4 signatures (type 0x00) by RSA >= 2048, Ed25519 (both encodings), NIST
 * P-256 and P-384, with SHA-256, SHA-384 or SHA-512. Everything else is refused: what is accepted
 * is a strict subset of what gpgv accepts. The caller says what time it is. */
#ifndef LIB_OPENPGP_H
#define LIB_OPENPGP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct openpgp_keyring;

/* Binary or armored transferable public keys, one or many. A key that is not usable is kept so that
 * it can be named in an error. ERROR_CONFIG for bytes that are no keyring or hold no key. */
struct openpgp_keyring *openpgp_keyring_parse(
	const void *data, size_t length, struct error **e) must_check;
/* The same from a file; ERROR_CONFIG names the path. */
struct openpgp_keyring *openpgp_keyring_read(const char *path, struct error **e) must_check;
/* Fingerprint of the i-th primary key in upper-case hex; NULL past the end. */
const char *openpgp_keyring_fingerprint(const struct openpgp_keyring *k, size_t i);
void openpgp_keyring_free(struct openpgp_keyring *k);
void openpgp_keyring_cleanup(struct openpgp_keyring **k);
#define auto_openpgp_keyring                                                                       \
	__attribute__((cleanup(openpgp_keyring_cleanup))) struct openpgp_keyring

enum { OPENPGP_FINGERPRINT_MAX = 65, OPENPGP_SIGNATURE_MAX = 16 * 1024 };

struct openpgp_result {
	char fingerprint[OPENPGP_FINGERPRINT_MAX]; /* of the primary key, upper-case hex */
	char user_id[256]; /* its first valid user id; foreign bytes */
	int64_t signed_at; /* Unix time */
};

/* Is `signature` (binary or armored, one or several packets; one good one is enough, and one bad
 * one by a key of the ring spoils all) a good signature of the whole file behind `fd` (read by
 * pread from offset 0), by a key of the ring that is valid at `now_s`? 0 with *result filled (may
 * be NULL), or -1 with ERROR_TRUST and the reason; ERROR_SYSTEM when reading failed. */
int openpgp_verify_fd(const struct openpgp_keyring *k, const void *signature, size_t length, int fd,
	int64_t now_s, struct openpgp_result *result, struct error **e) must_check;
/* The same over bytes in memory. */
int openpgp_verify_data(const struct openpgp_keyring *k, const void *signature, size_t length,
	const void *data, size_t size, int64_t now_s, struct openpgp_result *result,
	struct error **e) must_check;

#endif
