/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "lib/fd.h"
#include "mirrors/mirrors.h"
#include "mirrors/pacman_conf.h"

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

static struct mirrors *of_conf(const char *text, size_t *replaced, struct error **e)
{
	auto_pacman_conf *conf = pacman_conf_parse(text, "conf", e);
	return conf ? mirrors_of_conf(conf, "aarch64", replaced, e) : NULL;
}

/* Which mirrors serve a repository, by their URLs of a file in it. */
static const char *urls(const struct mirrors *m, const char *repo, char to[1024])
{
	size_t used = 0;
	*to = '\0';
	for (size_t i = 0; i < mirrors_count(m) && used < 1024; i++) {
		if (!mirrors_serves(m, i, repo))
			continue;
		char *auto_free url = mirrors_url(m, i, repo, "x", NULL);
		used += (size_t)snprintf(to + used, 1024 - used, "%s ", url);
	}
	return to;
}

static void each_repository_has_servers_of_its_own(void **state)
{
	char to[1024];
	size_t replaced = 9;
	struct error *e = NULL;
	struct mirrors *m = of_conf("[core]\nServer = http://a/$arch/$repo\n"
				    "Server = https://b/$repo/os/$arch/\n"
				    "[extra]\nServer = http://a/$arch/$repo\n"
				    "Server = https://b/$repo/os/$arch/\n"
				    "[own]\nServer = https://c/mine/\n",
		&replaced, &e);
	assert_non_null(m);
	assert_int_equal(mirrors_count(m), 3);
	assert_int_equal(replaced, 0);
	assert_string_equal(
		urls(m, "core", to), "https://b/core/os/aarch64/x http://a/aarch64/core/x ");
	assert_string_equal(
		urls(m, "extra", to), "https://b/extra/os/aarch64/x http://a/aarch64/extra/x ");
	assert_string_equal(urls(m, "own", to), "https://c/mine/x ");
	assert_string_equal(urls(m, "other", to), "");
	mirrors_free(m);
}

static void without_tls_the_built_in_ones_are_asked_too(void **state)
{
	char to[1024];
	size_t replaced = 0;
	struct error *e = NULL;
	struct mirrors *m = of_conf("[core]\nServer = http://a/$arch/$repo\n"
				    "[own]\nServer = https://c/mine\n",
		&replaced, &e);
	assert_non_null(m);
	assert_int_equal(replaced, 1);
	assert_true(text_has_prefix(
		urls(m, "core", to), "https://fl.us.mirror.archlinuxarm.org/aarch64/core/x "));
	assert_non_null(strstr(to, "http://a/aarch64/core/x "));
	assert_string_equal(urls(m, "own", to), "https://c/mine/x ");
	mirrors_free(m);
	assert_null(of_conf("[core]\nServer = file:///srv\n", &replaced, &e));
	assert_int_equal(error_code(e), ERROR_CONFIG);
	error_clear(&e);
	assert_null(of_conf("[core]\n", &replaced, &e));
	assert_non_null(strstr(error_message(e), "no server for [core]"));
	error_clear(&e);
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
		cmocka_unit_test(each_repository_has_servers_of_its_own),
		cmocka_unit_test(without_tls_the_built_in_ones_are_asked_too),
		cmocka_unit_test(names_from_a_database_cannot_climb),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
