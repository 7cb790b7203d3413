/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a key's own signatures make of it: bound, allowed to sign, until when, revoked.
 *
 * Only a signature that was verified grants something; of several the newest counts (5.2.3.10).
 * Restrictions are taken on less: also from newer signatures that cannot be verified here (of an
 * unknown digest, say), because gpgv may listen to them. So a key is never taken for better than
 * gpgv takes it. */
#include "lib/fd.h"
#include "lib/openpgp_internal.h"

/* More self-signatures than this on one packet are no key but an attempt to keep us busy. */
enum { CHECKS_MAX = 256 };

struct binding {
	const struct openpgp_key *primary;
	struct openpgp_key *key; /* what is bound: the primary key or a subkey */
	const struct openpgp_component *component;
	struct openpgp_signature newest; /* of those that were verified */
	bool found;
	bool withdrawn; /* the user id: by a revocation at least as new */
	uint32_t withdrawn_s;
	unsigned checks;
};

static int binding_hash_key(struct digest *d, const struct openpgp_key *key, struct error **e)
{
	/* 5.2.4: the same bytes as for the fingerprint; openpgp_key_init saw to the length. */
	unsigned char head[3] = {
		0x99, (unsigned char)(key->body.length >> 8), (unsigned char)key->body.length};
	if (digest_update(d, head, sizeof head, e) < 0)
		return -1;
	return digest_update(d, key->body.data, key->body.length, e);
}

static int binding_hash_user(struct digest *d, const struct openpgp_component *c, struct error **e)
{
	size_t n = c->body.length;
	unsigned char head[5] = {c->tag == OPENPGP_USER_ID ? 0xb4 : 0xd1, (unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
	if (digest_update(d, head, sizeof head, e) < 0)
		return -1;
	return digest_update(d, c->body.data, n, e);
}

/* What a signature over the component is over. */
static struct digest *binding_digest(
	const struct binding *b, enum digest_kind kind, struct error **e)
{
	const struct openpgp_component *c = b->component;
	auto_digest *d = digest_new(kind, e);
	if (!d || binding_hash_key(d, b->primary, e) < 0)
		return NULL;
	if (c->tag == OPENPGP_PUBLIC_SUBKEY && binding_hash_key(d, b->key, e) < 0)
		return NULL;
	if ((c->tag == OPENPGP_USER_ID || c->tag == OPENPGP_USER_ATTRIBUTE) &&
		binding_hash_user(d, c, e) < 0)
		return NULL;
	return take(&d);
}

/* Is `s` by `signer` over the component? 1, 0, -1. */
static int binding_verify(const struct binding *b, const struct openpgp_signature *s,
	const struct openpgp_key *signer, struct error **e)
{
	if (s->unsupported || !signer->material || s->created_s < signer->created_s ||
		s->created_s < b->key->created_s)
		return 0;
	auto_digest *d = binding_digest(b, s->kind, e);
	if (!d)
		return -1;
	return openpgp_signature_check_own(s, d, signer, e);
}

/* Is this the type of signature that binds such a component? (10.1) */
static bool binding_grants(int tag, int type)
{
	switch (tag) {
	case OPENPGP_PUBLIC_KEY:
		return type == OPENPGP_DIRECT;
	case OPENPGP_PUBLIC_SUBKEY:
		return type == OPENPGP_BIND_SUBKEY;
	default:
		return type >= OPENPGP_CERTIFY_FIRST && type <= OPENPGP_CERTIFY_LAST;
	}
}

static bool binding_withdraws(int tag, int type)
{
	return type == OPENPGP_REVOKE_USER_ID &&
	       (tag == OPENPGP_USER_ID || tag == OPENPGP_USER_ATTRIBUTE);
}

/* Revocations of keys count unchecked and by whomever: a designated revoker (5.2.3.23) may be
 * meant, SHA-1 was common in them, and a key wrongly refused is the safe mistake. */
static bool binding_revokes(int tag, int type)
{
	return tag == OPENPGP_PUBLIC_SUBKEY ? type == OPENPGP_REVOKE_SUBKEY
					    : type == OPENPGP_REVOKE_KEY;
}

/* Calls `act` for each signature that says it is by the primary key. */
static int binding_walk(struct binding *b,
	int (*act)(struct binding *, const struct openpgp_signature *, struct error **),
	struct error **e)
{
	struct bytes rest = b->component->signatures;
	struct openpgp_packet p;
	while (openpgp_packet_next(&rest, &p) > 0) {
		struct openpgp_signature s;
		if (p.tag != OPENPGP_SIGNATURE)
			continue;
		if (openpgp_signature_parse(p.body, &s) < 0) {
			b->key->unusable = "a signature on it is malformed";
			continue;
		}
		if (binding_revokes(b->component->tag, s.type))
			b->key->revoked = true;
		if (openpgp_signature_names(&s, b->primary) && act(b, &s, e) < 0)
			return -1;
	}
	return 0;
}

/* First walk: which is the newest that is true? */
static int binding_choose(struct binding *b, const struct openpgp_signature *s, struct error **e)
{
	bool withdraws = binding_withdraws(b->component->tag, s->type);
	if (!withdraws && !binding_grants(b->component->tag, s->type))
		return 0;
	if (withdraws ? b->withdrawn && s->created_s < b->withdrawn_s
		      : b->found && s->created_s < b->newest.created_s)
		return 0;
	/* gpgv knows a self-signature by its key id (5.2.3.12) only. */
	if (!s->issuer.data)
		return 0;
	if (++b->checks > CHECKS_MAX) {
		b->key->unusable = "it has too many signatures of its own";
		return 0;
	}
	int good = binding_verify(b, s, b->primary, e);
	if (good <= 0)
		return good;
	if (withdraws) {
		b->withdrawn = true;
		b->withdrawn_s = s->created_s;
	} else {
		b->found = true;
		b->newest = *s;
	}
	return 0;
}

static void binding_shorten(int64_t *expires_s, int64_t from_s, uint32_t after_s)
{
	/* Like gpgv in 32 bits: what passes 2106 expires early rather than late. */
	uint32_t at_s = (uint32_t)from_s + after_s;
	if (after_s && at_s < *expires_s)
		*expires_s = at_s;
}

/* Second walk: what do the newest one and those after it forbid? No cryptography: a forged one in
 * the ring could only take away. */
static int binding_restrict(struct binding *b, const struct openpgp_signature *s, struct error **e)
{
	uint32_t since = b->found ? b->newest.created_s : 0;
	if (b->withdrawn && b->withdrawn_s > since)
		since = b->withdrawn_s;
	if (s->created_s < since)
		return 0;
	if (binding_withdraws(b->component->tag, s->type))
		b->withdrawn = true;
	if (!binding_grants(b->component->tag, s->type))
		return 0;
	if (s->has_flags && !(s->flags & OPENPGP_FLAG_SIGN))
		b->key->may_sign = false;
	binding_shorten(&b->key->expires_s, b->key->created_s, s->key_expires_after_s);
	binding_shorten(&b->key->expires_s, s->created_s, s->expires_after_s);
	return 0;
}

/* 5.2.1.9: the subkey must agree to being bound, else anyone could adopt a signing key. */
static int binding_back_signature(const struct binding *b, struct error **e)
{
	struct openpgp_signature back;
	if (!b->newest.embedded.data || openpgp_signature_parse(b->newest.embedded, &back) < 0 ||
		back.type != OPENPGP_BIND_PRIMARY || back.expires_after_s)
		return 0;
	return binding_verify(b, &back, b->key, e);
}

static int binding_grant_subkey(struct binding *b, struct error **e)
{
	struct openpgp_key *key = b->key;
	key->bound = true;
	/* A primary key without flags may sign, as ever; a subkey must be told to. */
	if (!b->newest.has_flags || !(b->newest.flags & OPENPGP_FLAG_SIGN))
		key->may_sign = false;
	if (!key->may_sign)
		return 0;
	int good = binding_back_signature(b, e);
	if (good == 0 && !key->unusable)
		key->unusable = "it is a subkey without a good back signature";
	return good < 0 ? -1 : 0;
}

int openpgp_binding_apply(const struct openpgp_key *primary, struct openpgp_key *key,
	const struct openpgp_component *c, struct error **e)
{
	struct binding b = {.primary = primary, .key = key, .component = c};
	if (binding_walk(&b, binding_choose, e) < 0)
		return -1;
	bool was_withdrawn = b.withdrawn && b.found && b.withdrawn_s < b.newest.created_s;
	if (was_withdrawn) /* and certified anew since */
		b.withdrawn = false;
	if (binding_walk(&b, binding_restrict, e) < 0)
		return -1;
	if (!b.found || b.withdrawn)
		return 0;
	if (c->tag == OPENPGP_PUBLIC_SUBKEY)
		return binding_grant_subkey(&b, e);
	if (c->tag == OPENPGP_USER_ID) {
		if (!key->bound)
			key->user_id = c->body;
		key->bound = true;
	}
	return 0;
}

/* What others say of a user id. A revocation by the same key counts unchecked, like any restriction
 * here; SHA-1 does not count: what another certifies he did not choose himself. */
int openpgp_binding_certified(const struct openpgp_key *primary, const struct openpgp_component *c,
	const struct openpgp_key *by, int64_t now_s, struct error **e)
{
	const struct binding b = {.primary = primary, .component = c};
	struct bytes rest = c->signatures;
	struct openpgp_packet p;
	int64_t certified_s = -1, revoked_s = -1;
	unsigned checks = 0;
	while (openpgp_packet_next(&rest, &p) > 0) {
		struct openpgp_signature s;
		if (p.tag != OPENPGP_SIGNATURE || openpgp_signature_parse(p.body, &s) < 0 ||
			!openpgp_signature_names(&s, by))
			continue;
		if (binding_withdraws(c->tag, s.type) && (int64_t)s.created_s > revoked_s)
			revoked_s = s.created_s;
		bool counts = binding_grants(c->tag, s.type) && !s.expires_after_s &&
			      s.created_s <= now_s && s.created_s >= primary->created_s &&
			      s.created_s >= by->created_s && s.created_s > certified_s;
		if (!counts || ++checks > CHECKS_MAX)
			continue;
		auto_digest *d = binding_digest(&b, s.kind, e);
		int good = d ? openpgp_signature_check(&s, d, by, e) : -1;
		if (good < 0)
			return -1;
		if (good)
			certified_s = s.created_s;
	}
	return certified_s > revoked_s;
}
