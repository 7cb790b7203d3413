/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/pacman_conf.h"

struct place {
	char base[64];
	int root;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	if (!p)
		return -1;
	strcpy(p->base, "/tmp/t-pacman_conf.XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	p->root = open(p->base, O_RDONLY | O_DIRECTORY);
	*state = p;
	return p->root < 0 ? -1 : path_make_dirs(p->root, "etc/pacman.d", 0700, NULL);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int remove_place(void **state)
{
	struct place *p = *state;
	close(p->root);
	int r = nftw(p->base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return r;
}

static void put(const struct place *p, const char *name, const char *text)
{
	assert_ok(path_write_file(p->root, name, 0600, text, strlen(text), &e));
}

static int reads(const struct place *p, const char *path, struct error **e)
{
	auto_pacman_conf *c = pacman_conf_read(p->root, path, e);
	return c ? 0 : -1;
}

static struct pacman_conf *read_text(const struct place *p, const char *text)
{
	struct error *e = NULL;
	put(p, "etc/pacman.conf", text);
	struct pacman_conf *c = pacman_conf_read(p->root, "/etc/pacman.conf", &e);
	if (!c)
		fail_msg("%s", error_message(e));
	return c;
}

static void copy_data(const struct place *p, const char *name, const char *to)
{
	char path[512];
	auto_buf text = BUF(0);
	snprintf(path, sizeof path, "%s/tests/data/%s", getenv("top_srcdir"), name);
	assert_ok(path_read_file(AT_FDCWD, path, &text, &e));
	put(p, to, buf_text(&text));
}

static void the_real_file_of_alarm(void **state)
{
	const struct place *p = *state;
	struct error *e = NULL;
	copy_data(p, "alarm-pacman.conf", "etc/pacman.conf");
	copy_data(p, "alarm-mirrorlist", "etc/pacman.d/mirrorlist");
	auto_pacman_conf *c = pacman_conf_read(p->root, "etc/pacman.conf", &e);
	assert_non_null(c);
	static const char *const names[] = {"core", "extra", "alarm", "aur"};
	assert_int_equal(c->repo_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(c->repos[i].name, names[i]);
		assert_int_equal(c->repos[i].servers.count, 1);
		assert_string_equal(
			c->repos[i].servers.items[0], "http://mirror.archlinuxarm.org/$arch/$repo");
		assert_int_equal(c->repos[i].package_level, SIG_REQUIRED);
		assert_int_equal(c->repos[i].database_level, SIG_OPTIONAL);
	}
	assert_int_equal(c->local_file_level, SIG_OPTIONAL);
	assert_int_equal(c->hold_pkg.count, 2);
	assert_string_equal(c->hold_pkg.items[1], "glibc");
	assert_string_equal(c->download_user, "alpm");
	assert_true(c->check_space);
	assert_false(c->disable_sandbox);
	assert_null(c->db_path);
	assert_int_equal(c->unknown.count, 0);
}

static void words_lists_and_our_own_section(void **state)
{
	auto_pacman_conf *c = read_text(*state,
		"[options]\n"
		"  IgnorePkg = a b\t c  \r\n"
		"IgnorePkg=d # e\n"
		"NoUpgrade =\n"
		"DBPath = /one/\nDBPath = /two/\n"
		"XferCommand = /usr/bin/curl -o %o %u\n"
		"DisableSandboxSyscalls\nColor\nNewWord = 1\n"
		"[r-1]\nServer = https://a=b/$repo\nServer=https://c\nCacheServer = https://d\n"
		"[alarmstrap]\nmirror = https://x\nquick\n"
		"[options]\nIgnoreGroup = g\nArchitecture = aarch64 armv7h\n");
	static const char *const ignored[] = {"a", "b", "c", "d", "#", "e"};
	assert_int_equal(c->ignore_pkg.count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(c->ignore_pkg.items[i], ignored[i]);
	assert_int_equal(c->no_upgrade.count, 0);
	assert_int_equal(c->ignore_group.count, 1);
	assert_int_equal(c->architectures.count, 2);
	assert_string_equal(c->db_path, "/one/");
	assert_true(c->disable_sandbox);
	assert_string_equal(c->repos[0].servers.items[0], "https://a=b/$repo");
	assert_string_equal(c->repos[0].servers.items[1], "https://c");
	assert_int_equal(c->own.count, 2);
	assert_string_equal(c->own.items[0], "mirror = https://x");
	assert_string_equal(c->own.items[1], "quick");
	static const char *const unknown[] = {"/etc/pacman.conf:7: XferCommand",
		"/etc/pacman.conf:10: NewWord", "/etc/pacman.conf:14: CacheServer"};
	assert_int_equal(c->unknown.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(c->unknown.items[i], unknown[i]);
}

static void sig_levels_are_inherited(void **state)
{
	static const struct {
		const char *global, *repo;
		enum sig_level package, database, local;
	} rows[] = {
		{"", "", SIG_OPTIONAL, SIG_OPTIONAL, SIG_OPTIONAL},
		{"SigLevel = Required", "", SIG_REQUIRED, SIG_REQUIRED, SIG_REQUIRED},
		{"SigLevel = Required DatabaseOptional", "", SIG_REQUIRED, SIG_OPTIONAL,
			SIG_REQUIRED},
		{"SigLevel = Required\nLocalFileSigLevel = Never", "SigLevel = DatabaseNever",
			SIG_REQUIRED, SIG_NEVER, SIG_NEVER},
		{"SigLevel = Never", "SigLevel = PackageRequired TrustedOnly", SIG_REQUIRED,
			SIG_NEVER, SIG_NEVER},
		{"SigLevel = Required\nSigLevel = DatabaseNever", "", SIG_REQUIRED, SIG_NEVER,
			SIG_REQUIRED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[256];
		/* [options] may well come after the repository. */
		snprintf(text, sizeof text, "[core]\n%s\n[options]\n%s\n", rows[i].repo,
			rows[i].global);
		auto_pacman_conf *c = read_text(*state, text);
		assert_int_equal(c->repos[0].package_level, rows[i].package);
		assert_int_equal(c->repos[0].database_level, rows[i].database);
		assert_int_equal(c->local_file_level, rows[i].local);
	}
	auto_pacman_conf *c = read_text(*state, "[options]\nSigLevel = Optional TrustAll\n");
	assert_int_equal(c->unknown.count, 1);
	assert_string_equal(c->unknown.items[0], "/etc/pacman.conf:2: TrustAll");
}

static void errors_name_file_and_line(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"Color\n", "etc/pacman.conf:1: stands before any"},
		{"[options]\n\n[core\n", "etc/pacman.conf:3: a section"},
		{"[]\n", "etc/pacman.conf:1: ''"},
		{"[a/b]\n", ":1: 'a/b' cannot be"},
		{"[.x]\n", ":1: '.x' cannot be"},
		{"[local]\n", ":1: 'local' cannot be"},
		{"[a]\n[b]\n[a]\n", ":3: repository a is here twice"},
		{"[options]\n= x\n", ":2: a word is missing"},
		{"[options]\nDBPath\n", ":2: DBPath needs a value"},
		{"[options]\nDBPath =\n", ":2: DBPath needs a value"},
		{"[options]\nHoldPkg\n", ":2: HoldPkg needs a value"},
		{"[options]\nSigLevel = Sometimes\n", ":2: SigLevel: no such level 'Sometimes'"},
		{"[a]\nSigLevel = PackageTrusted\n", ":2: SigLevel: no such level"},
		{"[a]\nServer =\n", ":2: Server needs a value"},
		{"Include\n", ":1: Include needs a value"},
		{"Include = nowhere\n", ":1: Include: open nowhere: No such file"},
		{"Include = etc\n", ":1: Include: etc is no regular file"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put(p, "etc/pacman.conf", rows[i].text);
		assert_fails(reads(p, "etc/pacman.conf", &e), ERROR_CONFIG, rows[i].says);
	}
	assert_fails(reads(p, "none", &e), ERROR_CONFIG, "open none: No such file");
	assert_ok(path_write_file(p->root, "nul", 0600, "[a]\n\0x", 6, &e));
	assert_fails(reads(p, "nul", &e), ERROR_CONFIG, "NUL");
	assert_int_equal(mkfifoat(p->root, "fifo", 0600), 0);
	assert_fails(reads(p, "fifo", &e), ERROR_CONFIG, "fifo is no regular file");
}

static void includes_glob_in_order(void **state)
{
	const struct place *p = *state;
	put(p, "etc/pacman.d/20", "[b]\nServer = https://b\n");
	put(p, "etc/pacman.d/10", "[a]\nInclude = /etc/list\n");
	put(p, "etc/list", "Server = https://1\nServer = https://2\n");
	auto_pacman_conf *c = read_text(p, "Include = /etc/pacman.d/*\nServer = https://last\n"
					   "Include = /etc/none/*.conf\n");
	assert_int_equal(c->repo_count, 2);
	assert_string_equal(c->repos[0].name, "a");
	assert_string_equal(c->repos[0].servers.items[1], "https://2");
	assert_int_equal(c->repos[1].servers.count, 2);
	assert_string_equal(c->repos[1].servers.items[1], "https://last");
}

static void includes_end_and_stay_inside(void **state)
{
	const struct place *p = *state;
	put(p, "loop", "Include = loop\n");
	assert_fails(reads(p, "loop", &e), ERROR_CONFIG, "loop:1: more than 10 files");
	put(p, "leaf", "[options]\n");
	auto_buf many = BUF(0);
	for (int i = 0; i < 300; i++)
		assert_ok(buf_puts(&many, "Include = lea?\n", &e));
	put(p, "many", buf_text(&many));
	assert_fails(reads(p, "many", &e), ERROR_CONFIG, "more than 256 files");
	char outside[96], text[128];
	snprintf(outside, sizeof outside, "%s.outside", p->base);
	assert_ok(path_write_file(AT_FDCWD, outside, 0600, "[secret]\n", 9, &e));
	int linked = symlinkat(outside, p->root, "leak");
	snprintf(text, sizeof text, "Include = ../%s\n", strrchr(outside, '/') + 1);
	put(p, "up", text);
	struct error *a = NULL, *b = NULL;
	int through_link = reads(p, "leak", &a), through_dots = reads(p, "up", &b);
	unlink(outside);
	assert_int_equal(linked, 0);
	assert_int_equal(through_link, -1);
	assert_int_equal(through_dots, -1);
	assert_non_null(strstr(error_message(a), "No such file"));
	assert_non_null(strstr(error_message(b), "No such file"));
	error_free(a);
	error_free(b);
}

static void text_alone_includes_nothing(void **state)
{
	auto_pacman_conf *c = pacman_conf_parse("[options]\nArchitecture = auto\n"
						"[core]\nInclude = /etc/pacman.d/mirrorlist\n"
						"[extra]\nSigLevel = Never\nInclude = /nosuch\n",
		"x/pacman.conf", NULL);
	assert_non_null(c);
	assert_int_equal(c->repo_count, 2);
	assert_string_equal(c->repos[0].name, "core");
	assert_int_equal(c->repos[0].servers.count, 0);
	assert_int_equal(c->repos[0].package_level, SIG_OPTIONAL);
	assert_int_equal(c->repos[1].package_level, SIG_NEVER);
	auto_error *e = NULL;
	assert_null(pacman_conf_parse("[options]\n\n[core\n", "x/pacman.conf", &e));
	assert_non_null(strstr(error_message(e), "x/pacman.conf:3"));
}

static void mirrorlists(void **state)
{
	auto_strings s = {0};
	assert_ok(mirrorlist_parse(
		"# c\n\nServer = http://a/$arch/$repo\r\n #Server = x\nServer=https://b", &s, &e));
	assert_int_equal(s.count, 2);
	assert_string_equal(s.items[0], "http://a/$arch/$repo");
	assert_string_equal(s.items[1], "https://b");
	assert_fails(mirrorlist_parse("Server = a\nServer\n", &s, &e), ERROR_CONFIG, "list:2");
	assert_fails(mirrorlist_parse("<html>\n", &s, &e), ERROR_CONFIG, "mirrorlist:1");
	assert_fails(mirrorlist_parse("Server =\n", &s, &e), ERROR_CONFIG, "mirrorlist:1");
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		ROW(the_real_file_of_alarm),
		ROW(words_lists_and_our_own_section),
		ROW(sig_levels_are_inherited),
		ROW(errors_name_file_and_line),
		ROW(includes_glob_in_order),
		ROW(includes_end_and_stay_inside),
		cmocka_unit_test(text_alone_includes_nothing),
		cmocka_unit_test(mirrorlists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
