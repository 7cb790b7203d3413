/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filesystem where ROOT is to be: tried, and judged. */
#ifndef DOCTOR_TARGET_CHECK_H
#define DOCTOR_TARGET_CHECK_H

#include <stdbool.h>

#include "chroot/target.h"
#include "doctor/findings.h"
#include "lib/error.h"

struct target_look {
	char *path; /* the directory that is there: ROOT, or the nearest above it */
	int refused; /* errno of making a directory there; 0: made, and the rest is known */
	struct target_facts facts;
	bool exchange; /* renameat2(RENAME_EXCHANGE) */
	bool clones; /* ioctl_ficlone(2) */
};

/* Tries it all in a directory of its own, which is gone afterwards. */
int target_look(const char *root, struct target_look *look, struct error **e) must_check;
/* Pure. Adds a finding for each thing that is lacking. */
int target_check(const struct target_look *look, struct findings *to, struct error **e) must_check;
void target_look_free(struct target_look *look);
#define auto_target_look __attribute__((cleanup(target_look_free))) struct target_look

#endif
