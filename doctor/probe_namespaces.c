/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of namespaces: namespaces(7). Each makes one, in a child that then ends. */
#include <linux/capability.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/kernel_release.h"
#include "doctor/probe.h"
#include "lib/proc.h"
#include "lib/syscalls.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

static int try_mount_namespace(void)
{
	return probe_step(sys_unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
}

static int try_uts(void)
{
	return probe_step(sys_unshare(CLONE_NEWUTS), "unshare(CLONE_NEWUTS)");
}

static int try_ipc(void)
{
	return probe_step(sys_unshare(CLONE_NEWIPC), "unshare(CLONE_NEWIPC)");
}

static int say_pid(void *arg)
{
	return getpid() == 1 ? 0 : 1;
}

/* The first child is its pid 1. */
static int try_pid(void)
{
	int status = 1;
	int failed = probe_step(sys_unshare(CLONE_NEWPID), "unshare(CLONE_NEWPID)");
	if (failed)
		return failed;
	pid_t pid = proc_fork(say_pid, NULL, 0, NULL, NULL);
	if (pid < 0 || proc_wait(pid, &status, NULL) < 0 || status != 0)
		return probe_step(-1, "be process 1");
	return 0;
}

static int try_net(void)
{
	return probe_step(sys_unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
}

static int try_cgroup(void)
{
	return probe_step(sys_unshare(CLONE_NEWCGROUP), "unshare(CLONE_NEWCGROUP)");
}

static int try_user(void)
{
	return probe_step(sys_unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
}

const struct probe probe_namespaces[] = {
	{"mount-namespace", "mount namespaces",
		"the environment's mounts live in one, so that "
		"they are gone when it ends",
		FINDING_NO_BOOTSTRAP, ERROR_KERNEL, .option = "NAMESPACES",
		.capability = CAP_SYS_ADMIN, .run = try_mount_namespace},
	{"uts-namespace", "hostname namespaces", "LXC starts no container without",
		FINDING_NO_CONTAINERS, ERROR_KERNEL, .option = "UTS_NS",
		.capability = CAP_SYS_ADMIN, .run = try_uts},
	{"ipc-namespace", "IPC namespaces", "LXC starts no container without",
		FINDING_NO_CONTAINERS, ERROR_KERNEL, .option = "IPC_NS",
		.capability = CAP_SYS_ADMIN, .run = try_ipc},
	{"pid-namespace", "process id namespaces", "LXC starts no container without",
		FINDING_NO_CONTAINERS, ERROR_KERNEL, .option = "PID_NS",
		.capability = CAP_SYS_ADMIN, .run = try_pid},
	{"net-namespace", "network namespaces",
		"containers with a network of their own; without, they share the host's",
		FINDING_LIMITED, ERROR_KERNEL, .option = "NET_NS", .capability = CAP_SYS_ADMIN,
		.run = try_net},
	{"cgroup-namespace", "control group namespaces", "LXC 7, and systemd on cgroup2",
		FINDING_LIMITED, ERROR_KERNEL, .capability = CAP_SYS_ADMIN, .since = KERNEL(4, 6),
		.run = try_cgroup},
	{"user-namespace", "user namespaces", "containers whose root is nobody outside",
		FINDING_NOTE, ERROR_KERNEL, .option = "USER_NS", .capability = -1,
		.since = KERNEL(3, 8), .run = try_user},
};
const size_t probe_namespaces_count = sizeof probe_namespaces / sizeof *probe_namespaces;
