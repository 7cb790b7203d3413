/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "chroot/mountinfo.h"

static const char table[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"30 22 0:5 / /proc rw - proc proc rw\n"
	"31 22 8:2 /sub /data/my\\040root rw,nosuid shared:7 master:3 propagate_from:2 - f2fs "
	"/dev/block/dm\\0551 rw,lazytime\n"
	"32 31 0:40 / /data/my\\040root/back\\134slash\\011tab rw - tmpfs none rw\n"
	"33 22 0:41 / /srv/a rw - tmpfs tmp\\043fs rw\n"
	"34 22 0:42 / /srv/\\0 rw - tmpfs x rw\n";

static const struct {
	const char *path;
	const char *target; /* NULL: no mount at or below */
} below[] = {
	{"/", "/"},
	{"/data/my root", "/data/my root"},
	{"/data/my root/", "/data/my root"},
	{"/data", "/data/my root"},
	{"/data/my", NULL}, /* a prefix of the name is no parent */
	{"/data/my root/back\\slash\ttab", "/data/my root/back\\slash\ttab"},
	{"/data/my root/back", NULL},
	{"/srv", "/srv/a"},
	{"/srv/ab", NULL},
	{"/srv/a/b", NULL}, /* above, not below */
	{"/home", NULL},
};

static void mounts_are_found_below(void **state)
{
	struct mountinfo m = {0};
	assert_ok(mountinfo_parse(&m, table, &e));
	assert_int_equal(m.count, 6);
	for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
		const struct mountinfo_entry *found = mountinfo_below(&m, below[i].path);
		if (!below[i].target && found)
			fail_msg("%s: found %s", below[i].path, found->target);
		if (below[i].target && !found)
			fail_msg("%s: found nothing", below[i].path);
		if (found)
			assert_string_equal(found->target, below[i].target);
	}
	mountinfo_free(&m);
}

static void fields_are_told_apart(void **state)
{
	struct mountinfo m = {0};
	assert_ok(mountinfo_parse(&m, table, &e));
	assert_int_equal(m.entries[2].id, 31);
	assert_int_equal(m.entries[2].parent, 22);
	assert_string_equal(m.entries[2].root, "/sub");
	assert_string_equal(m.entries[2].type, "f2fs");
	assert_string_equal(m.entries[2].source, "/dev/block/dm-1");
	assert_string_equal(m.entries[4].source, "tmp#fs");
	assert_string_equal(m.entries[5].target, "/srv/\\0"); /* no whole escape: left alone */
	mountinfo_free(&m);
}

static void strange_lines_are_errors(void **state)
{
	static const char *const lines[] = {
		"22 1 8:1 / / rw,relatime ext4 /dev/sda1 rw",
		"22 1 8:1 / / rw -",
		"22 1 8:1 / / rw - ext4",
		"x 1 8:1 / / rw - ext4 /dev/sda1 rw",
		"22 -1 8:1 / / rw - ext4 /dev/sda1 rw",
		"22",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct mountinfo m = {0};
		assert_fails(mountinfo_parse(&m, lines[i], &e), ERROR_SYSTEM, "strange line");
		assert_null(m.entries);
	}
}

/* A card mounted twice over, a bind mount of a directory, and one filesystem at two places. */
static const char stacked[] = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
			      "23 22 8:1 /data/alarm /srv/alarm rw - ext4 /dev/sda1 rw\n"
			      "24 22 8:1 /data/alarm-old /srv/old rw - ext4 /dev/sda1 rw\n"
			      "25 22 8:1 /data/other/etc /srv/etc rw - ext4 /dev/sda1 rw\n"
			      "26 22 8:1 /data /mnt/data rw - ext4 /dev/sda1 rw\n"
			      "30 22 8:2 / /card rw - ext4 /dev/sdb1 rw\n"
			      "31 30 0:9 / /card rw - tmpfs over rw\n"
			      "32 22 8:3 / /twice rw - ext4 /dev/sdc1 rw\n"
			      "33 22 8:3 / /again rw - ext4 /dev/sdc1 rw\n"
			      "34 22 8:4 / /home rw - ext4 /dev/sdd1 rw\n"
			      "35 34 8:4 /me/x /home/me/y rw - ext4 /dev/sdd1 rw\n";

static const struct {
	const char *path;
	int at, count, inside, elsewhere; /* ids of the entries; 0: none */
} places[] = {
	{"/data/alarm", 0, 0, 0, 23},
	{"/data/alarm/usr", 0, 0, 0, 0}, /* shown as a part of more: not what was bound */
	{"/data/other", 0, 0, 0, 25},
	{"/data/oth", 0, 0, 0, 0},
	{"/data/alarm-ol", 0, 0, 0, 0},
	{"/card", 31, 2, 0, 0},
	{"/srv/", 0, 0, 23, 0},
	{"/srv/alarm", 23, 1, 0, 0},
	{"/twice", 32, 1, 0, 33},
	{"/home/me", 0, 0, 35, 0}, /* from itself into itself */
	{"/home/me/x", 0, 0, 0, 35},
	{"/", 22, 1, 23, 0},
};

static int id_of(const struct mountinfo_entry *m)
{
	return m ? m->id : 0;
}

static void mounts_at_inside_and_elsewhere(void **state)
{
	struct mountinfo m = {0};
	assert_ok(mountinfo_parse(&m, stacked, &e));
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		size_t count;
		const char *path = places[i].path;
		int at = id_of(mountinfo_at(&m, path, &count));
		int inside = id_of(mountinfo_inside(&m, path));
		int elsewhere = id_of(mountinfo_elsewhere(&m, path));
		if (at != places[i].at || (int)count != places[i].count ||
			inside != places[i].inside || elsewhere != places[i].elsewhere)
			fail_msg("%s: at %d of %zu, inside %d, elsewhere %d", path, at, count,
				inside, elsewhere);
	}
	mountinfo_free(&m);
}

static void our_own_is_readable(void **state)
{
	struct mountinfo m = {0};
	assert_ok(mountinfo_read(&m, 0, &e));
	assert_true(m.count > 0);
	mountinfo_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_found_below),
		cmocka_unit_test(fields_are_told_apart),
		cmocka_unit_test(strange_lines_are_errors),
		cmocka_unit_test(mounts_at_inside_and_elsewhere),
		cmocka_unit_test(our_own_is_readable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
