/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "packages/mtree.h"

#define SUM "2b1bfb16fc9526c540cb70ae6367bbf112e83572814c43fa8249da626db0ba06"

static int parse(struct mtree *m, const char *text, size_t length, struct error **e)
{
	auto_buf copy = BUF(0);
	if (buf_append(&copy, text, length, e) < 0)
		return -1;
	return mtree_parse(m, &copy, e);
}

/* As makepkg's bsdtar writes it. */
static const char real[] =
	"#mtree\n"
	"/set type=file uid=0 gid=0 mode=644\n"
	"./.BUILDINFO time=1767225600.0 size=166 md5digest=8d0bdad485140fc383e83c99f2ac5db5 "
	"sha256digest=" SUM "\n"
	"./etc time=1778185982.0 mode=755 type=dir\n"
	"./usr/bin/su time=1778185982.5 mode=4755 size=1994 sha256digest=" SUM "\n"
	"./usr/lib/libx.so time=-1.0 mode=777 type=link link=libx.so.1\n"
	"./var/mail time=1.0 mode=1777 gid=12 type=dir\n"
	"/set uid=7\n"
	"./a\\040b\\134\\303\\244 time=1.0 size=0\n"
	"/unset mode\n"
	"./no-mode time=1.0\n"
	"/unset all\n"
	"./bare\n";

static void a_real_one_is_read(void **state)
{
	static const struct {
		const char *path, *link;
		unsigned has;
		mode_t type, mode;
		uid_t uid;
		gid_t gid;
		uint64_t size;
		int64_t time_s;
	} expected[] = {
		{".BUILDINFO", NULL, 63, S_IFREG, 0644, 0, 0, 166, 1767225600},
		{"etc", NULL, 23, S_IFDIR, 0755, 0, 0, 0, 1778185982},
		{"usr/bin/su", NULL, 63, S_IFREG, 04755, 0, 0, 1994, 1778185982},
		{"usr/lib/libx.so", "libx.so.1", 23, S_IFLNK, 0777, 0, 0, 0, -1},
		{"var/mail", NULL, 23, S_IFDIR, 01777, 0, 12, 0, 1},
		{"a b\\\xc3\xa4", NULL, 31, S_IFREG, 0644, 7, 0, 0, 1},
		{"no-mode", NULL, 22, S_IFREG, 0644, 7, 0, 0, 1},
		{"bare", NULL, 0, S_IFREG, 0, 0, 0, 0, 0},
	};
	struct mtree m = {0};
	assert_ok(parse(&m, real, strlen(real), &e));
	assert_int_equal(m.count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < m.count; i++) {
		const struct mtree_entry *got = &m.entries[i];
		assert_string_equal(got->path, expected[i].path);
		assert_string_equal(
			got->link ? got->link : "-", expected[i].link ? expected[i].link : "-");
		assert_int_equal(got->has, expected[i].has);
		assert_int_equal(got->type, expected[i].type);
		assert_int_equal(got->uid, expected[i].uid);
		assert_int_equal(got->gid, expected[i].gid);
		assert_int_equal(got->size, expected[i].size);
		assert_int_equal(got->time_s, expected[i].time_s);
		if (got->has & MTREE_MODE)
			assert_int_equal(got->mode, expected[i].mode);
	}
	assert_int_equal(m.entries[0].sha256[0], 0x2b);
	assert_int_equal(m.entries[0].sha256[31], 0x06);
	mtree_free(&m);
	assert_null(m.entries);
}

static void every_letter_of_vis_is_undone(void **state)
{
	static const struct {
		const char *written, *meant;
	} cases[] = {
		{"./\\\\", "\\"},
		{"./\\s\\t\\n\\r", " \t\n\r"},
		{"./\\a\\b\\e\\f\\v", "\a\b\033\f\v"},
		{"./\\#\\\"", "#\""},
		{"./\\101\\377", "A\377"},
		{"./\\1012", "A2"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mtree m = {0};
		assert_ok(parse(&m, cases[i].written, strlen(cases[i].written), &e));
		assert_int_equal(m.count, 1);
		assert_string_equal(m.entries[0].path, cases[i].meant);
		mtree_free(&m);
	}
}

static void what_is_no_file_is_passed_over(void **state)
{
	static const char *const texts[] = {"", "\n", "#mtree\n", "# ./x\n", "   \n\t\n",
		". type=dir\n", "/set type=dir\n", "/unset\n", "/set\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct mtree m = {0};
		assert_ok(parse(&m, texts[i], strlen(texts[i]), &e));
		assert_int_equal(m.count, 0);
		mtree_free(&m);
	}
}

static void broken_lines_are_named(void **state)
{
	static const char *const lines[] = {
		"usr/bin", /* of the older form */
		"sh type=file",
		"..",
		"./",
		".//x",
		"./x type=door",
		"./x type=link", /* to nothing */
		"./x mode=9",
		"./x mode=",
		"./x mode=7777777",
		"./x uid=-1",
		"./x uid=root",
		"./x gid=4294967296",
		"./x size=-1",
		"./x size=99999999999999999999",
		"./x time=",
		"./x time=1.x",
		"./x time=.5",
		"./x sha256digest=12",
		"./x sha256digest=" SUM "0",
		"./x sha256digest=2B1BFB16FC9526C540CB70AE6367BBF112E83572814C43FA8249DA626DB0BA06",
		"./\\",
		"./\\9",
		"./\\400",
		"./a\\000",
		"./x type=link link=\\q",
		"/set mode=x",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct mtree m = {0};
		auto_buf text = BUF(0);
		assert_ok(buf_printf(&text, &e, "#mtree\n\n%s\n./good\n", lines[i]));
		struct error *why = NULL;
		if (mtree_parse(&m, &text, &why) != -1 ||
			!strstr(error_message(why), "line 3 is broken"))
			fail_msg("%s: %s", lines[i], why ? error_message(why) : "was taken");
		assert_int_equal(error_code(why), ERROR_ROOT);
		assert_null(m.entries);
		assert_null(text.data);
		error_free(why);
	}
	struct mtree m = {0};
	assert_fails(parse(&m, "./a\0b", 5, &e), ERROR_ROOT, "a NUL");
}

static void many_lines_are_read(void **state)
{
	auto_buf text = BUF(0);
	struct mtree m = {0};
	for (int i = 0; i < 5000; i++)
		assert_ok(buf_printf(&text, &e, "./file%d size=%d\n", i, i));
	assert_ok(mtree_parse(&m, &text, &e));
	assert_int_equal(m.count, 5000);
	assert_string_equal(m.entries[4999].path, "file4999");
	assert_int_equal(m.entries[4999].size, 4999);
	mtree_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_one_is_read),
		cmocka_unit_test(every_letter_of_vis_is_undone),
		cmocka_unit_test(what_is_no_file_is_passed_over),
		cmocka_unit_test(broken_lines_are_named),
		cmocka_unit_test(many_lines_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
