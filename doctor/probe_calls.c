/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of system calls that today's programs want. Most are asked with arguments that are wrong:
 * a kernel that has the call complains of them (EINVAL, EFAULT), one that lacks it says ENOSYS. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor/kernel_release.h"
#include "doctor/probe.h"
#include "lib/fd.h"

/* The same numbers everywhere; an older C library does not know them. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
enum { RULESET_VERSION = 1 }; /* LANDLOCK_CREATE_RULESET_VERSION */

/* A complaint about the arguments is a yes. */
static int complains(long result, const char *step)
{
	if (result < 0 && (errno == EINVAL || errno == EFAULT))
		return 0;
	return probe_step(result, step);
}

static int try_seccomp(void)
{
	struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
	struct sock_fprog program = {1, &allow};
	int failed = probe_step(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)");
	return failed ? failed
		      : probe_step(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
				"install a seccomp filter");
}

static int try_landlock(void)
{
	return probe_step(syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION),
		"landlock_create_ruleset");
}

static int try_pidfd(void)
{
	int auto_fd fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return probe_step(fd, "pidfd_open");
}

static int try_clone3(void)
{
	return complains(syscall(SYS_clone3, NULL, 0), "clone3");
}

static int try_openat2(void)
{
	return complains(syscall(SYS_openat2, AT_FDCWD, ".", NULL, 0), "openat2");
}

static int try_mount_setattr(void)
{
	return complains(syscall(SYS_mount_setattr, -1, NULL, 0, NULL, 0), "mount_setattr");
}

const struct probe probe_calls[] = {
	{"seccomp", "seccomp filters",
		"LXC and systemd forbid system calls by them; pacman's sandbox, too",
		FINDING_LIMITED, ERROR_KERNEL, .option = "SECCOMP_FILTER", .capability = -1,
		.since = KERNEL(3, 5), .run = try_seccomp},
	{"landlock", "Landlock", "pacman's sandbox: without, pacman 7 is told to do without",
		FINDING_NOTE, ERROR_KERNEL, .option = "SECURITY_LANDLOCK",
		.remedy = "build the kernel with CONFIG_SECURITY_LANDLOCK=y, and boot it with "
			  "landlock in lsm=; bootstrap switches that part of the sandbox off",
		.capability = -1, .since = KERNEL(5, 13), .not_on_android = true,
		.run = try_landlock},
	{"pidfd", "pidfd_open", "systemd of today wants it", FINDING_NOTE, ERROR_KERNEL,
		.capability = -1, .since = KERNEL(5, 3), .not_on_android = true, .run = try_pidfd},
	{"clone3", "clone3", "LXC 7 wants it", FINDING_NOTE, ERROR_KERNEL, .capability = -1,
		.since = KERNEL(5, 3), .not_on_android = true, .run = try_clone3},
	{"openat2", "openat2", "LXC opens what lies in containers by it, more safely", FINDING_NOTE,
		ERROR_KERNEL, .capability = -1, .since = KERNEL(5, 6), .not_on_android = true,
		.run = try_openat2},
	{"mount-setattr", "mount_setattr", "LXC 7 wants it", FINDING_NOTE, ERROR_KERNEL,
		.capability = -1, .since = KERNEL(5, 12), .not_on_android = true,
		.run = try_mount_setattr},
};
const size_t probe_calls_count = sizeof probe_calls / sizeof *probe_calls;
