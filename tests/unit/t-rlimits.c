/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <sys/resource.h>
#include <unistd.h>

#include "chroot/rlimits.h"

static void lower_soft(int resource, rlim_t soft)
{
	struct rlimit l;
	assert_int_equal(getrlimit(resource, &l), 0);
	l.rlim_cur = soft;
	assert_int_equal(setrlimit(resource, &l), 0);
}

static rlim_t lesser(rlim_t a, rlim_t b)
{
	return a < b ? a : b; /* RLIM_INFINITY is the largest */
}

/* What the caller's shell was told is forgotten, as far as its hard limits go. */
static void soft_limits_are_those_of_a_system(void **state)
{
	/* More than what ASan reserves, which counts as data. */
	const rlim_t shadow = (rlim_t)1 << 46;
	const struct {
		int resource;
		rlim_t lowered, usual;
	} rows[] = {
		{RLIMIT_NOFILE, 64, 1024}, {RLIMIT_STACK, 1 << 20, 8 << 20},
		{RLIMIT_FSIZE, 1 << 30, RLIM_INFINITY}, {RLIMIT_DATA, shadow, RLIM_INFINITY},
		{RLIMIT_CPU, 3600, RLIM_INFINITY},
		{RLIMIT_NPROC, 1000, 0}, /* the kernel's own number */
	};
	struct rlimit before[sizeof rows / sizeof *rows], after;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(getrlimit(rows[i].resource, &before[i]), 0);
		lower_soft(rows[i].resource, lesser(rows[i].lowered, before[i].rlim_max));
	}
	rlimits_reset();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(getrlimit(rows[i].resource, &after), 0);
		rlim_t want =
			rows[i].usual ? lesser(rows[i].usual, after.rlim_max) : after.rlim_max;
		assert_true(after.rlim_cur == want);
		/* Never above what was allowed, where raising is not. */
		assert_true(after.rlim_max <= before[i].rlim_max || geteuid() == 0);
	}
	assert_int_equal(getrlimit(RLIMIT_CORE, &after), 0);
	assert_int_equal(after.rlim_cur, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(soft_limits_are_those_of_a_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
