/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of lib/openpgp share. Section numbers are those of RFC 9580.
 *
 * The bytes parsed are foreign. Every read goes through a cursor (`struct bytes`) that knows its
 * end; what is kept points into the buffer that the keyring or the caller owns; nothing recurses
 * and nothing is allocated by a length that was read. */
#ifndef LIB_OPENPGP_INTERNAL_H
#define LIB_OPENPGP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/error.h"
#include "lib/openpgp.h"

/* Borrowed bytes, and a cursor: what is read from the front is no longer there. */
struct bytes {
	const unsigned char *data;
	size_t length;
};

/* 0, or -1 and nothing moved when there are fewer bytes. */
int bytes_take(struct bytes *from, size_t length, struct bytes *to) must_check;
/* A big-endian number of 1 to 4 octets. */
int bytes_number(struct bytes *from, size_t octets, uint32_t *to) must_check;
static inline bool bytes_equal(struct bytes a, const void *data, size_t length)
{
	return a.length == length && memcmp(a.data, data, length) == 0;
}

/* openpgp_packet.c: framing (4.2, 5.2.3.7) */

enum openpgp_tag { /* 5 */
	OPENPGP_SIGNATURE = 2,
	OPENPGP_PUBLIC_KEY = 6,
	OPENPGP_MARKER = 10,
	OPENPGP_TRUST = 12,
	OPENPGP_USER_ID = 13,
	OPENPGP_PUBLIC_SUBKEY = 14,
	OPENPGP_USER_ATTRIBUTE = 17,
	OPENPGP_PADDING = 21,
	OPENPGP_NONCRITICAL = 40, /* 4.3: types from here on may be skipped */
};

struct openpgp_packet {
	int tag;
	struct bytes body;
};

/* 1 a packet, 0 the end, -1 malformed: reserved type, cut short, partial or indeterminate length */
int openpgp_packet_next(struct bytes *from, struct openpgp_packet *to) must_check;

struct openpgp_subpacket {
	int type;
	bool critical;
	struct bytes body;
};

int openpgp_subpacket_next(struct bytes *from, struct openpgp_subpacket *to) must_check;

/* A multiprecision integer (3.2). -1 when cut short. `*canonical` (may be NULL): the bit count is
 * that of the number, as the section demands. */
int openpgp_mpi(struct bytes *from, struct bytes *to, bool *canonical) must_check;

/* openpgp_armor.c */

/* Is this text rather than packets? Each packet starts with bit 7 set. */
bool openpgp_is_armored(struct bytes b);
/* Appends what the armored block(s) of the kind ("SIGNATURE", "PUBLIC KEY BLOCK") hold. NULL, or
 * why not. Strict (6.2): only white space around the blocks, and a checksum must match. */
const char *openpgp_dearmor(struct bytes text, const char *kind, struct buf *to);

/* openpgp_key.c: key material */

enum openpgp_algorithm { /* 9.1 */
	OPENPGP_RSA = 1,
	OPENPGP_RSA_SIGN_ONLY = 3,
	OPENPGP_ECDSA = 19,
	OPENPGP_EDDSA_LEGACY = 22,
	OPENPGP_ED25519 = 27,
};

enum { OPENPGP_FINGERPRINT_SIZE = 20, OPENPGP_KEY_ID_SIZE = 8 };

struct openpgp_key {
	struct bytes body; /* of the key packet: what signatures over the key hash */
	unsigned char fingerprint[OPENPGP_FINGERPRINT_SIZE];
	char hex[OPENPGP_FINGERPRINT_MAX];
	int algorithm;
	size_t signature_size; /* RSA: of the modulus; ECDSA: least size of the digest */
	struct evp_pkey_st *material; /* NULL when not usable */
	const char *unusable; /* why; NULL while nothing speaks against it */
	size_t primary; /* index in the ring of the primary key; its own for a primary key */
	int64_t created_s;
	int64_t expires_s; /* INT64_MAX: never */
	bool bound; /* a user id (primary) or a binding signature (subkey) was verified */
	bool may_sign;
	bool revoked;
	struct bytes user_id; /* the first valid one */
	struct bytes after; /* primary key: the ring's bytes from behind it on */
	int owner_trust; /* of NAME-trusted: 4, 5, 6; 0: not named */
	bool distrusted; /* NAME-revoked names it */
};

/* Fills in all but what signatures tell, from the body of a key packet. 1; 0 when it is not of
 * version 4 or too short to have a fingerprint; -1 when out of memory. */
int openpgp_key_init(struct openpgp_key *key, struct bytes body, struct error **e) must_check;
void openpgp_key_release(struct openpgp_key *key);
static inline bool openpgp_key_is_rsa(const struct openpgp_key *key)
{
	return key->algorithm == OPENPGP_RSA || key->algorithm == OPENPGP_RSA_SIGN_ONLY;
}
/* "RSA-4096, SHA-512"; `key` NULL: not known. */
void openpgp_method(int algorithm, const struct openpgp_key *key, enum digest_kind kind,
	char to[OPENPGP_METHOD_MAX]);
/* Do the integers of a signature fit the digest? 1, 0, or -1 when out of memory. */
int openpgp_key_check(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes integers, struct error **e) must_check;

/* openpgp_signature.c */

enum openpgp_signature_type { /* 5.2.1 */
	OPENPGP_BINARY = 0x00,
	OPENPGP_CERTIFY_FIRST = 0x10,
	OPENPGP_CERTIFY_LAST = 0x13,
	OPENPGP_BIND_SUBKEY = 0x18,
	OPENPGP_BIND_PRIMARY = 0x19,
	OPENPGP_DIRECT = 0x1f,
	OPENPGP_REVOKE_KEY = 0x20,
	OPENPGP_REVOKE_SUBKEY = 0x28,
	OPENPGP_REVOKE_USER_ID = 0x30,
};

enum { OPENPGP_FLAG_SIGN = 0x02 }; /* 5.2.3.29 */

struct openpgp_signature {
	int type, algorithm;
	enum digest_kind kind;
	struct bytes hashed_part; /* from the version to the end of the hashed subpackets (5.2.4) */
	struct bytes left; /* the first two octets of the digest */
	struct bytes integers;
	uint32_t created_s; /* UINT32_MAX when it is not clear */
	uint32_t expires_after_s, key_expires_after_s; /* 0: never */
	bool has_flags;
	uint8_t flags;
	struct bytes issuer, issuer_fingerprint; /* empty when not named; hints, no more */
	struct bytes embedded; /* 5.2.3.34 */
	bool weak; /* its digest is SHA-1: only openpgp_signature_check_own may take it */
	const char *unsupported; /* why it can prove nothing; NULL when it can */
};

/* -1 when the lengths in it do not fit, or its version is neither 3 nor 4. Version 3 is parsed as
 * far as to know that it is there. */
int openpgp_signature_parse(struct bytes body, struct openpgp_signature *to) must_check;
/* Does it say that it is by this key? */
bool openpgp_signature_names(const struct openpgp_signature *s, const struct openpgp_key *key);
/* Is it by `key` over what `d` was fed with? 1, 0, or -1 when out of memory. `d` is finished. */
int openpgp_signature_check(const struct openpgp_signature *s, struct digest *d,
	const struct openpgp_key *key, struct error **e) must_check;
/* The same for what a key says of itself (its user ids, its subkeys), where old SHA-1 counts. */
int openpgp_signature_check_own(const struct openpgp_signature *s, struct digest *d,
	const struct openpgp_key *key, struct error **e) must_check;

/* openpgp_keyring.c */

struct openpgp_keyring {
	struct buf bytes;
	struct openpgp_key *keys; /* each primary key is followed by its subkeys */
	size_t count, capacity;
	bool has_trusted; /* there is a list: who is not on it must be certified by those who are */
	struct {
		size_t rsa_bits; /* 0: no demand */
		enum digest_kind digest;
	} demand;
};

/* A packet of a transferable key with the signatures that follow it (10.1). */
struct openpgp_component {
	int tag;
	struct bytes body;
	struct bytes signatures;
};
/* 1 one, 0 the end, -1 malformed */
int openpgp_component_next(struct bytes *from, struct openpgp_component *to) must_check;

/* openpgp_trust.c: whom the ring's lists believe */

/* *why: why the primary key is not believed at `now_s`, or NULL. */
int openpgp_trust_judge(const struct openpgp_keyring *k, const struct openpgp_key *key,
	int64_t now_s, const char **why, struct error **e) must_check;

/* openpgp_binding.c: what a key's self-signatures make of it */

/* Applies the signatures that follow a primary key, a subkey (`key` is the subkey), a user id or a
 * user attribute (`key` is the primary key). */
int openpgp_binding_apply(const struct openpgp_key *primary, struct openpgp_key *key,
	const struct openpgp_component *c, struct error **e) must_check;
/* Is the user id certified by the other key `by` at `now_s`, and that not taken back? 1, 0, -1. */
int openpgp_binding_certified(const struct openpgp_key *primary, const struct openpgp_component *c,
	const struct openpgp_key *by, int64_t now_s, struct error **e) must_check;

#endif
