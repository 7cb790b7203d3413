/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile, broken and oversized archives. */
#include "tests/unit/tar-worker.h"

/* One byte of data at 0, after a map of a block. */
static const char sparse_map[513] = "1\n0\n1\n";
/* The same at 2^40. */
static const char far_sparse_map[513] = "1\n1099511627776\n1\n";

static const struct hostile {
	const char *label;
	struct made entries[4];
	/* "this|that": as this libarchive reads the archive itself, or lets us see what is wrong.
	 */
	const char *says;
	const char *left; /* the tree afterwards */
} hostile[] = {
	{"absolute", {FILE_X("/a")}, "is absolute", ""},
	{"upwards", {FILE_X("../a")}, "leads upwards", ""},
	{"upwards inside", {FILE_X("a/../../b")}, "leads upwards", ""},
	{"upwards at the end", {DIR("a/..")}, "leads upwards", ""},
	{"no name", {FILE_X("")}, "without a name", ""},
	{"file through a symlink",
		{DIR("d"), {.path = "s", .type = '2', .link = "d"}, FILE_X("s/f")},
		"leads through 's'", "dir 755 0:0 0 * x1 d\nlink 777 0:0 0 @ x1 s -> d\n"},
	{"directory through a symlink", {{.path = "s", .type = '2', .link = "/"}, DIR("s/d")},
		"leads through 's'", "link 777 0:0 0 @ x1 s -> /\n"},
	{"through a file", {FILE_X("f"), FILE_X("f/g")}, "leads through 'f'",
		"file 644 0:0 1 @ x1 f\n"},
	{"symlink over a directory",
		{DIR("d"), {.path = "d", .type = '2', .link = "/etc"}, FILE_X("d/f")},
		"comes twice, as different things", "dir 755 0:0 0 * x1 d\n"},
	{"symlink over a parent only named",
		{FILE_X("d/f"), {.path = "d", .type = '2', .link = "/etc"}},
		"comes twice, as different things",
		"dir 755 0:0 0 * x1 d\nfile 644 0:0 1 @ x1 d/f\n"},
	{"directory over a symlink", {{.path = "s", .type = '2', .link = "/etc"}, DIR("./s/")},
		"comes twice, as different things", "link 777 0:0 0 @ x1 s -> /etc\n"},
	{"file over a symlink", {{.path = "s", .type = '2', .link = "t"}, FILE_X("s")},
		"comes twice, as different things", "link 777 0:0 0 @ x1 s -> t\n"},
	{"file over a skipped device", {{.path = "n", .type = '3'}, FILE_X("n")},
		"comes twice, as different things", ""},
	{"hard link upwards", {{.path = "h", .type = '1', .link = "../etc/passwd"}},
		"leads upwards", ""},
	{"hard link absolute", {{.path = "h", .type = '1', .link = "/etc/passwd"}}, "is absolute",
		""},
	{"hard link to nothing", {{.path = "h", .type = '1', .link = ""}},
		"no known type|without a name", ""},
	{"hard link to a later file", {{.path = "h", .type = '1', .link = "f"}, FILE_X("f")},
		"no earlier regular file", ""},
	{"hard link to a symlink",
		{{.path = "s", .type = '2', .link = "f"}, {.path = "h", .type = '1', .link = "s"}},
		"no earlier regular file", "link 777 0:0 0 @ x1 s -> f\n"},
	{"hard link through a symlink",
		{FILE_X("d/f"), {.path = "s", .type = '2', .link = "d"},
			{.path = "h", .type = '1', .link = "s/f"}},
		"no earlier regular file",
		"dir 755 0:0 0 * x1 d\nfile 644 0:0 1 @ x1 d/f\nlink 777 0:0 0 @ x1 s -> d\n"},
	{"hard link to a directory", {DIR("d"), {.path = "h", .type = '1', .link = "d"}},
		"no earlier regular file", "dir 755 0:0 0 * x1 d\n"},
	{"hard link to a skipped device",
		{{.path = "n", .type = '4'}, {.path = "h", .type = '1', .link = "n"}},
		"no earlier regular file", ""},
	{"hard link to itself", {FILE_X("f"), {.path = "f", .type = '1', .link = "./f"}},
		"no earlier regular file", "file 644 0:0 1 @ x1 f\n"},
	{"hard link over a symlink",
		{FILE_X("f"), {.path = "s", .type = '2', .link = "t"},
			{.path = "s", .type = '1', .link = "f"}},
		"comes twice, as different things",
		"file 644 0:0 1 @ x1 f\nlink 777 0:0 0 @ x1 s -> t\n"},
	{"root as a symlink", {{.path = "./", .type = '2', .link = "/etc"}},
		"the root is no directory", ""},
	{"root as a file", {{.path = ".", .type = '0'}}, "the root is no directory", ""},
	{"symlink to nothing", {{.path = "s", .type = '2', .link = ""}}, "symlink to nothing", ""},
	{"a file of 5 GiB", {{.path = "f", .type = '0', .claimed = 5ULL << 30}},
		"5368709120 bytes are too many", ""},
	{"a file of 2^62 bytes", {{.path = "f", .type = '0', .claimed = 1ULL << 62}},
		"f: 4611686018427387904 bytes are too many|f: broken archive: ", ""},
	{"a negative size", {{.path = "f", .type = '0', .claimed = ~0ULL}}, "broken archive", ""},
	{"a size that lies", {{.path = "f", .type = '0', .data = "x", .claimed = 1 << 20}},
		"broken archive", "file 600 0:0 * * x1 f\n"},
	{"an owner of 2^32-1", {{.type = 'x', .data = "uid=4294967295"}, FILE_X("f")},
		"owner out of range", ""},
	{"a pax name that leads upwards", {{.type = 'x', .data = "path=a/../../f"}, FILE_X("f")},
		"leads upwards", ""},
	{"a pax link that leads upwards",
		{{.type = 'x', .data = "linkpath=../f"}, {.path = "h", .type = '1', .link = "f"}},
		"leads upwards", ""},
	{"a sparse file with content beyond its size",
		{{.type = 'x',
			 .data = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
				 "GNU.sparse.realsize=10"},
			{.path = "f",
				.type = '0',
				.data = far_sparse_map,
				.length = sizeof far_sparse_map}},
		"f: it has content beyond its size|f: broken archive: ",
		"file 600 0:0 0 * x1 f\n|"},
	{"a sparse file of no bytes, with content",
		{{.type = 'x',
			 .data = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
				 "GNU.sparse.realsize=0"},
			{.path = "f",
				.type = '0',
				.data = sparse_map,
				.length = sizeof sparse_map}},
		"f: it has content beyond its size|f: broken archive: ",
		"file 600 0:0 0 * x1 f\n|"},
	{"a sparse file of 2^60 bytes",
		{{.type = 'x',
			 .data = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
				 "GNU.sparse.realsize=1152921504606846976"},
			{.path = "f",
				.type = '0',
				.data = sparse_map,
				.length = sizeof sparse_map}},
		"f: 1152921504606846976 bytes are too many|f: broken archive: ", ""},
};

/* Is this what was left? "*" stands for a number that depends on the moment: times, and sizes of
 * half-written files. */
static bool is_left(const char *got, const char *want, size_t length)
{
	char expected[1024] = "", *p = expected;
	for (const char *s = want; s < want + length; s++)
		p += *s == '@' ? sprintf(p, "%d", MADE_TIME) : sprintf(p, "%c", *s);
	const char *w = expected;
	for (; *got && *w; got++, w++) {
		if (*w == '*')
			got += strspn(got, "0123456789") - 1;
		else if (*got != *w)
			return false;
	}
	return !*got && !*w;
}

static void assert_left(const struct tree *t, const struct hostile *h)
{
	auto_buf got = BUF(0);
	tree_list(t, false, &got);
	for (const char *want = h->left;;) {
		size_t length = strcspn(want, "|");
		if (is_left(buf_text(&got), want, length))
			return;
		want += length;
		if (!*want++)
			break;
	}
	fail_msg("%s left\n%s", h->label, buf_text(&got));
}

static void hostile_archives_are_refused(void **state)
{
	need_root();
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		const struct hostile *h = &hostile[i];
		struct made entries[5] = {0};
		struct error *e = NULL;
		struct tree t;
		memcpy(entries, h->entries, sizeof h->entries);
		tree_begin(&t, state);
		int r = extract_made(&t, entries, NULL, &e);
		if (r != -1 || error_code(e) != ERROR_TRUST || !says_one(error_message(e), h->says))
			fail_msg("%s: %s", h->label, e ? error_message(e) : "was extracted");
		error_free(e);
		assert_left(&t, h);
		tree_end(&t);
	}
}

static void large_attributes_are_refused(void **state)
{
	static char record[70000];
	struct tree t;
	need_root();
	memset(record, 'v', sizeof record);
	memcpy(record, "SCHILY.xattr.user.note=", 23);
	auto_buf archive = BUF(MADE_LIMIT);
	make_pax(&archive, record, sizeof record);
	make_archive(&archive, (struct made[]){FILE_X("f"), {0}});
	tree_begin(&t, state);
	assert_fails(extract_buf(&t, &archive, NULL, &e), ERROR_TRUST, "attributes are too large");
	tree_end(&t);
}

static void limits_hold(void **state)
{
	static const struct {
		struct tar_limits limits;
		const char *says; /* NULL: fits */
	} cases[] = {
		{{3 + 2, 3, 1, 40, 1}, NULL},
		{{2, 3, 1, 40, 1}, "more than 2 "},
		{{4, 3, 1, 40, 1}, "more than 4 names"},
		{{5, 2, 1, 40, 1}, "unpacks to more than 2 bytes"},
		{{5, 3, 0, 40, 1}, "1 bytes are too many"},
	};
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int auto_fd fd = make_file(archive.data, archive.length);
		struct tree t;
		tree_begin(&t, state);
		if (cases[i].says)
			assert_fails(extract_fd(&t, fd, &cases[i].limits, NULL, &e), ERROR_TRUST,
				cases[i].says);
		else
			assert_ok(extract_fd(&t, fd, &cases[i].limits, NULL, &e));
		tree_end(&t);
	}
}

/* 32 MiB of zeros in a file, a directory's body and a device's: each packs 1000 : 1. */
static void bombs_are_refused(void **state)
{
	static const char types[] = {'0', '5', 'D', '3'};
	need_root();
	char *auto_free zeros = calloc(1, 32 << 20);
	for (size_t i = 0; i < sizeof types; i++) {
		auto_buf archive = BUF(MADE_LIMIT);
		struct made m[] = {
			{.path = "f", .type = types[i], .data = zeros, .length = 32 << 20}, {0}};
		make_archive(&archive, m);
		int auto_fd plain = make_file(archive.data, archive.length);
		int auto_fd packed = make_packed("gzip -c", plain);
		int auto_fd twice = make_packed("gzip -c", packed);
		struct tree t;
		tree_begin(&t, state);
		/* libarchive takes the body of a '5' or '3' for the next header, and stops. */
		const char *says = types[i] == '0' || types[i] == 'D' ? "unpack to more" : "";
		if (*says)
			assert_fails(extract_fd(&t, packed, NULL, NULL, &e), ERROR_TRUST,
				"unpack to more");
		assert_fails(extract_fd(&t, twice, NULL, NULL, &e), ERROR_TRUST,
			"compressed more than once");
		tree_end(&t);
	}
}

static void other_formats_are_refused(void **state)
{
	static const char *const files[] = {
		"", "PK\3\4", "070701000", "!<arch>\n", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07\x01"};
	need_root();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char bytes[2048] = "";
		memcpy(bytes, files[i], strlen(files[i]));
		int auto_fd fd = make_file(bytes, i ? sizeof bytes : 0);
		struct tree t;
		tree_begin(&t, state);
		assert_fails(extract_fd(&t, fd, NULL, NULL, &e), ERROR_TRUST, "broken archive");
		assert_tree(&t, false, "");
		tree_end(&t);
	}
}

static void assert_cut_is_refused(
	void **state, const struct buf *archive, size_t cut, const char *says)
{
	int auto_fd fd = make_file(archive->data, cut);
	struct tree t;
	tree_begin(&t, state);
	assert_fails(extract_fd(&t, fd, NULL, NULL, &e), ERROR_TRUST, says);
	tree_end(&t);
}

/* Cut anywhere, it is refused, and what was written by then is a beginning of the whole. Packed,
 * too: at every 7th byte. */
static void truncated_archives_are_refused(void **state)
{
	need_root();
	auto_buf archive = BUF(MADE_LIMIT), packed_bytes = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	int auto_fd plain = make_file(archive.data, archive.length);
	int auto_fd packed = make_packed("gzip -c", plain);
	assert_ok(fd_read_all(packed, &packed_bytes, &e));
	/* One of the two zero blocks is enough for libarchive, as for GNU tar. */
	for (size_t cut = 0; cut + 1024 < archive.length; cut += cut % 512 ? 257 : 255)
		assert_cut_is_refused(state, &archive, cut, "broken archive");
	for (size_t cut = 0; cut + 8 < packed_bytes.length; cut += 7)
		assert_cut_is_refused(state, &packed_bytes, cut, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_archives_are_refused),
		cmocka_unit_test(large_attributes_are_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(truncated_archives_are_refused),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
