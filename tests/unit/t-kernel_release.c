/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "doctor/kernel_release.h"

static const struct {
	const char *text;
	unsigned version, patch;
	bool gki;
} good[] = {
	{"3.10.0+", KERNEL(3, 10), 0, false},
	{"2.6.32-5-versatile", KERNEL_26(32), 32, false},
	{"4.4.302-perf-g1b2c", KERNEL(4, 4), 302, false},
	{"5.10.149-android13-4-00003-g05231a35ff43-ab9850636", KERNEL(5, 10), 149, true},
	{"6.1.75-android14-11-g48b922851ac5", KERNEL(6, 1), 75, true},
	{"4.19.157-android-vendor", KERNEL(4, 19), 157, false},
	{"4.14.190-android11-vendor", KERNEL(4, 14), 190, false},
	{"7.2-rc1", KERNEL(7, 2), 0, false},
	{"6.12", KERNEL(6, 12), 0, false},
	{"10.0.3", KERNEL(10, 0), 3, false},
	{"6.18.44-1-ARCH", KERNEL(6, 18), 44, false},
};
static const char *const bad[] = {
	"", "Linux", "5", "5.", ".10", "5.x", "-5.10", "12345.1", "6.1000"};

static void test_good(void **state)
{
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct kernel_release r;
		assert_ok(kernel_release_parse(good[i].text, &r, &e));
		assert_int_equal(r.version, good[i].version);
		assert_int_equal(r.patch, good[i].patch);
		assert_int_equal(r.gki, good[i].gki);
	}
	assert_true(KERNEL(2, 39) < KERNEL(3, 0) && KERNEL(4, 20) < KERNEL(5, 0));
}

static void test_bad(void **state)
{
	struct kernel_release r;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(kernel_release_parse(bad[i], &r, &e), ERROR_CONFIG, "no release");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
