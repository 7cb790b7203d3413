/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "mirrors/fetch_pieces.h"

/* "0-3/10 10-10/20+": from-at/end of each, with a plus where it is taken. */
static void is(const struct fetch_pieces *p, const char *want)
{
	char text[256] = "";
	size_t n = 0;
	for (size_t i = 0; i < p->count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%d-%d/%d%s", i ? " " : "",
			(int)p->items[i].from, (int)p->items[i].at, (int)p->items[i].end,
			p->items[i].taken ? "+" : "");
	assert_string_equal(text, want);
}

static void one_piece(void **state)
{
	struct fetch_pieces p;
	fetch_pieces_one(&p, 3, 10);
	is(&p, "0-3/10");
	assert_int_equal(fetch_pieces_have(&p), 3);
	assert_false(fetch_pieces_complete(&p));
	assert_null(fetch_pieces_at(&p, 3));
	struct fetch_piece *one = fetch_pieces_untaken(&p);
	assert_ptr_equal(one, p.items);
	one->taken = true;
	assert_null(fetch_pieces_untaken(&p));
	assert_ptr_equal(fetch_pieces_at(&p, 3), one);
	fetch_pieces_advance(&p, one, 7);
	is(&p, "0-10/10");
	assert_true(fetch_pieces_complete(&p));
	fetch_pieces_one(&p, 3, 0);
	assert_int_equal(p.items[0].end, FETCH_END_UNKNOWN);
	fetch_pieces_set_total(&p, 3);
	assert_true(fetch_pieces_complete(&p));
}

static void splitting(void **state)
{
	struct fetch_pieces p;
	fetch_pieces_one(&p, 20, 100);
	assert_null(fetch_pieces_split(&p, 10)); /* nobody works on it */
	p.items[0].taken = true;
	assert_null(fetch_pieces_split(&p, 81));
	struct fetch_piece *second = fetch_pieces_split(&p, 80);
	is(&p, "0-20/60+ 60-60/100");
	second->taken = true;
	fetch_pieces_advance(&p, second, 30);
	/* The longest is cut, wherever it lies. */
	assert_ptr_equal(fetch_pieces_split(&p, 10), &p.items[1]);
	is(&p, "0-20/40+ 40-40/60 60-90/100+");
	fetch_pieces_advance(&p, &p.items[0], 20);
	is(&p, "0-40/60 60-90/100+");
	p.items[0].taken = true;
	/* What was completed becomes one with the next, which keeps its stream. */
	fetch_pieces_advance(&p, &p.items[0], 20);
	is(&p, "0-90/100+");
	fetch_pieces_advance(&p, &p.items[0], 10);
	assert_true(fetch_pieces_complete(&p));
}

static void no_more_pieces_than_fit(void **state)
{
	struct fetch_pieces p;
	fetch_pieces_one(&p, 0, 1 << 30);
	for (int i = 1; i < FETCH_PIECES_MAX; i++) {
		for (size_t k = 0; k < p.count; k++)
			p.items[k].taken = true;
		assert_non_null(fetch_pieces_split(&p, 1));
	}
	assert_null(fetch_pieces_split(&p, 1));
	uint64_t sum = 0;
	for (size_t k = 0; k < p.count; k++) {
		assert_int_equal(p.items[k].from, sum);
		sum = p.items[k].end;
	}
	assert_int_equal(sum, 1 << 30);
}

static void from_a_sidecar(void **state)
{
	static const struct {
		struct fetch_meta meta;
		uint64_t size;
		const char *want; /* NULL: refused */
	} rows[] = {
		{{.total = 100, .have = {{0, 10}, {50, 60}}, .have_count = 2}, 60,
			"0-10/50 50-60/100"},
		{{.total = 100, .have = {{50, 60}}, .have_count = 1}, 60, "0-0/50 50-60/100"},
		{{.total = 100, .have = {{0, 10}, {50, 100}}, .have_count = 2}, 100,
			"0-10/50 50-100/100"},
		{{.total = 100, .have = {{0, 10}, {50, 60}}, .have_count = 2}, 59, NULL},
		{{.total = 55, .have = {{0, 10}, {50, 60}}, .have_count = 2}, 60, NULL},
		{{.total = 100}, 60, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fetch_pieces p = {.count = 0};
		int r = fetch_pieces_from(&p, &rows[i].meta, rows[i].size);
		assert_int_equal(r, rows[i].want ? 0 : -1);
		if (rows[i].want)
			is(&p, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_piece),
		cmocka_unit_test(splitting),
		cmocka_unit_test(no_more_pieces_than_fit),
		cmocka_unit_test(from_a_sidecar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
