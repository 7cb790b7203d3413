/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of filesystems: each is mounted in a mount namespace that dies with the child. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "chroot/spare.h"
#include "doctor/kernel_release.h"
#include "doctor/probe.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/syscalls.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

static int mount_type(const char *type, const char *options, const char *step)
{
	const char *directory;
	int failed = probe_scratch(&directory);
	return failed ? failed : probe_step(mount(type, directory, type, 0, options), step);
}

static int try_devpts(void)
{
	char path[64];
	const char *directory;
	int failed = probe_scratch(&directory);
	if (!failed)
		failed = probe_step(mount("devpts", directory, "devpts", MS_NOSUID | MS_NOEXEC,
					    "newinstance,ptmxmode=0666,mode=0620"),
			"mount devpts with newinstance");
	if (failed)
		return failed;
	snprintf(path, sizeof path, "%s/ptmx", directory);
	int auto_fd fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return probe_step(fd, "open its ptmx");
}

/* In a user namespace only who has a cgroup namespace of that one's may (cgroup_init_fs_context()
 * in kernel/cgroup/cgroup.c); an environment makes one. */
static int mount_cgroup(const char *type, const char *options, const char *step)
{
	const char *directory;
	int failed = probe_scratch(&directory);
	if (failed)
		return failed;
	if (mount(type, directory, type, 0, options) == 0)
		return 0;
	int errnum = errno;
	if (errnum == EPERM && sys_unshare(CLONE_NEWCGROUP) == 0 &&
		mount(type, directory, type, 0, options) == 0)
		return 0;
	errno = errnum;
	return probe_step(-1, step);
}

/* Whether `path` has a line that holds `text`. */
static bool tells(const char *path, const char *text)
{
	auto_buf lines = BUF(1 << 16);
	return path_read_file(AT_FDCWD, path, &lines, NULL) == 0 &&
	       strstr(buf_text(&lines), text) != NULL;
}

/* The first mount of cgroup2 shows its line in every /proc/PID/cgroup until the next boot
 * (cgrp_dfl_visible in kernel/cgroup/cgroup.c), and plans go by that line. Where it does not show
 * yet, the kernel's list of filesystems answers. */
static int try_cgroup2(void)
{
	if (tells("/proc/self/cgroup", "0::/"))
		return mount_cgroup("cgroup2", NULL, "mount cgroup2");
	if (tells("/proc/filesystems", "\tcgroup2\n"))
		return 0;
	errno = ENODEV;
	return probe_step(-1, "find cgroup2 in /proc/filesystems");
}

/* A hierarchy of a name of its own, without controllers: one that takes them would take them from
 * the host's cgroup2 (cgroup-v2.rst, "Mounting"). */
static int try_cgroup1(void)
{
	return mount_cgroup("cgroup", "none,name=alarmstrap-doctor", "mount cgroup with a name");
}

static int try_overlay(void)
{
	static const char *const names[] = {"lower", "upper", "work", "all"};
	const char *directory;
	int failed = probe_scratch(&directory);
	if (!failed)
		failed = probe_step(chdir(directory), "chdir");
	for (size_t i = 0; !failed && i < sizeof names / sizeof *names; i++)
		failed = probe_step(mkdir(names[i], 0755), "mkdir");
	return failed ? failed
		      : probe_step(mount("overlay", "all", "overlay", 0,
					   "lowerdir=lower,upperdir=upper,workdir=work"),
				"mount overlay");
}

static int try_mqueue(void)
{
	return mount_type("mqueue", NULL, "mount mqueue");
}

static int try_binfmt(void)
{
	return mount_type("binfmt_misc", NULL, "mount binfmt_misc");
}

/* No device is taken: LOOP_CTL_GET_FREE would make one. */
static int try_loop(void)
{
	int auto_fd fd = open("/dev/loop-control", O_RDONLY | O_CLOEXEC);
	return probe_step(fd, "open /dev/loop-control");
}

static int try_fuse(void)
{
	int auto_fd fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	return probe_step(fd, "open /dev/fuse");
}

/* In a user namespace the environment shows the host's nodes instead (chroot/spare.h). */
static int try_spare(const struct spare *spare)
{
	int auto_fd file = open("null", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int failed = probe_step(file, "make a file");
	return failed ? failed : probe_step(spare_use(spare, 0, "null"), "show the host's node");
}

/* A tmpfs of the environment's is where /dev is; a container's keeper may forbid both steps. */
static int try_mknod(void)
{
	const struct mounts_step node = {.act = MOUNTS_NODE, .target = "/dev/null"};
	const char *directory;
	struct spare spare;
	spare_make(&spare, &node, 1);
	int failed = probe_scratch(&directory);
	/* Without the flag nodev that the scratch directory has. */
	if (!failed)
		failed = probe_step(
			mount("tmpfs", directory, "tmpfs", MS_NOSUID, NULL), "mount tmpfs");
	if (!failed)
		failed = probe_step(chdir(directory), "chdir");
	if (!failed && mknod("null", S_IFCHR | 0666, makedev(1, 3)) < 0)
		failed = errno == EPERM && spare.fds[0] >= 0 ? try_spare(&spare)
							     : probe_step(-1, "mknod");
	if (failed)
		return failed;
	int auto_fd fd = open("null", O_WRONLY | O_CLOEXEC);
	return probe_step(fd, "open a device of its own making");
}

/* How the environment makes ROOT its root; an initramfs refuses, and MS_MOVE serves. */
static int try_enter(void)
{
	const char *directory;
	int failed = probe_scratch(&directory);
	if (!failed)
		failed = probe_step(chdir(directory), "chdir");
	if (failed)
		return failed;
	if (sys_pivot_root(".", ".") == 0)
		return 0;
	if (errno != EINVAL)
		return probe_step(-1, "pivot_root");
	failed = probe_step(mount(".", "/", NULL, MS_MOVE, NULL), "mount with MS_MOVE");
	return failed ? failed : probe_step(chroot("."), "chroot");
}

const struct probe probe_mounts[] = {
	{"enter", "change of the root directory (pivot_root)",
		"the environment enters ROOT so, or LXC fails in it", FINDING_NO_BOOTSTRAP,
		ERROR_KERNEL, .capability = CAP_SYS_ADMIN, .run = try_enter},
	{"mknod", "device nodes", "the environment has a /dev of its own", FINDING_NO_BOOTSTRAP,
		ERROR_KERNEL, .capability = CAP_MKNOD, .run = try_mknod},
	{"devpts", "terminals of its own (devpts newinstance)",
		"LXC gives each container a console", FINDING_NO_CONTAINERS, ERROR_KERNEL,
		.option = "DEVPTS_MULTIPLE_INSTANCES", .capability = CAP_SYS_ADMIN,
		.run = try_devpts},
	{"cgroup1", "control groups version 1", "LXC up to 6 uses them where the host does",
		FINDING_NOTE, ERROR_KERNEL, .capability = CAP_SYS_ADMIN, .decisive = true,
		.run = try_cgroup1},
	{"cgroup2", "control groups version 2", "LXC 7 uses nothing else", FINDING_NOTE,
		ERROR_KERNEL, .capability = CAP_SYS_ADMIN, .since = KERNEL(4, 5), .decisive = true,
		.run = try_cgroup2},
	{"overlay", "overlay filesystems",
		"containers that are copies of another, without the copying", FINDING_NOTE,
		ERROR_KERNEL, .option = "OVERLAY_FS", .capability = CAP_SYS_ADMIN,
		.since = KERNEL(3, 18), .run = try_overlay},
	{"mqueue", "POSIX message queues", "/dev/mqueue of the environment", FINDING_NOTE,
		ERROR_KERNEL, .option = "POSIX_MQUEUE", .capability = CAP_SYS_ADMIN,
		.run = try_mqueue},
	{"binfmt", "binfmt_misc", "programs of another architecture, by an emulator", FINDING_NOTE,
		ERROR_KERNEL, .option = "BINFMT_MISC", .capability = CAP_SYS_ADMIN,
		.run = try_binfmt},
	{"loop", "loop devices", "a ROOT inside a file (mount -o loop)", FINDING_NOTE, ERROR_KERNEL,
		.option = "BLK_DEV_LOOP", .capability = -1, .since = KERNEL(3, 1), .run = try_loop},
	{"fuse", "FUSE", "lxcfs, sshfs and other filesystems of users' own", FINDING_NOTE,
		ERROR_KERNEL, .option = "FUSE_FS", .capability = -1, .run = try_fuse},
};
const size_t probe_mounts_count = sizeof probe_mounts / sizeof *probe_mounts;
