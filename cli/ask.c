/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ask.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/interrupt.h"
#include "lib/text.h"

enum { ANSWER_BYTES = 16 };

bool ask_can(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* 1 a line, 0 the end of the input without one. */
static int read_line(char answer[ANSWER_BYTES], struct error **e)
{
	size_t length = 0;
	int ended = 0;
	fflush(stderr);
	for (char c; !ended;) {
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno != EINTR)
			return error_set(e, ERROR_SYSTEM, errno, "read the answer");
		if (interrupt_check(e) < 0)
			return -1;
		if (n == 0)
			break;
		ended = n > 0 && c == '\n';
		if (n > 0 && !ended && length + 1 < ANSWER_BYTES)
			answer[length++] = c;
	}
	answer[length] = '\0';
	return ended || length;
}

int ask_yes(bool usual, struct error **e)
{
	char answer[ANSWER_BYTES];
	int got = read_line(answer, e);
	if (got <= 0)
		return got;
	if (!*answer)
		return usual;
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

int ask_number(size_t count, struct error **e)
{
	char answer[ANSWER_BYTES];
	int64_t number = 0;
	int got = read_line(answer, e);
	if (got <= 0)
		return got;
	if (!*answer)
		return 1;
	return text_to_int64(answer, 1, (int64_t)count, &number) < 0 ? 0 : (int)number;
}
