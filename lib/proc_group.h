/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child together with all that it started: its lines, its time limit, and the end of them all.
 *
 * For commands that are not ours. Such a command may start others, leave them behind, ignore
 * SIGTERM, or hand its output to a daemon; none of that keeps us waiting. */
#ifndef LIB_PROC_GROUP_H
#define LIB_PROC_GROUP_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/proc.h"

struct proc_group {
	pid_t pid; /* of proc_fork without keep_stdin: it leads a process group of its own */
	int output; /* read, not closed */
	proc_line *line;
	void *arg;
	int64_t deadline_ms; /* ticks_ms; 0: none */
};

/* Hands out lines until the process ends, and reaps it. What is left of its process group is then
 * killed; a daemon with a session of its own is not, and may keep the output open. *status is as in
 * proc_wait. At the deadline (ERROR_SYSTEM with ETIMEDOUT) and when interrupted (ERROR_INTERRUPTED)
 * the group gets SIGTERM, and two seconds later SIGKILL. On every return the process is gone. */
int proc_group_attend(const struct proc_group *g, int *status, struct error **e) must_check;

#endif
