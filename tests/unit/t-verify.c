/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small ROOT with a database of its own, and what is found in it. */
#include "tests/unit/tar-tree.h"

#include "lib/digest.h"
#include "lib/path.h"
#include "packages/verify.h"
#include "packages/verify_inside.h"

enum { FILE_TIME = 1700000000 };
#define DB "var/lib/pacman/local/"

static void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

/* Directories of `path` are made. */
static void write_file(const struct tree *t, const char *path, const char *text)
{
	char part[256];
	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		mkdirat(t->fd, part, 0755);
	}
	int auto_fd fd = openat(t->fd, path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	const struct timespec times[2] = {{FILE_TIME, 0}, {FILE_TIME, 0}};
	assert_true(fd >= 0);
	assert_ok(fd_write_all(fd, text, strlen(text), &e));
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(futimens(fd, times), 0);
}

static void make_link(const struct tree *t, const char *path, const char *target)
{
	const struct timespec times[2] = {{FILE_TIME, 0}, {FILE_TIME, 0}};
	assert_int_equal(symlinkat(target, t->fd, path), 0);
	assert_int_equal(utimensat(t->fd, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

/* The line of an mtree for a file with this content. */
static void add_line(struct buf *to, const char *path, const char *text)
{
	unsigned char sum[DIGEST_SIZE_MAX];
	char hex[DIGEST_HEX_MAX];
	auto_digest *d = digest_new(DIGEST_SHA256, NULL);
	assert_ok(digest_update(d, text, strlen(text), &e));
	assert_ok(digest_finish(d, sum, &e));
	digest_hex(sum, 32, hex);
	assert_ok(buf_printf(to, &e, "./%s time=%d.0 size=%zu sha256digest=%s\n", path, FILE_TIME,
		strlen(text), hex));
}

static const char files_desc[] =
	"%FILES%\netc/\netc/conf\n\n%BACKUP%\netc/conf\tabc\netc/other\td\n\n";

/* The package `one-1-1`: two files, a directory, a link; and etc/conf, which is a backup file. */
static void make_root(struct tree *t, void **state)
{
	auto_buf mtree = BUF(0);
	need_root();
	tree_begin(t, state);
	write_file(t, "usr/bin/sh", "shell");
	write_file(t, "usr/lib/lib", "library");
	write_file(t, "etc/conf", "setting");
	make_link(t, "usr/bin/bash", "sh");
	assert_ok(buf_puts(&mtree, "#mtree\n/set type=file uid=0 gid=0 mode=644\n", &e));
	assert_ok(buf_puts(&mtree, "./.PKGINFO size=1\n./usr type=dir mode=755\n", &e));
	add_line(&mtree, "usr/bin/sh", "shell");
	add_line(&mtree, "usr/lib/lib", "library");
	add_line(&mtree, "etc/conf", "setting");
	assert_ok(buf_printf(
		&mtree, &e, "./usr/bin/bash time=%d.0 mode=777 type=link link=sh\n", FILE_TIME));
	write_file(t, DB "ALPM_DB_VERSION", "9\n");
	write_file(t, DB "one-1-1/mtree", mtree.data);
	write_file(t, DB "one-1-1/files", files_desc);
}

static int append(void *arg, const struct verify_finding *f, struct error **e)
{
	return buf_printf(arg, e, "%s %s %s %s %s%s\n", f->package, f->path, f->what, f->expected,
		f->found, f->backup ? " backup" : "");
}

static int verify(const struct tree *t, struct verify_request r, struct buf *said,
	struct verify_counts *counts, struct error **e)
{
	struct rootfs *rootfs = rootfs_open_damaged(t->path, e);
	if (!rootfs)
		return -1;
	r.rootfs = rootfs;
	r.found = append;
	r.arg = said;
	int result = verify_packages(&r, counts, e);
	rootfs_free(rootfs);
	return result;
}

/* All that is found, as text, and the counts "FILES ALTERED BACKUPS". */
static void assert_found(const struct tree *t, const char *expected, const char *numbers)
{
	auto_buf said = BUF(0);
	struct verify_counts c;
	char got[64];
	assert_ok(verify(t, (struct verify_request){0}, &said, &c, &e));
	assert_string_equal(buf_text(&said), expected);
	snprintf(got, sizeof got, "%d %d %d", (int)c.files, (int)c.altered, (int)c.backups);
	assert_string_equal(got, numbers);
	assert_int_equal(c.altered_packages, c.altered ? 1 : 0);
}

static void an_untouched_root_has_no_findings(void **state)
{
	struct tree t;
	make_root(&t, state);
	assert_found(&t, "", "5 0 0");
	tree_end(&t);
}

static void overwrite(const struct tree *t)
{
	write_file(t, "usr/bin/sh", "shelL");
}
static void lengthen(const struct tree *t)
{
	write_file(t, "usr/bin/sh", "shell, and more");
}
static void touch(const struct tree *t)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};
	utimensat(t->fd, "usr/bin/sh", times, 0);
}
static void change_mode(const struct tree *t)
{
	fchmodat(t->fd, "usr/bin/sh", 04755, 0);
}
static void change_directory_mode(const struct tree *t)
{
	fchmodat(t->fd, "usr", 0700, 0);
}
static void change_owner(const struct tree *t)
{
	assert_int_equal(fchownat(t->fd, "usr/bin/sh", 5, 0, 0), 0);
}
static void change_link_owner(const struct tree *t)
{
	assert_int_equal(fchownat(t->fd, "usr/bin/bash", 0, 6, AT_SYMLINK_NOFOLLOW), 0);
}
static void delete (const struct tree *t)
{
	unlinkat(t->fd, "usr/bin/sh", 0);
}
static void turn_link(const struct tree *t)
{
	unlinkat(t->fd, "usr/bin/bash", 0);
	make_link(t, "usr/bin/bash", "/bin/sh");
}
static void link_to_directory(const struct tree *t)
{
	unlinkat(t->fd, "usr/bin/bash", 0);
	mkdirat(t->fd, "usr/bin/bash", 0755);
}
static void file_to_link(const struct tree *t)
{
	unlinkat(t->fd, "usr/bin/sh", 0);
	make_link(t, "usr/bin/sh", "../../etc/conf");
}
static void file_to_fifo(const struct tree *t)
{
	unlinkat(t->fd, "usr/bin/sh", 0);
	assert_int_equal(mkfifoat(t->fd, "usr/bin/sh", 0644), 0);
}
static void parent_to_file(const struct tree *t)
{
	unlinkat(t->fd, "usr/lib/lib", 0);
	unlinkat(t->fd, "usr/lib", AT_REMOVEDIR);
	write_file(t, "usr/lib", "x");
}
static void configure(const struct tree *t)
{
	write_file(t, "etc/conf", "another setting");
}
static void configure_in_place(const struct tree *t)
{
	write_file(t, "etc/conf", "SETTING");
}
static void configure_and_open(const struct tree *t)
{
	write_file(t, "etc/conf", "another");
	fchmodat(t->fd, "etc/conf", 0666, 0);
}
static void delete_configuration(const struct tree *t)
{
	unlinkat(t->fd, "etc/conf", 0);
}

static void each_change_is_found(void **state)
{
	static const struct {
		void (*change)(const struct tree *t);
		const char *found, *numbers;
	} cases[] = {
		{overwrite, "one /usr/bin/sh sha256 ce635c4eabff5e4f… 48bab2a2b1678264…\n",
			"5 1 0"},
		{lengthen, "one /usr/bin/sh size 5 15\n", "5 1 0"},
		{touch, "one /usr/bin/sh time 2023-11-14T22:13:20Z 1970-01-01T00:00:01Z\n",
			"5 1 0"},
		{change_mode, "one /usr/bin/sh mode 0644 4755\n", "5 1 0"},
		{change_directory_mode, "one /usr mode 0755 0700\n", "5 1 0"},
		{change_owner, "one /usr/bin/sh owner 0:0 5:0\n", "5 1 0"},
		{change_link_owner, "one /usr/bin/bash owner 0:0 0:6\n", "5 1 0"},
		{delete, "one /usr/bin/sh missing file -\n", "5 1 0"},
		{turn_link, "one /usr/bin/bash link sh /bin/sh\n", "5 1 0"},
		{link_to_directory, "one /usr/bin/bash type symlink directory\n", "5 1 0"},
		{file_to_link, "one /usr/bin/sh type file symlink\n", "5 1 0"},
		{file_to_fifo, "one /usr/bin/sh type file fifo\n", "5 1 0"},
		{parent_to_file, "one /usr/lib/lib missing file -\n", "5 1 0"},
		{configure, "one /etc/conf size 7 15 backup\n", "5 0 1"},
		{configure_in_place,
			"one /etc/conf sha256 ec72b9566a9c3501… 4fe70949d3e77969… backup\n",
			"5 0 1"},
		{configure_and_open,
			"one /etc/conf mode 0644 0666\n"
			"one /etc/conf sha256 ec72b9566a9c3501… ae448ac86c4e8e4d… backup\n",
			"5 1 0"},
		{delete_configuration, "one /etc/conf missing file -\n", "5 1 0"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tree t;
		make_root(&t, state);
		cases[i].change(&t);
		assert_found(&t, cases[i].found, cases[i].numbers);
		tree_end(&t);
	}
}

/* A ROOT from anybody: what lies outside must neither be read nor waited for. */
static void nothing_outside_is_looked_at(void **state)
{
	char outside[] = "/var/tmp/alarmstrap-outside-XXXXXX", link[64];
	struct tree t;
	make_root(&t, state);
	assert_non_null(mkdtemp(outside));
	snprintf(link, sizeof link, "%s/lib", outside);
	int auto_fd dir = open(outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tree other = {.fd = dir};
	write_file(&other, "lib", "library");
	unlinkat(t.fd, "usr/lib/lib", 0);
	unlinkat(t.fd, "usr/lib", AT_REMOVEDIR);
	make_link(&t, "usr/lib", outside);
	assert_found(&t, "one /usr/lib/lib missing file -\n", "5 1 0");
	/* The same path inside is meant. */
	char inside[80];
	snprintf(inside, sizeof inside, "%s/lib", outside + 1);
	write_file(&t, inside, "library");
	assert_found(&t, "", "5 0 0");
	unlink(link);
	rmdir(outside);
	tree_end(&t);
}

static void a_broken_database_is_a_finding(void **state)
{
	static const struct {
		const char *file, *text; /* NULL: a FIFO */
		const char *says;
	} cases[] = {
		{DB "two-1-1/mtree", "./x type=door\n", "line 1 is broken"},
		{DB "two-1-1/mtree", "\x28\xb5\x2f\xfd no zstd", "broken archive"},
		{DB "two-1-1/mtree", "", "broken archive"},
		{DB "two-1-1/mtree", NULL, "no regular file"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf said = BUF(0);
		struct verify_counts c;
		struct tree t;
		make_root(&t, state);
		write_file(&t, cases[i].file, cases[i].text ? cases[i].text : "");
		if (!cases[i].text) {
			unlinkat(t.fd, cases[i].file, 0);
			assert_int_equal(mkfifoat(t.fd, cases[i].file, 0644), 0);
		}
		change_mode(&t);
		assert_ok(verify(&t, (struct verify_request){0}, &said, &c, &e));
		assert_non_null(strstr(buf_text(&said), "one /usr/bin/sh mode"));
		assert_non_null(strstr(buf_text(&said),
			"two /var/lib/pacman/local/two-1-1/mtree unreadable file "));
		if (!strstr(buf_text(&said), cases[i].says))
			fail_msg("'%s' does not say '%s'", buf_text(&said), cases[i].says);
		assert_int_equal(c.altered, 2);
		assert_int_equal(c.altered_packages, 2);
		tree_end(&t);
	}
}

static void a_package_without_mtree_is_counted(void **state)
{
	auto_buf said = BUF(0);
	struct verify_counts c;
	struct tree t;
	make_root(&t, state);
	write_file(&t, DB "old-style-1:2.0-3/files", "");
	assert_ok(verify(&t, (struct verify_request){0}, &said, &c, &e));
	assert_int_equal(c.packages, 2);
	assert_int_equal(c.without_mtree, 1);
	assert_string_equal(buf_text(&said), "");
	tree_end(&t);
}

static void names_choose_packages(void **state)
{
	auto_buf said = BUF(0);
	auto_strings names = {0};
	struct verify_counts c;
	struct tree t;
	make_root(&t, state);
	write_file(&t, DB "two-1-1/mtree", "./nothing-there\n");
	assert_ok(strings_add(&names, "one", &e));
	assert_ok(verify(&t, (struct verify_request){.names = &names}, &said, &c, &e));
	assert_int_equal(c.packages, 1);
	assert_string_equal(buf_text(&said), "");
	assert_ok(strings_add(&names, "two-1", &e));
	assert_fails(verify(&t, (struct verify_request){.names = &names}, &said, &c, &e),
		ERROR_PACKAGES, "two-1 is not installed");
	tree_end(&t);
}

static void what_was_not_extracted_is_not_missed(void **state)
{
	struct pacman_conf conf = {0};
	auto_buf said = BUF(0);
	struct verify_counts c;
	struct tree t;
	make_root(&t, state);
	delete (&t);
	assert_ok(strings_add(&conf.no_extract, "usr/bin/*", &e));
	assert_ok(verify(&t, (struct verify_request){.conf = &conf}, &said, &c, &e));
	assert_string_equal(buf_text(&said), "");
	assert_int_equal(c.altered, 0);
	assert_ok(strings_add(&conf.no_extract, "!usr/bin/sh", &e));
	assert_ok(verify(&t, (struct verify_request){.conf = &conf}, &said, &c, &e));
	assert_int_equal(c.altered, 1);
	strings_free(&conf.no_extract);
	tree_end(&t);
}

static void a_root_without_a_database_is_refused(void **state)
{
	auto_buf said = BUF(0);
	struct verify_counts c;
	struct tree t;
	need_root();
	tree_begin(&t, state);
	assert_fails(verify(&t, (struct verify_request){0}, &said, &c, &e), ERROR_ROOT,
		"open /var/lib/pacman/local: No such file or directory");
	tree_end(&t);
}

static void entries_are_cut_after_the_name(void **state)
{
	static const struct {
		const char *entry, *name;
	} cases[] = {
		{"bash-5.2-1", "bash"},
		{"gcc-libs-1:13.2-3", "gcc-libs"},
		{"a-b-c-1-1.1", "a-b-c"},
		{"ALPM_DB_VERSION", NULL},
		{"bash-5.2", NULL},
		{"-5.2-1", NULL},
		{"bash--1", NULL},
		{"bash-1-", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char entry[64];
		snprintf(entry, sizeof entry, "%s", cases[i].entry);
		const char *got = verify_entry_cut(entry);
		assert_string_equal(got ? got : "-", cases[i].name ? cases[i].name : "-");
		if (!got)
			assert_string_equal(entry, cases[i].entry);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_root_has_no_findings),
		cmocka_unit_test(each_change_is_found),
		cmocka_unit_test(nothing_outside_is_looked_at),
		cmocka_unit_test(a_broken_database_is_a_finding),
		cmocka_unit_test(a_package_without_mtree_is_counted),
		cmocka_unit_test(names_choose_packages),
		cmocka_unit_test(what_was_not_extracted_is_not_missed),
		cmocka_unit_test(a_root_without_a_database_is_refused),
		cmocka_unit_test(entries_are_cut_after_the_name),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
