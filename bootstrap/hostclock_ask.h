/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks all hosts and servers at once, each in a worker of its own. */
#ifndef BOOTSTRAP_HOSTCLOCK_ASK_H
#define BOOTSTRAP_HOSTCLOCK_ASK_H

#include "bootstrap/hostclock_decide.h"
#include "lib/http.h"
#include "lib/report.h"

struct hostclock_question {
	const struct http_settings *http; /* ca_pem, dns_servers */
	int64_t floor_s; /* the era of SNTP's answers is chosen by it */
	int timeout_ms; /* for all of it */
	struct report *report;
};

/* `answers` names whom to ask; what they say is filled in, their times moved to one moment: that of
 * the return. A host that fails is no error. ERROR_INTERRUPTED, ERROR_SYSTEM. */
int hostclock_ask(const struct hostclock_question *q, struct hostclock_answers *answers,
	struct error **e) must_check;

#endif
