/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs and libraries of a rootfs, looked at by a worker that sees nothing but the rootfs:
 * what they ask of the machine, and which package brought those that ask for something unusual. */
#ifndef DOCTOR_ELF_SCAN_H
#define DOCTOR_ELF_SCAN_H

#include <stdint.h>

#include "chroot/rootfs.h"
#include "doctor/findings.h"
#include "doctor/kernel_release.h"
#include "lib/error.h"
#include "lib/text.h"

/* Of one kind of trouble: how many files, and "PATH (PACKAGE)" of the first of them. */
struct elf_kind {
	uint64_t count;
	struct strings examples;
};
enum elf_trouble {
	ELF_NO_INTERPRETER, /* the file that starts it is not in the rootfs */
	ELF_OTHER_MACHINE, /* than most are for */
	ELF_NEWER_KERNEL, /* than the one given */
	ELF_FIXED, /* ET_EXEC */
	ELF_TEXT_RELOCATIONS,
	ELF_EXECUTABLE_STACK,
	ELF_DAMAGED,
	ELF_TROUBLES
};
struct elf_scan {
	uint64_t files; /* ELF files in all */
	uint16_t machine; /* that most are for; 0: there are none */
	unsigned kernel; /* the newest that any asks for, KERNEL() */
	struct elf_kind kinds[ELF_TROUBLES];
};

/* `kernel`: what programs may ask for. */
int elf_scan(
	const struct rootfs *r, unsigned kernel, struct elf_scan *s, struct error **e) must_check;
/* Pure. */
int elf_scan_check(const struct elf_scan *s, struct findings *to, struct error **e) must_check;
void elf_scan_free(struct elf_scan *s);
#define auto_elf_scan __attribute__((cleanup(elf_scan_free))) struct elf_scan

#endif
