/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "tests/unit/tar-make.h"

#include "mirrors/syncdb.h"
#include "mirrors/syncdb_desc.h"

/* In place of mirrors/fetch: a database is any descriptor. */
struct fetched {
	int fd;
};
int fetched_fd(const struct fetched *f)
{
	return f->fd;
}

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIELD(name, value) "%" name "%\n" value "\n\n"
#define FRONT FIELD("FILENAME", "lxc-1:7.0-2-aarch64.pkg.tar.xz") FIELD("NAME", "lxc")
#define MIDDLE FIELD("VERSION", "1:7.0-2")
#define SIZES FIELD("CSIZE", "1000") FIELD("ISIZE", "5000")
#define ARCH FIELD("ARCH", "aarch64")
#define GOOD FRONT MIDDLE SIZES ARCH
#define DIRECTORY "lxc-1:7.0-2"

static int decode(const char *directory, const char *text, size_t length, struct syncdb_package *p)
{
	auto_buf record = BUF(256 * 1024);
	struct error *e = NULL;
	int got = syncdb_desc_encode(directory, text, length, &record, &e);
	assert_null(e);
	if (got <= 0)
		return got;
	got = syncdb_desc_decode((unsigned char *)record.data, record.length, p, &e);
	assert_null(e);
	return got;
}

static void a_whole_desc_is_formed_anew(void **state)
{
	static const char text[] = "%UNKNOWN%\nthis is not ours\n\n" FIELD(
		"DEPENDS", "glibc\nlibcap>=2") FIELD("PGPSIG", "AAECAwQ=")
		ARCH FIELD("MD5SUM", "d41d8cd98f00b204e9800998ecf8427e") FIELD("SHA256SUM", SHA)
			FIELD("DESC", "Container, \xc3\xa4 tool")
				FIELD("BUILDDATE", "1700000000") "stray\n" FRONT MIDDLE SIZES FIELD(
					"GROUPS", "a\nb") "%PROVIDES%\nno end";
	static const char expected[] =
		FRONT MIDDLE FIELD("DESC", "Container, \xc3\xa4 tool") FIELD("GROUPS", "a\nb")
			SIZES FIELD("SHA256SUM", SHA) ARCH FIELD("BUILDDATE", "1700000000")
				FIELD("PROVIDES", "no end") FIELD("DEPENDS", "glibc\nlibcap>=2");
	struct syncdb_package p = {0};
	assert_int_equal(decode(DIRECTORY, text, sizeof text - 1, &p), 1);
	assert_string_equal(p.name, "lxc");
	assert_string_equal(p.version, "1:7.0-2");
	assert_string_equal(p.filename, "lxc-1:7.0-2-aarch64.pkg.tar.xz");
	assert_string_equal(p.arch, "aarch64");
	assert_string_equal(p.sha256, SHA);
	assert_int_equal(p.signature_length, 5);
	assert_memory_equal(p.signature, "\0\1\2\3\4", 5);
	assert_int_equal(p.packed_size, 1000);
	assert_int_equal(p.installed_size, 5000);
	assert_int_equal(p.build_date, 1700000000);
	assert_string_equal(p.desc, expected);
	syncdb_package_clear(&p);
	assert_int_equal(decode(DIRECTORY, GOOD, sizeof GOOD - 1, &p), 1);
	assert_null(p.sha256);
	assert_null(p.signature);
	syncdb_package_clear(&p);
}

static const struct {
	const char *label;
	const char *directory;
	const char *text;
	int good;
} descs[] = {
	{"good", DIRECTORY, GOOD, 1},
	{"empty", DIRECTORY, "", 0},
	{"no name", DIRECTORY, FIELD("FILENAME", "lxc-1:7.0-2-any.pkg.tar.xz") MIDDLE SIZES ARCH,
		0},
	{"no file name", DIRECTORY, FIELD("NAME", "lxc") MIDDLE SIZES ARCH, 0},
	{"no version", DIRECTORY, FRONT SIZES ARCH, 0},
	{"no sizes", DIRECTORY, FRONT MIDDLE ARCH, 0},
	{"no architecture", DIRECTORY, FRONT MIDDLE SIZES, 0},
	{"another directory", "lxc-1:7.0-3", GOOD, 0},
	{"another directory's name", "lxd-1:7.0-2", GOOD, 0},
	{"a name twice", DIRECTORY, GOOD FIELD("NAME", "lxc"), 0},
	{"two values", DIRECTORY, GOOD FIELD("URL", "a\nb"), 0},
	{"a control byte", DIRECTORY, GOOD FIELD("DESC", "a\033[2J"), 0},
	{"a carriage return", DIRECTORY, GOOD FIELD("DESC", "a\r"), 0},
	{"a tab", DIRECTORY, GOOD FIELD("DESC", "a\tb"), 1},
	{"sha256 too short", DIRECTORY, GOOD FIELD("SHA256SUM", "0123"), 0},
	{"sha256 not hex", DIRECTORY,
		GOOD FIELD("SHA256SUM", "z123456789abcdef0123456789abcdef0123"
					"456789abcdef0123456789abcdef"),
		0},
	{"a signature that is no base64", DIRECTORY, GOOD FIELD("PGPSIG", "AA*A"), 0},
	{"a signature of a wrong length", DIRECTORY, GOOD FIELD("PGPSIG", "AAA"), 0},
	{"padding in the middle", DIRECTORY, GOOD FIELD("PGPSIG", "AA==AAAA"), 0},
	{"only padding", DIRECTORY, GOOD FIELD("PGPSIG", "===="), 0},
	{"a build date of the far future", DIRECTORY, GOOD FIELD("BUILDDATE", "99999999999999"), 0},
	{"a build date that is none", DIRECTORY, GOOD FIELD("BUILDDATE", "now"), 0},
	{"a packed size of nothing", DIRECTORY,
		FRONT MIDDLE FIELD("CSIZE", "0") FIELD("ISIZE", "1") ARCH, 0},
	{"a packed size too large", DIRECTORY,
		FRONT MIDDLE FIELD("CSIZE", "17179869185") FIELD("ISIZE", "1") ARCH, 0},
	{"a negative size", DIRECTORY, FRONT MIDDLE FIELD("CSIZE", "1") FIELD("ISIZE", "-1") ARCH,
		0},
};

static void descs_are_judged(void **state)
{
	for (size_t i = 0; i < sizeof descs / sizeof *descs; i++) {
		struct syncdb_package p = {0};
		int got = decode(descs[i].directory, descs[i].text, strlen(descs[i].text), &p);
		if (got != descs[i].good)
			fail_msg("%s: %d", descs[i].label, got);
		syncdb_package_clear(&p);
	}
}

static const struct {
	const char *name, *version, *arch, *file;
	int good;
} names[] = {
	{"a", "1-1", "any", "a-1-1-any.pkg.tar.zst", 1},
	{"a", "1-1.1", "any", "a-1-1.1-any.pkg.tar.gz", 1},
	{"gtk3", "1:3~rc-1", "any", "gtk3-1:3~rc-1-any.pkg.tar.xz", 1},
	{"gtk3", "1:3-1", "any", "gtk3-1.3-1-any.pkg.tar.xz", 1},
	{"lib@c_.+x-y", "0-1", "any", "lib@c_.+x-y-0-1-any.pkg.tar.xz", 1},
	{"a", "1-1", "any", "b-1-1-any.pkg.tar.zst", 0},
	{"a", "1-1", "any", "a-1-1-any.pkg.tar.zst.sig", 0},
	{"a", "1-1", "any", "a-1-1-any.pkg.tar.lrz", 0},
	{"a", "1-1", "any", "a-1-1-any.pkg.tar", 0},
	{"a", "1-1", "any", "a-1-1-any", 0},
	{"a", "1-1", "any", "../a-1-1-any.pkg.tar.xz", 0},
	{"a", "1-1", "armv7h", "a-1-1-any.pkg.tar.xz", 0},
	{".a", "1-1", "any", ".a-1-1-any.pkg.tar.xz", 0},
	{"-a", "1-1", "any", "-a-1-1-any.pkg.tar.xz", 0},
	{"a/b", "1-1", "any", "a/b-1-1-any.pkg.tar.xz", 0},
	{"a b", "1-1", "any", "a b-1-1-any.pkg.tar.xz", 0},
	{"a", "1", "any", "a-1-any.pkg.tar.xz", 0},
	{"a", "-1", "any", "a--1-any.pkg.tar.xz", 0},
	{"a", "1-", "any", "a-1--any.pkg.tar.xz", 0},
	{"a", "1-x", "any", "a-1-x-any.pkg.tar.xz", 0},
	{"a", "x:1-1", "any", "a-x:1-1-any.pkg.tar.xz", 0},
	{"a", "1:1:1-1", "any", "a-1:1:1-1-any.pkg.tar.xz", 0},
	{"a", "1/1-1", "any", "a-1/1-1-any.pkg.tar.xz", 0},
	{"a", "1-1-1", "any", "a-1-1-1-any.pkg.tar.xz", 0},
	{"a", "1-1", "a/b", "a-1-1-a/b.pkg.tar.xz", 0},
	{"a", "1-1", "a-b", "a-1-1-a-b.pkg.tar.xz", 0},
};

static void names_versions_and_files_are_judged(void **state)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct syncdb_package p = {0};
		auto_buf text = BUF(0);
		char directory[128];
		snprintf(directory, sizeof directory, "%s-%s", names[i].name, names[i].version);
		assert_ok(buf_printf(&text, &e,
			"%%FILENAME%%\n%s\n\n%%NAME%%\n%s\n\n%%VERSION%%\n%s"
			"\n\n%%ARCH%%\n%s\n\n%s",
			names[i].file, names[i].name, names[i].version, names[i].arch, SIZES));
		int got = decode(directory, text.data, text.length, &p);
		if (got != names[i].good)
			fail_msg("%s: %d", names[i].file, got);
		syncdb_package_clear(&p);
	}
}

/* What a worker gone bad may send. Fields by their number: 1 NAME, 4 DESC, 18 DEPENDS, 22 the
 * directory. */
static void put(struct buf *record, uint32_t field, const char *value, size_t length)
{
	uint32_t header[2] = {field, (uint32_t)length};
	assert_ok(buf_append(record, header, sizeof header, &e));
	assert_ok(buf_append(record, value, length, &e));
}

static int decode_with(uint32_t field, const char *value, size_t length)
{
	struct syncdb_package p = {0};
	auto_buf record = BUF(256 * 1024);
	if (syncdb_desc_encode(DIRECTORY, GOOD, sizeof GOOD - 1, &record, NULL) != 1)
		return -2;
	put(&record, field, value, length);
	int got = syncdb_desc_decode((unsigned char *)record.data, record.length, &p, NULL);
	syncdb_package_clear(&p);
	return got;
}

static void a_lying_worker_injects_nothing(void **state)
{
	static char large[9000];
	memset(large, 'x', sizeof large);
	assert_int_equal(decode_with(18, "glibc", 5), 1);
	assert_int_equal(decode_with(4, "a\n%NAME%\nb", 10), 0);
	assert_int_equal(decode_with(18, "glibc\nbash", 10), 0);
	assert_int_equal(decode_with(18, "%NAME%", 6), 0);
	assert_int_equal(decode_with(18, "", 0), 0);
	assert_int_equal(decode_with(18, "a\0b", 3), 0);
	assert_int_equal(decode_with(18, large, 8192), 1);
	assert_int_equal(decode_with(18, large, 8193), 0);
	assert_int_equal(decode_with(1, "lxc", 3), 0);
	assert_int_equal(decode_with(22, "lxc-1:7.0-2", 11), 0);
	assert_int_equal(decode_with(23, "x", 1), -1);
	assert_int_equal(decode_with(~0u, "x", 1), -1);
}

static void broken_records_are_refused(void **state)
{
	auto_buf record = BUF(256 * 1024);
	struct syncdb_package p = {0};
	assert_int_equal(syncdb_desc_encode(DIRECTORY, GOOD, sizeof GOOD - 1, &record, NULL), 1);
	for (size_t cut = 1; cut < record.length; cut++) {
		struct error *error = NULL;
		char *auto_free exact = malloc(cut); /* for the sanitizer */
		memcpy(exact, record.data, cut);
		int got = syncdb_desc_decode((unsigned char *)exact, cut, &p, &error);
		/* A cut between two values makes a record that lacks fields, at best. */
		assert_true(got == 0 || (got == -1 && error_code(error) == ERROR_TRUST));
		error_free(error);
	}
	assert_int_equal(syncdb_desc_decode((unsigned char *)"", 0, &p, NULL), 0);
	uint32_t endless[2] = {0, UINT32_MAX};
	assert_fails(syncdb_desc_decode((unsigned char *)endless, sizeof endless, &p, &e),
		ERROR_TRUST, "worker");
}

static void desc_of(struct buf *archive, const char *name, const char *version)
{
	auto_buf text = BUF(0);
	char path[128];
	assert_ok(buf_printf(&text, &e,
		"%%FILENAME%%\n%s-%s-any.pkg.tar.xz\n\n%%NAME%%\n%s\n\n"
		"%%VERSION%%\n%s\n\n%%ARCH%%\nany\n\n%s",
		name, version, name, version, SIZES));
	snprintf(path, sizeof path, "%s-%s/", name, version);
	make_entry(archive, &(struct made){.path = path, .type = '5'});
	strcat(path, "desc");
	make_entry(archive, &(struct made){.path = path, .type = '0', .data = text.data});
}

static struct syncdb *read_archive(const struct buf *archive, struct error **e)
{
	int auto_fd fd = make_file(archive->data, archive->length);
	int auto_fd packed = make_packed("gzip -c", fd);
	struct fetched f = {packed};
	return syncdb_read("core", &f, e);
}

#define assert_unread(archive, says)                                                               \
	do {                                                                                       \
		struct error *e_ = NULL;                                                           \
		assert_null(read_archive(archive, &e_));                                           \
		assert_int_equal(error_code(e_), ERROR_TRUST);                                     \
		if (!strstr(error_message(e_), says))                                              \
			fail_msg("'%s'", error_message(e_));                                       \
		error_free(e_);                                                                    \
	} while (0)

static void a_database_is_read_sorted_and_written(void **state)
{
	char nothing[300] = "";
	auto_buf archive = BUF(MADE_LIMIT);
	desc_of(&archive, "zlib", "1-1");
	desc_of(&archive, "acl", "2-1");
	desc_of(&archive, "acl", "3-1"); /* the name again: dropped */
	make_entry(&archive, &(struct made){.path = "findnewest-0.3-4/desc",
				     .type = '0',
				     .data = nothing,
				     .length = sizeof nothing});
	make_entry(&archive, &(struct made){.path = "acl-2-1/depends", .type = '0', .data = "x"});
	make_entry(&archive, &(struct made){.path = "bad-1-1/desc", .type = '0', .data = GOOD});
	make_entry(&archive, &(struct made){.path = "bad-1-2/desc", .type = '2', .link = "/etc"});
	make_end(&archive);
	struct error *error = NULL;
	struct syncdb *db = read_archive(&archive, &error);
	assert_null(error);
	assert_string_equal(db->repo, "core");
	assert_int_equal(db->count, 2);
	assert_int_equal(db->dropped, 3);
	assert_string_equal(db->packages[0].name, "acl");
	assert_string_equal(db->packages[0].version, "2-1");
	assert_string_equal(syncdb_find(db, "zlib")->version, "1-1");
	assert_null(syncdb_find(db, "bash"));
	int auto_fd fd = make_file("", 0);
	assert_ok(syncdb_write(db, fd, &e));
	struct fetched f = {fd};
	struct syncdb *again = syncdb_read("core", &f, &error);
	assert_null(error);
	assert_int_equal(again->count, 2);
	assert_int_equal(again->dropped, 0);
	assert_string_equal(again->packages[1].desc, db->packages[1].desc);
	syncdb_free(again);
	syncdb_free(db);
}

static void an_empty_database_is_one(void **state)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_end(&archive);
	struct syncdb *db = read_archive(&archive, NULL);
	assert_non_null(db);
	assert_int_equal(db->count, 0);
	assert_null(syncdb_find(db, "bash"));
	syncdb_free(db);
}

static void what_is_no_database_is_refused(void **state)
{
	static const struct made package[] = {
		{.path = ".PKGINFO", .type = '0', .data = "pkgname = a"}, {0}};
	auto_buf archive = BUF(MADE_LIMIT), nothing = BUF(MADE_LIMIT), html = BUF(0);
	make_archive(&archive, package);
	assert_unread(&archive, "database core: no package database");
	make_entry(&nothing, &(struct made){.path = "a-1-1/desc", .type = '0', .data = "x"});
	make_end(&nothing);
	assert_unread(&nothing, "none of its 1 entries");
	assert_ok(buf_puts(&html, "<html>please log in</html>", &e));
	assert_unread(&html, "broken archive");
	archive.length = 700;
	assert_unread(&archive, "broken archive");
}

static void limits_hold(void **state)
{
	char *auto_free large = malloc(300 * 1024);
	memset(large, 'x', 300 * 1024);
	auto_buf archive = BUF(MADE_LIMIT);
	desc_of(&archive, "acl", "2-1");
	make_entry(&archive, &(struct made){.path = "large-1-1/desc",
				     .type = '0',
				     .data = large,
				     .length = 300 * 1024});
	make_end(&archive);
	struct syncdb *db = read_archive(&archive, NULL);
	assert_non_null(db);
	assert_int_equal(db->count, 1);
	assert_int_equal(db->dropped, 1);
	syncdb_free(db);
	auto_buf many = BUF(MADE_LIMIT);
	for (int i = 0; i <= 100000; i++)
		make_entry(&many, &(struct made){.path = "a-1-1/desc", .type = '0'});
	make_end(&many);
	assert_unread(&many, "more than 100000 packages");
}

/* 130 MiB in 130 KiB: stopped by the length of the stream. */
static void a_bomb_is_refused(void **state)
{
	auto_buf archive = BUF(160 << 20);
	make_header(&archive, &(struct made){.path = "a", .type = '0'}, 130 << 20);
	char *to = buf_reserve(&archive, 130 << 20, NULL);
	assert_non_null(to);
	memset(to, 0, 130 << 20);
	archive.length += 130 << 20;
	make_end(&archive);
	assert_unread(&archive, "unpacks to more than 134217728 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_desc_is_formed_anew),
		cmocka_unit_test(descs_are_judged),
		cmocka_unit_test(names_versions_and_files_are_judged),
		cmocka_unit_test(a_lying_worker_injects_nothing),
		cmocka_unit_test(broken_records_are_refused),
		cmocka_unit_test(a_database_is_read_sorted_and_written),
		cmocka_unit_test(an_empty_database_is_one),
		cmocka_unit_test(what_is_no_database_is_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_bomb_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
