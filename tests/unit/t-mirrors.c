/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "lib/fd.h"
#include "mirrors/mirrors.h"

static struct mirrors *make(const char *list, struct error **e)
{
	auto_strings servers = {0};
	if (strings_split(&servers, list, " ", e) < 0)
		return NULL;
	return mirrors_new(&servers, "aarch64", e);
}

static int try(const char *list, struct error **e)
{
	struct mirrors *m = make(list, e);
	mirrors_free(m);
	return m ? 0 : -1;
}

static void urls_of_every_kind_of_definition(void **state)
{
	static const struct {
		const char *server, *repo, *file, *url;
	} rows[] = {
		{"https://h", "core", "core.db", "https://h/aarch64/core/core.db"},
		{"https://h/", "core", "core.db", "https://h/aarch64/core/core.db"},
		{"https://h:8443/alarm//", NULL, "a.tar.gz", "https://h:8443/alarm/os/a.tar.gz"},
		{"http://h/$arch/$repo", "extra", "x", "http://h/aarch64/extra/x"},
		{"http://h/$arch/$repo/", NULL, "x", "http://h/os/x"},
		{"http://h/a/$repo/os/$arch", "core", "x", "http://h/a/core/os/aarch64/x"},
		{"http://h/a/$repo/os/$arch", NULL, "x", "http://h/a/os/x"},
		{"https://u:p@h/x", "r", "f", "https://u:p@h/x/aarch64/r/f"},
		{"https://[::1]:44/x", "r", "f", "https://[::1]:44/x/aarch64/r/f"},
		{"https://h", "r", "g++-1:2.3~rc-1-any.pkg.tar.xz",
			"https://h/aarch64/r/g++-1:2.3~rc-1-any.pkg.tar.xz"},
		{"https://h", "r", "a b?c#d%e\xc3\xa9",
			"https://h/aarch64/r/a%20b%3Fc%23d%25e%C3%A9"},
		{"https://h", "$arch", "$repo", "https://h/aarch64/$arch/$repo"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error *e = NULL;
		struct mirrors *m = make(rows[i].server, &e);
		assert_non_null(m);
		char *auto_free url = mirrors_url(m, 0, rows[i].repo, rows[i].file, &e);
		assert_non_null(url);
		assert_string_equal(url, rows[i].url);
		mirrors_free(m);
	}
}

static void https_first_and_once(void **state)
{
	struct error *e = NULL;
	struct mirrors *m = make("http://a https://b http://a/ https://c/$arch/$repo http://d "
				 "https://b/$arch/$repo/",
		&e);
	assert_non_null(m);
	static const char *const order[] = {"https://b/$arch/$repo", "https://c/$arch/$repo",
		"http://a/$arch/$repo", "http://d/$arch/$repo"};
	assert_int_equal(mirrors_count(m), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(mirrors_server(m, i), order[i]);
		assert_int_equal(mirrors_is_https(m, i), i < 2);
	}
	assert_string_equal(mirrors_arch(m), "aarch64");
	mirrors_free(m);
}

static void the_built_in_ones(void **state)
{
	struct error *e = NULL;
	struct mirrors *m = mirrors_new(NULL, "armv7h", &e);
	assert_non_null(m);
	assert_true(mirrors_count(m) > 2);
	assert_string_equal(
		mirrors_server(m, 0), "https://fl.us.mirror.archlinuxarm.org/$arch/$repo");
	assert_string_equal(mirrors_server(m, mirrors_count(m) - 1),
		"http://mirror.archlinuxarm.org/$arch/$repo");
	char *auto_free url = mirrors_url(m, 1, "core", "core.db", &e);
	assert_string_equal(url, "https://ca.us.mirror.archlinuxarm.org/armv7h/core/core.db");
	mirrors_free(m);
}

static void what_is_no_mirror(void **state)
{
	static const char *const bad[] = {"ftp://h", "file:///srv", "h", "https://", "https:///x",
		"https://$arch", "https://h/$branch/$repo", "https://h/$archive", "https://h?x",
		"https://h/#x", "https://h/x$arch", "https://h/\x01", "https://:80/", "-x"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(try(bad[i], &e), ERROR_CONFIG, "is no mirror");
}

static int name(const struct mirrors *m, const char *repo, const char *file, struct error **e)
{
	char *auto_free url = mirrors_url(m, 0, repo, file, e);
	return url ? 0 : -1;
}

static void names_from_a_database_cannot_climb(void **state)
{
	struct mirrors *m = make("https://h", NULL);
	assert_non_null(m);
	static const char *const bad[] = {"", ".", "..", "a/b", "../x", "/x"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_fails(name(m, "core", bad[i], &e), ERROR_TRUST, "no file name");
		assert_fails(name(m, bad[i], "x", &e), ERROR_TRUST, "no file name");
	}
	mirrors_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_of_every_kind_of_definition),
		cmocka_unit_test(https_first_and_once),
		cmocka_unit_test(the_built_in_ones),
		cmocka_unit_test(what_is_no_mirror),
		cmocka_unit_test(names_from_a_database_cannot_climb),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
