/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/tar.h"
#include "lib/ticks.h"
#include "packages/ahead.h"
#include "tests/unit/tar-make.h"

enum { COUNT = 3, PLAIN_BYTES = 300 * 1000 };
static const uint64_t mib = 1 << 20;

struct place {
	char path[64];
	int dir;
	int plain, packed; /* a file of text, and the same through gzip */
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	strcpy(p->path, "/tmp/alarmstrap-t-ahead.XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	p->plain = memfd_create("plain", MFD_CLOEXEC);
	char *auto_free text = malloc(PLAIN_BYTES + 1);
	for (int i = 0; i < PLAIN_BYTES / 10; i++)
		snprintf(text + (size_t)i * 10, 11, "%09d\n", i);
	assert_int_equal(write(p->plain, text, PLAIN_BYTES), PLAIN_BYTES);
	p->packed = make_packed("gzip -c", p->plain);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	close(p->plain);
	close(p->packed);
	close(p->dir);
	/* Nothing has a name in it. */
	int gone = rmdir(p->path);
	free(p);
	return gone;
}

static bool same_content(int one, int other)
{
	char a[4096], b[4096];
	off_t at = 0;
	for (;;) {
		ssize_t n = pread(one, a, sizeof a, at), m = pread(other, b, sizeof b, at);
		if (n != m || n < 0 || memcmp(a, b, (size_t)n) != 0)
			return false;
		if (n == 0)
			return true;
		at += n;
	}
}

/* Waits until a worker has taken it up: ahead_take takes it away from them before. */
static int take_when_ready(struct ahead *a, size_t index, off_t bytes)
{
	int keep[COUNT + 1];
	size_t count = 0;
	struct stat st = {0};
	ahead_keep(a, keep, &count);
	for (int i = 0; i < patience_ms(20000) && st.st_size < bytes; i++) {
		ticks_sleep_ms(1);
		assert_int_equal(fstat(keep[1 + index], &st), 0);
	}
	return ahead_take(a, index);
}

static struct ahead *start(const struct place *p, uint64_t space)
{
	struct error *e = NULL;
	struct ahead *a = ahead_start(&(struct ahead_settings){COUNT, p->dir, space}, &e);
	assert_null(e);
	return a;
}

static void a_package_is_unpacked(void **state)
{
	const struct place *p = *state;
	struct ahead *a = start(p, 100 * mib);
	ahead_add(a, 0, p->packed, PLAIN_BYTES);
	int fd = take_when_ready(a, 0, PLAIN_BYTES);
	assert_true(fd >= 0);
	assert_true(same_content(fd, p->plain));
	/* Its space is given back. */
	struct stat st;
	ahead_done(a, 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	ahead_free(a);
}

static void what_does_not_fit_waits(void **state)
{
	const struct place *p = *state;
	/* Room for one at a time: each is counted with 4 MiB beyond its size. */
	struct ahead *a = start(p, 6 * mib);
	ahead_add(a, 0, p->packed, PLAIN_BYTES);
	ahead_add(a, 1, p->packed, PLAIN_BYTES);
	assert_true(take_when_ready(a, 0, PLAIN_BYTES) >= 0);
	int keep[COUNT + 1];
	size_t count = 0;
	struct stat st;
	ahead_keep(a, keep, &count);
	assert_int_equal(count, 3);
	assert_int_equal(fstat(keep[2], &st), 0);
	assert_int_equal(st.st_size, 0);
	ahead_done(a, 0);
	assert_true(take_when_ready(a, 1, PLAIN_BYTES) >= 0);
	ahead_free(a);
}

static void who_comes_first_unpacks_it_himself(void **state)
{
	const struct place *p = *state;
	struct ahead *a = start(p, 6 * mib);
	/* Larger than all the space, and one that was never added. */
	ahead_add(a, 0, p->packed, 100 * mib);
	assert_int_equal(ahead_take(a, 0), -1);
	assert_int_equal(ahead_take(a, 2), -1);
	assert_int_equal(ahead_take(a, COUNT), -1);
	ahead_done(a, 0);
	ahead_done(a, COUNT);
	ahead_free(a);
}

static void what_fails_is_not_used(void **state)
{
	const struct place *p = *state;
	int auto_fd cut = memfd_create("cut", MFD_CLOEXEC);
	char half[20000];
	assert_int_equal(pread(p->packed, half, sizeof half, 0), sizeof half);
	assert_int_equal(write(cut, half, sizeof half), sizeof half);
	struct ahead *a = start(p, 100 * mib);
	ahead_add(a, 0, cut, PLAIN_BYTES);
	ahead_add(a, 1, p->plain, PLAIN_BYTES); /* is not packed */
	ahead_add(a, 2, p->packed, PLAIN_BYTES);
	assert_true(take_when_ready(a, 2, PLAIN_BYTES) >= 0);
	assert_int_equal(ahead_take(a, 0), -1);
	assert_int_equal(ahead_take(a, 1), -1);
	ahead_free(a);
}

static void without_space_there_is_none(void **state)
{
	const struct place *p = *state;
	assert_null(start(p, 0));
	ahead_add(NULL, 0, p->packed, 1);
	assert_int_equal(ahead_take(NULL, 0), -1);
	ahead_done(NULL, 0);
	ahead_free(NULL);
}

static void a_plain_stream_has_its_limit(void **state)
{
	const struct place *p = *state;
	int auto_fd to = memfd_create("to", MFD_CLOEXEC);
	struct tar_plain plain = {.from = p->packed, .to = to, .limit = PLAIN_BYTES - 1};
	assert_fails(tar_plain(&plain, &e), ERROR_TRUST, "more than");
	plain.limit = PLAIN_BYTES;
	plain.to = memfd_create("again", MFD_CLOEXEC);
	struct error *e = NULL;
	assert_int_equal(tar_plain(&plain, &e), 1);
	assert_true(same_content(plain.to, p->plain));
	close(plain.to);
	plain.from = p->plain;
	assert_int_equal(tar_plain(&plain, &e), 0);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		ROW(a_package_is_unpacked),
		ROW(what_does_not_fit_waits),
		ROW(who_comes_first_unpacks_it_himself),
		ROW(what_fails_is_not_used),
		ROW(without_space_there_is_none),
		ROW(a_plain_stream_has_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
