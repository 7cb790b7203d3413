/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "hooks/identity.h"
#include "lib/fd.h"
#include "lib/path.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

static void hostnames(void **state)
{
	static const struct {
		const char *name, *wrong; /* NULL: it is good */
	} cases[] = {
		{"alarm", NULL},
		{"a", NULL},
		{"3com", NULL},
		{"Kitchen-2.example.org", NULL},
		{L63, NULL},
		{L63 "4", "longer than 63"},
		{L63 ".b", "longer than 64"},
		{"", "empty"},
		{"a..b", "empty"},
		{".a", "empty"},
		{"a.", "empty"},
		{"-a", "hyphen"},
		{"a-.b", "hyphen"},
		{"a_b", "other characters"},
		{"a b", "other characters"},
		{"a\nb", "other characters"},
		{"k\xc3\xbc"
		 "che",
			"other characters"},
		{"$(id)", "other characters"},
		{"10.0.0.1", "is a number"},
		{"7", "is a number"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (cases[i].wrong)
			assert_fails(identity_check_hostname(cases[i].name, &e), ERROR_CONFIG,
				cases[i].wrong);
		else
			assert_ok(identity_check_hostname(cases[i].name, &e));
}

static int make_scratch(void **state)
{
	static const char *const dirs[] = {"root", "root/etc", "root/etc/ssh", "root/etc/pacman.d",
		"root/etc/pacman.d/gnupg", "root/etc/pacman.d/gnupg/private-keys-v1.d", "root/var",
		"root/var/lib", "outside"};
	char *dir = strdup("/tmp/alarmstrap-t-identity.XXXXXX");
	*state = mkdtemp(dir);
	if (!*state || chdir(*state) < 0)
		return -1;
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (mkdir(dirs[i], 0755) < 0)
			return -1;
	return 0;
}

static int end_scratch(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(here, "root", NULL, NULL) + tree_delete(here, "outside", NULL, NULL);
	close(here);
	r += chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static void put(const char *path, const char *text)
{
	assert_ok(path_write_file(AT_FDCWD, path, 0600, text, strlen(text), &e));
}

static int strip(struct strings *removed, struct error **e)
{
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	return root < 0 ? error_set(e, ERROR_SYSTEM, 0, "open the root")
			: identity_strip(root, removed, e);
}

static void what_devices_must_not_share_goes(void **state)
{
	static const char *const gone[] = {"root/etc/machine-id", "root/etc/ssh/ssh_host_rsa_key",
		"root/etc/ssh/ssh_host_rsa_key.pub", "root/etc/pacman.d/gnupg/pubring.gpg",
		"root/etc/pacman.d/gnupg/private-keys-v1.d/A.key"};
	static const char *const stays[] = {"root/etc/ssh/sshd_config", "root/etc/ssh/ssh_hostile",
		"root/etc/pacman.d/mirrorlist"};
	auto_strings removed = {0};
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		put(gone[i], "x");
	for (size_t i = 0; i < sizeof stays / sizeof *stays; i++)
		put(stays[i], "x");
	assert_ok(strip(&removed, &e));
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		assert_false(path_exists(AT_FDCWD, gone[i]));
	for (size_t i = 0; i < sizeof stays / sizeof *stays; i++)
		assert_true(path_exists(AT_FDCWD, stays[i]));
	assert_false(path_exists(AT_FDCWD, "root/etc/pacman.d/gnupg"));
	assert_int_equal(removed.count, 4);
	auto_strings again = {0};
	assert_ok(strip(&again, &e));
	assert_int_equal(again.count, 0);
}

/* Without a private key in it, it was somebody's work; an empty machine-id says nothing. */
static void what_is_no_secret_stays(void **state)
{
	auto_strings removed = {0};
	put("root/etc/machine-id", "");
	put("root/etc/pacman.d/gnupg/pubring.gpg", "x");
	put("root/etc/pacman.d/gnupg/secring.gpg", "");
	assert_ok(strip(&removed, &e));
	assert_int_equal(removed.count, 0);
	assert_true(path_exists(AT_FDCWD, "root/etc/pacman.d/gnupg/pubring.gpg"));
	put("root/etc/pacman.d/gnupg/secring.gpg", "x");
	assert_ok(strip(&removed, &e));
	assert_int_equal(removed.count, 1);
}

static void links_lead_nowhere(void **state)
{
	auto_strings removed = {0};
	put("outside/machine-id", "x");
	put("outside/ssh_host_rsa_key", "x");
	put("outside/secring.gpg", "x");
	assert_int_equal(symlink("../../outside/machine-id", "root/etc/machine-id"), 0);
	assert_int_equal(rmdir("root/etc/ssh"), 0);
	assert_int_equal(symlink("../../outside", "root/etc/ssh"), 0);
	assert_int_equal(rmdir("root/etc/pacman.d/gnupg/private-keys-v1.d"), 0);
	assert_int_equal(rmdir("root/etc/pacman.d/gnupg"), 0);
	assert_int_equal(symlink("../../../outside", "root/etc/pacman.d/gnupg"), 0);
	assert_ok(strip(&removed, &e));
	assert_int_equal(removed.count, 1); /* the link itself */
	assert_false(path_exists(AT_FDCWD, "root/etc/machine-id"));
	assert_true(path_exists(AT_FDCWD, "outside/machine-id"));
	assert_true(path_exists(AT_FDCWD, "outside/ssh_host_rsa_key"));
	assert_true(path_exists(AT_FDCWD, "outside/secring.gpg"));
}

static void the_words_are_checked(void **state)
{
	struct identity i = {NULL};
	assert_fails(identity_read(&i, &(struct identity_words){.hostname = "-x"}, &e),
		ERROR_CONFIG, "'-x' is no hostname");
	assert_fails(identity_read(&i, &(struct identity_words){.authorized_keys = "none"}, &e),
		ERROR_CONFIG, "none");
	assert_fails(identity_read(&i, &(struct identity_words){.passwords = "none"}, &e),
		ERROR_CONFIG, "none");
	assert_ok(identity_read(&i, &(struct identity_words){.hostname = "x"}, &e));
	assert_string_equal(i.hostname, "x");
	identity_free(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostnames),
		cmocka_unit_test_setup_teardown(
			what_devices_must_not_share_goes, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(what_is_no_secret_stays, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(links_lead_nowhere, make_scratch, end_scratch),
		cmocka_unit_test(the_words_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
