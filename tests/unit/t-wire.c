/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "packages/wire.h"

static unsigned char data[RECORD_MAX + 1];

/* Sends by `call` to `out` and reads the one record back. */
#define PASS(record, call)                                                                         \
	do {                                                                                       \
		int ends[2];                                                                       \
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);                                       \
		int out = ends[1];                                                                 \
		assert_ok(call);                                                                   \
		close(out);                                                                        \
		struct record_reader in_ = {ends[0], data, NULL, NULL};                            \
		assert_int_equal(record_next(&in_, record, NULL), RECORD_GOT);                     \
		close(ends[0]);                                                                    \
	} while (0)

static struct planned_package upgrade(void)
{
	return (struct planned_package){.action = PACKAGE_UPGRADE,
		.asked = true,
		.name = (char *)"lxc",
		.version = (char *)"1:6.0-2",
		.old_version = (char *)"5.0-1",
		.repo = (char *)"extra",
		.filename = (char *)"lxc-1:6.0-2-aarch64.pkg.tar.xz",
		.installed_size = 77};
}

static void a_package_comes_back(void **state)
{
	struct planned_package sent = upgrade(), got = {0};
	struct record r;
	PASS(&r, wire_send_package(out, &sent, &e));
	assert_int_equal(r.type, WIRE_PACKAGE);
	assert_ok(wire_read_package(&r, &got, &e));
	assert_int_equal(got.action, sent.action);
	assert_true(got.asked);
	assert_string_equal(got.name, sent.name);
	assert_string_equal(got.version, sent.version);
	assert_string_equal(got.old_version, sent.old_version);
	assert_string_equal(got.repo, sent.repo);
	assert_string_equal(got.filename, sent.filename);
	assert_int_equal(got.installed_size, 77);
	planned_package_free(&got);
}

static void a_removal_has_no_file(void **state)
{
	struct planned_package got = {0}, sent = {.action = PACKAGE_REMOVE,
						  .name = (char *)"a",
						  .old_version = (char *)"1-1"};
	struct record r;
	PASS(&r, wire_send_package(out, &sent, &e));
	assert_ok(wire_read_package(&r, &got, &e));
	assert_null(got.version);
	assert_null(got.filename);
	planned_package_free(&got);
}

/* Each row changes one field to what no honest child sends. */
static void hostile_packages_are_refused(void **state)
{
	static char long_name[300];
	memset(long_name, 'a', sizeof long_name - 1);
	struct planned_package rows[13];
	for (size_t i = 0; i < 13; i++)
		rows[i] = upgrade();
	rows[0].name = (char *)"../../etc/shadow";
	rows[1].name = (char *)"";
	rows[2].name = NULL;
	rows[3].name = long_name;
	rows[4].filename = (char *)"x/y.pkg.tar.zst";
	rows[5].filename = (char *)".hidden";
	rows[6].version = (char *)"1 2";
	rows[7].repo = (char *)"ex\033tra";
	rows[8].version = NULL;
	rows[9].old_version = NULL; /* an upgrade of nothing */
	rows[10].action = (enum package_action)99;
	rows[11].action = PACKAGE_INSTALL; /* with an old version */
	rows[12].action = PACKAGE_REMOVE; /* with a new one */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record r;
		struct planned_package got = {0};
		PASS(&r, wire_send_package(out, &rows[i], &e));
		assert_fails(wire_read_package(&r, &got, &e), ERROR_SYSTEM, "package child");
		assert_null(got.name);
	}
}

static void every_cut_of_a_package_is_refused(void **state)
{
	struct planned_package sent = upgrade();
	struct record r;
	PASS(&r, wire_send_package(out, &sent, &e));
	uint32_t whole = r.length;
	for (r.length = 0; r.length < whole; r.length++) {
		struct planned_package got = {0};
		assert_int_equal(wire_read_package(&r, &got, NULL), -1);
	}
	r.length = whole + 1; /* and what follows a whole one, too */
	struct planned_package got = {0};
	assert_int_equal(wire_read_package(&r, &got, NULL), -1);
}

static void a_package_of_a_file_has_no_repository(void **state)
{
	struct planned_package sent = upgrade(), got = {0};
	struct record r;
	sent.repo = NULL;
	sent.old_size = 7;
	PASS(&r, wire_send_package(out, &sent, &e));
	assert_ok(wire_read_package(&r, &got, &e));
	assert_null(got.repo);
	assert_string_equal(got.filename, sent.filename);
	assert_int_equal(got.old_size, 7);
	planned_package_free(&got);
}

static void a_question_comes_back(void **state)
{
	char *choices[] = {(char *)"nano", (char *)"vim"};
	const struct package_question sent = {"provider editor", "Which?", "nano", {choices, 2}};
	struct package_question got = {NULL};
	auto_strings texts = {0};
	struct record r;
	PASS(&r, wire_send_question(out, &sent, &e));
	assert_int_equal(r.type, WIRE_QUESTION);
	assert_ok(wire_read_question(&r, &got, &texts, &e));
	assert_string_equal(got.id, sent.id);
	assert_string_equal(got.text, sent.text);
	assert_string_equal(got.usual, "nano");
	assert_int_equal(got.choices.count, 2);
	assert_string_equal(got.choices.items[1], "vim");
	strings_free(&got.choices);
	uint32_t whole = r.length;
	for (r.length = 0; r.length < whole; r.length++) {
		struct package_question cut = {NULL};
		auto_strings rest = {0};
		int result = wire_read_question(&r, &cut, &rest, NULL);
		assert_true(result < 0 || cut.choices.count < 2);
		strings_free(&cut.choices);
	}
}

static void progress_stays_in_range(void **state)
{
	struct record r;
	uint64_t done = 9, total = 9;
	PASS(&r, wire_send_progress(out, 1, 3, &e));
	assert_ok(wire_read_progress(&r, &done, &total, &e));
	assert_int_equal(done, 1);
	assert_int_equal(total, 3);
	PASS(&r, wire_send_progress(out, 4, 3, &e));
	assert_fails(wire_read_progress(&r, &done, &total, &e), ERROR_SYSTEM, "package child");
	assert_int_equal(total, 3);
	r.length = 8;
	assert_fails(wire_read_progress(&r, &done, &total, &e), ERROR_SYSTEM, "package child");
}

static void text_is_cut_not_refused(void **state)
{
	struct record r;
	static char long_text[3 * WIRE_TEXT_MAX];
	memset(long_text, 'x', sizeof long_text - 1);
	PASS(&r, wire_send_text(out, WIRE_NOTE, "a line\n", &e));
	assert_string_equal(wire_read_text(&r, NULL), "a line");
	PASS(&r, wire_send_text(out, WIRE_WARNING, long_text, &e));
	assert_int_equal(strlen(wire_read_text(&r, NULL)), WIRE_TEXT_MAX);
	struct record nul = {WIRE_NOTE, 3, (const unsigned char *)"a\0b"};
	assert_null(wire_read_text(&nul, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_comes_back),
		cmocka_unit_test(a_removal_has_no_file),
		cmocka_unit_test(hostile_packages_are_refused),
		cmocka_unit_test(every_cut_of_a_package_is_refused),
		cmocka_unit_test(a_package_of_a_file_has_no_repository),
		cmocka_unit_test(a_question_comes_back),
		cmocka_unit_test(progress_stays_in_range),
		cmocka_unit_test(text_is_cut_not_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
