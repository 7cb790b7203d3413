/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LXC's configuration of a container, written from its spec (lxc.container.conf(5), the keys of LXC
 * 2.1 and later). */
#ifndef CONTAINERS_CONFIG_H
#define CONTAINERS_CONFIG_H

#include "containers/spec.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Appends the whole configuration but for the rootfs, which is its maker's to name. `defaults`: the
 * text of /etc/lxc/default.conf, as whose heir every container is made: its lines come first. */
int container_config(const struct container_spec *spec, const char *defaults, struct buf *to,
	struct error **e) must_check;

#endif
