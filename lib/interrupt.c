/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

static void interrupt_note(int number)
{
	interrupted = number;
}

int interrupt_install(struct error **e)
{
	struct sigaction action = {.sa_handler = interrupt_note};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	if (sigaction(SIGINT, &action, NULL) < 0 || sigaction(SIGTERM, &action, NULL) < 0 ||
		sigaction(SIGPIPE, &ignore, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set signal handlers");
	return 0;
}

void interrupt_reset(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

bool interrupt_pending(void)
{
	return interrupted != 0;
}

int interrupt_check(struct error **e)
{
	if (!interrupted)
		return 0;
	return error_set(e, ERROR_INTERRUPTED, 0, "interrupted by %s",
		interrupted == SIGINT ? "SIGINT" : "SIGTERM");
}
