/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A second opinion on a signature: what gpgv(1) says, where there is one. For people and tests; no
 * decision of ours rests on it. */
#ifndef LIB_GPGV_H
#define LIB_GPGV_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/openpgp.h"

struct gpgv_opinion {
	bool there; /* false: no gpgv in PATH, and nothing else is said */
	bool good; /* a good signature, and no word against key or signature */
	char why[256]; /* its status lines' words; foreign bytes */
};

/* Asks about the bytes of `x` and the file behind `fd`, by nobody's configuration. It judges by the
 * system's clock, and knows nothing of the ring's lists. */
int gpgv_ask(const struct openpgp_examination *x, int fd, struct gpgv_opinion *to,
	struct error **e) must_check;

#endif
