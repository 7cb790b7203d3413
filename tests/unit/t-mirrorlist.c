/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/mirrorlist.h"
#include "mirrors/ranking_cache.h"

#define A "https://a/$arch/$repo"
#define B "https://b/$arch/$repo"
#define C "http://c/$arch/$repo"
#define FIRST                                                                                      \
	"# Ranked by alarmstrap, which writes this file anew; remove this line to keep yours.\n"

static const char stock[] =
	"# a list\nServer = " C "\n  # Server = " B "\n#Server=" A "\nCacheServer = x\n";

static const char *servers_of(const char *text, bool all, char to[512])
{
	auto_strings servers = {0};
	assert_ok(mirrorlist_servers(text, all, &servers, &e));
	*to = '\0';
	for (size_t i = 0; i < servers.count; i++)
		snprintf(to + strlen(to), 512 - strlen(to), "%s ", servers.items[i]);
	return to;
}

static void servers_of_a_list(void **state)
{
	static const struct {
		const char *text, *active, *all;
	} rows[] = {
		{"", "", ""},
		{stock, C " ", C " " B " " A " "},
		{"Server = " A "\nServer = " A "\n", A " ", A " "},
		{"\tServer=" A "\t\r\n", A " ", A " "},
		{"#Server = file:///srv\n# Server\n#Server =\n# Servers = " A "\n", "", ""},
		{"Server = file:///srv\n", "file:///srv ", ""},
		{"## Server = " A, "", A " "},
	};
	char to[512];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_string_equal(servers_of(rows[i].text, false, to), rows[i].active);
		assert_string_equal(servers_of(rows[i].text, true, to), rows[i].all);
	}
}

static void where_pacman_has_its_servers_from(void **state)
{
	static const struct {
		const char *conf;
		bool used;
	} rows[] = {
		{"[core]\nServer = " C "\n", true},
		{"[core]\nServer = " B "\n", false},
		{"[core]\nServer = " C "\nServer = " B "\n", false},
		{"[extra]\nServer = " C "\n", false},
		{"[core]\n", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_pacman_conf *conf = pacman_conf_parse(rows[i].conf, "conf", NULL);
		assert_non_null(conf);
		assert_int_equal(mirrorlist_is_used(stock, conf), rows[i].used);
		assert_false(mirrorlist_is_used("", conf));
	}
}

static struct mirrors *make(const char *list)
{
	auto_strings servers = {0};
	assert_ok(strings_split(&servers, list, " ", &e));
	struct mirrors *m = mirrors_new(&servers, "aarch64", NULL);
	assert_non_null(m);
	return m;
}

static void made(const char *list, struct mirrors **m, struct ranking *r)
{
	char *auto_free text = text_format(NULL, "alarmstrap ranking 1\nmade 1795500000\n%send\n",
		"mirror good 1 0 0 0 -1 " A " \nmirror stale 1 0 0 0 -1 " B
		" stale by\033 9 days\n");
	*m = make(list);
	assert_ok(ranking_parse(text, r, &e));
}

static void printed(void **state)
{
	static const char once[] =
		FIRST "Server = " A "\n"
		      "\n# Left out on 2026-11-24:\n# stale by\\x1b 9 days\n#Server = " B "\n"
		      "\n# What stood here before:\n# a list\n#Server = " C "\n#  # Server = " B
		      "\n#Server=" A "\n#CacheServer = x\n";
	struct mirrors *m;
	struct ranking r;
	made(A " https://own", &m, &r);
	auto_buf text = BUF(0), again = BUF(0), bare = BUF(0);
	assert_ok(mirrorlist_print(m, &r, stock, &text, &e));
	assert_true(mirrorlist_is_ours(buf_text(&text)));
	assert_false(mirrorlist_is_ours(stock));
	/* A bare base is for all repositories, too. */
	static const char with_own[] = FIRST "Server = " A "\nServer = https://own/$arch/$repo\n";
	assert_memory_equal(buf_text(&text), with_own, strlen(with_own));
	mirrors_free(m);
	/* One that is still there because nobody is dropped by what was kept: no winner, all the
	 * same. */
	m = make(A " " B);
	buf_clear(&text);
	assert_ok(mirrorlist_print(m, &r, stock, &text, &e));
	assert_string_equal(buf_text(&text), once);
	/* Ours over ours: what stood before stays once. */
	assert_ok(mirrorlist_print(m, &r, once, &again, &e));
	assert_string_equal(buf_text(&again), once);
	/* One that was left out before, and that this ranking did not ask. */
	buf_clear(&again);
	assert_ok(mirrorlist_print(m, &r, FIRST "#Server = " C "\n#Server = " B "\n", &again, &e));
	assert_non_null(strstr(buf_text(&again), "\n# Left out before:\n#Server = " C "\n"));
	assert_null(strstr(buf_text(&again), "before:\n#Server = " C "\n#Server"));
	assert_ok(mirrorlist_print(m, &r, "", &bare, &e));
	assert_null(strstr(buf_text(&bare), "before"));
	char to[512];
	assert_string_equal(servers_of(once, true, to), A " " B " " C " ");
	mirrors_free(m);
	ranking_free(&r);
}

static void written_where_it_changes_something(void **state)
{
	char dir[] = "/tmp/t-mirrorlist.XXXXXX";
	struct mirrors *m;
	struct ranking r;
	assert_non_null(mkdtemp(dir));
	int auto_fd root = open(dir, O_RDONLY | O_DIRECTORY);
	auto_buf text = BUF(0), now = BUF(0);
	made(A, &m, &r);
	assert_int_equal(mirrorlist_read(root, &text, NULL), 0);
	assert_fails(mirrorlist_write(root, m, &r, "", &e), ERROR_SYSTEM, "mirrorlist");
	assert_ok(path_make_dirs(root, "etc/pacman.d", 0755, &e));
	assert_int_equal(mirrorlist_write(root, m, &r, "", NULL), 1);
	assert_int_equal(mirrorlist_read(root, &text, NULL), 1);
	char to[512];
	assert_string_equal(servers_of(buf_text(&text), false, to), A " ");
	assert_int_equal(mirrorlist_write(root, m, &r, buf_text(&text), NULL), 0);
	/* Nothing leads out of the root. */
	assert_int_equal(unlinkat(root, "etc/pacman.d/mirrorlist", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", root, "etc/pacman.d/mirrorlist"), 0);
	assert_int_equal(mirrorlist_read(root, &now, NULL), 0);
	assert_int_equal(mirrorlist_write(root, m, &r, "", NULL), 1);
	assert_int_equal(mirrorlist_read(root, &now, NULL), 1);
	assert_int_equal(unlinkat(root, "etc/pacman.d/mirrorlist", 0), 0);
	assert_int_equal(unlinkat(root, "etc/pacman.d", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "etc", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(dir), 0);
	mirrors_free(m);
	ranking_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_of_a_list),
		cmocka_unit_test(where_pacman_has_its_servers_from),
		cmocka_unit_test(printed),
		cmocka_unit_test(written_where_it_changes_something),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
