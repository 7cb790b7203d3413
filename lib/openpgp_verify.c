/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detached signatures over files: which key, is it fit, does the sum agree. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/openpgp_internal.h"

enum {
	/* Clocks of builders and ours may differ; gpgv itself takes any date. */
	FUTURE_TOLERANCE_S = 24 * 3600,
	KINDS = DIGEST_SHA1 + 1,
};

struct verify_source {
	bool is_file;
	int fd;
	struct bytes bytes;
	const struct digest *const *known; /* by kind; NULL: none */
};

/* A signature and what is found out about it. */
struct verify_item {
	struct openpgp_signature s;
	const struct openpgp_key *key; /* NULL: by none of the ring */
	const char *flaw; /* why it is refused unread */
	bool bad; /* it is no signature of this data */
};

struct verify {
	const struct openpgp_keyring *ring;
	int64_t now_s;
	struct verify_item items[OPENPGP_SIGNATURES_MAX];
	size_t count;
	struct digest *data[KINDS]; /* of the signed data, one for each kind in use */
};

static void verify_cleanup(struct verify *v)
{
	for (size_t i = 0; i < KINDS; i++)
		digest_free(v->data[i]);
}

/* Splits the packets. Whatever is not a signature makes the whole refused. */
static int verify_split(struct verify *v, struct bytes rest, struct error **e)
{
	struct openpgp_packet p;
	int r;
	while ((r = openpgp_packet_next(&rest, &p)) > 0) {
		if (p.tag != OPENPGP_SIGNATURE)
			return error_set(e, ERROR_TRUST, 0,
				"packet of type %d where a signature must be", p.tag);
		if (v->count == OPENPGP_SIGNATURES_MAX)
			return error_set(e, ERROR_TRUST, 0, "more than %d signatures",
				OPENPGP_SIGNATURES_MAX);
		if (openpgp_signature_parse(p.body, &v->items[v->count].s) < 0)
			return error_set(e, ERROR_TRUST, 0, "malformed signature packet");
		v->count++;
	}
	if (r < 0)
		return error_set(e, ERROR_TRUST, 0, "malformed OpenPGP packet");
	if (!v->count)
		return error_set(e, ERROR_TRUST, 0, "no signature");
	return 0;
}

static const char *verify_signature_flaw(
	const struct verify *v, const struct openpgp_signature *s, const struct openpgp_key *key)
{
	if (s->unsupported)
		return s->unsupported;
	if (s->weak)
		return "its digest is SHA-1, which can be forged";
	if (s->type != OPENPGP_BINARY)
		return "it is not one over a binary file";
	if (v->ring->demand.rsa_bits && s->kind != v->ring->demand.digest)
		return "its digest is not the one that this keyring's owner uses";
	if (s->algorithm != key->algorithm)
		return "its algorithm is not the key's";
	if (key->algorithm == OPENPGP_ECDSA && digest_size(s->kind) < key->signature_size)
		return "its digest is too short for the key";
	int64_t created_s = s->created_s;
	if (created_s > v->now_s + FUTURE_TOLERANCE_S)
		return "it was made in the future; is the clock right?";
	/* Like gpgv in 32 bits: what passes 2106 expires early rather than late. */
	if (s->expires_after_s && v->now_s >= (int64_t)(s->created_s + s->expires_after_s))
		return "it has expired";
	return NULL;
}

/* The same questions to the primary key and to the subkey. */
static const char *verify_key_flaw(
	const struct verify *v, const struct openpgp_signature *s, const struct openpgp_key *key)
{
	if (key->unusable)
		return key->unusable;
	if (key->revoked)
		return "the key was revoked";
	if (!key->bound)
		return "the key has no self-signature that counts (a new one by SHA-1 does not)";
	if (key->created_s > (int64_t)s->created_s)
		return "it is older than the key";
	if ((int64_t)s->created_s >= key->expires_s)
		return "the key had expired when it was made";
	/* When a signature was made its maker says himself, and a thief of an expired key says what
	 * suits him: once expired, a key proves nothing, not even of the time before. */
	if (v->now_s >= key->expires_s)
		return "the key has expired since; a newer keyring may know better";
	size_t bits = v->ring->demand.rsa_bits;
	if (bits && (!openpgp_key_is_rsa(key) || key->signature_size * 8 < bits))
		return "it is not of the kind that this keyring's owner uses";
	return NULL;
}

/* *flaw: why a signature by this key is refused before anything is hashed, or NULL. */
static int verify_flaw(const struct verify *v, const struct openpgp_signature *s,
	const struct openpgp_key *key, const char **flaw, struct error **e)
{
	const struct openpgp_key *primary = &v->ring->keys[key->primary];
	*flaw = verify_key_flaw(v, s, primary);
	if (!*flaw)
		*flaw = verify_key_flaw(v, s, key);
	if (!*flaw && !key->may_sign)
		*flaw = "the key is not for signing";
	if (!*flaw)
		*flaw = verify_signature_flaw(v, s, key);
	return *flaw ? 0 : openpgp_trust_judge(v->ring, primary, v->now_s, flaw, e);
}

/* The next key from index `from` that the signature names; NULL when there is none. */
static const struct openpgp_key *verify_find(
	const struct verify *v, const struct openpgp_signature *s, size_t from)
{
	for (size_t i = from; i < v->ring->count; i++)
		if (openpgp_signature_names(s, &v->ring->keys[i]))
			return &v->ring->keys[i];
	return NULL;
}

static size_t verify_after(const struct verify *v, const struct openpgp_key *key)
{
	return (size_t)(key - v->ring->keys) + 1;
}

/* Who made it, and is that fit? Of several keys that it may mean each must be. */
static int verify_judge(const struct verify *v, struct verify_item *x, struct error **e)
{
	const struct openpgp_key *key;
	for (size_t at = 0; (key = verify_find(v, &x->s, at)); at = verify_after(v, key)) {
		if (!x->key)
			x->key = key;
		if (verify_flaw(v, &x->s, key, &x->flaw, e) < 0)
			return -1;
		if (!x->flaw)
			continue;
		x->key = key;
		return 0;
	}
	return 0;
}

/* Judges all before the data is read: most refusals need no data. */
static int verify_prepare(struct verify *v, struct error **e)
{
	for (size_t i = 0; i < v->count; i++) {
		struct verify_item *x = &v->items[i];
		if (verify_judge(v, x, e) < 0)
			return -1;
		if (!x->key || x->flaw || v->data[x->s.kind])
			continue;
		v->data[x->s.kind] = digest_new(x->s.kind, e);
		if (!v->data[x->s.kind])
			return -1;
	}
	return 0;
}

static int verify_hash(struct verify *v, const struct verify_source *source, struct error **e)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (!v->data[i])
			continue;
		if (source->known && source->known[i]) {
			digest_free(v->data[i]);
			v->data[i] = digest_copy(source->known[i], e);
			if (!v->data[i])
				return -1;
			continue;
		}
		int r = source->is_file ? digest_fd(v->data[i], source->fd, e)
					: digest_update(v->data[i], source->bytes.data,
						  source->bytes.length, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* 1 good, 0 bad. */
static int verify_one(struct verify *v, const struct openpgp_signature *s,
	const struct openpgp_key *key, struct error **e)
{
	auto_digest *d = digest_copy(v->data[s->kind], e);
	return d ? openpgp_signature_check(s, d, key, e) : -1;
}

static int verify_sums(struct verify *v, struct error **e)
{
	for (size_t i = 0; i < v->count; i++) {
		struct verify_item *x = &v->items[i];
		const struct openpgp_key *key;
		if (!x->key || x->flaw)
			continue;
		for (size_t at = 0; (key = verify_find(v, &x->s, at)); at = verify_after(v, key)) {
			int good = verify_one(v, &x->s, key, e);
			if (good < 0)
				return -1;
			if (!good)
				x->bad = true;
		}
	}
	return 0;
}

static int verify_unknown(const struct openpgp_signature *s, struct error **e)
{
	char named[2 * OPENPGP_FINGERPRINT_SIZE + 1] = "a key it does not name";
	struct bytes name = s->issuer_fingerprint.data ? s->issuer_fingerprint : s->issuer;
	if (name.data)
		digest_hex(name.data, name.length, named);
	return error_set(e, ERROR_TRUST, 0, "signature by %s, which is not in the keyring", named);
}

static int verify_refuse(struct error **e, const struct openpgp_key *key, const char *why)
{
	return error_set(e, ERROR_TRUST, 0, "signature by %s: %s", key->hex, why);
}

/* One signature by a key of the ring there must be, and no flaw in any. */
static int verify_refuse_flaws(const struct verify *v, struct error **e)
{
	bool known = false;
	for (size_t i = 0; i < v->count; i++) {
		if (v->items[i].flaw)
			return verify_refuse(e, v->items[i].key, v->items[i].flaw);
		known = known || v->items[i].key;
	}
	return known ? 0 : verify_unknown(&v->items[0].s, e);
}

static void verify_user_id(const struct openpgp_key *primary, char to[OPENPGP_USER_ID_MAX])
{
	size_t length = primary->user_id.length;
	if (length >= OPENPGP_USER_ID_MAX)
		length = OPENPGP_USER_ID_MAX - 1;
	memset(to, 0, OPENPGP_USER_ID_MAX);
	if (length)
		memcpy(to, primary->user_id.data, length);
}

static void verify_result(
	const struct verify *v, const struct verify_item *x, struct openpgp_result *result)
{
	const struct openpgp_key *primary = &v->ring->keys[x->key->primary];
	memset(result, 0, sizeof *result);
	memcpy(result->fingerprint, primary->hex, sizeof result->fingerprint);
	verify_user_id(primary, result->user_id);
	result->signed_at = x->s.created_s;
}

/* Every signature by a key of the ring must be good. */
static int verify_conclude(const struct verify *v, struct openpgp_result *result, struct error **e)
{
	const struct verify_item *first = NULL;
	for (size_t i = 0; i < v->count; i++) {
		const struct verify_item *x = &v->items[i];
		if (x->bad)
			return verify_refuse(
				e, x->key, "bad signature: the file is not what was signed");
		if (x->key && !first)
			first = x;
	}
	if (result)
		verify_result(v, first, result);
	return 0;
}

/* Packets of the bytes, which may be armored; those of armor come to lie in `bare`. */
static int verify_read(struct verify *v, struct bytes signature, struct buf *bare, struct error **e)
{
	if (signature.length > OPENPGP_SIGNATURE_MAX)
		return error_set(e, ERROR_TRUST, 0, "signature of more than %d bytes",
			OPENPGP_SIGNATURE_MAX);
	if (openpgp_is_armored(signature)) {
		const char *problem = openpgp_dearmor(signature, "SIGNATURE", bare);
		if (problem)
			return error_set(e, ERROR_TRUST, 0, "no OpenPGP signature: %s", problem);
		signature = (struct bytes){(const unsigned char *)bare->data, bare->length};
	}
	return verify_split(v, signature, e);
}

unsigned openpgp_digest_kinds(const void *signature, size_t length)
{
	auto_buf bare = BUF(OPENPGP_SIGNATURE_MAX);
	struct verify v = {.ring = NULL};
	unsigned kinds = 0;
	if (verify_read(&v, (struct bytes){signature, length}, &bare, NULL) < 0)
		return 0;
	for (size_t i = 0; i < v.count; i++)
		if (!v.items[i].s.unsupported)
			kinds |= 1u << v.items[i].s.kind;
	return kinds;
}

static int verify_run(const struct openpgp_keyring *k, struct bytes signature,
	const struct verify_source *source, int64_t now_s, struct openpgp_result *result,
	struct error **e)
{
	struct verify __attribute__((cleanup(verify_cleanup))) v = {.ring = k, .now_s = now_s};
	auto_buf bare = BUF(OPENPGP_SIGNATURE_MAX);
	if (verify_read(&v, signature, &bare, e) < 0 || verify_prepare(&v, e) < 0 ||
		verify_refuse_flaws(&v, e) < 0 || verify_hash(&v, source, e) < 0 ||
		verify_sums(&v, e) < 0)
		return -1;
	return verify_conclude(&v, result, e);
}

int openpgp_verify_fd(const struct openpgp_keyring *k, const void *signature, size_t length, int fd,
	int64_t now_s, struct openpgp_result *result, struct error **e)
{
	struct verify_source source = {.is_file = true, .fd = fd};
	return verify_run(k, (struct bytes){signature, length}, &source, now_s, result, e);
}

int openpgp_verify_known(const struct openpgp_keyring *k, const void *signature, size_t length,
	int fd, const struct digest *const known[], int64_t now_s, struct openpgp_result *result,
	struct error **e)
{
	struct verify_source source = {.is_file = true, .fd = fd, .known = known};
	return verify_run(k, (struct bytes){signature, length}, &source, now_s, result, e);
}

int openpgp_verify_data(const struct openpgp_keyring *k, const void *signature, size_t length,
	const void *data, size_t size, int64_t now_s, struct openpgp_result *result,
	struct error **e)
{
	struct verify_source source = {.bytes = {data, size}};
	return verify_run(k, (struct bytes){signature, length}, &source, now_s, result, e);
}

static void verify_find_out(
	const struct verify *v, const struct verify_item *x, struct openpgp_finding *to)
{
	struct bytes name = x->s.issuer_fingerprint.data ? x->s.issuer_fingerprint : x->s.issuer;
	*to = (struct openpgp_finding){.signed_at = x->s.created_s};
	if (x->s.created_s == UINT32_MAX)
		to->signed_at = -1;
	openpgp_method(x->s.algorithm, x->key, x->s.kind, to->method);
	if (!x->key) {
		to->verdict = OPENPGP_UNKNOWN;
		to->why = "it is by no key of the keyring";
		if (name.data)
			digest_hex(name.data, name.length, to->fingerprint);
		for (char *c = to->fingerprint; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		return;
	}
	const struct openpgp_key *primary = &v->ring->keys[x->key->primary];
	memcpy(to->fingerprint, primary->hex, sizeof to->fingerprint);
	verify_user_id(primary, to->user_id);
	to->verdict = x->flaw ? OPENPGP_REFUSED : x->bad ? OPENPGP_BAD : OPENPGP_GOOD;
	to->why = x->flaw ? x->flaw : x->bad ? "the file is not what was signed" : NULL;
}

int openpgp_examine_fd(
	const struct openpgp_examination *x, int fd, struct openpgp_findings *to, struct error **e)
{
	struct verify __attribute__((cleanup(verify_cleanup)))
	v = {.ring = x->keyring, .now_s = x->now_s};
	auto_buf bare = BUF(OPENPGP_SIGNATURE_MAX);
	struct verify_source source = {.is_file = true, .fd = fd};
	if (verify_read(&v, (struct bytes){x->signature, x->length}, &bare, e) < 0 ||
		verify_prepare(&v, e) < 0 || verify_hash(&v, &source, e) < 0 ||
		verify_sums(&v, e) < 0)
		return -1;
	for (size_t i = 0; i < v.count; i++)
		verify_find_out(&v, &v.items[i], &to->items[i]);
	to->count = v.count;
	to->refusal = NULL;
	/* The first cause stays in the error. */
	verify_refuse_flaws(&v, &to->refusal);
	verify_conclude(&v, NULL, &to->refusal);
	return 0;
}
