/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LXC containers inside a running environment: created, started, listed, stopped, through LXC's own
 * programs there. Their network is what /etc/lxc/default.conf says (hook network). */
#ifndef CONTAINERS_CONTAINERS_H
#define CONTAINERS_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "chroot/environment.h"
#include "containers/facts.h"
#include "containers/spec.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

/* Letters, digits, '-', '_' and '.', not first; at most 63: what LXC, the host name and a cgroup
 * take alike. ERROR_USAGE otherwise. */
int container_check_name(const char *name, struct error **e) must_check;

/* ERROR_KERNEL where LXC cannot run for want of pid namespaces. */
int container_refuse_without_pid_namespace(
	const struct environment *env, struct error **e) must_check;

struct container {
	char *name;
	char *state; /* LXC's word: "RUNNING", "STOPPED", … */
	char *addresses; /* "192.168.1.7, fd00::7"; "" where it has none */
	pid_t init; /* as the environment sees it; 0 while stopped */
};
struct container_list {
	struct container *items;
	size_t count;
};
int container_list(
	const struct environment *env, struct container_list *list, struct error **e) must_check;
/* One result row a container. */
void container_list_report(const struct container_list *list, struct report *report);
void container_list_free(struct container_list *list);
#define auto_container_list __attribute__((cleanup(container_list_free))) struct container_list

/* With LXC's busybox template; one that exists is left as it is. ERROR_CONTAINER with LXC's words.
 */
int container_create(const struct environment *env, const struct container_spec *spec,
	const struct container_facts *facts, struct error **e) must_check;
/* The configuration of a new container in `root`. `rootfs` NULL: a template of LXC's adds where
 * that is, and what goes with it. */
int container_config_of_root(const struct rootfs *root, const struct container_spec *spec,
	const struct container_facts *facts, const char *rootfs, struct buf *to,
	struct error **e) must_check;
/* Starts it and waits until it is RUNNING; one that runs is left running. */
int container_start(const struct environment *env, const char *name, struct error **e) must_check;
/* Asks its init to end, kills it after ten seconds. One that is stopped stays so. */
int container_stop(const struct environment *env, const char *name, struct error **e) must_check;
/* Starts those whose configuration says `lxc.start.auto = 1`; what does not start is a warning. For
 * an environment that was just started and stays up. */
void container_bring_back(const struct environment *env, struct report *report);
/* All that run, at once; one that does not end in ten seconds is killed. 0 where LXC is not there.
 */
int container_stop_all(const struct environment *env, struct error **e) must_check;
/* Runs argv in a container that runs (NULL: a shell), with our stdio and, where that is a terminal,
 * with one of the container's. *status is the command's. `variables`: "NAME=value"; may be NULL. */
int container_enter(const struct environment *env, const char *name, const char *const *argv,
	const struct strings *variables, int *status, struct error **e) must_check;
/* Stops and deletes a container of `root`; `env` NULL where no environment is up. ERROR_BUSY names
 * a mount that lies in it, here or in the environment, and nothing was deleted then. */
int container_delete(const struct rootfs *root, const struct environment *env, const char *name,
	struct report *report, struct error **e) must_check;
/* Waits until each named container has an address, `timeout_ms` at most; the number that have one.
 */
int container_wait_addresses(const struct environment *env, const struct strings *names,
	int64_t timeout_ms, struct error **e) must_check;

/* The container's rootfs in the directory of the LXC in `r`, running or not, environment up or not.
 * ERROR_CONTAINER where it has none. */
struct rootfs *container_rootfs(
	const struct rootfs *r, const char *name, struct error **e) must_check;

/* The architecture of the LXC inside where this machine only emulates it, and containers cannot be
 * started; else NULL. */
const char *container_emulated(const struct environment *env);

#endif
