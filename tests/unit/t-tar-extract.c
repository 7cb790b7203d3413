/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Honest archives: what is extracted, and what is not. Hostile ones are t-tar-hostile's. */
#include "tests/unit/tar-worker.h"

#include <errno.h>

#include "lib/text.h"

static void an_honest_archive_is_extracted_exactly(void **state)
{
	static const struct made entries[] = {
		{.path = "./", .type = '5', .mode = 0751},
		{.path = "./etc/", .type = '5', .mode = 0555, .uid = 7, .gid = 8},
		{.path = "./etc/passwd", .type = '0', .data = "root\n", .mode = 0640, .uid = 1},
		{.path = "usr/bin/su",
			.type = '0',
			.data = "elf",
			.mode = 04755,
			.uid = 5,
			.gid = 6},
		{.path = "usr/bin/wall", .type = '0', .data = "w", .mode = 02755, .gid = 60000},
		{.path = "usr/bin/again", .type = '1', .link = "./usr/bin/su"},
		{.path = "usr/bin/third", .type = '1', .link = "usr/bin/again"},
		{.path = "bin", .type = '2', .link = "/usr/bin", .uid = 9},
		{.path = "tmp", .type = '5', .mode = 01777},
		{.path = "dev/null", .type = '3', .mode = 0666},
		{.path = "dev/sda", .type = '4'},
		{.path = "dev/pipe", .type = '6'},
		{.path = "usr/bin/wall", .type = '0', .data = "later", .mode = 0600},
		{.path = "etc", .type = '5', .mode = 0500, .uid = 7},
		{.path = "dev", .type = '5'},
		{.path = "etc/late", .type = '0', .data = "x"},
		{.path = "dev/late", .type = '6'},
		{.path = "dev/fd", .type = '2', .link = "/proc/self/fd"},
		{.path = "usr", .type = '5'},
		{.path = "usr/bin", .type = '5'},
		{0},
	};
	struct tree t;
	struct tar_extracted done;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, &done, &e));
	assert_tree(&t, true,
		"dir 751 0:0 0 @ x1 .\n"
		"link 777 9:0 0 @ x1 bin -> /usr/bin\n"
		"dir 755 0:0 0 @ x1 dev\n"
		"link 777 0:0 0 @ x1 dev/fd -> /proc/self/fd\n"
		"dir 500 7:0 0 @ x1 etc\n"
		"file 644 0:0 1 @ x1 etc/late\n"
		"file 640 1:0 5 @ x1 etc/passwd\n"
		"dir 1777 0:0 0 @ x1 tmp\n"
		"dir 755 0:0 0 @ x1 usr\n"
		"dir 755 0:0 0 @ x1 usr/bin\n"
		"file 4755 5:6 3 @ x3 usr/bin/again\n"
		"file 4755 5:6 3 @ x3 usr/bin/su\n"
		"file 4755 5:6 3 @ x3 usr/bin/third\n"
		"file 600 0:0 5 @ x1 usr/bin/wall\n");
	assert_int_equal(done.entries, 20);
	assert_int_equal(done.bytes, 5 + 3 + 1 + 5 + 1);
	assert_int_equal(done.skipped_nodes, 4);
	assert_int_equal(done.dropped_attributes, 0);
	assert_true(done.read_bytes > 20 * 512);
	tree_end(&t);
}

/* The header of a hard link has a mode and an owner, too: they are not the file's. */
static void a_hard_link_changes_neither_mode_nor_owner(void **state)
{
	static const struct made entries[] = {
		{.path = "plain", .type = '0', .data = "x", .mode = 0644, .uid = 7},
		{.path = "again", .type = '1', .link = "plain", .mode = 06777},
		{.type = 'x', .data = "path=third"}, /* in pax alone a link may have content */
		{.path = "third",
			.type = '1',
			.link = "plain",
			.data = "other bytes",
			.mode = 04755,
			.uid = 9},
		{0},
	};
	struct tree t;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, NULL, &e));
	assert_tree(&t, false,
		"file 644 7:0 1 @ x3 again\nfile 644 7:0 1 @ x3 plain\nfile 644 7:0 1 @ x3 "
		"third\n");
	tree_end(&t);
}

static void names_come_as_their_bytes(void **state)
{
	char deep[1200] = "", pax[1300];
	for (int i = 0; i < 10; i++)
		sprintf(deep + strlen(deep), "%s%0100d", i ? "/" : "", i);
	snprintf(pax, sizeof pax, "path=%s", deep);
	const struct made entries[] = {
		{.type = 'x', .data = "path=pax-\xc3\xa4"}, /* UTF-8 */
		FILE_X("short"),
		FILE_X("ustar-\xe4"), /* not UTF-8 */
		{.type = 'x', .data = "path=pax-\xe4"},
		FILE_X("short"),
		{.path = "././@LongLink", .type = 'L', .data = "gnu/long-\xc3\xb6", .gnu = true},
		{.path = "gnu/lo", .type = '0', .data = "x", .gnu = true},
		{.type = 'x', .data = pax},
		FILE_X("short"),
		{.type = 'x', .data = "linkpath=\xff"},
		{.path = "link", .type = '2', .link = "short"},
		{0},
	};
	static const char *const expected[] = {
		"pax-\xc3\xa4", "ustar-\xe4", "pax-\xe4", "gnu/long-\xc3\xb6"};
	struct stat st;
	struct tree t;
	char target[8];
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, NULL, &e));
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		if (fstatat(t.fd, expected[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			fail_msg("%s is missing", expected[i]);
	assert_int_equal(fstatat(t.fd, deep, &st, 0), 0);
	assert_int_equal(fstatat(t.fd, "short", &st, 0), -1);
	assert_int_equal(readlinkat(t.fd, "link", target, sizeof target), 1);
	assert_int_equal((unsigned char)target[0], 0xff);
	tree_end(&t);
}

static void pax_overrides_and_sparse_files_work(void **state)
{
	/* GNU sparse 1.0: the map stands at the front of the data, in blocks of 512 (GNU tar
	 * manual, "Storing Sparse Files"): 1 MiB with 3 bytes at 512 KiB. */
	char data[1024] = "1\n524288\n3\n";
	memcpy(data + 512, "abc", 3);
	const struct made entries[] = {
		{.type = 'x',
			.data = "GNU.sparse.major=1\nGNU.sparse.realsize=1048576\n"
				"GNU.sparse.minor=0\nGNU.sparse.name=holes"},
		{.path = "GNUSparseFile.0/holes", .type = '0', .data = data, .length = 515},
		{.type = 'x', .data = "mtime=1600000000.5"},
		FILE_X("when"),
		{.type = 'x', .data = "uid=3000000"},
		FILE_X("whose"),
		{0},
	};
	struct tree t;
	struct stat st;
	char at[4] = "";
	struct tar_extracted done;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, &done, &e));
	int auto_fd fd = openat(t.fd, "holes", O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	assert_true(st.st_blocks < 1024);
	assert_int_equal(pread(fd, at, 3, 512 << 10), 3);
	assert_string_equal(at, "abc");
	assert_int_equal(done.bytes, (1 << 20) + 2);
	assert_int_equal(fstatat(t.fd, "when", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1600000000);
	assert_int_equal(st.st_mtim.tv_nsec, 500000000);
	assert_int_equal(fstatat(t.fd, "whose", &st, 0), 0);
	assert_int_equal(st.st_uid, 3000000);
	tree_end(&t);
}

static void assert_pipe_is_read(void **state, int fd)
{
	auto_buf bytes = BUF(MADE_LIMIT);
	int ends[2];
	struct tree t;
	lseek(fd, 0, SEEK_SET);
	assert_ok(fd_read_all(fd, &bytes, &e));
	assert_int_equal(pipe(ends), 0);
	assert_ok(fd_write_all(ends[1], bytes.data, bytes.length, &e));
	close(ends[1]);
	tree_begin(&t, state);
	assert_ok(extract_fd(&t, ends[0], NULL, NULL, &e));
	assert_int_equal(faccessat(t.fd, "c/d/e", F_OK, 0), 0);
	tree_end(&t);
	close(ends[0]);
}

static void every_kind_of_compression_and_a_pipe_is_read(void **state)
{
	static const char *const programs[] = {"cat", "gzip -c", "xz -c", "zstd -c"};
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	int auto_fd plain = make_file(archive.data, archive.length);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		int auto_fd packed = make_packed(programs[i], plain);
		struct tree t;
		assert_true(packed >= 0);
		lseek(packed, 100, SEEK_SET); /* the offset does not matter */
		tree_begin(&t, state);
		assert_ok(extract_fd(&t, packed, NULL, NULL, &e));
		assert_int_equal(lseek(packed, 0, SEEK_CUR), 100);
		assert_int_equal(faccessat(t.fd, "c/d/e", F_OK, 0), 0);
		tree_end(&t);
		assert_pipe_is_read(state, packed);
	}
}

/* The file is closed to others, and what it holds is a beginning of `whole`, but not all. */
static void assert_begins(const struct tree *t, const char *name, const char *whole, size_t size)
{
	auto_buf got = BUF(MADE_LIMIT);
	struct stat st;
	int auto_fd fd = openat(t->fd, name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(fd_read_all(fd, &got, &e));
	assert_in_range(got.length, 1, size - 1);
	assert_memory_equal(got.data, whole, got.length);
}

/* Far behind what was looked at when it was opened: the other thread meets it. */
static void a_stream_that_breaks_late_is_called_broken(void **state)
{
	enum { SIZE = 2 << 20 };
	char *auto_free noise = malloc(SIZE);
	uint32_t x = 1;
	need_root();
	assert_non_null(noise);
	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1664525 + 1013904223; /* Numerical Recipes' */
		noise[i] = (char)(x >> 24);
	}
	const struct made entries[] = {
		{.path = "f", .type = '0', .data = noise, .length = SIZE}, {0}};
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, entries);
	int auto_fd plain = make_file(archive.data, archive.length);
	/* The reason is the decompressor's own, in whatever words: they name it. */
	static const struct {
		const char *filter, *names;
	} cases[] = {
		{"(gzip -c | head -c 1500000)", "gzip"},
		{"(zstd -qc | head -c 1500000)", "zstd"},
		{"(xz -0c | head -c 1500000)", "o progress|zma|xz"},
		{"head -c 1500000", "tar"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int auto_fd packed = make_packed(cases[i].filter, plain);
		struct error *e = NULL;
		struct tree t;
		tree_begin(&t, state);
		assert_int_equal(extract_fd(&t, packed, NULL, NULL, &e), -1);
		assert_int_equal(error_code(e), ERROR_TRUST);
		if (!text_has_prefix(error_message(e), "f: broken archive: ") ||
			!says_one(error_message(e), cases[i].names))
			fail_msg("%s: %s", cases[i].filter, error_message(e));
		error_free(e);
		assert_begins(&t, "f", noise, SIZE);
		tree_end(&t);
	}
}

static void what_follows_the_end_is_not_read(void **state)
{
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_end(&archive);
	make_archive(&archive, three_files);
	struct tree t;
	struct tar_extracted done;
	tree_begin(&t, state);
	assert_ok(extract_buf(&t, &archive, &done, &e));
	assert_tree(&t, false, "");
	assert_int_equal(done.entries, 0);
	tree_end(&t);
}

/* Deeper than there are descriptors kept open on the way, back up, and down beside it. */
static void deep_trees_are_extracted(void **state)
{
	enum { DEPTH = 90 };
	char deep[3 * DEPTH + 8] = "", beside[3 * DEPTH + 8] = "", half[3 * DEPTH] = "";
	for (int i = 0; i < DEPTH; i++)
		sprintf(deep + strlen(deep), "%02d/", i);
	memcpy(half, deep, 3 * (DEPTH / 2));
	strcpy(beside, half);
	strcat(deep, "file");
	strcat(beside, "0/file");
	strcat(half, "00");
	char pax_deep[400], pax_beside[400], pax_half[400];
	snprintf(pax_deep, sizeof pax_deep, "path=%s", deep);
	snprintf(pax_beside, sizeof pax_beside, "path=%s", beside);
	snprintf(pax_half, sizeof pax_half, "path=%s", half);
	const struct made entries[] = {
		{.type = 'x', .data = pax_deep},
		{.path = "x", .type = '0', .data = "deep"},
		{.type = 'x', .data = pax_beside},
		{.path = "x", .type = '0', .data = "beside"},
		{.type = 'x', .data = pax_half},
		{.path = "x", .type = '0', .data = "half"},
		FILE_X("top"),
		{.type = 'x', .data = pax_deep},
		{.path = "x", .type = '0', .data = "deep again"},
		{0},
	};
	static const struct {
		size_t size;
	} sizes[] = {{10}, {6}, {4}, {1}};
	const char *const names[] = {deep, beside, half, "top"};
	struct tree t;
	struct stat st;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, NULL, &e));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(fstatat(t.fd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(st.st_size, sizes[i].size);
	}
	tree_end(&t);
}

/* The first breach in the archive's order is what the error names, however far ahead the rest was
 * read and whatever is wrong there. */
static void the_first_error_is_told(void **state)
{
	static const struct made entries[] = {FILE_X("good"), FILE_X("../first"), FILE_X("/second"),
		{.path = "third", .type = '0', .data = "x", .claimed = 1ULL << 40}, {0}};
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, entries);
	int auto_fd plain = make_file(archive.data, archive.length);
	int auto_fd packed = make_packed("gzip -c", plain);
	int auto_fd cut = make_packed("head -c 1600", plain);
	const int fds[] = {plain, packed, cut};
	for (size_t i = 0; i < 60; i++) {
		struct tree t;
		tree_begin(&t, state);
		assert_fails(extract_fd(&t, fds[i % 3], NULL, NULL, &e), ERROR_TRUST,
			"'../first' leads upwards");
		assert_tree(&t, false, "file 644 0:0 1 @ x1 good\n");
		tree_end(&t);
	}
}

/* As on a filesystem that takes two names for one: upper and lower case. */
static void what_lies_there_is_not_replaced(void **state)
{
	static const struct {
		const char *name; /* what lies there */
		struct made entry;
	} cases[] = {
		{"a", FILE_X("a")},
		{"s", {.path = "s", .type = '2', .link = "t"}},
		{"d/", DIR("d")},
	};
	need_root();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct made entries[] = {cases[i].entry, {0}};
		bool directory = strchr(cases[i].name, '/');
		struct tree t;
		tree_begin(&t, state);
		if (directory)
			assert_int_equal(mkdirat(t.fd, cases[i].name, 0700), 0);
		else
			close(openat(t.fd, cases[i].name, O_CREAT | O_WRONLY, 0600));
		assert_fails(extract_made(&t, entries, NULL, &e), ERROR_ROOT,
			"takes it for another file");
		tree_end(&t);
	}
}

/* A symlink that somebody else put in the way is not gone through, though no name is wrong. */
static void the_kernel_keeps_to_directories_too(void **state)
{
	static const struct made entries[] = {FILE_X("way/file"), {0}};
	struct tree t;
	need_root();
	tree_begin(&t, state);
	assert_int_equal(mkdirat(t.fd, "other", 0755), 0);
	assert_int_equal(symlinkat("other", t.fd, "way"), 0);
	assert_fails(extract_made(&t, entries, NULL, &e), ERROR_TRUST,
		"way/file: open its directory: a part of its path is no directory");
	assert_int_equal(faccessat(t.fd, "other/file", F_OK, 0), -1);
	tree_end(&t);
}

/* cmocka 2 has a macro `stop`. */
static int say_enough(void *arg, const struct tar_extracted *so_far, struct error **e)
{
	return error_set(e, ERROR_INTERRUPTED, 0, "enough");
}

static void progress_can_end_it(void **state)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_end(&archive);
	int auto_fd fd = make_file(archive.data, archive.length);
	assert_fails(tar_extract(fd, &tar_limits_default, say_enough, NULL, &e), ERROR_INTERRUPTED,
		"enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_archive_is_extracted_exactly),
		cmocka_unit_test(a_hard_link_changes_neither_mode_nor_owner),
		cmocka_unit_test(names_come_as_their_bytes),
		cmocka_unit_test(pax_overrides_and_sparse_files_work),
		cmocka_unit_test(every_kind_of_compression_and_a_pipe_is_read),
		cmocka_unit_test(a_stream_that_breaks_late_is_called_broken),
		cmocka_unit_test(what_follows_the_end_is_not_read),
		cmocka_unit_test(deep_trees_are_extracted),
		cmocka_unit_test(the_first_error_is_told),
		cmocka_unit_test(what_lies_there_is_not_replaced),
		cmocka_unit_test(the_kernel_keeps_to_directories_too),
		cmocka_unit_test(progress_can_end_it),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
