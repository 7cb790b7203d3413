/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a container shall be: data alone, from the command line to the one file that writes LXC's
 * configuration (containers/config.c). */
#ifndef CONTAINERS_SPEC_H
#define CONTAINERS_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "containers/idmap.h"
#include "containers/network.h"
#include "lib/error.h"

enum container_init {
	CONTAINER_INIT_AUTO, /* systemd where the kernel carries it, else LXC's own */
	CONTAINER_INIT_SYSTEMD,
	CONTAINER_INIT_LXC, /* LXC's own: it reaps, and ends everything with the container */
	CONTAINER_INIT_COMMAND, /* the same, for the sake of one command */
};

/* 0: no limit. */
struct container_limits {
	uint64_t memory_bytes;
	unsigned thousandths_cpu; /* 1500: one CPU and a half */
	uint64_t pids;
};

/* Borrowed strings. */
struct container_spec {
	const char *name;
	struct container_limits limits;
	enum container_init init;
	const char *command; /* of CONTAINER_INIT_COMMAND, for a shell */
	struct container_idmap idmap; /* of an unprivileged one; count 0: privileged */
	bool autostart; /* it comes back when the environment starts */
	struct container_network network;
};

/* The words of --memory ("512M", K, M, G and T in steps of 1024), --cpus ("1.5") and --pids; NULL
 * leaves the limit unset. ERROR_USAGE. */
int container_limits_parse(struct container_limits *limits, const char *memory, const char *cpus,
	const char *pids, struct error **e) must_check;
/* --init: "auto", "systemd", "lxc", anything else is a command. NULL: auto. */
void container_init_parse(struct container_spec *spec, const char *word);

#endif
