/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "mirrors/fetch_pace.h"

enum { T0 = 1000000 };

static void rates(void **state)
{
	struct fetch_meter m = {0};
	assert_int_equal(fetch_meter_rate(&m, T0, 1000), 0);
	for (int64_t t = T0; t < T0 + 4000; t += 10)
		fetch_meter_add(&m, t, 5000);
	assert_in_range(fetch_meter_rate(&m, T0 + 4000, 1000), 490000, 510000);
	assert_in_range(fetch_meter_rate(&m, T0 + 4000, 5000), 490000, 510000);
	/* Silence counts. */
	assert_in_range(fetch_meter_rate(&m, T0 + 4500, 1000), 200000, 320000);
	assert_int_equal(fetch_meter_rate(&m, T0 + 6000, 1000), 0);
	assert_int_equal(fetch_meter_rate(&m, T0 + 600000, 1000), 0);
	fetch_meter_add(&m, T0 + 600000, 1000);
	assert_in_range(fetch_meter_rate(&m, T0 + 600100, 1000), 700, 1000);
}

/* A world in which `n` mirrors at once give rate_of(n); the width after so many seconds. */
static size_t play(struct fetch_width *w, int seconds, uint64_t (*rate_of)(size_t))
{
	struct fetch_meter m = {0};
	for (int64_t t = T0; t < T0 + seconds * 1000; t += 50) {
		fetch_meter_add(&m, t, rate_of(w->now) / 20);
		fetch_width_judge(w, t, &m);
	}
	return w->now;
}

static uint64_t fast(size_t n)
{
	return 1100000;
}

static uint64_t slow_mirrors(size_t n)
{
	return 500000 * n;
}

static uint64_t slow_link(size_t n)
{
	return 500000;
}

static uint64_t two_are_enough(size_t n)
{
	return n == 1 ? 900000 : 2200000;
}

static void how_many_mirrors(void **state)
{
	static const struct {
		uint64_t (*rate_of)(size_t);
		size_t most;
		int seconds;
		size_t want;
	} rows[] = {
		{fast, 3, 60, 1},
		{slow_mirrors, 3, 1, 1},
		{slow_mirrors, 3, 2, 2},
		{slow_mirrors, 3, 4, 3},
		{slow_mirrors, 3, 60, 3},
		{slow_mirrors, 1, 60, 1},
		{slow_link, 3, 2, 2}, /* a trial */
		{slow_link, 3, 5, 1},
		{slow_link, 3, 20, 1},
		{two_are_enough, 3, 60, 2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_width w;
		fetch_width_init(&w, rows[i].most);
		size_t got = play(&w, rows[i].seconds, rows[i].rate_of);
		if (got != rows[i].want)
			fail_msg("row %zu: %zu", i, got);
	}
}

/* On a slow link of our own the trials get rarer. */
static void trials_are_few(void **state)
{
	struct fetch_width w;
	struct fetch_meter m = {0};
	int trials = 0;
	fetch_width_init(&w, 3);
	for (int64_t t = T0; t < T0 + 600000; t += 50) {
		size_t before = w.now;
		fetch_meter_add(&m, t, 25000);
		fetch_width_judge(&w, t, &m);
		trials += w.now > before;
	}
	assert_in_range(trials, 2, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(how_many_mirrors),
		cmocka_unit_test(trials_are_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
