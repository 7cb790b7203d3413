/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

/* Bits of the signals that came. */
enum { GOT_INT = 1, GOT_TERM = 2, GOT_HUP = 4 };
static volatile sig_atomic_t got;

static void note(int number)
{
	got |= number == SIGINT ? GOT_INT : number == SIGTERM ? GOT_TERM : GOT_HUP;
}

/* Each handler runs with the others blocked, so that no bit is lost. */
static int catch_signal(int number, struct error **e)
{
	struct sigaction action = {.sa_handler = note};
	sigfillset(&action.sa_mask);
	if (sigaction(number, &action, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set signal handlers");
	return 0;
}

int interrupt_install(struct error **e)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	if (catch_signal(SIGINT, e) < 0 || catch_signal(SIGTERM, e) < 0)
		return -1;
	if (sigaction(SIGPIPE, &ignore, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set signal handlers");
	return 0;
}

int interrupt_survive_hangup(struct error **e)
{
	return catch_signal(SIGHUP, e);
}

bool interrupt_hung_up(void)
{
	return got & GOT_HUP;
}

void interrupt_reset(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}

bool interrupt_pending(void)
{
	return got & (GOT_INT | GOT_TERM);
}

void interrupt_forget(void)
{
	got &= GOT_HUP;
}

int interrupt_check(struct error **e)
{
	if (!interrupt_pending())
		return 0;
	return error_set(e, ERROR_INTERRUPTED, 0, "interrupted by %s",
		(got & GOT_INT) ? "SIGINT" : "SIGTERM");
}
