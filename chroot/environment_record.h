/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of the holder, ROOT/var/lib/alarmstrap/holder: which process it is.
 *
 * Lines of "key value". It only saves a look at every process: what it says is checked against
 * /proc, and an environment is found without it, too. */
#ifndef CHROOT_ENVIRONMENT_RECORD_H
#define CHROOT_ENVIRONMENT_RECORD_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

enum { RECORD_BOOT_ID = 37 };

struct environment_record {
	pid_t pid;
	int64_t start_time; /* proc_start_time */
	uint64_t mount_namespace; /* chroot/strays.h; 0 if unknown */
	char boot_id[RECORD_BOOT_ID]; /* start times mean nothing after a reboot; "" if unknown */
};

int environment_record_format(
	const struct environment_record *record, struct buf *to, struct error **e) must_check;
/* ERROR_CONFIG on anything that is no whole record. Unknown keys are passed over. */
int environment_record_parse(
	struct environment_record *record, const char *text, struct error **e) must_check;

/* This boot's id; "" on kernels without it. */
void environment_record_boot_id(char to[RECORD_BOOT_ID]);

/* In the root directory `root_fd`. Read: ERROR_CONFIG where there is none. */
int environment_record_write(
	int root_fd, const struct environment_record *record, struct error **e) must_check;
int environment_record_read(
	int root_fd, struct environment_record *record, struct error **e) must_check;
/* An absent one is fine; a root that cannot be written keeps its own, which harms nobody. */
void environment_record_remove(int root_fd);

#endif
