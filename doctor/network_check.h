/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the network leads anywhere: a name is looked up and a connection made, by a worker, in
 * five seconds at most. Nothing is downloaded. */
#ifndef DOCTOR_NETWORK_CHECK_H
#define DOCTOR_NETWORK_CHECK_H

#include <stdbool.h>

#include "doctor/findings.h"
#include "lib/error.h"

struct network_look {
	bool resolved;
	char dns_error[256]; /* where not; "" where not even a server was asked */
	int connect_errno; /* 0: connected */
};

/* `host` is asked for at `port`. Every bad answer is in `look`, and no error. */
int network_look(
	const char *host, int port, struct network_look *look, struct error **e) must_check;
/* Pure. */
int network_check(const struct network_look *look, const char *host, struct findings *to,
	struct error **e) must_check;

#endif
