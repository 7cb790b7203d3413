/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LXC's configuration of a container, written from its spec (lxc.container.conf(5), the keys of LXC
 * 2.1 and later). */
#ifndef CONTAINERS_CONFIG_H
#define CONTAINERS_CONFIG_H

#include <stdbool.h>

#include "containers/facts.h"
#include "containers/spec.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Pure but for MAC addresses. What holds for every container, made by a template of LXC's or by us:
 * `defaults`, the text of /etc/lxc/default.conf, as whose heir each is made; ids, limits, network.
 */
int container_config(const struct container_spec *spec, const struct container_facts *facts,
	const char *defaults, struct buf *to, struct error **e) must_check;
/* Pure: the rest, for a container that no template writes: name, rootfs (an absolute path), init,
 * mounts, what it may not do. `to` has what container_config wrote. */
int container_config_own(const struct container_spec *spec, const struct container_facts *facts,
	const char *rootfs, struct buf *to, struct error **e) must_check;

/* Pure: does this configuration leave the container in the host's network (type `none`)? */
bool container_config_shares_network(const char *config);

#endif
