/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "doctor/elf_file.h"
#include "doctor/elf_scan.h"
#include "doctor/kernel_release.h"
#include "lib/fd.h"

/* A program of 64 bits with all the segments that are looked at. */
struct wide {
	Elf64_Ehdr head;
	Elf64_Phdr segments[4];
	char interpreter[16];
	struct {
		Elf64_Nhdr head;
		char name[4];
		uint32_t words[4];
	} note;
	Elf64_Dyn dynamic[3];
};
struct narrow {
	Elf32_Ehdr head;
	Elf32_Phdr segments[3];
	char interpreter[16];
	Elf32_Dyn dynamic[2];
};

static struct wide wide_program(void)
{
	struct wide w = {
		.head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_DYN,
			.e_machine = EM_AARCH64,
			.e_phoff = offsetof(struct wide, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4},
		.interpreter = "/lib/ld-a.so.1",
		.note = {{4, 16, NT_GNU_ABI_TAG}, {'G', 'N', 'U', 0}, {0, 3, 7, 0}},
		.dynamic = {{.d_tag = DT_FLAGS}, {.d_tag = DT_NULL}, {.d_tag = DT_TEXTREL}},
	};
	w.segments[0] = (Elf64_Phdr){.p_type = PT_INTERP,
		.p_offset = offsetof(struct wide, interpreter),
		.p_filesz = 15};
	w.segments[1] = (Elf64_Phdr){.p_type = PT_NOTE,
		.p_offset = offsetof(struct wide, note),
		.p_filesz = sizeof w.note};
	w.segments[2] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct wide, dynamic),
		.p_filesz = sizeof w.dynamic};
	w.segments[3] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};
	return w;
}

static struct narrow narrow_program(void)
{
	struct narrow n = {
		.head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_ARM,
			.e_phoff = offsetof(struct narrow, segments),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 3},
		.interpreter = "/lib/ld-b.so.3",
		.dynamic = {{.d_tag = DT_TEXTREL}, {.d_tag = DT_NULL}},
	};
	n.segments[0] = (Elf32_Phdr){.p_type = PT_INTERP,
		.p_offset = offsetof(struct narrow, interpreter),
		.p_filesz = 15};
	n.segments[1] = (Elf32_Phdr){.p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct narrow, dynamic),
		.p_filesz = sizeof n.dynamic};
	n.segments[2] = (Elf32_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W};
	return n;
}

/* A file in memory that holds the bytes. */
static int file_of(const void *data, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);
	assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	return fd;
}

static int read_elf(const void *data, size_t size, struct elf_file *f, struct error **e)
{
	int auto_fd fd = file_of(data, size);
	return elf_file_read(fd, f, e);
}

static void test_wide(void **state)
{
	struct wide w = wide_program();
	struct elf_file f;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_int_equal(f.machine, EM_AARCH64);
	assert_true(f.wide && f.program && !f.fixed && !f.text_relocations && !f.executable_stack);
	assert_string_equal(f.interpreter, "/lib/ld-a.so.1");
	assert_int_equal(f.kernel, KERNEL(3, 7));
	/* What stands behind DT_NULL does not count; before it, it does. */
	w.dynamic[0].d_un.d_val = DF_TEXTREL;
	w.segments[3].p_flags |= PF_X;
	w.head.e_type = ET_EXEC;
	w.note.words[1] = 2;
	w.note.words[2] = 6;
	w.note.words[3] = 32;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_true(f.fixed && f.text_relocations && f.executable_stack);
	assert_int_equal(f.kernel, KERNEL_26(32));
	/* As objcopy --only-keep-debug leaves it: the segment without its bytes. */
	w = wide_program();
	w.segments[0].p_filesz = 0;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_string_equal(f.interpreter, "");
	/* Another system's note, a library. */
	w = wide_program();
	w.note.words[0] = 1;
	w.segments[0].p_type = PT_NULL;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_true(!f.program && !f.kernel && !*f.interpreter);
	w.dynamic[0] = (Elf64_Dyn){.d_tag = DT_FLAGS_1, .d_un = {DF_1_PIE}};
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_true(f.program); /* linked statically, and PIE */
}

static void test_narrow(void **state)
{
	struct narrow n = narrow_program();
	struct elf_file f;
	assert_ok(read_elf(&n, sizeof n, &f, &e));
	assert_int_equal(f.machine, EM_ARM);
	assert_true(!f.wide && f.program && f.fixed && f.text_relocations && !f.executable_stack);
	assert_string_equal(f.interpreter, "/lib/ld-b.so.3");
	n.segments[2].p_type = PT_NULL; /* who does not say gets one */
	assert_ok(read_elf(&n, sizeof n, &f, &e));
	assert_true(f.executable_stack);
}

/* What is none, without an error. */
static void test_none(void **state)
{
	struct wide w = wide_program();
	struct elf_file f;
	assert_int_equal(read_elf("#!/bin/sh\n", 10, &f, NULL), 0);
	assert_int_equal(read_elf("", 0, &f, NULL), 0);
	assert_int_equal(read_elf(&w, 40, &f, NULL), 0);
	w.head.e_type = ET_REL; /* a module of the kernel's */
	assert_int_equal(read_elf(&w, sizeof w, &f, NULL), 0);
	w = wide_program();
	w.head.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(read_elf(&w, sizeof w, &f, NULL), 0);
	/* What cannot be read may be one. */
	int auto_fd directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_fails(elf_file_read(directory, &f, &e), ERROR_SYSTEM, "Is a directory");
}

static void test_damaged(void **state)
{
	const struct wide good = wide_program();
	struct wide w;
	struct elf_file f;
#define DAMAGE(change)                                                                             \
	w = good;                                                                                  \
	change;                                                                                    \
	assert_fails(read_elf(&w, sizeof w, &f, &e), ERROR_TRUST, "lead nowhere")
	DAMAGE(w.head.e_phoff = sizeof w);
	DAMAGE(w.head.e_phoff = UINT64_MAX - 8);
	DAMAGE(w.head.e_phnum = 1000);
	DAMAGE(w.head.e_phentsize = 8);
	DAMAGE(w.segments[0].p_offset = UINT64_MAX);
	DAMAGE(w.segments[0].p_filesz = 4096);
	DAMAGE(w.segments[0].p_filesz = 14); /* no NUL at its end */
	DAMAGE(w.segments[1].p_offset = sizeof w);
	DAMAGE(w.segments[2].p_offset = sizeof w - 8);
#undef DAMAGE
	assert_fails(read_elf(&good, 200, &f, &e), ERROR_TRUST, "lead nowhere");
	/* Lengths of notes that lead out of them end the search. */
	w = good;
	w.note.head.n_namesz = UINT32_MAX;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
	assert_int_equal(f.kernel, 0);
	w = good;
	w.note.head.n_descsz = UINT32_MAX - 2;
	assert_ok(read_elf(&w, sizeof w, &f, &e));
}

static void test_names(void **state)
{
	char to[32];
	assert_string_equal(elf_machine_name(EM_AARCH64, to), "aarch64");
	assert_string_equal(elf_machine_name(8, to), "machine 8");
}

static void test_scan_check(void **state)
{
	struct elf_scan s = {.files = 10};
	auto_findings f = {0};
	assert_ok(elf_scan_check(&s, &f, &e));
	assert_int_equal(f.count, 0);
	s.kinds[ELF_FIXED].count = 7;
	assert_ok(strings_add(&s.kinds[ELF_FIXED].examples, "/usr/bin/a (a-1-1)", &e));
	s.kinds[ELF_NO_INTERPRETER].count = 1;
	assert_ok(strings_add(&s.kinds[ELF_NO_INTERPRETER].examples, "/usr/bin/b", &e));
	assert_ok(elf_scan_check(&s, &f, &e));
	assert_int_equal(f.count, 2);
	assert_int_equal(f.items[0].severity, FINDING_LIMITED);
	assert_string_equal(f.items[0].how, "their ELF headers: /usr/bin/b");
	assert_non_null(strstr(f.items[1].what, "7 of 10"));
	assert_string_equal(f.items[1].how, "their ELF headers: /usr/bin/a (a-1-1), …");
	elf_scan_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wide),
		cmocka_unit_test(test_narrow), cmocka_unit_test(test_none),
		cmocka_unit_test(test_damaged), cmocka_unit_test(test_names),
		cmocka_unit_test(test_scan_check)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
