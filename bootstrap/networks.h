/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --network means for a root that is being made: which packages it takes, and what new
 * containers get. */
#ifndef BOOTSTRAP_NETWORKS_H
#define BOOTSTRAP_NETWORKS_H

#include <net/if.h>

#include "bootstrap/config.h"
#include "containers/network.h"
#include "hooks/hook.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/text.h"

/* Adds what the network serves with (dnsmasq, a tool for NAT), where it is one that needs serving.
 */
int networks_packages(const struct config *c, struct strings *to, struct error **e) must_check;
/* The network of a new container in a finished ROOT, by --network and --link; tells what was taken.
 * `link` backs to->link. ERROR_PACKAGES where ROOT lacks what the network is served by. */
int networks_settle(const struct rootfs *root, const struct config_options *o,
	struct container_network *to, char link[IFNAMSIZ], struct report *report,
	struct error **e) must_check;
/* For hook_settings: decides, tells what was taken and why, and adds the lines `lxc.net.*`. */
int networks_lines(const struct hook_context *c, struct buf *to, struct error **e) must_check;

#endif
