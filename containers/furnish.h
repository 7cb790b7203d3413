/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rootfs of a new container gets beside its packages: a name, and an init with which it
 * comes up and asks for an address.
 *
 * With systemd that is two units switched on. Without, LXC's own init (lxc-init(1), its static
 * build) and a script of ours for busybox: an Arch rootfs brings no other init, and a kernel that
 * is too old for its systemd shall carry it all the same. */
#ifndef CONTAINERS_FURNISH_H
#define CONTAINERS_FURNISH_H

#include "chroot/rootfs.h"
#include "containers/facts.h"
#include "containers/spec.h"
#include "lib/error.h"
#include "lib/report.h"

#define FURNISH_DIR "/usr/local/lib/alarmstrap"
#define FURNISH_INIT FURNISH_DIR "/init.lxc"
#define FURNISH_RC FURNISH_DIR "/rc"

/* `root` is the environment's rootfs, `inner` the container's, in which nothing runs. Resolves
 * CONTAINER_INIT_AUTO in spec->init, and tells which it is where that is not systemd. `systemd`:
 * the version of that package in `inner`, NULL where it is not installed. ERROR_KERNEL for a
 * systemd that is asked for and cannot be; ERROR_CONTAINER where LXC's init is not in ROOT. */
int container_furnish(const struct rootfs *root, const struct rootfs *inner,
	struct container_spec *spec, const struct container_facts *facts, const char *systemd,
	struct report *report, struct error **e) must_check;

#endif
