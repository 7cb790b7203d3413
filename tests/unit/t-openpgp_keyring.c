/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
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
	assert_no_keyring(
		openpgp_keyring_read("/tmp", &e), ERROR_CONFIG, "keyring /tmp: open /tmp: Is a");
	assert_no_keyring(
		openpgp_keyring_read("/dev/null", &e), ERROR_CONFIG, "is no regular file");
}

static void put(const char *directory, const char *name, const void *data, size_t length)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	int auto_fd fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_ok(fd_write_all(fd, data, length, &e));
}

/* The ring in NAME.gpg, and which of its keys the lists name. */
static void lists_beside_a_ring_count(void **state)
{
	static const char own[] = "68B3537F39A313B3E574D06777193F152BDBE6A6";
	char directory[] = "/tmp/t-openpgp_keyring-XXXXXX", path[64], line[64];
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/a.gpg", directory);
	snprintf(line, sizeof line, "%s:4:\n", own);
	put(directory, "a.gpg", alarm_keyring, alarm_keyring_length);
	put(directory, "a.asc", alarm_keyring, alarm_keyring_length);
	auto_openpgp_keyring *bare = openpgp_keyring_read(path, NULL);
	put(directory, "a-trusted", line, strlen(line));
	put(directory, "a-revoked", own, strlen(own));
	auto_openpgp_keyring *listed = openpgp_keyring_read(path, NULL);
	snprintf(path, sizeof path, "%s/a.asc", directory);
	auto_openpgp_keyring *other = openpgp_keyring_read(path, NULL);
	put(directory, "a-revoked", "words", 5);
	snprintf(path, sizeof path, "%s/a.gpg", directory);
	struct error *why = NULL;
	struct openpgp_keyring *malformed = openpgp_keyring_read(path, &why);
	static const char *const names[] = {"a.gpg", "a.asc", "a-trusted", "a-revoked"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
	assert_true(bare && !bare->has_trusted && !bare->keys[0].distrusted);
	assert_true(other && !other->has_trusted && !other->keys[0].distrusted);
	assert_true(listed && listed->has_trusted && listed->keys[0].distrusted);
	assert_int_equal(listed->keys[0].owner_trust, 4);
	assert_int_equal(listed->keys[1].owner_trust, 0); /* its subkey */
	assert_null(malformed);
	assert_int_equal(error_code(why), ERROR_CONFIG);
	assert_non_null(strstr(error_message(why), "a.gpg: -revoked: 'words' is no FINGERPRINT"));
	error_free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_keyring_is_told),
		cmocka_unit_test(a_key_that_is_not_usable_keeps_its_name),
		cmocka_unit_test(rings_follow_each_other),
		cmocka_unit_test(binary_is_what_armor_holds),
		cmocka_unit_test(files_are_named_in_errors),
		cmocka_unit_test(lists_beside_a_ring_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
