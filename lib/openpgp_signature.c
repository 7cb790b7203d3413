/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signature packets: parsing, what they hash, and the check of the sum. */
#include "lib/openpgp_internal.h"

enum { /* 5.2.3.7, those that mean something here */
	SUBPACKET_CREATED = 2,
	SUBPACKET_EXPIRES = 3,
	SUBPACKET_KEY_EXPIRES = 9,
	SUBPACKET_ISSUER = 16,
	SUBPACKET_FLAGS = 27,
	SUBPACKET_EMBEDDED = 32,
	SUBPACKET_ISSUER_FINGERPRINT = 33,
};

/* 2020-01-01: see openpgp_signature_check_own. */
enum { SHA1_END_S = 1577836800 };

/* Types that change nothing for us, so that "critical" asks nothing of us: exportable (4),
 * revocable (7), preferences (11, 21, 22), primary user id (25), features (30). */
static bool signature_may_be_critical(int type)
{
	static const unsigned char types[] = {2, 3, 4, 7, 9, 11, 16, 21, 22, 25, 27, 30, 32, 33};
	return memchr(types, type, sizeof types) != NULL;
}

static void signature_refuse(struct openpgp_signature *s, const char *why)
{
	if (!s->unsupported)
		s->unsupported = why;
}

static uint32_t signature_number(struct openpgp_signature *s, struct bytes body)
{
	uint32_t n = 0;
	if (body.length != 4 || bytes_number(&body, 4, &n) < 0)
		signature_refuse(s, "a time in it is malformed");
	return n;
}

/* Of several the shortest counts: a signature with doubts may restrict a key all the same. */
static void signature_shorten(uint32_t *to, uint32_t seconds)
{
	if (seconds && (!*to || seconds < *to))
		*to = seconds;
}

static void signature_hashed(
	struct openpgp_signature *s, const struct openpgp_subpacket *p, bool again)
{
	switch (p->type) {
	case SUBPACKET_CREATED:
		s->created_s = again ? UINT32_MAX : signature_number(s, p->body);
		break;
	case SUBPACKET_EXPIRES:
		signature_shorten(&s->expires_after_s, signature_number(s, p->body));
		break;
	case SUBPACKET_KEY_EXPIRES:
		signature_shorten(&s->key_expires_after_s, signature_number(s, p->body));
		break;
	case SUBPACKET_FLAGS: {
		/* 5.2.3.29: as many octets as are needed; none at all means no flag. */
		uint8_t flags = p->body.length ? p->body.data[0] : 0;
		s->flags = again ? s->flags & flags : flags;
		s->has_flags = true;
		break;
	}
	}
}

/* The issuer is a hint and an embedded signature proves itself: these may stand unhashed. */
static void signature_unhashed(struct openpgp_signature *s, const struct openpgp_subpacket *p)
{
	struct bytes body = p->body;
	uint32_t version;
	switch (p->type) {
	case SUBPACKET_ISSUER:
		if (body.length != OPENPGP_KEY_ID_SIZE)
			signature_refuse(s, "its issuer is malformed");
		else if (!s->issuer.data)
			s->issuer = body;
		break;
	case SUBPACKET_ISSUER_FINGERPRINT:
		if (bytes_number(&body, 1, &version) < 0 || version != 4 ||
			body.length != OPENPGP_FINGERPRINT_SIZE)
			signature_refuse(s, "its issuer is malformed");
		else if (!s->issuer_fingerprint.data)
			s->issuer_fingerprint = body;
		break;
	case SUBPACKET_EMBEDDED:
		if (!s->embedded.data)
			s->embedded = body;
		break;
	}
}

static int signature_subpackets(struct openpgp_signature *s, struct bytes area, bool hashed)
{
	struct openpgp_subpacket p;
	bool seen[128] = {false};
	int r;
	while ((r = openpgp_subpacket_next(&area, &p)) > 0) {
		if (p.critical && !signature_may_be_critical(p.type))
			signature_refuse(s, "it has a critical subpacket that is not understood");
		/* 5.2.3.9 lets the reader choose among several; where readers may differ, refuse.
		 */
		if (seen[p.type] && signature_may_be_critical(p.type))
			signature_refuse(s, "it has the same subpacket twice");
		signature_unhashed(s, &p);
		if (hashed)
			signature_hashed(s, &p, seen[p.type]);
		seen[p.type] = true;
	}
	if (hashed && !seen[SUBPACKET_CREATED]) {
		s->created_s = UINT32_MAX;
		signature_refuse(s, "it has no creation time");
	}
	return r;
}

static void signature_check_kind(struct openpgp_signature *s, uint32_t hash)
{
	switch (hash) { /* 9.5 */
	case 8:
		s->kind = DIGEST_SHA256;
		break;
	case 9:
		s->kind = DIGEST_SHA384;
		break;
	case 10:
		s->kind = DIGEST_SHA512;
		break;
	case 2:
		s->kind = DIGEST_SHA1;
		s->weak = true;
		break;
	case 1:
		signature_refuse(s, "its digest is MD5, which can be forged");
		break;
	default:
		signature_refuse(s, "its digest is not supported");
	}
}

/* RFC 4880, 5.2.2. Old keys carry such; they are only taken note of. */
static int signature_parse_v3(struct bytes rest, struct openpgp_signature *s)
{
	uint32_t length, type, algorithm;
	if (bytes_number(&rest, 1, &length) < 0 || length != 5 ||
		bytes_number(&rest, 1, &type) < 0 || bytes_number(&rest, 4, &s->created_s) < 0 ||
		bytes_take(&rest, OPENPGP_KEY_ID_SIZE, &s->issuer) < 0 ||
		bytes_number(&rest, 1, &algorithm) < 0)
		return -1;
	s->type = (int)type;
	s->algorithm = (int)algorithm;
	signature_refuse(s, "it is of version 3");
	return 0;
}

/* 5.2.3 */
static int signature_parse_v4(struct bytes body, struct bytes rest, struct openpgp_signature *s)
{
	uint32_t type, algorithm, hash, length;
	struct bytes hashed, unhashed;
	if (bytes_number(&rest, 1, &type) < 0 || bytes_number(&rest, 1, &algorithm) < 0 ||
		bytes_number(&rest, 1, &hash) < 0 || bytes_number(&rest, 2, &length) < 0 ||
		bytes_take(&rest, length, &hashed) < 0)
		return -1;
	s->hashed_part = (struct bytes){body.data, (size_t)(rest.data - body.data)};
	if (bytes_number(&rest, 2, &length) < 0 || bytes_take(&rest, length, &unhashed) < 0 ||
		bytes_take(&rest, 2, &s->left) < 0)
		return -1;
	s->type = (int)type;
	s->algorithm = (int)algorithm;
	s->integers = rest;
	signature_check_kind(s, hash);
	if (signature_subpackets(s, hashed, true) < 0 ||
		signature_subpackets(s, unhashed, false) < 0)
		return -1;
	size_t tail = OPENPGP_FINGERPRINT_SIZE - OPENPGP_KEY_ID_SIZE;
	if (s->issuer.data && s->issuer_fingerprint.data &&
		!bytes_equal(s->issuer, s->issuer_fingerprint.data + tail, OPENPGP_KEY_ID_SIZE))
		signature_refuse(s, "it names two issuers");
	return 0;
}

int openpgp_signature_parse(struct bytes body, struct openpgp_signature *to)
{
	struct openpgp_signature s = {0};
	struct bytes rest = body;
	uint32_t version;
	if (bytes_number(&rest, 1, &version) < 0)
		return -1;
	if (version == 3 ? signature_parse_v3(rest, &s) < 0
			 : version != 4 || signature_parse_v4(body, rest, &s) < 0)
		return -1;
	*to = s;
	return 0;
}

bool openpgp_signature_names(const struct openpgp_signature *s, const struct openpgp_key *key)
{
	size_t tail = OPENPGP_FINGERPRINT_SIZE - OPENPGP_KEY_ID_SIZE;
	if (bytes_equal(s->issuer_fingerprint, key->fingerprint, OPENPGP_FINGERPRINT_SIZE))
		return true;
	return bytes_equal(s->issuer, key->fingerprint + tail, OPENPGP_KEY_ID_SIZE);
}

static int signature_check_sum(const struct openpgp_signature *s, struct digest *d,
	const struct openpgp_key *key, struct error **e)
{
	if (s->unsupported || s->algorithm != key->algorithm)
		return 0;
	/* 5.2.4: the length has four octets, and what is hashed of a signature is below 64 KiB. */
	size_t length = s->hashed_part.length;
	unsigned char trailer[6] = {4, 0xff, 0, (unsigned char)(length >> 16),
		(unsigned char)(length >> 8), (unsigned char)length};
	unsigned char digest[DIGEST_SIZE_MAX];
	if (digest_update(d, s->hashed_part.data, length, e) < 0 ||
		digest_update(d, trailer, sizeof trailer, e) < 0 || digest_finish(d, digest, e) < 0)
		return -1;
	if (!bytes_equal(s->left, digest, 2))
		return 0;
	return openpgp_key_check(key, s->kind, digest, s->integers, e);
}

int openpgp_signature_check(const struct openpgp_signature *s, struct digest *d,
	const struct openpgp_key *key, struct error **e)
{
	return s->weak ? 0 : signature_check_sum(s, d, key, e);
}

/* SHA-1 can be made to collide ("SHA-1 is a Shambles", Leurent and Peyrin, January 2020), which
 * forges a signature where the forger chose what was signed. Over his own key its owner signs only
 * what he chose himself, so to forge that takes a second preimage, and there is none. A third of
 * the packagers of Arch Linux have no other, and gpg takes them. One that was made when everybody
 * knew better is not taken. With ECDSA and EdDSA SHA-1 was never usual: the digest is too short. */
int openpgp_signature_check_own(const struct openpgp_signature *s, struct digest *d,
	const struct openpgp_key *key, struct error **e)
{
	if (s->weak && (!openpgp_key_is_rsa(key) || s->created_s >= SHA1_END_S))
		return 0;
	return signature_check_sum(s, d, key, e);
}
