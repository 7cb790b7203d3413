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

/* A sidecar of this very boot. */
static void put_meta(const struct place *p, const char *lines)
{
	char text[512], boot[40];
	fetch_meta_boot(boot);
	snprintf(text, sizeof text, "%sboot %s\nend\n", lines, boot);
	put(p, "f.part.meta", text);
}

static void where_to_go_on(void **state)
{
	struct fetch_meta none = {0};
	struct fetch_meta strong = {.url = (char *)"https://h/f",
		.etag = (char *)"\"a\"",
		.version = (char *)"",
		.total = 100};
	struct fetch_meta weak = strong, unsized = strong, named = strong;
	weak.etag = (char *)"W/\"a\"";
	unsized.total = 0;
	named.version = (char *)"v1";
	const struct {
		uint64_t part, limit, size;
		const char *sha256, *version;
		const struct fetch_meta *meta;
		const char *url;
		bool alike, anew, conditional;
	} rows[] = {
		{0, 1000, 0, NULL, NULL, &strong, "https://h/f", false, true, false},
		{40, 1000, 0, NULL, NULL, &none, "https://h/f", false, true, false},
		{40, 1000, 0, NULL, NULL, &strong, "https://h/f", false, false, true},
		{40, 1000, 0, NULL, NULL, &strong, "https://other/f", false, true, false},
		{40, 1000, 0, NULL, NULL, &weak, "https://h/f", false, true, false},
		{100, 1000, 0, NULL, NULL, &strong, "https://h/f", false, true, false},
		{100, 1000, 0, NULL, NULL, &unsized, "https://h/f", false, false, true},
		{40, 40, 0, NULL, NULL, &strong, "https://h/f", false, true, false},
		{40, 1000, 100, HELLO, NULL, &none, "https://other/f", false, false, false},
		{40, 1000, 100, HELLO, NULL, &strong, "https://other/f", false, false, false},
		{100, 1000, 100, HELLO, NULL, &none, "https://h/f", false, true, false},
		{101, 1000, 100, HELLO, NULL, &none, "https://h/f", false, true, false},
		/* Another mirror that holds the same version, and only that. */
		{40, 1000, 0, NULL, "v1", &named, "https://other/f", true, false, false},
		{40, 1000, 0, NULL, "v1", &named, "https://other/f", false, true, false},
		{40, 1000, 0, NULL, "v2", &named, "https://other/f", true, true, false},
		{40, 1000, 0, NULL, "v2", &named, "https://h/f", true, false, true},
		{40, 1000, 0, NULL, "v1", &strong, "https://other/f", true, true, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_item item = {.limit = rows[i].limit,
			.size = rows[i].size,
			.sha256 = rows[i].sha256,
			.version = rows[i].version};
		struct fetch_resume r = fetch_resume_decide(
			&item, rows[i].part, rows[i].meta, rows[i].url, rows[i].alike);
		if (r.anew != rows[i].anew || !!r.if_etag != rows[i].conditional)
			fail_msg("row %zu: anew %d", i, r.anew);
	}
}

static void sidecars(void **state)
{
	struct fetch_meta m = {.url = (char *)"https://h/f",
		.etag = (char *)"\"a b\"",
		.version = (char *)"",
		.boot = "b-1",
		.total = 12345678901,
		.synced = 33,
		.have = {{0, 5}, {7, 9}},
		.have_count = 2};
	struct fetch_meta back = {0};
	auto_buf text = BUF(0);
	assert_ok(fetch_meta_print(&m, &text, &e));
	assert_ok(buf_puts(&text, "\n\n\n", &e)); /* padding */
	assert_ok(fetch_meta_parse(buf_text(&text), &back, &e));
	assert_string_equal(back.url, m.url);
	assert_string_equal(back.etag, m.etag);
	assert_string_equal(back.version, "");
	assert_string_equal(back.boot, "b-1");
	assert_int_equal(back.total, m.total);
	assert_int_equal(back.synced, 33);
	assert_int_equal(back.have_count, 2);
	assert_memory_equal(back.have, m.have, 2 * sizeof *m.have);
	fetch_meta_free(&back);
	/* Torn anywhere, it does not parse. */
	for (size_t n = text.length - 4; n > 0; n--) {
		text.data[n] = '\0';
		assert_int_equal(fetch_meta_parse(text.data, &back, NULL), -1);
	}
#define FRONT "url a\netag b\nversion \n"
	static const char *const bad[] = {"", "end\n", FRONT "total x\nend\n",
		FRONT "total -1\nend\n", "url a\n" FRONT "total 1\nend\n",
		FRONT "total 1\nend\nmore\n", FRONT "odd 1\nend\n", FRONT "have 1\nend\n",
		FRONT "have 2 2\nend\n", FRONT "have 0 5\nhave 5 6\nend\n",
		FRONT "have 7 9\nhave 0 5\nend\n", FRONT "have 0 x\nend\n",
		FRONT "boot 1234567890123456789012345678901234567890\nend\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (fetch_meta_parse(bad[i], &back, NULL) == 0)
			fail_msg("'%s'", bad[i]);
}

/* A body as a stream of the engine would bring it: its piece is taken first. */
static int begin(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	for (size_t i = 0; i < p->pieces.count; i++)
		if (p->pieces.items[i].at == head->from)
			p->pieces.items[i].taken = true;
	return fetch_part_begin(p, head, url, e);
}

static int add(struct fetch_part *p, uint64_t at, const char *text, struct error **e)
{
	return fetch_part_write(p, &at, text, strlen(text), e);
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
	assert_ok(begin(&part, &head, "https://a/f", &e));
	assert_ok(add(&part, 0, "hel", &e));
	assert_fails(finish(&part, &f, &e), ERROR_NETWORK, "3 bytes instead of 5");
	fetch_part_free(&part);
	holds(p, "f.part", "hel");
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_int_equal(fetch_pieces_have(&part.pieces), 3);
	head.from = 3;
	assert_ok(begin(&part, &head, "https://b/f", &e));
	assert_fails(add(&part, 3, "lo!", &e), ERROR_NETWORK, "more than 5");
	assert_ok(add(&part, 3, "lo", &e));
	assert_fails(add(&part, 5, "!", &e), ERROR_NETWORK, "bytes that nobody wants");
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
	assert_ok(begin(&part, &head, "https://a/f", &e));
	assert_ok(add(&part, 3, "lo", &e));
	fetch_pieces_set_total(&part.pieces, 5);
	assert_fails(finish(&part, &f, &e), ERROR_TRUST, "its SHA-256 is");
	assert_int_equal(fetch_pieces_have(&part.pieces), 0);
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
	put_meta(p, "url https://a/f\netag \"a\"\nversion \ntotal 5\n");
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_string_equal(part.meta.etag, "\"a\"");
	assert_fails(
		begin(&part, &head, "https://a/f", &e), ERROR_NETWORK, "the rest of another file");
	assert_int_equal(fetch_pieces_have(&part.pieces), 0);
	fetch_part_free(&part);
	assert_false(path_exists(p->dir, "f.part"));
	assert_false(path_exists(p->dir, "f.part.meta"));
}

static void what_a_power_cut_may_have_spoilt_is_not_kept(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *boot; /* NULL: this one */
		const char *more;
		uint64_t have;
	} rows[] = {
		{NULL, "", 8}, {"another", "", 0}, {"another", "synced 5\n", 5},
		{"another", "synced 50\n", 8}, {NULL, "have 0 2\nhave 4 7\n", 5},
		{"another", "synced 2\nhave 0 2\nhave 4 7\n", 2},
		{NULL, "have 0 2\nhave 4 9\n", 0}, /* more than the file has */
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_item item = {.file = "f", .limit = 50};
		struct fetch_part part;
		char text[512], boot[40];
		fetch_meta_boot(boot);
		snprintf(text, sizeof text,
			"url https://a/f\netag \"a\"\nversion \ntotal 20\nboot %s\n%send\n",
			rows[i].boot ? rows[i].boot : boot, rows[i].more);
		put(p, "f.part", "12345678");
		put(p, "f.part.meta", text);
		assert_ok(fetch_part_init(&part, p->dir, &item, &e));
		if (fetch_pieces_have(&part.pieces) != rows[i].have)
			fail_msg("row %zu: %d", i, (int)fetch_pieces_have(&part.pieces));
		fetch_part_free(&part);
	}
}

/* "hello" from two mirrors at once, its end first; killed, and gone on with. */
static void a_file_in_pieces(void **state)
{
	const struct place *p = *state;
	struct fetch_item item = {.file = "f",
		.limit = 5,
		.size = 5,
		.sha256 = HELLO,
		.digests = 1u << DIGEST_SHA512};
	struct http_head head = {.total = 5, .status = 200}, tail = {.total = 5, .status = 206};
	struct fetch_part part, again;
	struct fetched *f = NULL;
	assert_ok(fetch_part_init(&part, p->dir, &item, &e));
	assert_ok(begin(&part, &head, "https://a/f", &e));
	struct fetch_piece *second = fetch_pieces_split(&part.pieces, 2);
	assert_non_null(second);
	tail.from = second->at;
	assert_int_equal(tail.from, 2);
	assert_ok(fetch_part_save(&part, &e));
	assert_ok(begin(&part, &tail, "https://b/f", &e));
	assert_ok(add(&part, 2, "ll", &e));
	assert_ok(fetch_part_save(&part, &e));
	/* What the next run would see now. */
	assert_ok(fetch_part_init(&again, p->dir, &item, &e));
	assert_int_equal(again.pieces.count, 2);
	assert_int_equal(fetch_pieces_have(&again.pieces), 2);
	assert_ok(begin(&again, &head, "https://a/f", &e));
	assert_ok(add(&again, 0, "he and more", &e));
	assert_int_equal(again.pieces.count, 1);
	tail.from = 4;
	assert_ok(begin(&again, &tail, "https://b/f", &e));
	assert_ok(add(&again, 4, "o", &e));
	assert_ok(finish(&again, &f, &e));
	holds(p, "f", "hello");
	fetch_part_free(&again);
	close(take_fd(&part.fd));
	fetch_part_free(&part);
	/* Both digests are of all of it, though it came in disorder. */
	unsigned char bytes[DIGEST_SIZE_MAX];
	char hex[DIGEST_HEX_MAX], whole[DIGEST_HEX_MAX];
	assert_null(fetched_digest(f, DIGEST_SHA384));
	auto_digest *d = digest_copy(fetched_digest(f, DIGEST_SHA512), NULL);
	assert_non_null(d);
	assert_ok(digest_finish(d, bytes, &e));
	digest_hex(bytes, digest_size(DIGEST_SHA512), hex);
	assert_ok(digest_fd_hex(DIGEST_SHA512, fetched_fd(f), whole, &e));
	assert_string_equal(hex, whole);
	fetched_free(f);
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
		assert_ok(begin(&part, &head, "https://a/f", &e));
		assert_ok(add(&part, 0, "hel", &e));
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
	assert_fails(begin(&part, &head, "https://a/f", &e), ERROR_SYSTEM, "create f.part");
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
		ROW(what_a_power_cut_may_have_spoilt_is_not_kept),
		ROW(a_file_in_pieces),
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
