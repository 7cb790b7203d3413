/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "hooks/authorized_keys.h"
#include "lib/fd.h"
#include "lib/path.h"

/* Of ssh-keygen: keys that nobody has the private half of any more. */
#define ED25519 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1t4zqoLyV1+HcyVzJW3NwvmOWPj70ByUgZkmW3+YcP"
#define ECDSA                                                                                      \
	"ecdsa-sha2-nistp256 "                                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFXY1vv9G6xUdRCL+Fif+"                \
	"4evTcS59maGgcY0Y4PXJVvBrMjK967cckU1DjDXGp7bg1lRTWYGGGhYUseWQAW+bwg="
#define RSA                                                                                        \
	"ssh-rsa "                                                                                 \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQCn1q9BU2HMVhqDyOc6go9P4Wj/pW5v5KvaRTbsriMo6/"               \
	"hOgJJM7HmgN3pQpx32fC6IqlHXLwkgm/"                                                         \
	"Ej4YGj2vZH6UNX6jVfnbY8bgJk6DRjgZ3neOz5NzjMA4XbDZ6d9SqrlwbDS/qfhRG3znFqHIPwxJ5cm9Ejbw/"    \
	"dGJ1J6SlCzw=="

static void keys_are_found(void **state)
{
	auto_strings keys = {0};
	assert_ok(authorized_keys_parse("# mine\n\n" ED25519 " me@home, sweet home\r\n"
					"  " ECDSA "\n"
					"no-pty,command=\"echo \\\"a b\\\"\",from=\"10.0.0.*\" " RSA
					" x\n" ECDSA,
		&keys, &e));
	assert_int_equal(keys.count, 3);
	assert_string_equal(keys.items[0], ED25519 " me@home, sweet home");
	assert_string_equal(keys.items[1], ECDSA);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ED25519 "\nhello\n", "line 2: no key"},
		{"ssh-dss AAAA x\n", "line 1: no key"},
		{"ssh-ed25519\n", "no key"},
		{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1t4zqoLyV1 cut off\n", "not whole"},
		{"ssh-ed25519 !!!!\n", "not whole"},
		{"ssh-ed25519 AAAA\n", "not whole"},
		/* An RSA key that calls itself another type, and one with bytes behind it. */
		{"ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAAQE=\n", "not whole"},
		{"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQEB\n", "not whole"},
		{"command=\"echo " ED25519 "\n", "a quote is not closed"},
		{ED25519 " \x1b[2J\n", "control character"},
		{"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n", "private key"},
		{"-----BEGIN RSA PRIVATE KEY-----\n", "private key"},
		{"PuTTY-User-Key-File-3: ssh-ed25519\n", "private key"},
		{"---- BEGIN SSH2 PUBLIC KEY ----\n", "another format"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_strings keys = {0};
		assert_fails(authorized_keys_parse(cases[i].text, &keys, &e), ERROR_CONFIG,
			cases[i].part);
	}
}

static int make_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-keys.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 && mkdir("root", 0755) == 0 &&
			       mkdir("root/home", 0755) == 0 && mkdir("outside", 0755) == 0
		       ? 0
		       : -1;
}

static int end_scratch(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(here, "root", NULL, NULL) + tree_delete(here, "outside", NULL, NULL);
	unlink("file");
	close(here);
	r += chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static struct user me(void)
{
	return (struct user){.name = "me", .uid = geteuid(), .gid = getegid(), .home = "/home"};
}

static int add(const char *text, struct error **e)
{
	auto_strings keys = {0};
	struct user user = me();
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	if (root < 0)
		return error_set(e, ERROR_SYSTEM, 0, "open the root");
	if (authorized_keys_parse(text, &keys, e) < 0)
		return -1;
	return authorized_keys_add(root, &user, &keys, e);
}

static void assert_content(const char *path, const char *text)
{
	auto_buf got = BUF(0);
	assert_ok(path_read_file(AT_FDCWD, path, &got, &e));
	assert_string_equal(buf_text(&got), text);
}

#define FILE_THERE "root/home/.ssh/authorized_keys"

static void keys_are_added_once(void **state)
{
	struct stat st;
	assert_ok(add(ED25519, &e));
	assert_content(FILE_THERE, ED25519 "\n");
	assert_int_equal(stat("root/home/.ssh", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(FILE_THERE, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(add(ED25519 "\n" ECDSA, &e));
	assert_ok(add(ECDSA, &e));
	assert_content(FILE_THERE, ED25519 "\n" ECDSA "\n");
}

static void what_is_there_stays(void **state)
{
	static const char there[] = "# by hand\nssh-ed25519 AAAA the last line has no end";
	assert_int_equal(mkdir("root/home/.ssh", 0755), 0);
	assert_ok(path_write_file(AT_FDCWD, FILE_THERE, 0644, there, sizeof there - 1, &e));
	assert_ok(add(ECDSA, &e));
	assert_content(
		FILE_THERE, "# by hand\nssh-ed25519 AAAA the last line has no end\n" ECDSA "\n");
}

static void links_are_not_followed(void **state)
{
	assert_int_equal(symlink("../../outside", "root/home/.ssh"), 0);
	assert_fails(add(ED25519, &e), ERROR_SYSTEM, "/home/.ssh");
	assert_int_equal(unlink("root/home/.ssh"), 0);
	assert_int_equal(mkdir("root/home/.ssh", 0700), 0);
	assert_int_equal(symlink("../../../outside/keys", FILE_THERE), 0);
	assert_fails(add(ED25519, &e), ERROR_SYSTEM, "authorized_keys");
	assert_int_equal(unlink(FILE_THERE), 0);
	assert_int_equal(mkfifo(FILE_THERE, 0600), 0);
	assert_fails(add(ED25519, &e), ERROR_SYSTEM, "no regular file");
	/* A home that is a link leads where it leads inside: to nothing. */
	assert_int_equal(rename("root/home", "root/home2"), 0);
	assert_int_equal(symlink("/../outside", "root/home"), 0);
	assert_fails(add(ED25519, &e), ERROR_SYSTEM, "/home");
	int auto_fd outside = open("outside", O_RDONLY | O_DIRECTORY);
	assert_int_equal(path_dir_is_empty(outside, NULL), 1);
}

static void files_are_read(void **state)
{
	static const char nul[] = ED25519 "\n\0" ED25519;
	static const struct {
		const char *text, *part;
		size_t length;
	} cases[] = {
		{"", "it holds no key", 0},
		{"# none\n", "it holds no key", 7},
		{nul, "it is no text", sizeof nul},
		{"x\n", "line 1", 2},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_strings keys = {0};
		assert_ok(path_write_file(
			AT_FDCWD, "file", 0600, cases[i].text, cases[i].length, &e));
		assert_fails(authorized_keys_read("file", &keys, &e), ERROR_CONFIG, cases[i].part);
	}
	auto_strings keys = {0};
	assert_fails(authorized_keys_read("absent", &keys, &e), ERROR_CONFIG, "absent");
	assert_ok(path_write_file(AT_FDCWD, "file", 0600, ECDSA, strlen(ECDSA), &e));
	assert_ok(authorized_keys_read("file", &keys, &e));
	assert_int_equal(keys.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test_setup_teardown(keys_are_added_once, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(what_is_there_stays, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(links_are_not_followed, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(files_are_read, make_scratch, end_scratch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
