/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bootstrap/wakelock.h"
#include "lib/buf.h"
#include "lib/path.h"

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-wakelock.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	unlink("wake_lock");
	unlink("wake_unlock");
	int r = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static void elsewhere_nothing_is_made(void **state)
{
	wakelock_hold(*state);
	wakelock_release(*state);
	assert_false(path_exists(AT_FDCWD, "wake_lock"));
	assert_false(path_exists(AT_FDCWD, "wake_unlock"));
}

static void the_lock_lapses_by_itself(void **state)
{
	auto_buf lock = BUF(0), unlock = BUF(0);
	long long nanoseconds = 0;
	assert_ok(path_write_file(AT_FDCWD, "wake_lock", 0600, "", 0, &e));
	assert_ok(path_write_file(AT_FDCWD, "wake_unlock", 0600, "", 0, &e));
	wakelock_hold(*state);
	wakelock_release(*state);
	assert_ok(path_read_file(AT_FDCWD, "wake_lock", &lock, &e));
	assert_ok(path_read_file(AT_FDCWD, "wake_unlock", &unlock, &e));
	/* Name and nanoseconds: longer than a slow stage, shorter than a battery. */
	assert_int_equal(sscanf(buf_text(&lock), "alarmstrap %lld", &nanoseconds), 1);
	assert_in_range(nanoseconds / 1000000000, 10000, 14400);
	assert_string_equal(buf_text(&unlock), "alarmstrap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere_nothing_is_made),
		cmocka_unit_test(the_lock_lapses_by_itself),
	};
	return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
