/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key packets of version 4: fingerprint, material, and the bare check of a signature by it. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "lib/openpgp_internal.h"

enum { RSA_OCTETS_MIN = 2048 / 8, RSA_OCTETS_MAX = 8192 / 8, ED25519_OCTETS = 32 };

static int key_memory(struct error **e)
{
	ERR_clear_error();
	return error_set(e, ERROR_SYSTEM, ENOMEM, "OpenPGP key");
}

static EVP_PKEY *key_from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (!context || EVP_PKEY_fromdata_init(context) <= 0 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *key_rsa(struct bytes n, struct bytes e)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = BN_bin2bn(n.data, (int)n.length, NULL);
	BIGNUM *exponent = BN_bin2bn(e.data, (int)e.length, NULL);
	if (build && modulus && exponent &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
		params = OSSL_PARAM_BLD_to_param(build);
	if (params)
		key = key_from_params("RSA", params);
	OSSL_PARAM_free(params);
	BN_free(exponent);
	BN_free(modulus);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* 5.5.5.1. What makes it unusable, or NULL. */
static const char *key_load_rsa(struct openpgp_key *key, struct bytes material)
{
	struct bytes n, e;
	bool n_canonical, e_canonical;
	if (openpgp_mpi(&material, &n, &n_canonical) < 0 ||
		openpgp_mpi(&material, &e, &e_canonical) < 0 || material.length || !n_canonical ||
		!e_canonical)
		return "its RSA integers are malformed";
	if (n.length < RSA_OCTETS_MIN || (n.length == RSA_OCTETS_MIN && !(n.data[0] & 0x80)))
		return "its RSA modulus is shorter than 2048 bits";
	if (n.length > RSA_OCTETS_MAX)
		return "its RSA modulus is longer than 8192 bits";
	/* 1 would make every number a signature of itself; OpenSSL refuses more than 64 bits. */
	if (e.length > 8 || !(e.data[e.length - 1] & 1) || (e.length == 1 && e.data[0] == 1))
		return "its RSA exponent is not one to trust";
	key->signature_size = n.length;
	key->material = key_rsa(n, e);
	return key->material ? NULL : "its RSA key is refused by OpenSSL";
}

/* 9.2: the curves taken, by their object identifier without tag and length. */
static const struct key_curve {
	int algorithm;
	unsigned char oid_length;
	unsigned char oid[10];
	const char *group; /* OpenSSL's name */
	/* RFC 9580, 5.2.3.2: the digest must be as long as the curve's numbers. */
	size_t digest_size;
} key_curves[] = {
	{OPENPGP_ECDSA, 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, "P-256", 32},
	{OPENPGP_ECDSA, 5, {0x2b, 0x81, 0x04, 0x00, 0x22}, "P-384", 48},
	{OPENPGP_EDDSA_LEGACY, 9, {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01}, NULL, 32},
};

static const struct key_curve *key_find_curve(int algorithm, struct bytes oid)
{
	for (size_t i = 0; i < sizeof key_curves / sizeof *key_curves; i++) {
		const struct key_curve *c = &key_curves[i];
		if (c->algorithm == algorithm && bytes_equal(oid, c->oid, c->oid_length))
			return c;
	}
	return NULL;
}

static EVP_PKEY *key_ecdsa(const struct key_curve *curve, struct bytes point)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve->group, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, (void *)point.data, point.length),
		OSSL_PARAM_construct_end(),
	};
	return key_from_params("EC", params);
}

/* 5.5.5.4 and 5.5.5.5: length, object identifier, point as an integer. */
static const char *key_load_curve(struct openpgp_key *key, struct bytes material)
{
	uint32_t oid_length;
	struct bytes oid, point;
	bool canonical;
	if (bytes_number(&material, 1, &oid_length) < 0 ||
		bytes_take(&material, oid_length, &oid) < 0 ||
		openpgp_mpi(&material, &point, &canonical) < 0 || material.length || !canonical)
		return "its point is malformed";
	const struct key_curve *curve = key_find_curve(key->algorithm, oid);
	if (!curve)
		return "its curve is not supported";
	key->signature_size = curve->digest_size;
	/* 11.2: prefix 0x40 for a native point, 0x04 for an uncompressed one. */
	if (key->algorithm == OPENPGP_EDDSA_LEGACY) {
		if (point.length != 1 + ED25519_OCTETS || point.data[0] != 0x40)
			return "its point is malformed";
		key->material = EVP_PKEY_new_raw_public_key(
			EVP_PKEY_ED25519, NULL, point.data + 1, ED25519_OCTETS);
	} else {
		if (point.length != 1 + 2 * curve->digest_size || point.data[0] != 0x04)
			return "its point is malformed";
		key->material = key_ecdsa(curve, point);
	}
	return key->material ? NULL : "its point is not on the curve";
}

/* 5.5.5.9 */
static const char *key_load_ed25519(struct openpgp_key *key, struct bytes material)
{
	if (material.length != ED25519_OCTETS)
		return "its point is malformed";
	key->signature_size = 32;
	key->material =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, material.data, material.length);
	return key->material ? NULL : "its point is refused by OpenSSL";
}

static const char *key_load(struct openpgp_key *key, struct bytes material)
{
	switch (key->algorithm) {
	case OPENPGP_RSA:
	case OPENPGP_RSA_SIGN_ONLY:
		return key_load_rsa(key, material);
	case OPENPGP_ECDSA:
	case OPENPGP_EDDSA_LEGACY:
		return key_load_curve(key, material);
	case OPENPGP_ED25519:
		return key_load_ed25519(key, material);
	}
	return "its algorithm is not supported";
}

/* 5.5.4.2: SHA-1 here names a key; it proves nothing. */
static int key_fingerprint(struct openpgp_key *key, struct error **e)
{
	unsigned char out[DIGEST_SIZE_MAX];
	unsigned char head[3] = {
		0x99, (unsigned char)(key->body.length >> 8), (unsigned char)key->body.length};
	auto_digest *d = digest_new(DIGEST_SHA1, e);
	if (!d || digest_update(d, head, sizeof head, e) < 0 ||
		digest_update(d, key->body.data, key->body.length, e) < 0 ||
		digest_finish(d, out, e) < 0)
		return -1;
	memcpy(key->fingerprint, out, sizeof key->fingerprint);
	digest_hex(out, sizeof key->fingerprint, key->hex);
	for (char *c = key->hex; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return 0;
}

int openpgp_key_init(struct openpgp_key *key, struct bytes body, struct error **e)
{
	uint32_t version, created, algorithm;
	struct bytes rest = body;
	/* 5.5.2.2: the length is hashed in two octets. */
	if (body.length > UINT16_MAX || bytes_number(&rest, 1, &version) < 0 || version != 4 ||
		bytes_number(&rest, 4, &created) < 0 || bytes_number(&rest, 1, &algorithm) < 0)
		return 0;
	*key = (struct openpgp_key){.body = body,
		.algorithm = (int)algorithm,
		.created_s = created,
		.expires_s = INT64_MAX,
		.may_sign = true};
	if (key_fingerprint(key, e) < 0)
		return -1;
	key->unusable = key_load(key, rest);
	ERR_clear_error();
	return 1;
}

void openpgp_key_release(struct openpgp_key *key)
{
	EVP_PKEY_free(key->material);
	key->material = NULL;
}

static const EVP_MD *key_md(enum digest_kind kind)
{
	return kind == DIGEST_SHA1     ? EVP_sha1()
	       : kind == DIGEST_SHA256 ? EVP_sha256()
	       : kind == DIGEST_SHA384 ? EVP_sha384()
				       : EVP_sha512();
}

/* PKCS #1 v1.5, and ECDSA in DER: 1, 0, -1. */
static int key_verify_digest(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes signature, struct error **e)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->material, NULL);
	if (!context || EVP_PKEY_verify_init(context) <= 0) {
		EVP_PKEY_CTX_free(context);
		return key_memory(e);
	}
	bool good = key->algorithm == OPENPGP_ECDSA ||
		    (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
			    EVP_PKEY_CTX_set_signature_md(context, key_md(kind)) > 0);
	good = good && EVP_PKEY_verify(context, signature.data, signature.length, digest,
			       digest_size(kind)) == 1;
	EVP_PKEY_CTX_free(context);
	return good;
}

/* 5.2.3.1: m^d mod n, whose leading zero octets are not sent; OpenSSL wants the full length. */
static int key_check_rsa(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes integers, struct error **e)
{
	unsigned char padded[RSA_OCTETS_MAX] = {0};
	struct bytes number;
	bool canonical;
	if (openpgp_mpi(&integers, &number, &canonical) < 0 || integers.length || !canonical ||
		number.length > key->signature_size)
		return 0;
	memcpy(padded + key->signature_size - number.length, number.data, number.length);
	return key_verify_digest(key, kind, digest, (struct bytes){padded, key->signature_size}, e);
}

/* 5.2.3.2: r and s; OpenSSL wants them in DER. */
static int key_check_ecdsa(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes integers, struct error **e)
{
	struct bytes r, s;
	bool r_canonical, s_canonical;
	if (openpgp_mpi(&integers, &r, &r_canonical) < 0 ||
		openpgp_mpi(&integers, &s, &s_canonical) < 0 || integers.length || !r_canonical ||
		!s_canonical || r.length > key->signature_size || s.length > key->signature_size)
		return 0;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *first = BN_bin2bn(r.data, (int)r.length, NULL);
	BIGNUM *second = BN_bin2bn(s.data, (int)s.length, NULL);
	if (!pair || !first || !second || !ECDSA_SIG_set0(pair, first, second)) {
		BN_free(first);
		BN_free(second);
		ECDSA_SIG_free(pair);
		return key_memory(e);
	}
	unsigned char *der = NULL;
	int length = i2d_ECDSA_SIG(pair, &der);
	ECDSA_SIG_free(pair);
	if (length <= 0)
		return key_memory(e);
	int good = key_verify_digest(key, kind, digest, (struct bytes){der, (size_t)length}, e);
	OPENSSL_free(der);
	return good;
}

/* 5.2.3.3 (legacy: R and S as integers, which GnuPG 2.3 and later may write with leading zero
 * octets) and 5.2.3.4 (64 octets). What is signed is the digest. */
static int key_check_ed25519(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes integers, struct error **e)
{
	unsigned char signature[2 * ED25519_OCTETS] = {0};
	struct bytes r, s;
	if (key->algorithm == OPENPGP_ED25519) {
		if (bytes_take(&integers, sizeof signature, &r) < 0 || integers.length)
			return 0;
		memcpy(signature, r.data, sizeof signature);
	} else {
		if (openpgp_mpi(&integers, &r, NULL) < 0 || openpgp_mpi(&integers, &s, NULL) < 0 ||
			integers.length || r.length > ED25519_OCTETS || s.length > ED25519_OCTETS)
			return 0;
		memcpy(signature + ED25519_OCTETS - r.length, r.data, r.length);
		memcpy(signature + 2 * ED25519_OCTETS - s.length, s.data, s.length);
	}
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->material) != 1) {
		EVP_MD_CTX_free(context);
		return key_memory(e);
	}
	int good = EVP_DigestVerify(
			   context, signature, sizeof signature, digest, digest_size(kind)) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

int openpgp_key_check(const struct openpgp_key *key, enum digest_kind kind,
	const unsigned char *digest, struct bytes integers, struct error **e)
{
	int good = 0;
	if (!key->material)
		return 0;
	switch (key->algorithm) {
	case OPENPGP_RSA:
	case OPENPGP_RSA_SIGN_ONLY:
		good = key_check_rsa(key, kind, digest, integers, e);
		break;
	case OPENPGP_ECDSA:
		if (digest_size(kind) >= key->signature_size)
			good = key_check_ecdsa(key, kind, digest, integers, e);
		break;
	case OPENPGP_EDDSA_LEGACY:
	case OPENPGP_ED25519:
		good = key_check_ed25519(key, kind, digest, integers, e);
		break;
	}
	ERR_clear_error();
	return good;
}

void openpgp_method(int algorithm, const struct openpgp_key *key, enum digest_kind kind,
	char to[OPENPGP_METHOD_MAX])
{
	static const char *const digests[] = {[DIGEST_SHA256] = "SHA-256",
		[DIGEST_SHA384] = "SHA-384",
		[DIGEST_SHA512] = "SHA-512",
		[DIGEST_SHA1] = "SHA-1"};
	char size[16] = "";
	const char *name = "another algorithm";
	switch (algorithm) {
	case OPENPGP_RSA:
	case OPENPGP_RSA_SIGN_ONLY:
		name = "RSA";
		if (key && key->algorithm == algorithm && key->signature_size)
			snprintf(size, sizeof size, "-%u", 8 * (unsigned)key->signature_size);
		break;
	case OPENPGP_ECDSA:
		name = "ECDSA";
		break;
	case OPENPGP_EDDSA_LEGACY:
	case OPENPGP_ED25519:
		name = "Ed25519";
		break;
	}
	snprintf(to, OPENPGP_METHOD_MAX, "%s%s, %s", name, size, digests[kind]);
}
