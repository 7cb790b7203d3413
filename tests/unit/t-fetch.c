/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/fetch_part.h"

/* SHA-256 of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct place {
	char base[64];
	int dir;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	if (!p)
		return -1;
	strcpy(p->base, "/tmp/t-fetch.XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	p->dir = open(p->base, O_RDONLY | O_DIRECTORY);
	*state = p;
	return p->dir < 0 ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int remove_place(void **state)
{
	struct place *p = *state;
	close(p->dir);
	int r = nftw(p->base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return r;
}

static void put(const struct place *p, const char *name, const char *text)
{
	int auto_fd fd = openat(p->dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void holds(const struct place *p, const char *name, const char *text)
{
	auto_buf got = BUF(0);
	assert_ok(path_read_file(p->dir, name, &got, &e));
	assert_string_equal(buf_text(&got), text);
}

static void where_to_go_on(void **state)
{
	struct fetch_meta none = {NULL, NULL, 0};
	struct fetch_meta strong = {(char *)"https://h/f", (char *)"\"a\"", 100};
	struct fetch_meta weak = {(char *)"https://h/f", (char *)"W/\"a\"", 100};
	struct fetch_meta unsized = {(char *)"https://h/f", (char *)"\"a\"", 0};
	const struct {
		uint64_t part, limit, size;
		const char *sha256;
		const struct fetch_meta *meta;
		const char *url;
		uint64_t offset;
		bool conditional;
	} rows[] = {
		{0, 1000, 0, NULL, &strong, "https://h/f", 0, false},
		{40, 1000, 0, NULL, &none, "https://h/f", 0, false},
		{40, 1000, 0, NULL, &strong, "https://h/f", 40, true},
		{40, 1000, 0, NULL, &strong, "https://other/f", 0, false},
		{40, 1000, 0, NULL, &weak, "https://h/f", 0, false},
		{100, 1000, 0, NULL, &strong, "https://h/f", 0, false},
		{100, 1000, 0, NULL, &unsized, "https://h/f", 100, true},
		{40, 40, 0, NULL, &strong, "https://h/f", 0, false},
		{40, 1000, 100, HELLO, &none, "https://other/f", 40, false},
		{40, 1000, 100, HELLO, &strong, "https://other/f", 40, false},
		{100, 1000, 100, HELLO, &none, "https://h/f", 0, false},
		{101, 1000, 100, HELLO, &none, "https://h/f", 0, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_item item = {
			.limit = rows[i].limit, .size = rows[i].size, .sha256 = rows[i].sha256};
		struct fetch_resume r =
			fetch_resume_decide(&item, rows[i].part, rows[i].meta, rows[i].url);
		if (r.offset != rows[i].offset || !!r.if_etag != rows[i].conditional)
			fail_msg("row %zu: offset %d", i, (int)r.offset);
	}
}

static void sidecars(void **state)
{
	struct fetch_meta m = {(char *)"https://h/f", (char *)"\"a b\"", 12345678901}, back = {0};
	auto_buf text = BUF(0);
	assert_ok(fetch_meta_print(&m, &text, &e));
	assert_ok(fetch_meta_parse(buf_text(&text), &back, &e));
	assert_string_equal(back.url, m.url);
	assert_string_equal(back.etag, m.etag);
	assert_int_equal(back.total, m.total);
	fetch_meta_free(&back);
	/* Torn anywhere, it does not parse. */
	for (size_t n = text.length - 2; n > 0; n--) {
		text.data[n] = '\0';
		assert_int_equal(fetch_meta_parse(text.data, &back, NULL), -1);
	}
	static const char *const bad[] = {"", "url a\netag b\ntotal x\nend\n",
		"url a\netag b\ntotal -1\nend\n", "etag b\nurl a\ntotal 1\nend\n",
		"url a\netag b\ntotal 1\nend\nmore\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(fetch_meta_parse(bad[i], &back, NULL), -1);
}

static int finish(struct fetch_part *p, struct fetched **out, struct error **e)
{
	*out = fetch_part_finish(p, 3, e);
	return *out ? 0 : -1;
}

static void a_file_in_two_runs(void **state)
{
	const struct place *p = *state;
	struct fetch_item item = {.file = "f", .limit = 5, .size = 5, .sha256 = HELLO};
	struct http_head head = {.total = 5, .status = 200};
	struct fetch_part part;
	struct fetched *f = NULL;
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_ok(fetch_part_begin(&part, &head, "https://a/f", &e));
	assert_ok(fetch_part_write(&part, "hel", 3, &e));
	assert_fails(finish(&part, &f, &e), ERROR_NETWORK, "3 bytes instead of 5");
	fetch_part_free(&part);
	holds(p, "f.part", "hel");
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_int_equal(part.at, 3);
	head.from = 3;
	assert_ok(fetch_part_begin(&part, &head, "https://b/f", &e));
	assert_ok(fetch_part_write(&part, "lo", 2, &e));
	assert_fails(fetch_part_write(&part, "!", 1, &e), ERROR_NETWORK, "more than 5");
	assert_ok(finish(&part, &f, &e));
	fetch_part_free(&part);
	holds(p, "f", "hello");
	assert_false(path_exists(p->dir, "f.part"));
	assert_string_equal(fetched_name(f), "f");
	assert_int_equal(fetched_size(f), 5);
	assert_int_equal(fetched_mirror(f), 3);
	/* The product is what was written, whatever becomes of the name. */
	put(p, "g", "other");
	assert_int_equal(renameat(p->dir, "g", p->dir, "f"), 0);
	char hex[DIGEST_HEX_MAX];
	assert_ok(digest_fd_hex(DIGEST_SHA256, fetched_fd(f), hex, &e));
	assert_string_equal(hex, HELLO);
	fetched_free(f);
}

static void a_wrong_hash_leaves_nothing(void **state)
{
	const struct place *p = *state;
	struct fetch_item item = {.file = "f", .limit = 5, .sha256 = HELLO};
	struct http_head head = {.status = 200};
	struct fetch_part part;
	struct fetched *f = NULL;
	put(p, "f.part", "jel");
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	head.from = 3;
	assert_ok(fetch_part_begin(&part, &head, "https://a/f", &e));
	assert_ok(fetch_part_write(&part, "lo", 2, &e));
	assert_fails(finish(&part, &f, &e), ERROR_TRUST, "its SHA-256 is");
	assert_int_equal(part.at, 0);
	fetch_part_free(&part);
	assert_false(path_exists(p->dir, "f.part"));
	assert_false(path_exists(p->dir, "f"));
}

static void the_rest_of_another_version_is_refused(void **state)
{
	const struct place *p = *state;
	struct fetch_item item = {.file = "f", .limit = 50};
	struct http_head head = {.status = 206, .from = 3, .etag = "\"b\""};
	struct fetch_part part;
	put(p, "f.part", "hel");
	put(p, "f.part.meta", "url https://a/f\netag \"a\"\ntotal 5\nend\n");
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_string_equal(part.meta.etag, "\"a\"");
	assert_fails(fetch_part_begin(&part, &head, "https://a/f", &e), ERROR_NETWORK,
		"the rest of another file");
	assert_int_equal(part.at, 0);
	fetch_part_free(&part);
	assert_false(path_exists(p->dir, "f.part"));
	assert_false(path_exists(p->dir, "f.part.meta"));
}

static void what_cannot_be_continued_is_removed(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *etag;
		bool stays;
	} rows[] = {{NULL, false}, {"W/\"a\"", false}, {"\"a\"", true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_item item = {.file = "f", .limit = 50};
		struct http_head head = {.status = 200, .total = 9, .etag = rows[i].etag};
		struct fetch_part part;
		assert_ok(fetch_part_init(&part, p->dir, &item, &e));
		assert_ok(fetch_part_begin(&part, &head, "https://a/f", &e));
		assert_ok(fetch_part_write(&part, "hel", 3, &e));
		fetch_part_free(&part);
		assert_int_equal(path_exists(p->dir, "f.part"), rows[i].stays);
		assert_int_equal(path_exists(p->dir, "f.part.meta"), rows[i].stays);
	}
}

static void files_that_are_there(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *name, *text, *sha256;
		uint64_t size;
		int adopted;
	} rows[] = {
		{"f", "hello", HELLO, 5, 1},
		{"f", "hello", HELLO, 0, 1},
		{"f", "hello", NULL, 5, 0},
		{"f", "hellO", HELLO, 5, 0},
		{"f", "hello!", HELLO, 5, 0},
		{"f.part", "hello", HELLO, 5, 1},
		{"f.part", "hellO", HELLO, 5, 0},
		{"f.part", "hell", HELLO, 5, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_item item = {
			.file = "f", .limit = 50, .size = rows[i].size, .sha256 = rows[i].sha256};
		struct fetch_part part;
		struct fetched *f = NULL;
		int got;
		unlinkat(p->dir, "f", 0);
		put(p, rows[i].name, rows[i].text);
		assert_ok(fetch_part_init(&part, p->dir, &item, &e));
		assert_ok(got = fetch_part_adopt(&part, &f, &e));
		fetch_part_free(&part);
		if (got != rows[i].adopted)
			fail_msg("row %zu: %d", i, got);
		if (f)
			holds(p, "f", "hello");
		fetched_free(f);
	}
}

static void traps_in_the_directory(void **state)
{
	const struct place *p = *state;
	struct fetch_item item = {.file = "f", .limit = 50, .sha256 = HELLO};
	struct http_head head = {.status = 200};
	struct fetch_part part;
	struct fetched *f = NULL;
	put(p, "victim", "hello");
	assert_int_equal(symlinkat("victim", p->dir, "f.part"), 0);
	assert_int_equal(symlinkat("victim", p->dir, "f"), 0);
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_int_equal(fetch_part_adopt(&part, &f, NULL), 0);
	assert_fails(
		fetch_part_begin(&part, &head, "https://a/f", &e), ERROR_SYSTEM, "create f.part");
	fetch_part_free(&part);
	holds(p, "victim", "hello");
}

static int from_file(const char *path, struct error **e)
{
	struct fetched *f = fetched_from_file(path, e);
	fetched_free(f);
	return f ? 0 : -1;
}

static void a_file_of_the_users_own(void **state)
{
	const struct place *p = *state;
	char path[128];
	struct error *e = NULL;
	put(p, "own.tar", "hello");
	snprintf(path, sizeof path, "%s/own.tar", p->base);
	struct fetched *f = fetched_from_file(path, &e);
	assert_non_null(f);
	assert_string_equal(fetched_name(f), "own.tar");
	assert_int_equal(fetched_size(f), 5);
	fetched_free(f);
}

static void what_is_no_file(void **state)
{
	const struct place *p = *state;
	char path[128];
	assert_fails(from_file("/nonexistent/x", &e), ERROR_CONFIG, "open /nonexistent/x");
	assert_fails(from_file("/", &e), ERROR_CONFIG, "no regular file");
	snprintf(path, sizeof path, "%s/fifo", p->base);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_fails(from_file(path, &e), ERROR_CONFIG, "no regular file");
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_to_go_on),
		cmocka_unit_test(sidecars),
		ROW(a_file_in_two_runs),
		ROW(a_wrong_hash_leaves_nothing),
		ROW(the_rest_of_another_version_is_refused),
		ROW(what_cannot_be_continued_is_removed),
		ROW(files_that_are_there),
		ROW(traps_in_the_directory),
		ROW(a_file_of_the_users_own),
		ROW(what_is_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
