/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path_inside.h"

/* A directory "box" that is the root, beside a file "secret" that must stay out of reach. */
struct place {
	char base[64];
	int base_fd, root;
};

static void put(int dir, const char *name, const char *text)
{
	int auto_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static const char *const links[][2] = {
	{"passwd", "link"},
	{"/etc/passwd", "absolute"},
	{"../../../../../secret", "etc/escape"},
	{"/../secret", "escape2"},
	{"loop2", "loop1"},
	{"loop1", "loop2"},
	{"/etc", "dirlink"},
	{"../etc/../etc/passwd", "etc/winding"},
	{"/nowhere", "dangling"},
	{"/proc/self/root/secret", "magic"},
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	if (!p)
		return -1;
	strcpy(p->base, "/tmp/t-path_inside.XXXXXX");
	if (!mkdtemp(p->base))
		return -1;
	p->base_fd = open(p->base, O_RDONLY | O_DIRECTORY);
	mkdirat(p->base_fd, "box", 0700);
	mkdirat(p->base_fd, "box/etc", 0700);
	p->root = openat(p->base_fd, "box", O_RDONLY | O_DIRECTORY);
	put(p->base_fd, "secret", "secret");
	put(p->root, "passwd", "top");
	put(p->root, "etc/passwd", "inside");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlinkat(links[i][0], p->root, links[i][1]) < 0)
			return -1;
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		unlinkat(p->root, links[i][1], 0);
	unlinkat(p->root, "new", 0);
	unlinkat(p->root, "nowhere", 0);
	unlinkat(p->root, "secret", 0);
	unlinkat(p->root, "etc/passwd", 0);
	unlinkat(p->root, "etc", AT_REMOVEDIR);
	unlinkat(p->root, "passwd", 0);
	unlinkat(p->base_fd, "box", AT_REMOVEDIR);
	unlinkat(p->base_fd, "secret", 0);
	close(p->root);
	close(p->base_fd);
	int r = rmdir(p->base);
	free(p);
	return r;
}

static void finds_what_a_chroot_would_find(void **state)
{
	const struct place *p = *state;
	static const char *const rows[][2] = {
		{"passwd", "top"},
		{"/passwd", "top"},
		{"//etc//passwd", "inside"},
		{"./etc/../passwd", "top"},
		{"../../etc/passwd", "inside"},
		{"link", "top"},
		{"absolute", "inside"},
		{"dirlink/passwd", "inside"},
		{"etc/winding", "inside"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_buf text = BUF(0);
		int auto_fd fd = -1;
		assert_ok(fd = path_open_inside(p->root, rows[i][0], O_RDONLY, &e));
		assert_ok(fd_read_all(fd, &text, &e));
		assert_string_equal(buf_text(&text), rows[i][1]);
	}
}

static void nothing_leads_outside(void **state)
{
	const struct place *p = *state;
	static const char *const paths[] = {"../secret", "etc/escape", "escape2", "/../secret",
		"magic", "dirlink/../../secret"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_fails(path_open_inside(p->root, paths[i], O_RDONLY, &e), ERROR_SYSTEM,
			"No such file");
	assert_fails(path_open_inside(p->root, "loop1", O_RDONLY, &e), ERROR_ROOT, "symbolic");
	assert_fails(
		path_open_inside(p->root, "passwd/x", O_RDONLY, &e), ERROR_SYSTEM, "directory");
	assert_fails(path_open_inside(p->root, "passwd/", O_RDONLY, &e), ERROR_SYSTEM, "directory");
	assert_fails(path_open_inside(p->root, "", O_RDONLY, &e), ERROR_SYSTEM, "empty");
}

static void nofollow_is_for_the_last_component_only(void **state)
{
	const struct place *p = *state;
	assert_fails(path_open_inside(p->root, "link", O_RDONLY | O_NOFOLLOW, &e), ERROR_SYSTEM,
		"symbolic");
	int auto_fd fd = -1;
	assert_ok(fd = path_open_inside(p->root, "dirlink/passwd", O_RDONLY | O_NOFOLLOW, &e));
	int auto_fd dir = -1;
	assert_ok(dir = path_open_inside(p->root, "/", O_RDONLY | O_DIRECTORY, &e));
	struct stat a, b;
	assert_int_equal(fstat(dir, &a) | fstat(p->root, &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
}

static void creating_stays_inside(void **state)
{
	const struct place *p = *state;
	int auto_fd a = -1;
	int auto_fd b = -1;
	int auto_fd c = -1;
	assert_ok(a = path_open_inside(p->root, "/new", O_WRONLY | O_CREAT, &e));
	assert_ok(b = path_open_inside(p->root, "dangling", O_WRONLY | O_CREAT, &e));
	assert_ok(c = path_open_inside(p->root, "etc/escape", O_WRONLY | O_CREAT | O_TRUNC, &e));
	struct stat st;
	assert_int_equal(fstatat(p->root, "nowhere", &st, 0), 0);
	assert_int_equal(fstatat(p->root, "secret", &st, 0), 0);
	assert_int_equal(fstatat(p->base_fd, "secret", &st, 0), 0);
	assert_int_equal(st.st_size, 6);
}

static void parent_and_name(void **state)
{
	const struct place *p = *state;
	static const struct {
		const char *path, *parent, *name;
	} rows[] = {
		{"passwd", ".", "passwd"},
		{"/passwd", ".", "passwd"},
		{"dirlink/new//", "etc", "new"},
		{"dirlink/escape", "etc", "escape"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *auto_free name = NULL;
		int auto_fd fd = -1;
		struct stat a, b;
		assert_ok(fd = path_open_parent_inside(p->root, rows[i].path, &name, &e));
		assert_string_equal(name, rows[i].name);
		assert_int_equal(fstat(fd, &a) | fstatat(p->root, rows[i].parent, &b, 0), 0);
		assert_int_equal(a.st_ino, b.st_ino);
	}
	char *name = NULL;
	static const char *const bad[] = {"", "/", "..", "etc/..", "etc/."};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(path_open_parent_inside(p->root, bad[i], &name, &e), ERROR_ROOT,
			"names no file");
}

static void globs_match_inside_and_sorted(void **state)
{
	const struct place *p = *state;
	static const char *const rows[][2] = {
		{"plain", "plain"},
		{"/etc/pass*", "/etc/passwd"},
		{"*/passwd", "dirlink/passwd etc/passwd"},
		{"/[de]*/p?sswd", "/dirlink/passwd /etc/passwd"},
		{"../sec*", ""},
		{"nothing/*", ""},
		{"*/nothing", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_strings found = {0};
		auto_buf all = BUF(0);
		assert_ok(path_glob_inside(p->root, rows[i][0], &found, &e));
		for (size_t k = 0; k < found.count; k++)
			assert_ok(buf_printf(&all, &e, k ? " %s" : "%s", found.items[k]));
		assert_string_equal(buf_text(&all), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_what_a_chroot_would_find, make_place, remove_place),
		cmocka_unit_test_setup_teardown(nothing_leads_outside, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			nofollow_is_for_the_last_component_only, make_place, remove_place),
		cmocka_unit_test_setup_teardown(creating_stays_inside, make_place, remove_place),
		cmocka_unit_test_setup_teardown(parent_and_name, make_place, remove_place),
		cmocka_unit_test_setup_teardown(
			globs_match_inside_and_sorted, make_place, remove_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
