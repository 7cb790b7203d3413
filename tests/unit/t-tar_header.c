/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_header.h"
#include "tests/unit/tar-make.h"

enum { NOT_FOUND = -1 };

/* The mode of the entry that begins at `start`, where the stream is shown in pieces of `piece`. */
static int mode_at(const struct buf *stream, size_t start, size_t piece)
{
	struct tar_header h;
	const unsigned char *bytes = (const unsigned char *)stream->data;
	tar_header_begin(&h, start);
	for (size_t at = 0; at < stream->length; at += piece) {
		size_t rest = stream->length - at;
		tar_header_look(&h, at, bytes + at, rest < piece ? rest : piece);
	}
	assert_int_equal(h.start, start);
	return h.found ? (int)h.mode : NOT_FOUND;
}

static void the_mode_is_the_entrys_own(void **state)
{
	char large[3000];
	memset(large, 'v', sizeof large);
	memcpy(large, "SCHILY.xattr.user.note=", 23);
	const struct {
		const char *label;
		struct made entries[4];
		int mode;
	} cases[] = {
		{"a file", {{.path = "f", .type = '0', .mode = 0640, .data = "x"}}, 0640},
		{"a directory", {{.path = "d", .type = '5', .mode = 02755}}, 02755},
		{"GNU tar's", {{.path = "d", .type = '5', .mode = 01777, .gnu = true}}, 01777},
		{"a type in the mode", {{.path = "f", .type = '0', .mode = 0104711}}, 04711},
		{"after a pax header",
			{{.type = 'x', .data = "uid=7"}, {.path = "f", .type = '0', .mode = 0604}},
			0604},
		{"after one of many blocks",
			{{.type = 'x', .data = large, .length = sizeof large},
				{.path = "f", .type = '0', .mode = 0604}},
			0604},
		{"after two and a long name",
			{{.path = "p", .type = 'g', .data = "x"},
				{.path = "././@LongLink", .type = 'L', .data = "long", .gnu = true},
				{.type = 'x', .data = "uid=7"},
				{.path = "f", .type = '0', .mode = 0604}},
			0604},
	};
	static const size_t pieces[] = {512, 1024, 2560, 1 << 20};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf stream = BUF(MADE_LIMIT);
		make_entry(&stream, &(struct made){.path = "first", .type = '0', .data = "x"});
		size_t start = stream.length;
		for (size_t j = 0; j < 4 && cases[i].entries[j].type; j++)
			make_entry(&stream, &cases[i].entries[j]);
		make_end(&stream);
		for (size_t j = 0; j < sizeof pieces / sizeof *pieces; j++)
			if (mode_at(&stream, start, pieces[j]) != cases[i].mode)
				fail_msg("%s, by %zu: %o", cases[i].label, pieces[j],
					(unsigned)mode_at(&stream, start, pieces[j]));
	}
}

/* As old tars made it, of bytes with signs. */
static void a_sum_of_signed_bytes_is_one_too(void **state)
{
	auto_buf stream = BUF(MADE_LIMIT);
	make_entry(&stream, &(struct made){.path = "\xe4", .type = '0', .mode = 0640});
	unsigned sum = (unsigned)strtoul(stream.data + 148, NULL, 8);
	snprintf(stream.data + 148, 8, "%06o", sum - 256);
	assert_int_equal(mode_at(&stream, 0, 512), 0640);
	snprintf(stream.data + 148, 8, "%06o", sum - 255);
	assert_int_equal(mode_at(&stream, 0, 512), NOT_FOUND);
}

static void what_is_no_header_or_was_not_seen_is_not_found(void **state)
{
	auto_buf stream = BUF(MADE_LIMIT);
	make_entry(&stream, &(struct made){.type = 'x', .data = "uid=7"});
	size_t own = stream.length;
	make_entry(&stream, &(struct made){.path = "f", .type = '0', .mode = 0640});
	const unsigned char *bytes = (const unsigned char *)stream.data;
	struct tar_header h;
	tar_header_begin(&h, 0);
	assert_false(h.found);
	tar_header_look(&h, 512, bytes + 512, stream.length - 512); /* not its beginning */
	assert_false(h.found);
	tar_header_look(&h, 0, bytes, 511);
	assert_false(h.found);
	tar_header_look(&h, 0, bytes, own + 511);
	assert_false(h.found);
	tar_header_look(&h, 0, bytes, 0);
	tar_header_look(&h, own, bytes + own, 512);
	assert_true(h.found);
	assert_int_equal(h.mode, 0640);
	assert_int_equal(mode_at(&stream, 512, 512), NOT_FOUND); /* the pax header's body */
	stream.data[own + 1]++;
	assert_int_equal(mode_at(&stream, 0, 512), NOT_FOUND);
}

/* A body of 8 GiB - 1, and one whose size is no number: neither goes astray. */
static void lies_about_sizes_lead_nowhere(void **state)
{
	auto_buf stream = BUF(MADE_LIMIT);
	make_header(&stream, &(struct made){.path = "p", .type = 'x'}, 077777777777);
	make_entry(&stream, &(struct made){.path = "f", .type = '0', .mode = 0640});
	assert_int_equal(mode_at(&stream, 0, 512), NOT_FOUND);
	buf_free(&stream);
	make_header(&stream, &(struct made){.path = "p", .type = 'x'}, 1ULL << 62);
	make_body(&stream, "no header", 9);
	make_entry(&stream, &(struct made){.path = "f", .type = '0', .mode = 0640});
	assert_int_equal(mode_at(&stream, 0, 512), NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_is_the_entrys_own),
		cmocka_unit_test(a_sum_of_signed_bytes_is_one_too),
		cmocka_unit_test(what_is_no_header_or_was_not_seen_is_not_found),
		cmocka_unit_test(lies_about_sizes_lead_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
