/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "chroot/users.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/zsh\n"
			     "# a comment\n"
			     "bad:x:1001\n"
			     "evil:x:4294967295:0::/:/bin/sh\n"
			     "minus:x:-1:0::/:/bin/sh\n"
			     "alarm:x:1000:998:Arch: Linux:/home/alarm\n"
			     "alarm:x:1000:1000:Arch Linux ARM:/home/alarm:/bin/bash\n"
			     "daemon:x:2:2::/:\n"
			     "bare:x:7:7:::/bin/sh\n"
			     "1002:x:1003:1003::/home/n:/bin/sh\n"
			     "other:x:1002:1002::/home/o:/bin/sh\n";

static void users_are_found(void **state)
{
	static const struct {
		const char *name;
		unsigned uid, gid;
		const char *home, *shell;
	} cases[] = {
		{"root", 0, 0, "/root", "/bin/zsh"}, {"0", 0, 0, "/root", "/bin/zsh"},
		{"1000", 1000, 998, " Linux", "/home/alarm"}, /* colons: the file says so */
		{"daemon", 2, 2, "/", ""}, {"bare", 7, 7, "/", "/bin/sh"},
		{"1002", 1003, 1003, "/home/n", "/bin/sh"}, /* a name wins over a number */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct user u;
		assert_ok(users_find(&u, passwd, cases[i].name, &e));
		assert_int_equal(u.uid, cases[i].uid);
		assert_int_equal(u.gid, cases[i].gid);
		assert_string_equal(u.home, cases[i].home);
		assert_string_equal(u.shell, cases[i].shell);
	}
}

static void strangers_are_refused(void **state)
{
	static const char *const names[] = {
		"nobody", "bad", "evil", "minus", "", "4294967295", "-1", "999", "# a comment"};
	struct user u;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_fails(users_find(&u, passwd, names[i], &e), ERROR_CONFIG, "no user");
}

static void root_needs_no_passwd(void **state)
{
	struct user u;
	assert_ok(users_find(&u, "", "root", &e));
	assert_int_equal(u.uid, 0);
	assert_string_equal(u.home, "/root");
	assert_ok(users_find(&u, "", "0", &e));
	assert_int_equal(u.uid, 0);
}

static void groups_are_collected(void **state)
{
	static const char group[] = "root:x:0:root\n"
				    "wheel:x:10:alarm,bob\n"
				    "alarms:x:11:alarms\n"
				    "aid_inet:x:3003:root,alarm\n"
				    "own:x:1000:alarm\n"
				    "broken:x:12\n"
				    "bad:x:x:alarm\n"
				    "none:x:13:\n";
	struct user u = {.name = "alarm", .gid = 1000};
	assert_ok(users_groups(&u, group, &e));
	assert_int_equal(u.group_count, 3);
	assert_int_equal(u.groups[0], 1000);
	assert_int_equal(u.groups[1], 10);
	assert_int_equal(u.groups[2], 3003);
}

static void too_many_groups_are_dropped(void **state)
{
	char group[200 * 32] = "";
	size_t used = 0;
	for (int i = 0; i < 200; i++)
		used += (size_t)snprintf(
			group + used, sizeof group - used, "g%d:x:%d:u\n", i, i + 5);
	struct user u = {.name = "u", .gid = 1};
	assert_ok(users_groups(&u, group, &e));
	assert_int_equal(u.group_count, USERS_GROUPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(root_needs_no_passwd),
		cmocka_unit_test(groups_are_collected),
		cmocka_unit_test(too_many_groups_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
