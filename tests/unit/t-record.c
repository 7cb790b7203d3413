/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/record.h"

enum { TYPE_WORD = RECORD_TYPE_FIRST };

static unsigned char data[RECORD_MAX + 1];

static int two_ends(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	return ends[1];
}

static void records_come_back_as_sent(void **state)
{
	int ends[2], out = two_ends(ends);
	assert_ok(record_send(out, TYPE_WORD, "one", 3, &e));
	assert_ok(record_send(out, TYPE_WORD + 1, NULL, 0, &e));
	assert_ok(record_send_end(out, NULL, &e));
	struct record_reader in = {ends[0], data, NULL, NULL};
	struct record r;
	assert_int_equal(record_next(&in, &r, NULL), RECORD_GOT);
	assert_int_equal(r.type, TYPE_WORD);
	assert_string_equal((const char *)r.data, "one");
	assert_int_equal(record_next(&in, &r, NULL), RECORD_GOT);
	assert_int_equal(r.length, 0);
	assert_int_equal(record_next(&in, &r, NULL), RECORD_ENDED);
	close(ends[0]);
	close(ends[1]);
}

static void errors_keep_code_text_and_hint(void **state)
{
	int ends[2], out = two_ends(ends);
	struct error *sent = NULL, *e = NULL;
	error_set(&sent, ERROR_SPACE, ENOSPC, "write");
	error_hint(&sent, "free some");
	assert_int_equal(record_send_end(out, sent, NULL), 0);
	error_free(sent);
	struct record_reader in = {ends[0], data, NULL, NULL};
	struct record r;
	assert_int_equal(record_next(&in, &r, &e), RECORD_UNWELL);
	assert_int_equal(error_code(e), ERROR_SPACE);
	assert_string_equal(error_message(e), "write: No space left on device");
	assert_string_equal(error_remedy(e), "free some");
	error_free(e);
	close(ends[0]);
	close(ends[1]);
}

/* Bytes that no child of ours sends, then the end of the pipe. */
static void hostile_bytes_are_refused(void **state)
{
	static const struct {
		uint32_t words[4];
		size_t length;
		enum record_outcome outcome;
	} rows[] = {
		{{0}, 0, RECORD_CUT},
		{{TYPE_WORD}, 3, RECORD_FAILED}, /* half a header */
		{{TYPE_WORD, RECORD_MAX + 1}, 8, RECORD_FAILED},
		{{TYPE_WORD, UINT32_MAX}, 8, RECORD_FAILED},
		{{TYPE_WORD, 8, 1}, 12, RECORD_FAILED}, /* ends in mid-record */
		{{2, 4, 8}, 12, RECORD_FAILED}, /* an error too short to be one */
		{{2, 8, 0, 0}, 16, RECORD_FAILED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int ends[2], out = two_ends(ends);
		assert_int_equal(write(out, rows[i].words, rows[i].length), rows[i].length);
		close(out);
		struct record_reader in = {ends[0], data, NULL, NULL};
		struct record r;
		struct error *e = NULL;
		assert_int_equal(record_next(&in, &r, &e), rows[i].outcome);
		assert_true(rows[i].outcome == RECORD_CUT ? !e : e != NULL);
		error_free(e);
		close(ends[0]);
	}
}

static void an_unknown_code_is_a_system_error(void **state)
{
	static const int32_t codes[] = {0, -1, 9999, ERROR_COUNT};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		int ends[2], out = two_ends(ends);
		struct {
			int32_t code, errnum;
			char text[6];
		} body = {codes[i], 0, "text"};
		assert_int_equal(record_send(out, 2, &body, 8 + sizeof body.text, NULL), 0);
		struct record_reader in = {ends[0], data, NULL, NULL};
		struct record r;
		struct error *e = NULL;
		assert_int_equal(record_next(&in, &r, &e), RECORD_UNWELL);
		assert_int_equal(error_code(e), ERROR_SYSTEM);
		assert_string_equal(error_message(e), "text");
		error_free(e);
		close(ends[0]);
		close(out);
	}
}

/* Behind it lies the reader's own stack, which is nobody's to see. */
static void an_error_without_an_end_ends_with_its_record(void **state)
{
	int ends[2], out = two_ends(ends);
	const struct {
		int32_t code, errnum;
		char text[8];
	} body = {ERROR_NETWORK, 0, {'m', 'e', 's', 's', 'a', 'g', 'e', 's'}};
	assert_int_equal(record_send(out, 2, &body, sizeof body, NULL), 0);
	struct record_reader in = {ends[0], data, NULL, NULL};
	struct record r;
	struct error *e = NULL;
	assert_int_equal(record_next(&in, &r, &e), RECORD_UNWELL);
	assert_string_equal(error_message(e), "message");
	assert_string_equal(error_remedy(e), error_code_hint(ERROR_NETWORK));
	error_free(e);
	close(ends[0]);
	close(out);
}

static void too_much_is_not_sent(void **state)
{
	int ends[2], out = two_ends(ends);
	assert_fails(record_send(out, TYPE_WORD, data, RECORD_MAX + 1, &e), ERROR_SYSTEM, "record");
	close(ends[0]);
	close(ends[1]);
}

static int give_up(void *arg, struct error **e)
{
	return error_set(e, ERROR_INTERRUPTED, 0, "enough");
}

static void the_wait_can_be_ended(void **state)
{
	int ends[2];
	two_ends(ends);
	struct record_reader in = {ends[0], data, give_up, NULL};
	struct record r;
	assert_fails(record_next(&in, &r, &e), ERROR_INTERRUPTED, "enough");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_as_sent),
		cmocka_unit_test(errors_keep_code_text_and_hint),
		cmocka_unit_test(hostile_bytes_are_refused),
		cmocka_unit_test(an_unknown_code_is_a_system_error),
		cmocka_unit_test(an_error_without_an_end_ends_with_its_record),
		cmocka_unit_test(too_much_is_not_sent),
		cmocka_unit_test(the_wait_can_be_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
