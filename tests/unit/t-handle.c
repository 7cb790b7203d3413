/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <paths.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packages/handle.h"
#include "packages/inside.h"

struct fixture {
	char path[64], db[80];
	alpm_handle_t *handle;
	struct pacman_conf conf;
};

static int set_up(void **state)
{
	static struct fixture f;
	f = (struct fixture){.path = "/tmp/t-handle.XXXXXX"};
	if (!mkdtemp(f.path))
		return -1;
	snprintf(f.db, sizeof f.db, "%s/db", f.path);
	alpm_errno_t number;
	if (mkdir(f.db, 0755) < 0 || !(f.handle = alpm_initialize(f.path, f.db, &number)))
		return -1;
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct strings *const lists[] = {&f->conf.architectures, &f->conf.ignore_pkg,
		&f->conf.ignore_group, &f->conf.no_upgrade, &f->conf.no_extract,
		&f->conf.hook_dirs};
	handle_close(f->handle);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		strings_free(lists[i]);
	char path[128];
	snprintf(path, sizeof path, "%s/local/ALPM_DB_VERSION", f->db);
	unlink(path);
	snprintf(path, sizeof path, "%s/local", f->db);
	rmdir(path);
	rmdir(f->db);
	return rmdir(f->path);
}

/* The words of a list of libalpm, each followed by a space. */
static const char *words(alpm_list_t *list)
{
	static char text[512];
	text[0] = '\0';
	alpm_list_for (item, list) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, "%s ", (const char *)item->data);
	}
	return text;
}

static void the_conf_becomes_options(void **state)
{
	struct fixture *f = *state;
	struct pacman_conf *c = &f->conf;
	assert_ok(strings_split(&c->architectures, "auto armv8", " ", &e));
	assert_ok(strings_split(&c->ignore_pkg, "linux glib*", " ", &e));
	assert_ok(strings_split(&c->ignore_group, "gnome", " ", &e));
	assert_ok(strings_split(&c->no_upgrade, "etc/passwd", " ", &e));
	assert_ok(strings_split(&c->no_extract, "usr/share/man/* !usr/share/man/man1/*", " ", &e));
	c->check_space = true;
	c->log_file = (char *)"/var/log/other.log";
	alpm_handle_t *h = f->handle;
	assert_ok(handle_apply(h, c, "aarch64", &e));
	assert_string_equal(words(alpm_option_get_architectures(h)), "aarch64 armv8 ");
	assert_string_equal(words(alpm_option_get_ignorepkgs(h)), "linux glib* ");
	assert_string_equal(words(alpm_option_get_ignoregroups(h)), "gnome ");
	assert_string_equal(words(alpm_option_get_noupgrades(h)), "etc/passwd ");
	assert_string_equal(
		words(alpm_option_get_noextracts(h)), "usr/share/man/* !usr/share/man/man1/* ");
	/* libalpm looks for the space in a table that a bare root, such as a builder's, may lack.
	 */
	assert_int_equal(alpm_option_get_checkspace(h), access(_PATH_MOUNTED, R_OK) == 0);
	assert_string_equal(alpm_option_get_logfile(h), "/var/log/other.log");
	assert_string_equal(words(alpm_option_get_cachedirs(h)), INSIDE_CACHE_PATH "/ ");
	assert_int_equal(alpm_option_get_default_siglevel(h), 0);
	assert_non_null(strstr(words(alpm_option_get_hookdirs(h)),
		"/usr/share/libalpm/hooks/ /etc/pacman.d/hooks/ "));
}

static void an_empty_conf_has_pacmans_defaults(void **state)
{
	struct fixture *f = *state;
	f->conf.db_path = (char *)"/var/lib/pacman//";
	assert_ok(handle_apply(f->handle, &f->conf, "armv7h", &e));
	assert_string_equal(words(alpm_option_get_architectures(f->handle)), "armv7h ");
	assert_string_equal(alpm_option_get_logfile(f->handle), "/var/log/pacman.log");
	assert_int_equal(alpm_option_get_checkspace(f->handle), 0);
}

static void hook_directories_of_the_conf_replace_the_default(void **state)
{
	struct fixture *f = *state;
	assert_ok(strings_split(&f->conf.hook_dirs, "/opt/hooks", " ", &e));
	assert_ok(handle_apply(f->handle, &f->conf, "armv7h", &e));
	const char *got = words(alpm_option_get_hookdirs(f->handle));
	assert_non_null(strstr(got, "/usr/share/libalpm/hooks/ /opt/hooks/ "));
	assert_null(strstr(got, "/etc/pacman.d"));
}

static void another_database_path_is_refused(void **state)
{
	static const char *const paths[] = {"/srv/pacman", "/var/lib/pacman2", "/var/lib"};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		f->conf.db_path = (char *)paths[i];
		assert_fails(
			handle_apply(f->handle, &f->conf, "armv7h", &e), ERROR_CONFIG, paths[i]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_conf_becomes_options),
		TEST(an_empty_conf_has_pacmans_defaults),
		TEST(hook_directories_of_the_conf_replace_the_default),
		TEST(another_database_path_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
