/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom of a ring to believe: the lists that pacman-key(8) has beside a keyring.
 *
 * pacman-key --populate signs the keys of NAME-trusted with a key of its own, gives them the owner
 * trust that stands there, and lets gpg reckon (its manual, "trust model pgp"): one full or three
 * marginal certifications make a user id valid. Here the same comes out without a key of one's own,
 * and is reckoned for a signer when he is met. As only named keys have owner trust and all named
 * are believed, no chain is longer than one step. */
#include <ctype.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/openpgp_internal.h"
#include "lib/text.h"

enum { MARGINAL = 4, FULL = 5, ULTIMATE = 6, MARGINALS_NEEDED = 3 };
enum { FINGERPRINT_DIGITS = 2 * OPENPGP_FINGERPRINT_SIZE };

/* The primary key of this fingerprint, of which there may be several copies; NULL after the last.
 */
static struct openpgp_key *trust_find(
	struct openpgp_keyring *k, const char *fingerprint, size_t *from)
{
	while (*from < k->count) {
		struct openpgp_key *key = &k->keys[(*from)++];
		if (key->primary == *from - 1 &&
			strncasecmp(key->hex, fingerprint, FINGERPRINT_DIGITS) == 0)
			return key;
	}
	return NULL;
}

static bool trust_is_fingerprint(const char *line)
{
	size_t digits = 0;
	while (isxdigit((unsigned char)line[digits]))
		digits++;
	return digits == FINGERPRINT_DIGITS;
}

/* "FINGERPRINT:TRUST:" into *trust. */
static int trust_level(const char *line, int *trust)
{
	const char *rest = line + FINGERPRINT_DIGITS;
	if (rest[0] != ':' || !isdigit((unsigned char)rest[1]) || strcmp(rest + 2, ":") != 0)
		return -1;
	*trust = rest[1] - '0';
	return 0;
}

static int trust_line(
	struct openpgp_keyring *k, const char *line, bool is_trusted, struct error **e)
{
	int trust = 0;
	size_t from = 0;
	struct openpgp_key *key;
	if (!trust_is_fingerprint(line) ||
		(is_trusted ? trust_level(line, &trust) < 0 : line[FINGERPRINT_DIGITS]))
		return error_set(e, ERROR_CONFIG, 0, "-%s: '%s' is no %s",
			is_trusted ? "trusted" : "revoked", line,
			is_trusted ? "FINGERPRINT:TRUST:" : "FINGERPRINT");
	while ((key = trust_find(k, line, &from))) {
		if (!is_trusted)
			key->distrusted = true;
		else if (trust >= MARGINAL && trust <= ULTIMATE)
			key->owner_trust = trust;
	}
	return 0;
}

static int trust_list(
	struct openpgp_keyring *k, const char *text, bool is_trusted, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\r\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = text_trim(lines.items[i]);
		if (*line && *line != '#' && trust_line(k, line, is_trusted, e) < 0)
			return -1;
	}
	return 0;
}

int openpgp_keyring_restrict(
	struct openpgp_keyring *k, const char *trusted, const char *revoked, struct error **e)
{
	if (trusted && trust_list(k, trusted, true, e) < 0)
		return -1;
	if (revoked && trust_list(k, revoked, false, e) < 0)
		return -1;
	k->has_trusted = k->has_trusted || trusted;
	return 0;
}

void openpgp_keyring_demand(struct openpgp_keyring *k, size_t rsa_bits, enum digest_kind digest)
{
	k->demand.rsa_bits = rsa_bits;
	k->demand.digest = digest;
}

/* May what it says of others count? */
static bool trust_may_certify(const struct openpgp_key *key, int64_t now_s)
{
	return key->owner_trust && !key->distrusted && !key->unusable && !key->revoked &&
	       key->bound && now_s < key->expires_s;
}

/* One voice a key, however many copies of it the ring has, and no copy may speak against it. */
static bool trust_is_voice(const struct openpgp_keyring *k, size_t at, int64_t now_s)
{
	const struct openpgp_key *key = &k->keys[at];
	if (key->primary != at || !key->owner_trust)
		return false;
	for (size_t i = 0; i < k->count; i++) {
		const struct openpgp_key *copy = &k->keys[i];
		if (copy->primary != i ||
			memcmp(copy->fingerprint, key->fingerprint, sizeof key->fingerprint) != 0)
			continue;
		if (i < at || !trust_may_certify(copy, now_s))
			return false;
	}
	return true;
}

/* Does the user id bind the key by its own signature, alone? */
static int trust_is_bound(
	const struct openpgp_key *key, const struct openpgp_component *c, struct error **e)
{
	struct openpgp_key alone = *key;
	alone.bound = false;
	return openpgp_binding_apply(key, &alone, c, e) < 0 ? -1 : alone.bound;
}

/* 1: enough of those trusted certify this user id. */
static int trust_user_id(const struct openpgp_keyring *k, const struct openpgp_key *key,
	const struct openpgp_component *c, int64_t now_s, struct error **e)
{
	int marginals = 0;
	int bound = trust_is_bound(key, c, e);
	if (bound <= 0)
		return bound;
	for (size_t i = 0; i < k->count; i++) {
		const struct openpgp_key *by = &k->keys[i];
		if (!trust_is_voice(k, i, now_s))
			continue;
		int certified = openpgp_binding_certified(key, c, by, now_s, e);
		if (certified < 0)
			return -1;
		if (!certified)
			continue;
		if (by->owner_trust >= FULL || ++marginals == MARGINALS_NEEDED)
			return 1;
	}
	return 0;
}

int openpgp_trust_judge(const struct openpgp_keyring *k, const struct openpgp_key *key,
	int64_t now_s, const char **why, struct error **e)
{
	struct bytes rest = key->after;
	struct openpgp_component c;
	*why = NULL;
	if (key->distrusted)
		*why = "the keyring's list -revoked names the key";
	if (key->distrusted || !k->has_trusted || key->owner_trust)
		return 0;
	while (openpgp_component_next(&rest, &c) > 0 && c.tag != OPENPGP_PUBLIC_KEY) {
		int valid = c.tag == OPENPGP_USER_ID ? trust_user_id(k, key, &c, now_s, e) : 0;
		if (valid)
			return valid < 0 ? -1 : 0;
	}
	*why = "the key is neither in the keyring's list -trusted nor certified by enough of those "
	       "that are";
	return 0;
}
