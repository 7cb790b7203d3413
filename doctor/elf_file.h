/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an ELF file asks of the machine that runs it: elf(5). Every byte of it is foreign. */
#ifndef DOCTOR_ELF_FILE_H
#define DOCTOR_ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

enum { ELF_INTERPRETER = 128 };

struct elf_file {
	uint16_t machine; /* EM_AARCH64 */
	bool wide; /* 64 bits */
	bool program; /* it has an interpreter, or can be nothing else; not a library or object */
	bool fixed; /* ET_EXEC: at one address only, no PIE */
	bool text_relocations; /* DT_TEXTREL */
	bool executable_stack; /* PT_GNU_STACK with PF_X; on old files, without one */
	char interpreter[ELF_INTERPRETER]; /* "" for none */
	unsigned kernel; /* KERNEL() by the ABI note (NT_GNU_ABI_TAG); 0: it does not say */
};

/* 1: read; 0: `fd` is no ELF program or library that this program knows (little-endian, ET_EXEC or
 * ET_DYN); -1: ERROR_TRUST where its headers lead nowhere, ERROR_SYSTEM where it cannot be read. */
int elf_file_read(int fd, struct elf_file *f, struct error **e) must_check;
/* "aarch64", "arm", "x86_64"; else "machine 8" in `to`. */
const char *elf_machine_name(uint16_t machine, char to[32]);

#endif
