/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile and honest archives, extracted as bootstrap does it: chrooted, in a worker. */
#include <stdbool.h>

#include "tests/unit/tar-make.h"
#include "tests/unit/tar-tree.h"

#include <errno.h>

#include "lib/tar.h"
#include "lib/worker.h"

enum { TYPE_DONE = WORKER_TYPE_FIRST };

struct job {
	int fd;
	const struct tar_limits *limits;
};

static int keep_done(void *arg, const struct tar_extracted *so_far, struct error **e)
{
	*(struct tar_extracted *)arg = *so_far;
	return 0;
}

static int extract_body(struct worker_out *out, void *arg, struct error **e)
{
	const struct job *job = arg;
	struct tar_extracted done = {0};
	umask(022);
	if (tar_extract(job->fd, job->limits, keep_done, &done, e) < 0)
		return -1;
	return worker_send(out, TYPE_DONE, &done, sizeof done, e);
}

/* Extracts into the tree; 0, or -1 with the worker's error. */
static int extract_fd(const struct tree *t, int fd, const struct tar_limits *limits,
	struct tar_extracted *done, struct error **e)
{
	struct job job = {fd, limits ? limits : &tar_limits_default};
	const struct worker_rights rights = {.root = t->fd, .keep = &fd, .keep_count = 1};
	struct worker_record record;
	auto_worker *w = worker_start(&rights, extract_body, &job, e);
	int got = w ? worker_next(w, &record, 60000, e) : -1;
	if (got <= 0)
		return -1;
	assert_int_equal(record.length, sizeof *done);
	if (done)
		memcpy(done, record.data, sizeof *done);
	return worker_next(w, &record, 60000, e);
}

static int extract_buf(const struct tree *t, const struct buf *archive, struct tar_extracted *done,
	struct error **e)
{
	int auto_fd fd = make_file(archive->data, archive->length);
	return extract_fd(t, fd, NULL, done, e);
}

static int extract_made(const struct tree *t, const struct made *entries,
	struct tar_extracted *done, struct error **e)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, entries);
	return extract_buf(t, &archive, done, e);
}

static void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

/* What lies there must be this; "@" stands for the time of the archive's entries. */
static void assert_tree(const struct tree *t, bool with_root, const char *expected)
{
	auto_buf got = BUF(0), want = BUF(0);
	tree_list(t, with_root, &got);
	for (const char *p = expected; *p; p++)
		if (*p == '@')
			assert_ok(buf_printf(&want, &e, "%d", MADE_TIME));
		else
			assert_ok(buf_append(&want, p, 1, &e));
	assert_string_equal(buf_text(&got), buf_text(&want));
}

#define FILE_X(name)                                                                               \
	{                                                                                          \
		.path = name, .type = '0', .data = "x"                                             \
	}
#define DIR(name)                                                                                  \
	{                                                                                          \
		.path = name, .type = '5'                                                          \
	}

/* One byte of data at 0, after a map of a block. */
static const char sparse_map[513] = "1\n0\n1\n";

static const struct hostile {
	const char *label;
	struct made entries[4];
	const char *says;
	const char *left; /* the tree afterwards */
} hostile[] = {
	{"absolute", {FILE_X("/a")}, "is absolute", ""},
	{"upwards", {FILE_X("../a")}, "leads upwards", ""},
	{"upwards inside", {FILE_X("a/../../b")}, "leads upwards", ""},
	{"upwards at the end", {DIR("a/..")}, "leads upwards", ""},
	{"no name", {FILE_X("")}, "without a name", ""},
	{"file through a symlink",
		{DIR("d"), {.path = "s", .type = '2', .link = "d"}, FILE_X("s/f")},
		"leads through 's'", "dir 755 0:0 0 * x1 d\nlink 777 0:0 0 @ x1 s -> d\n"},
	{"directory through a symlink", {{.path = "s", .type = '2', .link = "/"}, DIR("s/d")},
		"leads through 's'", "link 777 0:0 0 @ x1 s -> /\n"},
	{"through a file", {FILE_X("f"), FILE_X("f/g")}, "leads through 'f'",
		"file 644 0:0 1 @ x1 f\n"},
	{"symlink over a directory",
		{DIR("d"), {.path = "d", .type = '2', .link = "/etc"}, FILE_X("d/f")},
		"comes twice, as different things", "dir 755 0:0 0 * x1 d\n"},
	{"symlink over a parent only named",
		{FILE_X("d/f"), {.path = "d", .type = '2', .link = "/etc"}},
		"comes twice, as different things",
		"dir 755 0:0 0 * x1 d\nfile 644 0:0 1 @ x1 d/f\n"},
	{"directory over a symlink", {{.path = "s", .type = '2', .link = "/etc"}, DIR("./s/")},
		"comes twice, as different things", "link 777 0:0 0 @ x1 s -> /etc\n"},
	{"file over a symlink", {{.path = "s", .type = '2', .link = "t"}, FILE_X("s")},
		"comes twice, as different things", "link 777 0:0 0 @ x1 s -> t\n"},
	{"file over a skipped device", {{.path = "n", .type = '3'}, FILE_X("n")},
		"comes twice, as different things", ""},
	{"hard link upwards", {{.path = "h", .type = '1', .link = "../etc/passwd"}},
		"leads upwards", ""},
	{"hard link absolute", {{.path = "h", .type = '1', .link = "/etc/passwd"}}, "is absolute",
		""},
	{"hard link to nothing", {{.path = "h", .type = '1', .link = ""}}, "no known type", ""},
	{"hard link to a later file", {{.path = "h", .type = '1', .link = "f"}, FILE_X("f")},
		"no earlier regular file", ""},
	{"hard link to a symlink",
		{{.path = "s", .type = '2', .link = "f"}, {.path = "h", .type = '1', .link = "s"}},
		"no earlier regular file", "link 777 0:0 0 @ x1 s -> f\n"},
	{"hard link through a symlink",
		{FILE_X("d/f"), {.path = "s", .type = '2', .link = "d"},
			{.path = "h", .type = '1', .link = "s/f"}},
		"no earlier regular file",
		"dir 755 0:0 0 * x1 d\nfile 644 0:0 1 @ x1 d/f\nlink 777 0:0 0 @ x1 s -> d\n"},
	{"hard link to a directory", {DIR("d"), {.path = "h", .type = '1', .link = "d"}},
		"no earlier regular file", "dir 755 0:0 0 * x1 d\n"},
	{"hard link to a skipped device",
		{{.path = "n", .type = '4'}, {.path = "h", .type = '1', .link = "n"}},
		"no earlier regular file", ""},
	{"hard link to itself", {FILE_X("f"), {.path = "f", .type = '1', .link = "./f"}},
		"no earlier regular file", "file 644 0:0 1 @ x1 f\n"},
	{"hard link over a symlink",
		{FILE_X("f"), {.path = "s", .type = '2', .link = "t"},
			{.path = "s", .type = '1', .link = "f"}},
		"comes twice, as different things",
		"file 644 0:0 1 @ x1 f\nlink 777 0:0 0 @ x1 s -> t\n"},
	{"root as a symlink", {{.path = "./", .type = '2', .link = "/etc"}},
		"the root is no directory", ""},
	{"root as a file", {{.path = ".", .type = '0'}}, "the root is no directory", ""},
	{"symlink to nothing", {{.path = "s", .type = '2', .link = ""}}, "symlink to nothing", ""},
	{"a file of 5 GiB", {{.path = "f", .type = '0', .claimed = 5ULL << 30}},
		"5368709120 bytes are too many", ""},
	{"a file of 2^62 bytes", {{.path = "f", .type = '0', .claimed = 1ULL << 62}},
		"are too many", ""},
	{"a negative size", {{.path = "f", .type = '0', .claimed = ~0ULL}}, "broken archive", ""},
	{"a size that lies", {{.path = "f", .type = '0', .data = "x", .claimed = 1 << 20}},
		"broken archive", "file 644 0:0 1048576 * x1 f\n"},
	{"an owner of 2^32-1", {{.type = 'x', .data = "uid=4294967295"}, FILE_X("f")},
		"owner out of range", ""},
	{"a pax name that leads upwards", {{.type = 'x', .data = "path=a/../../f"}, FILE_X("f")},
		"leads upwards", ""},
	{"a pax link that leads upwards",
		{{.type = 'x', .data = "linkpath=../f"}, {.path = "h", .type = '1', .link = "f"}},
		"leads upwards", ""},
	{"a sparse file of 2^60 bytes",
		{{.type = 'x',
			 .data = "GNU.sparse.major=1\nGNU.sparse.minor=0\n"
				 "GNU.sparse.realsize=1152921504606846976"},
			{.path = "f",
				.type = '0',
				.data = sparse_map,
				.length = sizeof sparse_map}},
		"are too many", ""},
};

/* Times that depend on the moment ("*" in the pattern) and sizes of half-written files aside. */
static void assert_left(const struct tree *t, const struct hostile *h)
{
	auto_buf got = BUF(0);
	tree_list(t, false, &got);
	char want[1024] = "", *p = want;
	for (const char *s = h->left; *s; s++)
		p += *s == '@' ? sprintf(p, "%d", MADE_TIME) : sprintf(p, "%c", *s);
	const char *g = buf_text(&got), *w = want;
	for (; *g && *w; g++, w++) {
		if (*w == '*') {
			g += strspn(g, "0123456789") - 1;
			continue;
		}
		if (*g != *w)
			break;
	}
	if (*g || *w)
		fail_msg("%s left\n%s", h->label, buf_text(&got));
}

static void hostile_archives_are_refused(void **state)
{
	need_root();
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		const struct hostile *h = &hostile[i];
		struct made entries[5] = {0};
		struct error *e = NULL;
		struct tree t;
		memcpy(entries, h->entries, sizeof h->entries);
		tree_begin(&t, state);
		int r = extract_made(&t, entries, NULL, &e);
		if (r != -1 || error_code(e) != ERROR_TRUST || !strstr(error_message(e), h->says))
			fail_msg("%s: %s", h->label, e ? error_message(e) : "was extracted");
		error_free(e);
		assert_left(&t, h);
		tree_end(&t);
	}
}

static void an_honest_archive_is_extracted_exactly(void **state)
{
	static const struct made entries[] = {
		{.path = "./", .type = '5', .mode = 0751},
		{.path = "./etc/", .type = '5', .mode = 0555, .uid = 7, .gid = 8},
		{.path = "./etc/passwd", .type = '0', .data = "root\n", .mode = 0640, .uid = 1},
		{.path = "usr/bin/su",
			.type = '0',
			.data = "elf",
			.mode = 04755,
			.uid = 5,
			.gid = 6},
		{.path = "usr/bin/wall", .type = '0', .data = "w", .mode = 02755, .gid = 60000},
		{.path = "usr/bin/again", .type = '1', .link = "./usr/bin/su"},
		{.path = "usr/bin/third", .type = '1', .link = "usr/bin/again"},
		{.path = "bin", .type = '2', .link = "/usr/bin", .uid = 9},
		{.path = "tmp", .type = '5', .mode = 01777},
		{.path = "dev/null", .type = '3', .mode = 0666},
		{.path = "dev/sda", .type = '4'},
		{.path = "dev/pipe", .type = '6'},
		{.path = "usr/bin/wall", .type = '0', .data = "later", .mode = 0600},
		{.path = "etc", .type = '5', .mode = 0500, .uid = 7},
		{.path = "dev", .type = '5'},
		{.path = "etc/late", .type = '0', .data = "x"},
		{.path = "dev/late", .type = '6'},
		{.path = "dev/fd", .type = '2', .link = "/proc/self/fd"},
		{.path = "usr", .type = '5'},
		{.path = "usr/bin", .type = '5'},
		{0},
	};
	struct tree t;
	struct tar_extracted done;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, &done, &e));
	assert_tree(&t, true,
		"dir 751 0:0 0 @ x1 .\n"
		"link 777 9:0 0 @ x1 bin -> /usr/bin\n"
		"dir 755 0:0 0 @ x1 dev\n"
		"link 777 0:0 0 @ x1 dev/fd -> /proc/self/fd\n"
		"dir 500 7:0 0 @ x1 etc\n"
		"file 644 0:0 1 @ x1 etc/late\n"
		"file 640 1:0 5 @ x1 etc/passwd\n"
		"dir 1777 0:0 0 @ x1 tmp\n"
		"dir 755 0:0 0 @ x1 usr\n"
		"dir 755 0:0 0 @ x1 usr/bin\n"
		"file 4755 5:6 3 @ x3 usr/bin/again\n"
		"file 4755 5:6 3 @ x3 usr/bin/su\n"
		"file 4755 5:6 3 @ x3 usr/bin/third\n"
		"file 600 0:0 5 @ x1 usr/bin/wall\n");
	assert_int_equal(done.entries, 20);
	assert_int_equal(done.bytes, 5 + 3 + 1 + 5 + 1);
	assert_int_equal(done.skipped_nodes, 4);
	assert_int_equal(done.dropped_attributes, 0);
	assert_true(done.read_bytes > 20 * 512);
	tree_end(&t);
}

static void names_come_as_their_bytes(void **state)
{
	char deep[1200] = "", pax[1300];
	for (int i = 0; i < 10; i++)
		sprintf(deep + strlen(deep), "%s%0100d", i ? "/" : "", i);
	snprintf(pax, sizeof pax, "path=%s", deep);
	const struct made entries[] = {
		{.type = 'x', .data = "path=pax-\xc3\xa4"}, /* UTF-8 */
		FILE_X("short"),
		FILE_X("ustar-\xe4"), /* not UTF-8 */
		{.type = 'x', .data = "path=pax-\xe4"},
		FILE_X("short"),
		{.path = "././@LongLink", .type = 'L', .data = "gnu/long-\xc3\xb6", .gnu = true},
		{.path = "gnu/lo", .type = '0', .data = "x", .gnu = true},
		{.type = 'x', .data = pax},
		FILE_X("short"),
		{.type = 'x', .data = "linkpath=\xff"},
		{.path = "link", .type = '2', .link = "short"},
		{0},
	};
	static const char *const expected[] = {
		"pax-\xc3\xa4", "ustar-\xe4", "pax-\xe4", "gnu/long-\xc3\xb6"};
	struct stat st;
	struct tree t;
	char target[8];
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, NULL, &e));
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		if (fstatat(t.fd, expected[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			fail_msg("%s is missing", expected[i]);
	assert_int_equal(fstatat(t.fd, deep, &st, 0), 0);
	assert_int_equal(fstatat(t.fd, "short", &st, 0), -1);
	assert_int_equal(readlinkat(t.fd, "link", target, sizeof target), 1);
	assert_int_equal((unsigned char)target[0], 0xff);
	tree_end(&t);
}

static void pax_overrides_and_sparse_files_work(void **state)
{
	/* GNU sparse 1.0: the map stands at the front of the data, in blocks of 512 (GNU tar
	 * manual, "Storing Sparse Files"): 1 MiB with 3 bytes at 512 KiB. */
	char data[1024] = "1\n524288\n3\n";
	memcpy(data + 512, "abc", 3);
	const struct made entries[] = {
		{.type = 'x',
			.data = "GNU.sparse.major=1\nGNU.sparse.realsize=1048576\n"
				"GNU.sparse.minor=0\nGNU.sparse.name=holes"},
		{.path = "GNUSparseFile.0/holes", .type = '0', .data = data, .length = 515},
		{.type = 'x', .data = "mtime=1600000000.5"},
		FILE_X("when"),
		{.type = 'x', .data = "uid=3000000"},
		FILE_X("whose"),
		{0},
	};
	struct tree t;
	struct stat st;
	char at[4] = "";
	struct tar_extracted done;
	need_root();
	tree_begin(&t, state);
	assert_ok(extract_made(&t, entries, &done, &e));
	int auto_fd fd = openat(t.fd, "holes", O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 1 << 20);
	assert_true(st.st_blocks < 1024);
	assert_int_equal(pread(fd, at, 3, 512 << 10), 3);
	assert_string_equal(at, "abc");
	assert_int_equal(done.bytes, (1 << 20) + 2);
	assert_int_equal(fstatat(t.fd, "when", &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1600000000);
	assert_int_equal(st.st_mtim.tv_nsec, 500000000);
	assert_int_equal(fstatat(t.fd, "whose", &st, 0), 0);
	assert_int_equal(st.st_uid, 3000000);
	tree_end(&t);
}

/* user::rw- user:1000:rw- group::r-- mask::rw- other::r-- as posix_acl_xattr.h has it */
static const unsigned char acl[] = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 6, 0, 0xe8, 3,
	0, 0, 4, 0, 4, 0, 255, 255, 255, 255, 16, 0, 6, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255,
	255, 255, 255};

static void kept_attributes_are_set_and_others_dropped(void **state)
{
	static const struct made entries[] = {
		{.path = "ping", .type = '0', .data = "elf", .mode = 0755, .uid = 3},
		{.type = 'x', .data = "SCHILY.xattr.user.note=hello"},
		{.path = "closed", .type = '0', .data = "x", .mode = 0400},
		{.type = 'x', .data = "SCHILY.xattr.security.selinux=u:r:s"},
		FILE_X("selinux"),
		{.type = 'x', .data = "SCHILY.xattr.trusted.overlay.opaque=y"},
		FILE_X("trusted"),
		{.type = 'x', .data = "SCHILY.fflags=immutable"},
		FILE_X("immutable"),
		{.type = 'x',
			.data = "SCHILY.acl.access=user::rw-,user:joe:rw-:1000,group::r--,"
				"mask::rw-,other::r--"},
		{.path = "shared", .type = '0', .data = "x", .mode = 0664},
		{.type = 'x',
			.data = "SCHILY.acl.default=user::rwx,user:joe:rwx:1000,group::r-x,"
				"mask::rwx,other::r-x"},
		{.path = "journal", .type = '5', .mode = 0555},
		{.path = "journal/plain", .type = '0', .data = "x", .mode = 0600},
		{.type = 'x', .data = "SCHILY.xattr.user.note=on a symlink"},
		{.path = "sym", .type = '2', .link = "closed"},
		{0},
	};
	unsigned char value[256];
	struct tar_extracted done;
	struct tree t;
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_capability(&archive);
	make_archive(&archive, entries);
	tree_begin(&t, state);
	assert_ok(extract_buf(&t, &archive, &done, &e));
	assert_int_equal(tree_attribute(&t, "ping", "security.capability", value), 20);
	assert_memory_equal(value, capability, 20);
	assert_int_equal(tree_attribute(&t, "closed", "user.note", value), 5);
	assert_memory_equal(value, "hello", 5);
	assert_int_equal(tree_attribute(&t, "selinux", "security.selinux", value), -1);
	assert_int_equal(tree_attribute(&t, "trusted", "trusted.overlay.opaque", value), -1);
	assert_int_equal(
		tree_attribute(&t, "shared", "system.posix_acl_access", value), sizeof acl);
	assert_memory_equal(value, acl, sizeof acl);
	assert_int_equal(
		tree_attribute(&t, "journal", "system.posix_acl_default", value), sizeof acl);
	/* Made before the default ACL was set: it inherits none. */
	assert_int_equal(tree_attribute(&t, "journal/plain", "system.posix_acl_access", value), -1);
	/* selinux, trusted, fflags, and user.* on a symlink, which Linux refuses */
	assert_int_equal(done.dropped_attributes, 4);
	assert_int_equal(done.dropped_capabilities, 0);
	struct stat st;
	assert_int_equal(fstatat(t.fd, "journal", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, MADE_TIME);
	tree_end(&t);
}

static void large_attributes_are_refused(void **state)
{
	static char record[70000];
	struct tree t;
	need_root();
	memset(record, 'v', sizeof record);
	memcpy(record, "SCHILY.xattr.user.note=", 23);
	auto_buf archive = BUF(MADE_LIMIT);
	make_pax(&archive, record, sizeof record);
	make_archive(&archive, (struct made[]){FILE_X("f"), {0}});
	tree_begin(&t, state);
	assert_fails(extract_buf(&t, &archive, NULL, &e), ERROR_TRUST, "attributes are too large");
	tree_end(&t);
}

static const struct made three_files[] = {FILE_X("a"), FILE_X("b"), FILE_X("c/d/e"), {0}};

static void limits_hold(void **state)
{
	static const struct {
		struct tar_limits limits;
		const char *says; /* NULL: fits */
	} cases[] = {
		{{3 + 2, 3, 1, 40, 1}, NULL},
		{{2, 3, 1, 40, 1}, "more than 2 "},
		{{4, 3, 1, 40, 1}, "more than 4 names"},
		{{5, 2, 1, 40, 1}, "unpacks to more than 2 bytes"},
		{{5, 3, 0, 40, 1}, "1 bytes are too many"},
	};
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int auto_fd fd = make_file(archive.data, archive.length);
		struct tree t;
		tree_begin(&t, state);
		if (cases[i].says)
			assert_fails(extract_fd(&t, fd, &cases[i].limits, NULL, &e), ERROR_TRUST,
				cases[i].says);
		else
			assert_ok(extract_fd(&t, fd, &cases[i].limits, NULL, &e));
		tree_end(&t);
	}
}

/* 32 MiB of zeros in a file, a directory's body and a device's: each packs 1000 : 1. */
static void bombs_are_refused(void **state)
{
	static const char types[] = {'0', '5', 'D', '3'};
	need_root();
	char *auto_free zeros = calloc(1, 32 << 20);
	for (size_t i = 0; i < sizeof types; i++) {
		auto_buf archive = BUF(MADE_LIMIT);
		struct made m[] = {
			{.path = "f", .type = types[i], .data = zeros, .length = 32 << 20}, {0}};
		make_archive(&archive, m);
		int auto_fd plain = make_file(archive.data, archive.length);
		int auto_fd packed = make_packed("gzip -c", plain);
		int auto_fd twice = make_packed("gzip -c", packed);
		struct tree t;
		tree_begin(&t, state);
		/* libarchive takes the body of a '5' or '3' for the next header, and stops. */
		const char *says = types[i] == '0' || types[i] == 'D' ? "unpack to more" : "";
		if (*says)
			assert_fails(extract_fd(&t, packed, NULL, NULL, &e), ERROR_TRUST,
				"unpack to more");
		assert_fails(extract_fd(&t, twice, NULL, NULL, &e), ERROR_TRUST,
			"compressed more than once");
		tree_end(&t);
	}
}

static void every_kind_of_compression_and_a_pipe_is_read(void **state)
{
	static const char *const programs[] = {"cat", "gzip -c", "xz -c", "zstd -c"};
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	int auto_fd plain = make_file(archive.data, archive.length);
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		int auto_fd packed = make_packed(programs[i], plain);
		struct tree t;
		assert_true(packed >= 0);
		lseek(packed, 100, SEEK_SET); /* the offset does not matter */
		tree_begin(&t, state);
		assert_ok(extract_fd(&t, packed, NULL, NULL, &e));
		assert_int_equal(lseek(packed, 0, SEEK_CUR), 100);
		assert_int_equal(faccessat(t.fd, "c/d/e", F_OK, 0), 0);
		tree_end(&t);
	}
	int ends[2];
	struct tree t;
	assert_int_equal(pipe(ends), 0);
	assert_ok(fd_write_all(ends[1], archive.data, archive.length, &e));
	close(ends[1]);
	tree_begin(&t, state);
	assert_ok(extract_fd(&t, ends[0], NULL, NULL, &e));
	assert_int_equal(faccessat(t.fd, "c/d/e", F_OK, 0), 0);
	tree_end(&t);
	close(ends[0]);
}

static void other_formats_are_refused(void **state)
{
	static const char *const files[] = {
		"", "PK\3\4", "070701000", "!<arch>\n", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07\x01"};
	need_root();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char bytes[2048] = "";
		memcpy(bytes, files[i], strlen(files[i]));
		int auto_fd fd = make_file(bytes, i ? sizeof bytes : 0);
		struct tree t;
		tree_begin(&t, state);
		assert_fails(extract_fd(&t, fd, NULL, NULL, &e), ERROR_TRUST, "broken archive");
		assert_tree(&t, false, "");
		tree_end(&t);
	}
}

/* Cut anywhere, it is refused, and what was written by then is a beginning of the whole. Packed,
 * too: at every 7th byte. */
static void truncated_archives_are_refused(void **state)
{
	need_root();
	auto_buf archive = BUF(MADE_LIMIT), packed_bytes = BUF(MADE_LIMIT);
	make_archive(&archive, three_files);
	int auto_fd plain = make_file(archive.data, archive.length);
	int auto_fd packed = make_packed("gzip -c", plain);
	assert_ok(fd_read_all(packed, &packed_bytes, &e));
	struct tree t;
	tree_begin(&t, state);
	/* One of the two zero blocks is enough for libarchive, as for GNU tar. */
	for (size_t cut = 0; cut + 1024 < archive.length; cut += cut % 512 ? 257 : 255) {
		int auto_fd fd = make_file(archive.data, cut);
		assert_fails(extract_fd(&t, fd, NULL, NULL, &e), ERROR_TRUST, "broken archive");
	}
	for (size_t cut = 0; cut + 8 < packed_bytes.length; cut += 7) {
		int auto_fd fd = make_file(packed_bytes.data, cut);
		assert_fails(extract_fd(&t, fd, NULL, NULL, &e), ERROR_TRUST, "");
	}
	tree_end(&t);
}

static void what_follows_the_end_is_not_read(void **state)
{
	need_root();
	auto_buf archive = BUF(MADE_LIMIT);
	make_end(&archive);
	make_archive(&archive, three_files);
	struct tree t;
	struct tar_extracted done;
	tree_begin(&t, state);
	assert_ok(extract_buf(&t, &archive, &done, &e));
	assert_tree(&t, false, "");
	assert_int_equal(done.entries, 0);
	tree_end(&t);
}

static int stop(void *arg, const struct tar_extracted *so_far, struct error **e)
{
	return error_set(e, ERROR_INTERRUPTED, 0, "enough");
}

static void progress_can_end_it(void **state)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_end(&archive);
	int auto_fd fd = make_file(archive.data, archive.length);
	assert_fails(
		tar_extract(fd, &tar_limits_default, stop, NULL, &e), ERROR_INTERRUPTED, "enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_archives_are_refused),
		cmocka_unit_test(an_honest_archive_is_extracted_exactly),
		cmocka_unit_test(names_come_as_their_bytes),
		cmocka_unit_test(pax_overrides_and_sparse_files_work),
		cmocka_unit_test(kept_attributes_are_set_and_others_dropped),
		cmocka_unit_test(large_attributes_are_refused),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(every_kind_of_compression_and_a_pipe_is_read),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(truncated_archives_are_refused),
		cmocka_unit_test(what_follows_the_end_is_not_read),
		cmocka_unit_test(progress_can_end_it),
	};
	return cmocka_run_group_tests(tests, trees_setup, trees_teardown);
}
