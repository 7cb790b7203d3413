/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tar-make.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/tar.h"
#include "lib/tar_names.h"

static void names_are_cleaned(void **state)
{
	static const char *const cases[][2] = {
		{"a", "a"},
		{"./a", "a"},
		{"a//b/./c/", "a/b/c"},
		{".", "."},
		{"./", "."},
		{"././/", "."},
		{"...", "..."},
		{"a..b/.c", "a..b/.c"},
		{"a/..b", "a/..b"},
		/* refused */
		{"", NULL},
		{"/", NULL},
		{"/a", NULL},
		{"..", NULL},
		{"a/..", NULL},
		{"a/../b", NULL},
		{"./..", NULL},
	};
	char got[TAR_NAME_MAX];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!cases[i][1]) {
			assert_fails(tar_name_clean(cases[i][0], got, &e), ERROR_TRUST, "");
			continue;
		}
		assert_ok(tar_name_clean(cases[i][0], got, &e));
		assert_string_equal(got, cases[i][1]);
	}
	assert_fails(tar_name_clean(NULL, got, &e), ERROR_TRUST, "without a name");
}

static void the_longest_name_fits_and_no_more(void **state)
{
	char name[TAR_NAME_MAX + 8], got[TAR_NAME_MAX];
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 200 == 199 ? '/' : 'n';
	name[TAR_NAME_MAX - 1] = '\0';
	assert_ok(tar_name_clean(name, got, &e));
	assert_int_equal(strlen(got), TAR_NAME_MAX - 1);
	name[TAR_NAME_MAX - 1] = 'n';
	name[TAR_NAME_MAX] = '\0';
	assert_fails(tar_name_clean(name, got, &e), ERROR_TRUST, "too long");
	memcpy(name + TAR_NAME_MAX - 8, "/nnnnnn", 8);
	assert_ok(tar_name_clean(name, got, &e));
	memcpy(name + TAR_NAME_MAX - 8, "/nnnnnnn", 9);
	assert_fails(tar_name_clean(name, got, &e), ERROR_TRUST, "too long");
}

/* No filesystem of Linux has longer ones (NAME_MAX): said before the disk is asked. */
static void the_longest_part_of_a_name_fits_and_no_more(void **state)
{
	char name[2 + 256 + 3] = "d/", got[TAR_NAME_MAX];
	memset(name + 2, 'n', 256);
	memcpy(name + 2 + 255, "/f", 3);
	assert_ok(tar_name_clean(name, got, &e));
	memcpy(name + 2 + 255, "n/f", 4);
	assert_fails(tar_name_clean(name, got, &e), ERROR_TRUST, "a name too long");
}

static void many_names_are_remembered(void **state)
{
	char name[32];
	struct tar_names *n = tar_names_new(20001, NULL);
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "d/%d", i);
		assert_ok(tar_names_admit(n, name, i % 2 ? S_IFREG : S_IFLNK, &e));
	}
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "d/%d", i);
		assert_int_equal(tar_names_type(n, name), i % 2 ? S_IFREG : S_IFLNK);
		assert_ok(tar_names_admit(n, name, i % 2 ? S_IFREG : S_IFLNK, &e));
		assert_fails(tar_names_admit(n, name, S_IFDIR, &e), ERROR_TRUST, "twice");
	}
	assert_int_equal(tar_names_type(n, "d"), S_IFDIR);
	assert_int_equal(tar_names_type(n, "e"), 0);
	assert_fails(tar_names_admit(n, "e", S_IFREG, &e), ERROR_TRUST, "more than 20001 names");
	tar_names_free(n);
}

static const struct made two_files[] = {
	{.path = "a/one", .type = '0', .data = "first"},
	{.path = "a", .type = '5'},
	{.path = "two", .type = '0', .data = "second"},
	{.path = "s", .type = '2', .link = "two"},
	{0},
};

static void entries_are_read_in_order(void **state)
{
	auto_buf archive = BUF(MADE_LIMIT), content = BUF(6);
	make_archive(&archive, two_files);
	int auto_fd fd = make_file(archive.data, archive.length);
	struct error *error = NULL;
	struct tar_entry entry;
	struct tar_reader *t = tar_reader_open(fd, &error);
	assert_non_null(t);
	assert_int_equal(tar_reader_next(t, &entry, &error), 1);
	assert_string_equal(entry.path, "a/one");
	assert_int_equal(entry.type, S_IFREG);
	assert_int_equal(entry.size, 5);
	assert_ok(tar_reader_content(t, &content, &e));
	assert_string_equal(buf_text(&content), "first");
	assert_int_equal(tar_reader_next(t, &entry, &error), 1);
	assert_int_equal(entry.type, S_IFDIR);
	assert_int_equal(tar_reader_next(t, &entry, &error), 1);
	assert_fails(tar_reader_content(t, &content, &e), ERROR_TRUST, "6 bytes are too many");
	buf_clear(&content);
	assert_ok(tar_reader_content(t, &content, &e));
	assert_string_equal(buf_text(&content), "second");
	assert_int_equal(tar_reader_next(t, &entry, &error), 1);
	assert_int_equal(entry.type, S_IFLNK);
	assert_int_equal(tar_reader_next(t, &entry, &error), 0);
	tar_reader_free(t);
}

static void a_sparse_entry_is_read_with_its_holes(void **state)
{
	char data[1024] = "1\n5000\n3\n";
	memcpy(data + 512, "abc", 3);
	const struct made entries[] = {
		{.type = 'x',
			.data = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
				"GNU.sparse.realsize=9000\nGNU.sparse.name=holes"},
		{.path = "f", .type = '0', .data = data, .length = 515},
		{0},
	};
	auto_buf archive = BUF(MADE_LIMIT), content = BUF(9000);
	make_archive(&archive, entries);
	int auto_fd fd = make_file(archive.data, archive.length);
	struct tar_entry entry;
	struct tar_reader *t = tar_reader_open(fd, NULL);
	assert_int_equal(tar_reader_next(t, &entry, NULL), 1);
	assert_string_equal(entry.path, "holes");
	assert_ok(tar_reader_content(t, &content, &e));
	assert_int_equal(content.length, 9000);
	assert_memory_equal(content.data + 4998, "\0\0abc\0", 6);
	assert_int_equal(tar_reader_next(t, &entry, NULL), 0);
	tar_reader_free(t);
}

/* What is skipped counts, too, and stops at the limit, not at its own end. */
static void the_stream_has_a_limit(void **state)
{
	char *auto_free zeros = calloc(1, 1 << 20);
	const struct made entries[] = {
		{.path = "f", .type = '0', .data = zeros, .length = 1 << 20},
		{.path = "g", .type = '0', .data = "x"},
		{0},
	};
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, entries);
	int auto_fd fd = make_file(archive.data, archive.length);
	for (int fits = 0; fits < 2; fits++) {
		struct tar_entry entry;
		struct tar_reader *t = tar_reader_open(fd, NULL);
		tar_reader_limit(t, (1 << 20) + (fits ? 4096 : 0));
		assert_int_equal(tar_reader_next(t, &entry, NULL), 1);
		if (fits)
			assert_ok(tar_reader_next(t, &entry, &e));
		else
			assert_fails(tar_reader_next(t, &entry, &e), ERROR_TRUST, "1048576");
		tar_reader_free(t);
	}
}

static void broken_archives_say_so(void **state)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, two_files);
	archive.data[512 + 512 + 10] ^= 1; /* the second header: its checksum is wrong now */
	int auto_fd fd = make_file(archive.data, archive.length);
	struct tar_entry entry;
	struct tar_reader *t = tar_reader_open(fd, NULL);
	assert_int_equal(tar_reader_next(t, &entry, NULL), 1);
	assert_fails(tar_reader_next(t, &entry, &e), ERROR_TRUST, "Damaged tar archive");
	tar_reader_free(t);
	struct error *error = NULL;
	int auto_fd dir = open("/", O_RDONLY | O_DIRECTORY);
	assert_null(tar_reader_open(dir, &error));
	assert_int_equal(error_code(error), ERROR_SYSTEM);
	assert_int_equal(error_errno(error), EISDIR);
	error_free(error);
}

static void write_archive(int fd)
{
	char name[200] = "";
	memset(name, 'n', 190);
	memcpy(name + 185, "/desc", 5);
	struct tar_writer *t = tar_writer_open(fd, NULL);
	assert_non_null(t);
	assert_ok(tar_writer_add(t, "d/", NULL, 0, &e));
	assert_ok(tar_writer_add(t, "d/f", "text", 4, &e));
	assert_ok(tar_writer_add(t, "d/\xc3\xa4\xff", "", 0, &e));
	assert_ok(tar_writer_add(t, name, "long", 4, &e));
	assert_ok(tar_writer_close(t, &e));
	tar_writer_free(t);
}

static void what_is_written_is_read_again(void **state)
{
	static const struct {
		const char *path;
		mode_t type;
		const char *content;
	} expected[] = {
		{"d/", S_IFDIR, ""},
		{"d/f", S_IFREG, "text"},
		{"d/\xc3\xa4\xff", S_IFREG, ""},
		{NULL, S_IFREG, "long"},
	};
	int auto_fd fd = make_file("", 0);
	int auto_fd again = make_file("", 0);
	struct tar_entry entry;
	write_archive(fd);
	struct tar_reader *t = tar_reader_open(fd, NULL);
	for (size_t i = 0; i < 4; i++) {
		auto_buf content = BUF(0);
		assert_int_equal(tar_reader_next(t, &entry, NULL), 1);
		if (expected[i].path)
			assert_string_equal(entry.path, expected[i].path);
		else
			assert_int_equal(strlen(entry.path), 190);
		assert_int_equal(entry.type, expected[i].type);
		assert_ok(tar_reader_content(t, &content, &e));
		assert_string_equal(buf_text(&content), expected[i].content);
	}
	assert_int_equal(tar_reader_next(t, &entry, NULL), 0);
	tar_reader_free(t);
	/* The same input, the same bytes. */
	auto_buf one = BUF(0), two = BUF(0);
	write_archive(again);
	lseek(fd, 0, SEEK_SET);
	lseek(again, 0, SEEK_SET);
	assert_ok(fd_read_all(fd, &one, &e));
	assert_ok(fd_read_all(again, &two, &e));
	assert_int_equal(one.length, two.length);
	assert_memory_equal(one.data, two.data, one.length);
}

static void a_full_disk_is_named(void **state)
{
	int auto_fd full = open("/dev/full", O_WRONLY);
	if (full < 0)
		skip();
	struct tar_writer *t = tar_writer_open(full, NULL);
	static char data[1 << 20];
	struct error *e = NULL;
	if (tar_writer_add(t, "f", data, sizeof data, &e) == 0)
		assert_int_equal(tar_writer_close(t, &e), -1);
	assert_int_equal(error_code(e), ERROR_SPACE);
	error_free(e);
	tar_writer_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_cleaned),
		cmocka_unit_test(the_longest_name_fits_and_no_more),
		cmocka_unit_test(the_longest_part_of_a_name_fits_and_no_more),
		cmocka_unit_test(many_names_are_remembered),
		cmocka_unit_test(entries_are_read_in_order),
		cmocka_unit_test(a_sparse_entry_is_read_with_its_holes),
		cmocka_unit_test(the_stream_has_a_limit),
		cmocka_unit_test(broken_archives_say_so),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_full_disk_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
