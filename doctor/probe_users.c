/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of what other users than root may do: sockets, and user namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor/kernel_release.h"
#include "doctor/probe.h"
#include "lib/fd.h"
#include "lib/syscalls.h"

enum { NOBODY = 65534 };

/* As libalpm becomes its download user: without other groups. */
static int become_nobody(void)
{
	int failed = probe_step(setgroups(0, NULL), "setgroups");
	if (!failed)
		failed = probe_step(setgid(NOBODY), "setgid");
	return failed ? failed : probe_step(setuid(NOBODY), "setuid");
}

static int try_socket(void)
{
	int auto_fd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return probe_step(fd, "socket(AF_INET)");
}

static int try_setuid(void)
{
	return become_nobody();
}

static int try_user_socket(void)
{
	int failed = become_nobody();
	return failed ? failed : try_socket();
}

/* Ubuntu lets a user make a user namespace, and AppArmor then takes all rights in it away:
 * apparmor_restrict_unprivileged_userns. So something is done in it. */
static int try_user_namespace(void)
{
	int failed = become_nobody();
	if (!failed)
		failed = probe_step(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl(DUMPABLE)");
	if (!failed)
		failed = probe_step(sys_unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	return failed ? failed
		      : probe_step(sys_unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS) within");
}

const struct probe probe_users[] = {
	{"setuid", "other users", "pacman downloads as one, and so do we", FINDING_NO_BOOTSTRAP,
		ERROR_KERNEL, .option = "MULTIUSER", .capability = CAP_SETUID, .run = try_setuid},
	{"socket", "sockets for root", "nothing can be downloaded", FINDING_NO_BOOTSTRAP,
		ERROR_NETWORK, .option = "INET",
		.remedy = "run it as root outside of any sandbox (on Android, by su)",
		.capability = -1, .run = try_socket},
	{"user-socket", "sockets for other users than root",
		"pacman's download user has no network: Android's paranoid network", FINDING_NOTE,
		ERROR_NETWORK,
		.remedy = "bootstrap lets pacman download as root there; or give the user alpm the "
			  "primary group 3003",
		.capability = -1, .run = try_user_socket},
	{"user-namespace-user", "user namespaces for other users than root",
		"containers that users start by themselves", FINDING_NOTE, ERROR_KERNEL,
		.option = "USER_NS",
		.remedy = "sysctl kernel.unprivileged_userns_clone=1 (Debian), "
			  "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or "
			  "user.max_user_namespaces=10000",
		.capability = -1, .since = KERNEL(3, 8), .run = try_user_namespace},
};
const size_t probe_users_count = sizeof probe_users / sizeof *probe_users;
