/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "hooks/logins.h"
#include "lib/fd.h"
#include "lib/path.h"

#define HASH "$6$salt$0123456789abcdefghijklmnopqrstuvwxyz./ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define MINE "$y$j9T$abcdefgh$0123456789abcdef"

static const char shadow[] = "root:" HASH ":14871::::::\n"
			     "bin:!*:14871::::::\n"
			     "daemon:*:14871::::::\n"
			     "kept:!" HASH ":1:0:99999:7:::\n"
			     "open::1:0:99999:7:::\n"
			     "old:ab01FAX.bQRSU:1:0:99999:7:::\n"
			     "alarm:" HASH ":14871:0:99999:7:::\n"
			     "no shadow line\n";

static void what_everybody_knows_lets_nobody_in(void **state)
{
	auto_buf to = BUF(0);
	auto_strings locked = {0};
	assert_ok(logins_shadow(shadow, NULL, &to, &locked, &e));
	assert_string_equal(buf_text(&to), "root:*:14871::::::\n"
					   "bin:!*:14871::::::\n"
					   "daemon:*:14871::::::\n"
					   "kept:!" HASH ":1:0:99999:7:::\n"
					   "open:*:1:0:99999:7:::\n"
					   "old:*:1:0:99999:7:::\n"
					   "alarm:*:14871:0:99999:7:::\n"
					   "no shadow line\n");
	assert_int_equal(locked.count, 4);
	assert_string_equal(locked.items[0], "root");
	assert_string_equal(locked.items[3], "alarm");
	auto_buf again = BUF(0);
	assert_ok(logins_shadow(buf_text(&to), NULL, &again, &locked, &e));
	assert_string_equal(buf_text(&again), buf_text(&to));
	assert_int_equal(locked.count, 4);
}

static void what_is_given_does(void **state)
{
	auto_buf to = BUF(0);
	auto_strings locked = {0}, given = {0};
	assert_ok(logins_parse("# mine\n\nalarm:" HASH "\nroot:" MINE "\r\n", &given, &e));
	assert_ok(logins_shadow(
		"root:x:1::::::\nalarm:*:1::::::\nalarming::1\n", &given, &to, &locked, &e));
	assert_string_equal(
		buf_text(&to), "root:" MINE ":1::::::\nalarm:" HASH ":1::::::\nalarming:*:1\n");
	assert_int_equal(locked.count, 1);
	assert_fails(logins_shadow("root:x:1::::::\n", &given, &to, &locked, &e), ERROR_CONFIG,
		"no user alarm");
}

/* Neither the password nor a hash may stand in a message. */
static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"root:secret\n", "line 1 is not"},
		{"root:" HASH "\nalarm " HASH "\n", "line 2 is not"},
		{":" HASH "\n", "line 1 is not"},
		{"root:" HASH ":1:2\n", "line 1 is not"},
		{"ro ot:" HASH "\n", "line 1 is not"},
		{"root:!" HASH "\n", "line 1 is not"},
		{"root:$6$\n", "line 1 is not"},
		{"# nothing\n", "no USER:HASH"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_strings given = {0};
		auto_error *why = NULL;
		assert_fails(logins_parse(cases[i].text, &given, &e), ERROR_CONFIG, cases[i].part);
		auto_strings again = {0};
		assert_int_equal(logins_parse(cases[i].text, &again, &why), -1);
		assert_null(strstr(error_message(why), "secret"));
		assert_null(strchr(error_message(why), '$'));
	}
}

static void passwd_without_shadow(void **state)
{
	auto_buf to = BUF(0);
	auto_strings locked = {0};
	assert_ok(logins_passwd("root:x:0:0::/root:/bin/sh\na::1:1::/:\nb:ab01FAX.bQRSU:2:2::/:\n"
				"c:*:3:3::/:\n",
		"a:*:1\n", &to, &locked, &e));
	assert_string_equal(buf_text(&to),
		"root:x:0:0::/root:/bin/sh\na:x:1:1::/:\nb:*:2:2::/:\nc:*:3:3::/:\n");
	assert_int_equal(locked.count, 2);
}

static int make_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-logins.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 && mkdir("root", 0755) == 0 &&
			       mkdir("root/etc", 0755) == 0
		       ? 0
		       : -1;
}

static int end_scratch(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(here, "root", NULL, NULL);
	unlink("victim");
	close(here);
	r += chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static void put(const char *path, mode_t mode, const char *text)
{
	assert_ok(path_write_file(AT_FDCWD, path, mode, text, strlen(text), &e));
}

static int replace(struct strings *locked, struct error **e)
{
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	return root < 0 ? error_set(e, ERROR_SYSTEM, 0, "open the root")
			: logins_replace(root, NULL, locked, e);
}

static void files_keep_their_modes(void **state)
{
	auto_strings locked = {0};
	auto_buf got = BUF(0);
	struct stat st, again;
	put("root/etc/shadow", 0640, "root:" HASH ":1::::::\n");
	put("root/etc/passwd", 0644, "root:x:0:0::/root:/bin/sh\n");
	assert_ok(replace(&locked, &e));
	assert_int_equal(locked.count, 1);
	assert_ok(path_read_file(AT_FDCWD, "root/etc/shadow", &got, &e));
	assert_string_equal(buf_text(&got), "root:*:1::::::\n");
	assert_int_equal(stat("root/etc/shadow", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* Nothing to do is nothing done. */
	assert_ok(replace(&locked, &e));
	assert_int_equal(stat("root/etc/shadow", &again), 0);
	assert_int_equal(st.st_ino, again.st_ino);
}

static void links_are_not_followed(void **state)
{
	auto_strings locked = {0};
	auto_buf got = BUF(0);
	put("victim", 0600, "root:" HASH ":1::::::\n");
	put("root/etc/passwd", 0644, "root::0:0::/root:/bin/sh\n");
	assert_int_equal(symlink("../../victim", "root/etc/shadow"), 0);
	assert_fails(replace(&locked, &e), ERROR_SYSTEM, "/etc/shadow");
	assert_ok(path_read_file(AT_FDCWD, "victim", &got, &e));
	assert_string_equal(buf_text(&got), "root:" HASH ":1::::::\n");
	assert_int_equal(unlink("root/etc/shadow"), 0);
	assert_int_equal(mkfifo("root/etc/shadow", 0600), 0);
	assert_fails(replace(&locked, &e), ERROR_ROOT, "no regular file");
	/* None at all: passwd alone is looked after. */
	assert_int_equal(unlink("root/etc/shadow"), 0);
	assert_ok(replace(&locked, &e));
	assert_int_equal(locked.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_everybody_knows_lets_nobody_in),
		cmocka_unit_test(what_is_given_does),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(passwd_without_shadow),
		cmocka_unit_test_setup_teardown(files_keep_their_modes, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(links_are_not_followed, make_scratch, end_scratch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
