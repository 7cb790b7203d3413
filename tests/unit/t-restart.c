/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "bootstrap/managed.h"
#include "bootstrap/restart.h"

static void only_code_of_deleted_files_is_stale(void **state)
{
	static const struct {
		const char *line;
		bool stale;
	} rows[] = {
		{"7f0-7f1 r-xp 0000 08:01 99  /usr/lib/libc.so.6 (deleted)", true},
		{"7f0-7f1 r-xp 0000 08:01 99  /usr/bin/a b (deleted)", true},
		{"7f0-7f1 r-xp 0000 08:01 99  /usr/lib/libc.so.6", false},
		{"7f0-7f1 r--p 0000 08:01 99  /usr/lib/libc.so.6 (deleted)", false},
		{"7f0-7f1 rwxp 0000 00:01 99  /memfd:jit (deleted)", false},
		{"7f0-7f1 rwxs 0000 00:01 99  /dev/zero (deleted)", false},
		{"7f0-7f1 rwxs 0000 00:01 99  /SYSV00000000 (deleted)", false},
		{"7f0-7f1 r-xp 0000 00:00 0  [vdso]", false},
		{"7f0-7f1 rwxp 0000 00:00 0", false},
		{"", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(restart_is_stale(rows[i].line), rows[i].stale);
}

static void the_machine_is_read_from_an_elf_header(void **state)
{
	unsigned char header[20] = "\177ELF";
	static const struct {
		unsigned char machine;
		const char *arch;
	} rows[] = {{40, "armv7h"}, {62, "x86_64"}, {183, "aarch64"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		header[18] = rows[i].machine;
		assert_string_equal(managed_elf_arch(header, sizeof header), rows[i].arch);
		assert_null(managed_elf_arch(header, sizeof header - 1));
	}
	header[18] = 8; /* MIPS */
	assert_null(managed_elf_arch(header, sizeof header));
	assert_null(managed_elf_arch((const unsigned char *)"#!/bin/sh -e -x -u -", 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_code_of_deleted_files_is_stale),
		cmocka_unit_test(the_machine_is_read_from_an_elf_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
