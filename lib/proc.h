/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child processes: fork, exec, output by the line, and an end that leaves none behind. */
#ifndef LIB_PROC_H
#define LIB_PROC_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

/* What a child does; its return value is the child's exit status. The child has default signal
 * actions, dies with its parent (PR_SET_PDEATHSIG) and never returns into the parent's code. */
typedef int proc_body(void *arg);

/* Forks. With `output` not NULL the child's stdout and stderr go into a pipe whose read end is
 * handed out. Unless `keep_stdin`, stdin is /dev/null and the child has a session of its own. The
 * child's pid, or -1. */
pid_t proc_fork(
	proc_body *body, void *arg, int keep_stdin, int *output, struct error **e) must_check;

/* Waits for the end. *status is the exit status, or 128 + signal number. If an interrupt arrives,
 * the child gets SIGTERM, two seconds later SIGKILL, and the result is ERROR_INTERRUPTED. */
int proc_wait(pid_t pid, int *status, struct error **e) must_check;
/* SIGKILL to it and its process group, and reap; for cleanup paths. pid <= 0 is ignored. */
void proc_kill(pid_t pid);

/* Calls `line` for every line of output until its end; a line longer than 4 KiB comes in pieces.
 * Stops with ERROR_INTERRUPTED, or with ERROR_SYSTEM ETIMEDOUT at `deadline_ms` (ticks_ms; 0:
 * none). */
typedef void proc_line(void *arg, const char *line);
int proc_read_lines(
	int fd, proc_line *line, void *arg, int64_t deadline_ms, struct error **e) must_check;

/* The same in steps, for whoever waits for more than output. Zero-initialised is empty. */
enum { PROC_LINE_BYTES = 4096 };
struct proc_lines {
	size_t have; /* bytes of a line that has not ended yet */
	char text[PROC_LINE_BYTES + 1];
};
/* One read(2), and the lines that it completes: 1, or 0 at the end of the output. */
int proc_lines_read(
	struct proc_lines *l, int fd, proc_line *line, void *arg, struct error **e) must_check;
/* Hands out what is left without a newline. */
void proc_lines_end(struct proc_lines *l, proc_line *line, void *arg);

/* For a proc_body: execs argv (searched in PATH of envp or of ours); returns 127 where that fails,
 * having said why on stderr. envp NULL: our environment. */
int proc_exec(const char *const *argv, const char *const *envp);

/* Runs argv to its end, lines to `line` (NULL: dropped). *status as in proc_wait. */
int proc_run(const char *const *argv, const char *const *envp, proc_line *line, void *arg,
	int *status, struct error **e) must_check;

/* Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)): with the
 * pid it names a process for good. -1 when there is no such process. */
int64_t proc_start_time(pid_t pid);

#endif
