/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/source.h"
#include "lib/fd.h"

static char directory[] = "/tmp/t-source-XXXXXX";

static void put(const char *name, const char *text, mode_t mode)
{
	int auto_fd fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_ok(fd_write_all(fd, text, strlen(text), &e));
	assert_int_equal(fchmod(fd, mode), 0);
}

static int begin(void **state)
{
	if (!mkdtemp(directory) || chdir(directory) < 0)
		return -1;
	put("a.tar.gz", "tarball", 0644);
	put("a.tar.gz.sig", "signature", 0644);
	put("open.tar.gz", "tarball", 0666);
	put("open.tar.gz.sig", "signature", 0666);
	put("mirror", "tarball", 0644);
	put("mirror.sig", "signature", 0644);
	put("unsigned", "tarball", 0644);
	put("odd", "tarball", 0644);
	return mkfifo("pipe", 0600) < 0 || mkdir("odd.sig", 0700) < 0 ? -1 : 0;
}

static int end(void **state)
{
	static const char *const names[] = {"a.tar.gz", "a.tar.gz.sig", "open.tar.gz",
		"open.tar.gz.sig", "mirror", "mirror.sig", "unsigned", "odd", "pipe"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(names[i]);
	rmdir("odd.sig");
	return chdir("/") < 0 || rmdir(directory) < 0 ? -1 : 0;
}

static void words_are_told_apart(void **state)
{
	static const struct {
		const char *word;
		enum source_kind kind;
		const char *name; /* NULL: none */
	} rows[] = {
		{NULL, SOURCE_MIRROR, NULL},
		{"mirror", SOURCE_MIRROR, NULL},
		{"./mirror", SOURCE_FILE, "mirror"},
		{"a.tar.gz", SOURCE_FILE, "a.tar.gz"},
		{".//./a.tar.gz", SOURCE_FILE, "a.tar.gz"},
		{"https://h/a.tar.gz", SOURCE_URL, "a.tar.gz"},
		{"http://h:81/b/c%20d%2b.tar", SOURCE_URL, "c d+.tar"},
		{"https://h//x//%61", SOURCE_URL, "a"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct source s;
		assert_ok(source_parse(rows[i].word, &s, &e));
		assert_int_equal(s.kind, rows[i].kind);
		assert_true(!s.name == !rows[i].name);
		if (s.name)
			assert_string_equal(s.name, rows[i].name);
		source_free(&s);
	}
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *word;
		enum error_code code;
		const char *part;
	} rows[] = {
		{"nothing", ERROR_USAGE, "no --from=nothing"},
		{"-", ERROR_USAGE, "no --from=-"},
		{"./nothing", ERROR_CONFIG, "open ./nothing: No such file"},
		{"odd.sig", ERROR_CONFIG, "odd.sig is no regular file"},
		{"pipe", ERROR_CONFIG, "pipe is no regular file"},
		{"unsigned", ERROR_TRUST, "unsigned.sig: No such file"},
		{"odd", ERROR_CONFIG, "odd.sig is no regular file"},
		{"ftp://h/x", ERROR_USAGE, "names no file"},
		{"file:///tmp/x", ERROR_USAGE, "names no file"},
		{"https://h", ERROR_USAGE, "names no file"},
		{"https://h/", ERROR_USAGE, "names no file"},
		{"https://h/..", ERROR_USAGE, "names no file"},
		{"https://h/%2E%2e", ERROR_USAGE, "names no file"},
		{"https://h/a%2Fb", ERROR_USAGE, "names no file"},
		{"https://h/a%00b", ERROR_USAGE, "names no file"},
		{"https://h/a%4", ERROR_USAGE, "names no file"},
		{"https://h/a%zz", ERROR_USAGE, "names no file"},
		{"https://h/a?b", ERROR_USAGE, "names no file"},
		{"https://h/a#b", ERROR_USAGE, "names no file"},
		{"https://h/$arch/a", ERROR_USAGE, "names no file"},
		{"https:///a", ERROR_CONFIG, "is no mirror"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct source s;
		auto_error *e = NULL;
		int r = source_parse(rows[i].word, &s, &e);
		if (r == 0 || error_code(e) != rows[i].code ||
			!strstr(error_message(e), rows[i].part))
			fail_msg("%s: %s", rows[i].word, e ? error_message(e) : "taken");
		assert_true(s.kind == SOURCE_MIRROR && !s.place && !s.name);
	}
}

/* What others may write is copied: what they do to it later is not seen. */
static void what_others_may_write_is_copied(void **state)
{
	static const char *const words[] = {"a.tar.gz", "open.tar.gz"};
	int auto_fd here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 2; i++) {
		struct source s;
		auto_buf signature = BUF(0);
		struct stat given, got;
		char text[16] = "";
		assert_ok(source_parse(words[i], &s, &e));
		struct fetched *f = source_open(&s, here, NULL, &signature, NULL);
		assert_non_null(f);
		assert_string_equal(buf_text(&signature), "signature");
		assert_string_equal(fetched_name(f), words[i]);
		assert_int_equal(fetched_size(f), 7);
		assert_int_equal(stat(words[i], &given), 0);
		assert_int_equal(fstat(fetched_fd(f), &got), 0);
		assert_int_equal(got.st_ino == given.st_ino, i == 0);
		assert_int_equal(got.st_nlink, i == 0 ? 1 : 0);
		if (i == 1)
			put(words[i], "changed", 0666);
		assert_int_equal(pread(fetched_fd(f), text, sizeof text, 0), 7);
		assert_string_equal(text, "tarball");
		fetched_free(f);
		source_free(&s);
	}
}

static void a_url_is_asked_for_as_it_was_written(void **state)
{
	static const struct {
		const char *word, *url;
	} rows[] = {
		{"https://h/a.tar.gz", "https://h/a.tar.gz"},
		{"https://h:81/b/c/c%20d.tar", "https://h:81/b/c/c%20d.tar"},
		{"http://h/x/a+b", "http://h/x/a+b"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct source s;
		assert_ok(source_parse(rows[i].word, &s, &e));
		struct mirrors *m = source_mirrors(&s, NULL);
		assert_non_null(m);
		char *url = mirrors_url(m, 0, NULL, s.name, NULL);
		assert_string_equal(url, rows[i].url);
		free(url);
		mirrors_free(m);
		source_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_told_apart),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(what_others_may_write_is_copied),
		cmocka_unit_test(a_url_is_asked_for_as_it_was_written),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
