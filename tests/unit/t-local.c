/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "packages/local.h"

static void entries_split_from_the_end(void **state)
{
	static const struct {
		const char *entry, *name, *version;
	} rows[] = {
		{"lxc-1:6.0-2", "lxc", "1:6.0-2"},
		{"lxc-1:6.0-2.1", "lxc", "1:6.0-2.1"},
		{"gcc-libs-12.2-1", "gcc-libs", "12.2-1"},
		{"gcc-libs-12.2-1", "gcc", NULL},
		{"libfoo-2-3-1", "libfoo", NULL}, /* that is libfoo-2 */
		{"libfoo-2-3-1", "libfoo-2", "3-1"},
		{"lxc-6.0", "lxc", NULL},
		{"lxc--1", "lxc", NULL},
		{"lxc-6.0-", "lxc", NULL},
		{"lxc", "lxc", NULL},
		{"ALPM_DB_VERSION", "ALPM_DB_VERSION", NULL},
		{"-1-1", "", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *got = local_entry_version(rows[i].entry, rows[i].name);
		if (rows[i].version)
			assert_string_equal(got, rows[i].version);
		else
			assert_null(got);
	}
}

static void validation_is_replaced(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"%NAME%\na\n\n%VALIDATION%\nsha256\n\n%SIZE%\n1\n",
			"%NAME%\na\n\n%VALIDATION%\npgp\n\n%SIZE%\n1\n"},
		{"%NAME%\na\n\n%VALIDATION%\nmd5\nsha256\n\n",
			"%NAME%\na\n\n%VALIDATION%\npgp\n\n"},
		{"%NAME%\na\n\n%VALIDATION%\nnone\n", "%NAME%\na\n\n%VALIDATION%\npgp\n"},
		{"%NAME%\na\n\n%VALIDATION%\n\n%SIZE%\n1\n",
			"%NAME%\na\n\n%VALIDATION%\npgp\n\n%SIZE%\n1\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_buf to = {0};
		assert_ok(local_with_validation(rows[i].before, "pgp", &to, &e));
		assert_string_equal(buf_text(&to), rows[i].after);
	}
	auto_buf to = {0};
	assert_fails(local_with_validation("%NAME%\na %VALIDATION%\n", "pgp", &to, &e), ERROR_ROOT,
		"VALIDATION");
	assert_fails(local_with_validation("", "pgp", &to, &e), ERROR_ROOT, "VALIDATION");
}

struct fixture {
	char path[64];
	int fd;
};

static void put(const struct fixture *f, const char *path, const char *text)
{
	char parent[256];
	snprintf(parent, sizeof parent, "%s", path);
	*strrchr(parent, '/') = '\0';
	assert_ok(path_make_dirs(f->fd, parent, 0755, &e));
	assert_ok(path_write_file(f->fd, path, 0644, text, strlen(text), &e));
}

static int set_up(void **state)
{
	static struct fixture f;
	snprintf(f.path, sizeof f.path, "/tmp/t-local.XXXXXX");
	if (!mkdtemp(f.path))
		return -1;
	f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &f;
	return f.fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"var/lib/pacman/local/lxc-6.0-2/desc",
		"var/lib/pacman/local/lxc-6.0-2", "var/lib/pacman/local/lxc-libs-1-1/desc",
		"var/lib/pacman/local/lxc-libs-1-1", "var/lib/pacman/local/cut-1-1/desc",
		"var/lib/pacman/local/cut-1-1", "var/lib/pacman/local/out-1-1",
		"var/lib/pacman/local", "var/lib/pacman", "var/lib", "var"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (unlinkat(f->fd, names[i], 0) < 0)
			unlinkat(f->fd, names[i], AT_REMOVEDIR);
	close(f->fd);
	return rmdir(f->path);
}

static void versions_are_read_from_the_root(void **state)
{
	const struct fixture *f = *state;
	struct error *e = NULL;
	assert_null(local_version(f->fd, "lxc", &e)); /* no database at all */
	assert_null(e);
	put(f, "var/lib/pacman/local/lxc-6.0-2/desc", "%NAME%\nlxc\n");
	put(f, "var/lib/pacman/local/lxc-libs-1-1/desc", "%NAME%\nlxc-libs\n");
	char *version = local_version(f->fd, "lxc", &e);
	assert_string_equal(version, "6.0-2");
	free(version);
	assert_null(local_version(f->fd, "lx", &e));
	assert_null(e);
}

static void broken_entries_are_errors(void **state)
{
	const struct fixture *f = *state;
	struct error *e = NULL;
	put(f, "var/lib/pacman/local/cut-1-1/desc", "");
	assert_null(local_version(f->fd, "cut", &e));
	assert_int_equal(error_code(e), ERROR_ROOT);
	error_clear(&e);
	/* A link that leads out of the root is looked up inside it, where nothing is. */
	assert_int_equal(symlinkat("/tmp", f->fd, "var/lib/pacman/local/out-1-1"), 0);
	assert_null(local_version(f->fd, "out", &e));
	assert_non_null(e);
	error_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_split_from_the_end),
		cmocka_unit_test(validation_is_replaced),
		cmocka_unit_test_setup_teardown(versions_are_read_from_the_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken_entries_are_errors, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
