/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/notice.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/ticks.h"

_Static_assert(sizeof(struct notice) <= PIPE_BUF, "a notice is written at once");

/* A poll that a signal just missed is over after this long. */
enum { WAKE_MS = 250 };

static void put(int fd, const struct notice *n)
{
	if (fd_write_all(fd, n, sizeof *n, NULL) < 0)
		return; /* without a reader nobody would hear of that either */
}

void notice_send(int fd, enum notice_kind kind, int value)
{
	struct notice n = {.kind = kind, .value = value};
	put(fd, &n);
}

void notice_note(int fd, const char *format, ...)
{
	struct notice n = {.kind = NOTICE_NOTE};
	va_list args;
	va_start(args, format);
	vsnprintf(n.text, sizeof n.text, format, args);
	va_end(args);
	put(fd, &n);
}

void notice_error(int fd, const struct error *error)
{
	struct notice n = {.kind = NOTICE_ERROR, .code = (int32_t)error_code(error)};
	snprintf(n.text, sizeof n.text, "%s", error_message(error));
	const char *hint = error_remedy(error);
	snprintf(n.hint, sizeof n.hint, "%s", hint ? hint : "");
	put(fd, &n);
}

/* 1 a notice, -1 error. */
static int receive(int fd, struct notice *n, int64_t deadline_ms, struct error **e)
{
	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		if (interrupt_check(e) < 0)
			return -1;
		if (ticks_ms() >= deadline_ms)
			return error_set(e, ERROR_SYSTEM, ETIMEDOUT, "wait for a child process");
		if (poll(&p, 1, WAKE_MS) <= 0)
			continue;
		ssize_t got = fd_read(fd, n, sizeof *n, e);
		if (got == sizeof *n)
			return 1;
		return got < 0 ? -1
			       : error_set(
					 e, ERROR_SYSTEM, 0, "a child process ended unexpectedly");
	}
}

static int take_error(const struct notice *n, struct error **e)
{
	enum error_code code = (enum error_code)n->code;
	/* The text holds errno's words already. */
	error_set(e, error_code_name(code) ? code : ERROR_SYSTEM, 0, "%s", n->text);
	return n->hint[0] ? error_hint(e, "%s", n->hint) : -1;
}

/* The next one that is neither note nor error. */
static int next(
	int fd, struct notice *n, struct report *report, int64_t deadline_ms, struct error **e)
{
	do {
		if (receive(fd, n, deadline_ms, e) < 0)
			return -1;
		if (n->kind == NOTICE_ERROR)
			return take_error(n, e);
		if (n->kind == NOTICE_NOTE)
			report_note(report, "%s", n->text);
	} while (n->kind == NOTICE_NOTE);
	return 0;
}

int notice_await(
	int fd, enum notice_kind kind, struct report *report, int64_t deadline_ms, struct error **e)
{
	struct notice n;
	do
		if (next(fd, &n, report, deadline_ms, e) < 0)
			return -1;
	while (n.kind != (int32_t)kind);
	return 0;
}

int notice_await_grandchild(
	int fd, int *pid, struct report *report, int64_t deadline_ms, struct error **e)
{
	struct notice n;
	int told = 0;
	for (bool ready = false; !told || !ready;) {
		if (next(fd, &n, report, deadline_ms, e) < 0)
			return -1;
		if (n.kind == NOTICE_PID)
			told = n.value;
		ready = ready || n.kind == NOTICE_READY;
	}
	*pid = told;
	return 0;
}
