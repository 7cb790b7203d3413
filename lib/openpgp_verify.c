/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detached signatures over files: which key, is it fit, does the sum agree. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/openpgp_internal.h"

enum {
	SIGNATURES_MAX = 32,
	/* Clocks of builders and ours may differ; gpgv itself takes any date. */
	FUTURE_TOLERANCE_S = 24 * 3600,
	KINDS = DIGEST_SHA512 + 1,
};

struct verify_source {
	bool is_file;
	int fd;
	struct bytes bytes;
};

struct verify {
	const struct openpgp_keyring *ring;
	int64_t now_s;
	struct openpgp_signature signatures[SIGNATURES_MAX];
	size_t count;
	struct digest *data[KINDS]; /* of the signed data, one for each kind in use */
};

static void verify_cleanup(struct verify *v)
{
	for (size_t i = 0; i < KINDS; i++)
		digest_free(v->data[i]);
}

static int verify_refuse(struct error **e, const struct openpgp_key *key, const char *why)
{
	return error_set(e, ERROR_TRUST, 0, "signature by %s: %s", key->hex, why);
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
		if (v->count == SIGNATURES_MAX)
			return error_set(
				e, ERROR_TRUST, 0, "more than %d signatures", SIGNATURES_MAX);
		if (openpgp_signature_parse(p.body, &v->signatures[v->count]) < 0)
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
	if (s->type != OPENPGP_BINARY)
		return "it is not one over a binary file";
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
		return "the key has no self-signature that counts (one by SHA-1 does not)";
	if (key->created_s > (int64_t)s->created_s)
		return "it is older than the key";
	if (v->now_s >= key->expires_s || (int64_t)s->created_s >= key->expires_s)
		return "the key has expired";
	return NULL;
}

/* NULL, or why a signature by this key is refused before anything is hashed. */
static const char *verify_flaw(
	const struct verify *v, const struct openpgp_signature *s, const struct openpgp_key *key)
{
	const char *flaw = verify_key_flaw(v, s, &v->ring->keys[key->primary]);
	if (!flaw)
		flaw = verify_key_flaw(v, s, key);
	if (!flaw && !key->may_sign)
		flaw = "the key is not for signing";
	return flaw ? flaw : verify_signature_flaw(v, s, key);
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

/* Goes through all (signature, key) before the data is read: most refusals need no data. */
static int verify_prepare(struct verify *v, struct error **e)
{
	bool known = false;
	for (size_t i = 0; i < v->count; i++) {
		const struct openpgp_signature *s = &v->signatures[i];
		const struct openpgp_key *key = NULL;
		for (size_t at = 0; (key = verify_find(v, s, at)); at = verify_after(v, key)) {
			const char *flaw = verify_flaw(v, s, key);
			if (flaw)
				return verify_refuse(e, key, flaw);
			known = true;
			if (!v->data[s->kind] && !(v->data[s->kind] = digest_new(s->kind, e)))
				return -1;
		}
	}
	if (known)
		return 0;
	char named[2 * OPENPGP_FINGERPRINT_SIZE + 1] = "a key it does not name";
	const struct openpgp_signature *s = &v->signatures[0];
	struct bytes name = s->issuer_fingerprint.data ? s->issuer_fingerprint : s->issuer;
	if (name.data)
		digest_hex(name.data, name.length, named);
	return error_set(e, ERROR_TRUST, 0, "signature by %s, which is not in the keyring", named);
}

static int verify_hash(struct verify *v, const struct verify_source *source, struct error **e)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (!v->data[i])
			continue;
		int r = source->is_file ? digest_fd(v->data[i], source->fd, e)
					: digest_update(v->data[i], source->bytes.data,
						  source->bytes.length, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int verify_one(struct verify *v, const struct openpgp_signature *s,
	const struct openpgp_key *key, struct error **e)
{
	auto_digest *d = digest_copy(v->data[s->kind], e);
	if (!d)
		return -1;
	int good = openpgp_signature_check(s, d, key, e);
	if (good == 0)
		return verify_refuse(e, key, "bad signature: the file is not what was signed");
	return good < 0 ? -1 : 0;
}

static void verify_result(const struct verify *v, const struct openpgp_signature *s,
	const struct openpgp_key *key, struct openpgp_result *result)
{
	const struct openpgp_key *primary = &v->ring->keys[key->primary];
	memset(result, 0, sizeof *result);
	memcpy(result->fingerprint, primary->hex, sizeof result->fingerprint);
	size_t length = primary->user_id.length;
	if (length >= sizeof result->user_id)
		length = sizeof result->user_id - 1;
	memcpy(result->user_id, primary->user_id.data, length);
	result->signed_at = s->created_s;
}

/* Every signature by a key of the ring must be good; a first one is there (verify_prepare). */
static int verify_all(struct verify *v, struct openpgp_result *result, struct error **e)
{
	const struct openpgp_signature *first = NULL;
	const struct openpgp_key *signer = NULL, *key;
	for (size_t i = 0; i < v->count; i++) {
		const struct openpgp_signature *s = &v->signatures[i];
		for (size_t at = 0; (key = verify_find(v, s, at)); at = verify_after(v, key)) {
			if (verify_one(v, s, key, e) < 0)
				return -1;
			if (!first) {
				first = s;
				signer = key;
			}
		}
	}
	if (result)
		verify_result(v, first, signer, result);
	return 0;
}

static int verify_source(struct verify *v, struct bytes signature,
	const struct verify_source *source, struct openpgp_result *result, struct error **e)
{
	auto_buf bare = BUF(OPENPGP_SIGNATURE_MAX);
	if (signature.length > OPENPGP_SIGNATURE_MAX)
		return error_set(e, ERROR_TRUST, 0, "signature of more than %d bytes",
			OPENPGP_SIGNATURE_MAX);
	if (openpgp_is_armored(signature)) {
		const char *problem = openpgp_dearmor(signature, "SIGNATURE", &bare);
		if (problem)
			return error_set(e, ERROR_TRUST, 0, "no OpenPGP signature: %s", problem);
		signature = (struct bytes){(const unsigned char *)bare.data, bare.length};
	}
	if (verify_split(v, signature, e) < 0 || verify_prepare(v, e) < 0 ||
		verify_hash(v, source, e) < 0)
		return -1;
	return verify_all(v, result, e);
}

static int verify_run(const struct openpgp_keyring *k, struct bytes signature,
	const struct verify_source *source, int64_t now_s, struct openpgp_result *result,
	struct error **e)
{
	struct verify __attribute__((cleanup(verify_cleanup))) v = {.ring = k, .now_s = now_s};
	return verify_source(&v, signature, source, result, e);
}

int openpgp_verify_fd(const struct openpgp_keyring *k, const void *signature, size_t length, int fd,
	int64_t now_s, struct openpgp_result *result, struct error **e)
{
	struct verify_source source = {.is_file = true, .fd = fd};
	return verify_run(k, (struct bytes){signature, length}, &source, now_s, result, e);
}

int openpgp_verify_data(const struct openpgp_keyring *k, const void *signature, size_t length,
	const void *data, size_t size, int64_t now_s, struct openpgp_result *result,
	struct error **e)
{
	struct verify_source source = {.bytes = {data, size}};
	return verify_run(k, (struct bytes){signature, length}, &source, now_s, result, e);
}
