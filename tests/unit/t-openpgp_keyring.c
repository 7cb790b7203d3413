/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "bootstrap/alarm_keyring.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/openpgp_internal.h"

/* As assert_fails, for what returns a pointer. */
#define assert_no_keyring(call, code, part)                                                        \
	do {                                                                                       \
		struct error *e = NULL;                                                            \
		assert_null(call);                                                                 \
		assert_string_equal(error_code_name(error_code(e)), #code);                        \
		if (!strstr(error_message(e), part))                                               \
			fail_msg("'%s' does not hold '%s'", error_message(e), part);               \
		error_free(e);                                                                     \
	} while (0)

static void what_is_no_keyring_is_told(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *part;
	} cases[] = {
		{"", 0, "no OpenPGP key"}, {"hello\n", 6, "no BEGIN line"},
		{"\xc2\x01x", 3, "packet of type 2"}, {"\xc5\x01x", 3, "packet of type 5"},
		{"\xc6\x05\x04", 3, "malformed OpenPGP packet"},
		{"\xcd\x01x", 3, "no OpenPGP key"}, /* a user id without a key */
		{"\xd1\x01x\xce\x01x", 6, "no OpenPGP key"},
		{"\xc6\x06\x03\0\0\0\0\x01", 8, "no OpenPGP key"}, /* version 3 */
		{"\xc6\x05\x04\0\0\0\0", 7, "no OpenPGP key"}, /* too short */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_no_keyring(openpgp_keyring_parse(cases[i].bytes, cases[i].length, &e),
			ERROR_CONFIG, cases[i].part);
}

static void a_key_that_is_not_usable_keeps_its_name(void **state)
{
	static const unsigned char dsa[] = {0xc6, 0x06, 4, 0, 0, 0, 0, 17};
	auto_openpgp_keyring *k = openpgp_keyring_parse(dsa, sizeof dsa, NULL);
	assert_non_null(k);
	assert_int_equal(strlen(openpgp_keyring_fingerprint(k, 0)), 40);
	assert_string_equal(k->keys[0].unusable, "its algorithm is not supported");
	assert_null(openpgp_keyring_fingerprint(k, 1));
}

static void rings_follow_each_other(void **state)
{
	auto_buf twice = BUF(0);
	for (int i = 0; i < 2; i++)
		assert_ok(buf_append(&twice, alarm_keyring, alarm_keyring_length, &e));
	auto_openpgp_keyring *k = openpgp_keyring_parse(twice.data, twice.length, NULL);
	assert_non_null(k);
	assert_non_null(openpgp_keyring_fingerprint(k, 1));
	assert_null(openpgp_keyring_fingerprint(k, 2));
	assert_int_equal(k->count, 4); /* with a subkey each */
}

static void binary_is_what_armor_holds(void **state)
{
	auto_openpgp_keyring *k = openpgp_keyring_parse(alarm_keyring, alarm_keyring_length, NULL);
	assert_non_null(k);
	auto_openpgp_keyring *bare = openpgp_keyring_parse(k->bytes.data, k->bytes.length, NULL);
	assert_non_null(bare);
	assert_string_equal(
		openpgp_keyring_fingerprint(k, 0), openpgp_keyring_fingerprint(bare, 0));
}

static void files_are_named_in_errors(void **state)
{
	char path[] = "/tmp/t-openpgp_keyring-XXXXXX";
	int auto_fd fd = mkstemp(path);
	assert_true(fd >= 0);
	auto_openpgp_keyring *empty = NULL, *whole = NULL;
	struct error *problem = NULL;
	empty = openpgp_keyring_read(path, &problem);
	int written = fd_write_all(fd, alarm_keyring, alarm_keyring_length, NULL);
	whole = openpgp_keyring_read(path, NULL);
	unlink(path);
	assert_null(empty);
	assert_int_equal(error_code(problem), ERROR_CONFIG);
	assert_non_null(strstr(error_message(problem), path));
	error_free(problem);
	assert_int_equal(written, 0);
	assert_non_null(whole);
	assert_no_keyring(openpgp_keyring_read(path, &e), ERROR_CONFIG, path);
	assert_no_keyring(openpgp_keyring_read("/tmp", &e), ERROR_SYSTEM, "keyring /tmp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_keyring_is_told),
		cmocka_unit_test(a_key_that_is_not_usable_keeps_its_name),
		cmocka_unit_test(rings_follow_each_other),
		cmocka_unit_test(binary_is_what_armor_holds),
		cmocka_unit_test(files_are_named_in_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
