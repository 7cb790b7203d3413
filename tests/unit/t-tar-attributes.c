/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes and ACLs of an archive's entries, and the modes that come with them. */
#include "tests/unit/tar-worker.h"

/* user::rw- user:1000:rw- group::r-- mask::rw- other::r-- as posix_acl_xattr.h has it */
static const unsigned char acl[] = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 6, 0, 0xe8, 3,
	0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 6, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255,
	255, 255, 255};

static void kept_attributes_are_set_and_others_dropped(void **state)
{
	static const struct made entries[] = {
		{.path = "ping", .type = '0', .data = "elf", .mode = 0755, .uid = 3},
		{.type = 'x', .data = "SCHILY.xattr.user.note=hello"},
		{.path = "closed", .type = '0', .data = "x", .mode = 0400},
		{.type = 'x', .data = "SCHILY.xattr.security.selinux=u:r:s"},
		FILE_X("selinux"),
		{.type = 'x', .data = "SCHILY.xattr.trusted.overlay.opaque=y"},
		FILE_X("trusted"),
		{.type = 'x', .data = "SCHILY.fflags=immutable"},
		FILE_X("immutable"),
		{.type = 'x',
			.data = "SCHILY.acl.access=user::rw-,user:joe:rw-:1000,group::r--,"
				"mask::rw-,other::r--"},
		{.path = "shared", .type = '0', .data = "x", .mode = 0664},
		{.type = 'x',
			.data = "SCHILY.acl.default=user::rwx,user:joe:rwx:1000,group::r-x,"
				"mask::rwx,other::r-x"},
		{.path = "journal", .type = '5', .mode = 0555},
		{.path = "journal/plain", .type = '0', .data = "x", .mode = 0600},
		{.type = 'x', .data = "SCHILY.xattr.user.note=on a symlink"},
		{.path = "sym", .type = '2', .link = "closed"},
		{0},
	};
	unsigned char value[256];
	struct tar_extracted done;
	struct tree t;
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_capability(&archive);
	make_archive(&archive, entries);
	tree_begin(&t, state);
	assert_ok(extract_buf(&t, &archive, &done, &e));
	assert_int_equal(tree_attribute(&t, "ping", "security.capability", value), 20);
	assert_memory_equal(value, capability, 20);
	assert_int_equal(tree_attribute(&t, "closed", "user.note", value), 5);
	assert_memory_equal(value, "hello", 5);
	assert_int_equal(tree_attribute(&t, "selinux", "security.selinux", value), -1);
	assert_int_equal(tree_attribute(&t, "trusted", "trusted.overlay.opaque", value), -1);
	assert_int_equal(
		tree_attribute(&t, "shared", "system.posix_acl_access", value), sizeof acl);
	assert_memory_equal(value, acl, sizeof acl);
	assert_int_equal(
		tree_attribute(&t, "journal", "system.posix_acl_default", value), sizeof acl);
	/* Made before the default ACL was set: it inherits none. */
	assert_int_equal(tree_attribute(&t, "journal/plain", "system.posix_acl_access", value), -1);
	/* selinux, trusted, fflags, and user.* on a symlink, which Linux refuses */
	assert_int_equal(done.dropped_attributes, 4);
	assert_int_equal(done.dropped_capabilities, 0);
	struct stat st;
	assert_int_equal(fstatat(t.fd, "journal", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, MADE_TIME);
	tree_end(&t);
}

#define ACCESS(rights)                                                                             \
	"SCHILY.acl.access=user::rwx,user:joe:rwx:1000,group::" rights ",mask::rwx,other::r-x"
#define DEFAULT "SCHILY.acl.default=user::rwx,group::r-x,group:adm:r-x:4,mask::r-x,other::---"

/* As tar wrote it, whatever of an ACL came before the entry's own header. */
static void modes_are_kept_beside_acls(void **state)
{
	static const struct {
		const char *pax;
		struct made entry;
		const char *line;
	} cases[] = {
		{DEFAULT, {.path = "d", .type = '5', .mode = 0700}, "dir 700 0:0 0 @ x1 d\n"},
		{DEFAULT, {.path = "d", .type = '5', .mode = 03775}, "dir 3775 0:0 0 @ x1 d\n"},
		/* /var/log/journal; the group's bits are the mask. */
		{DEFAULT "\n" ACCESS("r-x"), {.path = "d", .type = '5', .mode = 02755, .gid = 9},
			"dir 2775 0:9 0 @ x1 d\n"},
		{ACCESS("r-x"), {.path = "f", .type = '0', .mode = 06755, .data = "x", .uid = 3},
			"file 6775 3:0 1 @ x1 f\n"},
		{ACCESS("r-x"), {.path = "d", .type = '5', .mode = 01777, .gnu = true},
			"dir 1775 0:0 0 @ x1 d\n"},
		/* One that says no more than a mode does. */
		{"SCHILY.acl.access=user::rwx,group::r-x,other::---",
			{.path = "f", .type = '0', .mode = 04750, .data = "x"},
			"file 4750 0:0 1 @ x1 f\n"},
		/* What cannot be read as one. */
		{"SCHILY.acl.access=nonsense",
			{.path = "f", .type = '0', .mode = 04711, .data = "x"},
			"file 4711 0:0 1 @ x1 f\n"},
		{"SCHILY.acl.ace=owner@:rwx:------:allow",
			{.path = "f", .type = '0', .mode = 02640, .data = "x"},
			"file 2640 0:0 1 @ x1 f\n"},
	};
	need_root();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct made entries[] = {
			{.type = 'x', .data = cases[i].pax}, cases[i].entry, {0}};
		struct tree t;
		tree_begin(&t, state);
		assert_ok(extract_made(&t, entries, NULL, &e));
		assert_tree(&t, false, cases[i].line);
		tree_end(&t);
	}
}

/* Half a thousand of them, of different lengths: wherever the borders of what is read at once lie.
 */
static void each_of_many_keeps_its_mode(void **state)
{
	enum { DIRECTORIES = 500 };
	static char note[8192];
	need_root();
	memset(note, 'n', sizeof note);
	auto_buf archive = BUF(MADE_LIMIT);
	for (unsigned i = 0; i < DIRECTORIES; i++) {
		char name[8], pax[sizeof note + 200];
		int length = snprintf(pax, sizeof pax, "%s\nSCHILY.xattr.user.note=%.*s", DEFAULT,
			(int)(i % 16 * 512), note);
		snprintf(name, sizeof name, "%03u", i);
		make_pax(&archive, pax, (size_t)length);
		make_entry(
			&archive, &(struct made){.path = name, .type = '5', .mode = 0500 + i % 64});
	}
	make_end(&archive);
	assert_true(archive.length > 8 * 256 * 1024);
	struct tree t;
	struct stat st;
	tree_begin(&t, state);
	assert_ok(extract_buf(&t, &archive, NULL, &e));
	for (unsigned i = 0; i < DIRECTORIES; i++) {
		char name[8];
		snprintf(name, sizeof name, "%03u", i);
		assert_int_equal(fstatat(t.fd, name, &st, 0), 0);
		if ((st.st_mode & 07777) != 0500 + i % 64)
			fail_msg("%s: %o", name, st.st_mode & 07777);
	}
	tree_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_attributes_are_set_and_others_dropped),
		cmocka_unit_test(modes_are_kept_beside_acls),
		cmocka_unit_test(each_of_many_keeps_its_mode),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
