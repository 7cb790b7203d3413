/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAT and the firewall of the host, by the root's own tools. */
#include <string.h>

#include "containers/network_place.h"
#include "lib/buf.h"
#include "lib/proc.h"

static void keep_last(void *arg, const char *line)
{
	struct buf *last = arg;
	buf_clear(last);
	if (buf_puts(last, line, NULL) < 0)
		buf_clear(last);
}

int network_firewall(const char *verb, const char *bridge, const char *subnet, struct error **e)
{
	auto_buf said = BUF(0);
	int status = 0;
	const char *argv[] = {
		"/bin/sh", "-c", network_firewall_script, "firewall", verb, bridge, subnet, NULL};
	if (proc_run(argv, NULL, keep_last, &said, &status, e) < 0)
		return error_wrap(e, "NAT for %s", bridge);
	if (!status)
		return 0;
	if (strcmp(buf_text(&said), "missing") == 0) {
		error_set(e, ERROR_PACKAGES, 0,
			"NAT needs iptables or nftables, and neither is installed");
		return error_hint(e, "alarmstrap install ROOT iptables");
	}
	error_set(e, ERROR_KERNEL, 0, "NAT for %s: %s", bridge,
		said.length ? buf_text(&said) : "the shell of the root does not run");
	return error_hint(e,
		"the kernel needs CONFIG_NFT_MASQ and CONFIG_NFT_NAT, or CONFIG_IP_NF_NAT and "
		"CONFIG_IP_NF_TARGET_MASQUERADE with the package iptables-legacy");
}
