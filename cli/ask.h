/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the person at the terminal. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/* Is somebody there: stdin and stderr are terminals? */
bool ask_can(void);
/* Reads the answer to a question that stands on stderr: "y" or "yes" is 1, "n" or "no" 0, an empty
 * line `usual`; anything else and the end of the input are a no. -1 on an interrupt. */
int ask_yes(bool usual, struct error **e) must_check;
/* A number from 1 to `count`; 1 for an empty line, 0 for anything else. */
int ask_number(size_t count, struct error **e) must_check;

#endif
