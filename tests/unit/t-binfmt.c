/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "chroot/binfmt.h"
#include "lib/fd.h"

/* As the kernel shows Debian's entries. */
#define AARCH64                                                                                    \
	"offset 0\n"                                                                               \
	"magic 7f454c460201010000000000000000000200b700\n"                                         \
	"mask ffffffffffffff00fffffffffffffffffeffffff\n"
#define ARM                                                                                        \
	"offset 0\n"                                                                               \
	"magic 7f454c4601010100000000000000000002002800\n"                                         \
	"mask ffffffffffffff00fffffffffffffffffeffffff\n"
#define HEAD "enabled\ninterpreter /usr/libexec/qemu-binfmt/x\n"

static void entries_answer(void **state)
{
	static const struct {
		const char *text, *arch;
		enum binfmt_answer answer;
	} cases[] = {
		{HEAD "flags: POCF\n" AARCH64, "aarch64", BINFMT_RUNS},
		{HEAD "flags: F\n" ARM, "armv7h", BINFMT_RUNS},
		{HEAD "flags: F\n" AARCH64, "armv7h", BINFMT_OTHER},
		{HEAD "flags: F\n" AARCH64, "x86_64", BINFMT_OTHER},
		{HEAD "flags: F\n" AARCH64, "riscv64", BINFMT_OTHER},
		{HEAD "flags: POC\n" AARCH64, "aarch64", BINFMT_NOT_INSIDE},
		{HEAD "flags: \n" AARCH64, "aarch64", BINFMT_NOT_INSIDE},
		{HEAD AARCH64, "aarch64", BINFMT_NOT_INSIDE},
		{"disabled\ninterpreter /F\nflags: F\n" AARCH64, "aarch64", BINFMT_DISABLED},
		/* Whole bytes are compared without a mask: ET_EXEC alone. */
		{HEAD "flags: F\noffset 0\nmagic 7f454c460201010000000000000000000200b700\n",
			"aarch64", BINFMT_OTHER},
		{HEAD "flags: F\noffset 18\nmagic b700\n", "aarch64", BINFMT_RUNS},
		{HEAD "flags: F\noffset 200\nmagic 00\n", "aarch64", BINFMT_OTHER},
		{HEAD "flags: F\noffset 0\nmagic 7f454c46\nmask ff\n", "aarch64", BINFMT_OTHER},
		{HEAD "flags: F\nextension .aarch64\n", "aarch64", BINFMT_OTHER},
		{"enabled\n", "aarch64", BINFMT_OTHER},
		{"", "aarch64", BINFMT_OTHER},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (binfmt_entry(cases[i].text, cases[i].arch) != cases[i].answer)
			fail_msg("case %zu (%s): %d", i, cases[i].arch,
				binfmt_entry(cases[i].text, cases[i].arch));
}

static void machines_run_their_own(void **state)
{
	static const struct {
		const char *machine, *arch;
		int native;
	} cases[] = {
		{"x86_64", "x86_64", 1},
		{"x86_64", "aarch64", 0},
		{"x86_64", "armv7h", 0},
		{"aarch64", "aarch64", 1},
		{"aarch64", "armv7h", 1},
		{"aarch64", "x86_64", 0},
		{"armv7l", "armv7h", 1},
		{"armv8l", "armv7h", 1},
		{"armv7l", "aarch64", 0},
		{"i686", "x86_64", 0},
		{"riscv64", "aarch64", 0},
		{"riscv64", "riscv64", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
			binfmt_is_native(cases[i].machine, cases[i].arch), cases[i].native);
}

static void programs_tell_what_they_are_for(void **state)
{
	static const struct {
		const unsigned char bytes[20];
		size_t length;
		const char *arch;
	} cases[] = {
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\xb7",
			20, "aarch64"},
		{"\x7f"
		 "ELF\1\1\1\0\0\0\0\0\0\0\0\0\3\0\x28",
			20, "armv7h"},
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e",
			20, "x86_64"},
		{"\x7f"
		 "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e",
			20, NULL}, /* x32 */
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xf3",
			20, NULL},
		{"#!/bin/sh\n# script", 19, NULL},
		{"\x7f"
		 "ELF\2\1\1",
			7, NULL},
		{"", 0, NULL},
	};
	char dir[] = "/tmp/t-binfmt.XXXXXX";
	assert_non_null(mkdtemp(dir));
	int auto_fd root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_null(binfmt_arch_of(root, "/absent"));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = openat(root, "program", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		assert_int_equal(write(fd, cases[i].bytes, cases[i].length), cases[i].length);
		close(fd);
		const char *arch = binfmt_arch_of(root, "/program");
		if (cases[i].arch)
			assert_string_equal(arch, cases[i].arch);
		else
			assert_null(arch);
	}
	unlinkat(root, "program", 0);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_answer),
		cmocka_unit_test(machines_run_their_own),
		cmocka_unit_test(programs_tell_what_they_are_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
