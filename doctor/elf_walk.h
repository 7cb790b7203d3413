/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's side of doctor/elf_scan.h: walks the rootfs, which is its root directory. */
#ifndef DOCTOR_ELF_WALK_H
#define DOCTOR_ELF_WALK_H

#include "doctor/elf_scan.h"
#include "lib/worker.h"

enum { ELF_EXAMPLES = 5, ELF_RECORD = WORKER_TYPE_FIRST, ELF_TEXT = 512 };

/* The one kind of record: first a total, then examples. */
struct elf_record {
	uint64_t files, counts[ELF_TROUBLES];
	uint32_t machine, kernel;
	uint32_t trouble; /* of the example; ELF_TROUBLES in the total, which has no text */
	char text[ELF_TEXT];
};

/* A worker_body; `arg` is the kernel that programs may ask for, unsigned. */
int elf_walk(struct worker_out *out, void *arg, struct error **e) must_check;

#endif
