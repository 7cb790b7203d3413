/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/interrupt.h"

/* FIPS 180-4, the examples for "abc" (and the empty message). */
static const struct {
	enum digest_kind kind;
	const char *data, *hex;
} vectors[] = {
	{DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{DIGEST_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{DIGEST_SHA384, "abc",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358"
		"baeca134c825a7"},
	{DIGEST_SHA512, "abc",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836"
		"ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void known_answers(void **state)
{
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		unsigned char out[DIGEST_SIZE_MAX];
		char hex[DIGEST_HEX_MAX];
		auto_digest *d = digest_new(vectors[i].kind, NULL);
		assert_non_null(d);
		assert_ok(digest_update(d, vectors[i].data, strlen(vectors[i].data), &e));
		assert_ok(digest_finish(d, out, &e));
		digest_hex(out, digest_size(vectors[i].kind), hex);
		assert_string_equal(hex, vectors[i].hex);
	}
}

static void a_copy_goes_its_own_way(void **state)
{
	unsigned char one[DIGEST_SIZE_MAX], two[DIGEST_SIZE_MAX];
	char hex[DIGEST_HEX_MAX];
	auto_digest *d = digest_new(DIGEST_SHA256, NULL);
	assert_ok(digest_update(d, "ab", 2, &e));
	auto_digest *copy = digest_copy(d, NULL);
	assert_non_null(copy);
	assert_ok(digest_update(d, "x", 1, &e));
	assert_ok(digest_update(copy, "c", 1, &e));
	assert_ok(digest_finish(d, one, &e));
	assert_ok(digest_finish(copy, two, &e));
	digest_hex(two, 32, hex);
	assert_string_equal(hex, vectors[1].hex);
	assert_memory_not_equal(one, two, 32);
}

static void a_file_is_read_from_its_start(void **state)
{
	int auto_fd fd = memfd_create("digest", MFD_CLOEXEC);
	char hex[DIGEST_HEX_MAX];
	assert_ok(fd_write_all(fd, "abc", 3, &e));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 3);
	assert_ok(digest_fd_hex(DIGEST_SHA512, fd, hex, &e));
	assert_string_equal(hex, vectors[4].hex);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 3);
}

static void a_long_file_is_read_whole(void **state)
{
	int auto_fd fd = memfd_create("digest", MFD_CLOEXEC);
	char hex[DIGEST_HEX_MAX];
	char a[1000];
	memset(a, 'a', sizeof a);
	for (int i = 0; i < 1000; i++)
		assert_ok(fd_write_all(fd, a, sizeof a, &e));
	assert_ok(digest_fd_hex(DIGEST_SHA256, fd, hex, &e));
	assert_string_equal(
		hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void a_failed_read_is_told(void **state)
{
	char hex[DIGEST_HEX_MAX] = "as it was";
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	int auto_fd out = ends[1], auto_fd in = ends[0];
	assert_true(out >= 0);
	assert_fails(digest_fd_hex(DIGEST_SHA256, in, hex, &e), ERROR_SYSTEM, "Illegal seek");
	assert_fails(digest_fd_hex(DIGEST_SHA256, -1, hex, &e), ERROR_SYSTEM, "Bad file");
	assert_string_equal(hex, "as it was");
}

static void an_interrupt_ends_it(void **state)
{
	char hex[DIGEST_HEX_MAX];
	int auto_fd fd = memfd_create("zeros", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_ok(interrupt_install(&e));
	assert_int_equal(raise(SIGTERM), 0);
	assert_fails(digest_fd_hex(DIGEST_SHA256, fd, hex, &e), ERROR_INTERRUPTED, "interrupted");
	interrupt_forget();
	interrupt_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(a_file_is_read_from_its_start),
		cmocka_unit_test(a_long_file_is_read_whole),
		cmocka_unit_test(a_failed_read_is_told),
		cmocka_unit_test(an_interrupt_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
