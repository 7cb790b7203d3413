/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in key, and a signature that Arch Linux ARM really made with it. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "bootstrap/alarm_keyring.h"
#include "lib/openpgp_internal.h"

#define ALARM "68B3537F39A313B3E574D06777193F152BDBE6A6"

enum {
	SIGNED_AT = 1785933702, /* 2026-08-05 */
	NOW = SIGNED_AT + 3600,
};

static struct openpgp_keyring *ring(void)
{
	struct openpgp_keyring *k =
		openpgp_keyring_parse(alarm_keyring, alarm_keyring_length, NULL);
	assert_non_null(k);
	return k;
}

static size_t read_signature(unsigned char *to, size_t size)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	snprintf(path, sizeof path, "%s/tests/cases/alarm/ArchLinuxARM-aarch64-latest.tar.gz.sig",
		top ? top : ".");
	FILE *in = fopen(path, "re");
	if (!in)
		fail_msg("%s cannot be opened", path);
	size_t length = fread(to, 1, size, in);
	fclose(in);
	assert_int_equal(length, 566);
	return length;
}

static void the_one_key_is_fit_to_sign(void **state)
{
	auto_openpgp_keyring *k = ring();
	assert_string_equal(openpgp_keyring_fingerprint(k, 0), ALARM);
	assert_null(openpgp_keyring_fingerprint(k, 1));
	const struct openpgp_key *key = &k->keys[0];
	assert_null(key->unusable);
	assert_true(key->bound && key->may_sign && !key->revoked);
	assert_true(key->expires_s == INT64_MAX);
	assert_int_equal(key->created_s, 1390085363);
	assert_memory_equal(key->user_id.data, "Arch Linux ARM Build System <", 29);
	/* Its subkey is for encryption. */
	assert_int_equal(k->count, 2);
	assert_true(k->keys[1].bound && !k->keys[1].may_sign);
}

static void the_real_signature_names_it(void **state)
{
	auto_openpgp_keyring *k = ring();
	unsigned char bytes[1024];
	struct bytes rest = {bytes, read_signature(bytes, sizeof bytes)};
	struct openpgp_packet p;
	struct openpgp_signature s;
	assert_int_equal(openpgp_packet_next(&rest, &p), 1);
	assert_int_equal(rest.length, 0);
	assert_int_equal(openpgp_signature_parse(p.body, &s), 0);
	assert_null(s.unsupported);
	assert_int_equal(s.type, OPENPGP_BINARY);
	assert_int_equal(s.kind, DIGEST_SHA512);
	assert_int_equal(s.created_s, SIGNED_AT);
	assert_true(openpgp_signature_names(&s, &k->keys[0]));
	assert_false(openpgp_signature_names(&s, &k->keys[1]));
}

static void other_data_is_refused(void **state)
{
	auto_openpgp_keyring *k = ring();
	unsigned char bytes[1024];
	size_t length = read_signature(bytes, sizeof bytes);
	assert_fails(openpgp_verify_data(k, bytes, length, "x", 1, NOW, NULL, &e), ERROR_TRUST,
		ALARM ": bad signature");
	assert_fails(openpgp_verify_data(k, bytes, length, "x", 1, 0, NULL, &e), ERROR_TRUST,
		"in the future");
	for (size_t i = 0; i < length; i++)
		assert_int_equal(openpgp_verify_data(k, bytes, i, "x", 1, NOW, NULL, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_one_key_is_fit_to_sign),
		cmocka_unit_test(the_real_signature_names_it),
		cmocka_unit_test(other_data_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
