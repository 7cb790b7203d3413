/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tar-make.h"
#include "tests/unit/tar-tree.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "bootstrap/unpack.h"

/* In place of mirrors/verified: signatures are another test's. */
struct verified {
	int fd;
	uint64_t size;
};
int verified_fd(const struct verified *v)
{
	return v->fd;
}
const char *verified_name(const struct verified *v)
{
	return "rootfs.tar";
}
uint64_t verified_size(const struct verified *v)
{
	return v->size;
}

static const struct made rootfs[] = {
	{.path = "./ping", .type = '0', .data = "elf", .uid = 3, .gid = 4, .mode = 06755},
	{.path = "./", .type = '5', .mode = 0755},
	{.path = "./closed", .type = '5', .mode = 0, .uid = 9},
	{.path = "./closed/file", .type = '0', .data = "x", .mode = 0200, .uid = 9},
	{.path = "./etc/os-release", .type = '0', .data = "ID=arch\n", .uid = 1, .gid = 2},
	{.path = "./dev/null", .type = '3'},
	{0},
};

static int unpack(const struct tree *t, const struct made *entries, struct error **e)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_capability(&archive); /* for the first entry */
	make_archive(&archive, entries);
	int auto_fd fd = make_file(archive.data, archive.length);
	struct verified v = {fd, archive.length};
	return unpack_rootfs(&v, t->fd, NULL, e);
}

static void a_rootfs_is_unpacked(void **state)
{
	struct tree t;
	if (geteuid() != 0)
		skip();
	tree_begin(&t, state);
	assert_int_equal(fchmod(t.fd, 0700), 0);
	assert_ok(unpack(&t, rootfs, &e));
	struct stat st;
	assert_int_equal(fstat(t.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(st.st_mtime, MADE_TIME);
	assert_int_equal(fstatat(t.fd, "etc/os-release", &st, 0), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(fstatat(t.fd, "dev/null", &st, 0), -1);
	/* Each of the worker's capabilities has work here. */
	unsigned char value[256];
	assert_int_equal(fstatat(t.fd, "ping", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 06755);
	assert_int_equal(tree_attribute(&t, "ping", "security.capability", value), 20);
	assert_int_equal(fstatat(t.fd, "closed/file", &st, 0), 0);
	assert_int_equal(st.st_uid, 9);
	tree_end(&t);
}

static void an_error_names_the_archive(void **state)
{
	static const struct made bad[] = {{.path = "../up", .type = '0'}, {0}};
	struct tree t;
	if (geteuid() != 0)
		skip();
	tree_begin(&t, state);
	assert_fails(unpack(&t, bad, &e), ERROR_TRUST, "unpack rootfs.tar: '../up' leads upwards");
	tree_end(&t);
}

/* 64 KiB of room, in a mount namespace of the child's own. */
static int unpack_on_full_disk(const struct tree *t)
{
	char data[128 * 1024];
	memset(data, 'd', sizeof data);
	const struct made large[] = {
		{.path = "f", .type = '0', .data = data, .length = sizeof data}, {0}};
	struct error *e = NULL;
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", t->path, "tmpfs", 0, "size=64k") < 0)
		return 77;
	struct tree inner = *t;
	inner.fd = open(t->path, O_RDONLY | O_DIRECTORY);
	int r = unpack(&inner, large, &e);
	return r == -1 && error_code(e) == ERROR_SPACE ? 0 : 1;
}

static void a_full_disk_is_named(void **state)
{
	struct tree t;
	int status;
	if (geteuid() != 0)
		skip();
	tree_begin(&t, state);
	pid_t pid = fork();
	if (pid == 0)
		_exit(unpack_on_full_disk(&t));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tree_end(&t);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rootfs_is_unpacked),
		cmocka_unit_test(an_error_names_the_archive),
		cmocka_unit_test(a_full_disk_is_named),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
