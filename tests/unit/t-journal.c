/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bootstrap/journal.h"
#include "lib/fd.h"
#include "lib/path.h"

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-journal.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	unlink("journal.0");
	unlink("journal.1");
	int r = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static int here(void)
{
	return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The last lies in journal.1, the one before it in the other slot. */
static void write_three(int fd)
{
	assert_ok(journal_write(fd, "fetch", 4, 11, &e));
	assert_ok(journal_write(fd, "verify", 5, 11, &e));
	assert_ok(journal_write(fd, "unpack", 6, 11, &e));
}

static void the_newest_is_read_back(void **state)
{
	int auto_fd fd = here();
	struct journal_entry got;
	assert_int_equal(journal_read(fd, &got, NULL), 0);
	write_three(fd);
	assert_int_equal(journal_read(fd, &got, NULL), 1);
	assert_string_equal(got.stage, "unpack");
	assert_int_equal(got.index, 6);
	assert_int_equal(got.sequence, 3);
	assert_int_equal(got.pid, getpid());
}

static void a_broken_slot_leaves_the_other(void **state)
{
	int auto_fd fd = here();
	struct journal_entry got;
	auto_buf text = BUF(4096);
	write_three(fd);
	assert_ok(path_read_file(fd, "journal.1", &text, &e));
	text.data[text.length / 2] ^= 1;
	assert_ok(path_write_file(fd, "journal.1", 0600, text.data, text.length, &e));
	assert_int_equal(journal_read(fd, &got, NULL), 1);
	assert_string_equal(got.stage, "verify");
	assert_ok(path_write_file(fd, "journal.1", 0600, "", 0, &e));
	assert_int_equal(journal_read(fd, &got, NULL), 1);
	assert_string_equal(got.stage, "verify");
	journal_remove(fd);
	assert_int_equal(journal_read(fd, &got, NULL), 0);
}

static void cut_anywhere_it_is_no_entry(void **state)
{
	struct journal_entry in = {7, "commit", 10, 11, 123, 456, 1769860800}, out;
	auto_buf text = BUF(4096);
	assert_ok(journal_format(&in, &text, &e));
	assert_int_equal(journal_parse(buf_text(&text), &out, NULL), 1);
	assert_string_equal(out.stage, "commit");
	assert_int_equal(out.began_s, 1769860800);
	for (size_t cut = text.length; cut-- > 0;) {
		text.data[cut] = '\0';
		assert_int_equal(journal_parse(text.data, &out, NULL), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_scratch, leave_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_is_read_back),
		TEST(a_broken_slot_leaves_the_other),
		cmocka_unit_test(cut_anywhere_it_is_no_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
