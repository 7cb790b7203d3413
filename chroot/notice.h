/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a child that sets things up tells the process that started it: records of one size down a
 * pipe, each small enough to be written at once (PIPE_BUF, pipe(7)). Both ends are our own code. */
#ifndef CHROOT_NOTICE_H
#define CHROOT_NOTICE_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/report.h"

enum notice_kind {
	NOTICE_NOTE = 1, /* for the report; text */
	NOTICE_ERROR, /* the child's last word; becomes the parent's error */
	NOTICE_PID, /* value: a process id in the parent's namespace */
	NOTICE_READY,
	NOTICE_DETACHED,
};

struct notice {
	int32_t kind;
	int32_t value;
	int32_t code; /* enum error_code */
	char text[1536];
	char hint[512];
};

/* Child. */
void notice_send(int fd, enum notice_kind kind, int value);
void notice_note(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
void notice_error(int fd, const struct error *error);

/* Parent: reads on until a notice of `kind` comes. Notes go to `report` meanwhile; the child's
 * error, an early end of the pipe and `deadline_ms` (ticks_ms) are errors. */
int notice_await(int fd, enum notice_kind kind, struct report *report, int64_t deadline_ms,
	struct error **e) must_check;
/* The same until the child has told the pid of its own child and that one is ready. These are two
 * writers: on a busy machine either is the first. */
int notice_await_grandchild(
	int fd, int *pid, struct report *report, int64_t deadline_ms, struct error **e) must_check;

#endif
