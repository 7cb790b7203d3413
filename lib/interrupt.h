/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a flag that long work looks at. The first signal asks for an
 * orderly end: the work returns ERROR_INTERRUPTED and everything unwinds. */
#ifndef LIB_INTERRUPT_H
#define LIB_INTERRUPT_H

#include <stdbool.h>

#include "lib/error.h"

/* Called once by main. Blocking calls return EINTR from then on (no SA_RESTART). */
int interrupt_install(struct error **e) must_check;
/* Back to the default actions: for a child before exec. */
void interrupt_reset(void);
bool interrupt_pending(void);
/* Long work that shall outlive its terminal: from now on SIGHUP is only noted. */
int interrupt_survive_hangup(struct error **e) must_check;
bool interrupt_hung_up(void);
/* The interrupt was taken note of, and what follows is the orderly end: a second signal interrupts
 * that, too. */
void interrupt_forget(void);
/* 0, or -1 with ERROR_INTERRUPTED. */
int interrupt_check(struct error **e) must_check;

#endif
