/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which network containers get: the words for it, and what `auto` takes on this machine. */
#ifndef CONTAINERS_NETWORK_CHOICE_H
#define CONTAINERS_NETWORK_CHOICE_H

#include <net/if.h>
#include <stdbool.h>

#include "containers/network.h"
#include "lib/error.h"
#include "lib/report.h"

/* "auto", "macvlan", "veth", "none", "host"; ERROR_USAGE for another word. */
int network_mode_parse(const char *word, enum network_mode *mode, struct error **e) must_check;
const char *network_mode_word(enum network_mode mode);

/* What is to be known of the machine. */
struct network_facts {
	char link[IFNAMSIZ]; /* that was asked for, else of the default route; "" if none */
	bool asked; /* for the link */
	bool wireless;
	int macvlan_errno; /* 0: it can carry one */
};
struct network_choice {
	enum network_mode mode; /* never NETWORK_AUTO */
	char link[IFNAMSIZ]; /* of a macvlan */
	char reason[160]; /* "wlan0 is wireless, …"; "" where the user chose */
	char warning[160]; /* "" if none */
};
/* Pure. ERROR_CONFIG where what is asked for needs a link and there is none, ERROR_KERNEL where a
 * macvlan is asked for that the link cannot carry. */
int network_decide(enum network_mode mode, const struct network_facts *facts,
	struct network_choice *choice, struct error **e) must_check;
/* Looks at the machine, then decides. `link` NULL: that of the default route. A macvlan is made and
 * deleted to find out; ERROR_CONFIG where there is no such link. */
int network_choose(enum network_mode mode, const char *link, struct network_choice *choice,
	struct error **e) must_check;
/* What was taken and why, and what to mind. */
void network_choice_tell(const struct network_choice *choice, struct report *report);

#endif
