/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/target.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/proc.h"
#include "lib/syscalls.h"
#include "lib/text.h"

enum { LEAST_FILES = 30000 };

/* Names of the things tried; all begin alike so that they can be cleared. */
#define FILE_NAME "probe"
#define FILE_OTHER_CASE "PROBE"
#define LINK_NAME "probe-symlink"
#define HARD_NAME "probe-link"

static void clear(int fd)
{
	static const char *const names[] = {FILE_NAME, FILE_OTHER_CASE, LINK_NAME, HARD_NAME};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlinkat(fd, names[i], 0);
}

static bool try_symlink(int fd)
{
	struct stat st;
	return symlinkat("/nowhere", fd, LINK_NAME) == 0 &&
	       fstatat(fd, LINK_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static bool try_case(int fd)
{
	struct stat st;
	return fstatat(fd, FILE_OTHER_CASE, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static bool try_owner(int file)
{
	struct stat st;
	bool kept = fchown(file, 1, 2) == 0 && fstat(file, &st) == 0 && st.st_uid == 1 &&
		    st.st_gid == 2;
	return fchown(file, 0, 0) == 0 && kept;
}

static bool try_mode(int file)
{
	struct stat st;
	return fchmod(file, 04711) == 0 && fstat(file, &st) == 0 && (st.st_mode & 07777) == 04711 &&
	       fchmod(file, 0755) == 0;
}

static bool try_capability(int file)
{
	/* struct vfs_cap_data, revision 2 (linux/capability.h): CAP_NET_RAW permitted, effective.
	 */
	static const uint32_t ping[5] = {0x02000001, 1U << 13, 0, 0, 0};
	return fsetxattr(file, "security.capability", ping, sizeof ping, 0) == 0;
}

/* The per-mount flags of a bind mount can be cleared in a mount namespace of one's own, unless they
 * are locked (mount_namespaces(7)); those of the filesystem itself cannot. */
static int run_in_namespace(void *arg)
{
	int fd = *(int *)arg;
	char here[64];
	snprintf(here, sizeof here, "/proc/self/fd/%d", fd);
	char *path = realpath(here, NULL);
	if (!path)
		return 1;
	if (sys_unshare(CLONE_NEWNS) == 0 &&
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount(path, path, NULL, MS_BIND, NULL) == 0)
		mount(NULL, path, NULL, MS_BIND | MS_REMOUNT, NULL);
	char *program = text_format(NULL, "%s/" FILE_NAME, path);
	if (!program)
		return 1;
	const char *argv[] = {program, "--version", NULL};
	return proc_exec(argv, NULL);
}

static bool copy_self(int to)
{
	int auto_fd self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return self >= 0 && fd_copy(self, to, NULL) > 0;
}

static void drop(void *arg, const char *line)
{
}

/* Our own program is the one that surely runs on this machine. */
static bool try_program(int fd)
{
	int status = 127, auto_fd output = -1;
	pid_t pid = proc_fork(run_in_namespace, &fd, 0, &output, NULL);
	if (pid < 0)
		return false;
	if (proc_read_lines(output, drop, NULL, 0, NULL) < 0) {
		proc_kill(pid);
		return false;
	}
	return proc_wait(pid, &status, NULL) == 0 && status == 0;
}

static int measure(int fd, struct target_facts *f, struct error **e)
{
	struct statvfs v;
	if (fstatvfs(fd, &v) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "measure the free space");
	/* A tmpfs without a limit says 0 of 0. */
	f->free_bytes = v.f_blocks ? (uint64_t)v.f_bavail * v.f_frsize : UINT64_MAX;
	/* btrfs and others make inodes as needed and say 0 of 0. */
	f->free_files = v.f_files ? v.f_ffree : UINT64_MAX;
	return 0;
}

int target_probe(int fd, struct target_facts *facts, struct error **e)
{
	struct target_facts f = {0};
	if (measure(fd, &f, e) < 0)
		return -1;
	clear(fd);
	int auto_fd file = openat(fd, FILE_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (file < 0) {
		error_set(e, errno == EROFS ? ERROR_ROOT : fd_error_code(errno), errno,
			"try to write there");
		return error_hint(e, "name a ROOT on a filesystem that can be written to");
	}
	f.symlinks = try_symlink(fd);
	f.hard_links = linkat(fd, FILE_NAME, fd, HARD_NAME, 0) == 0;
	f.case_kept = try_case(fd);
	f.owners = try_owner(file);
	f.setuid_modes = try_mode(file);
	f.user_attributes = fsetxattr(file, "user.alarmstrap", "1", 1, 0) == 0;
	bool copied = copy_self(file);
	f.file_capabilities = try_capability(file);
	fremovexattr(file, "security.capability");
	if (fchmod(file, 0755) < 0)
		f.setuid_modes = false;
	/* ETXTBSY while it is open for writing (execve(2)). */
	close(take_fd(&file));
	f.programs = copied && try_program(fd);
	clear(fd);
	/* Ctrl-C cuts the trial short, and tells nothing of the filesystem. */
	if (interrupt_check(e) < 0)
		return -1;
	*facts = f;
	return 0;
}

int target_judge(
	const struct target_facts *f, const char *path, struct report *report, struct error **e)
{
	const struct {
		bool there;
		const char *missing;
	} needs[] = {
		{f->symlinks, "symbolic links"},
		{f->hard_links, "hard links"},
		{f->owners, "owners"},
		{f->setuid_modes, "file modes"},
		{f->case_kept, "names that differ in case"},
		{f->programs, "programs that run (noexec)"},
	};
	auto_buf missing = BUF(0);
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (!needs[i].there && buf_printf(&missing, e, "%s%s", missing.length ? ", " : "",
					       needs[i].missing) < 0)
			return -1;
	if (missing.length) {
		error_set(e, ERROR_ROOT, 0, "the filesystem of %s has no %s", path,
			buf_text(&missing));
		/* 4 GiB less a byte is the most that FAT has for a file. */
		return error_hint(e,
			"name a ROOT on ext4, f2fs, btrfs or xfs; or put one of these into a file "
			"there: truncate -s 3900M FILE, mkfs.ext4 FILE, mkdir DIR, mount -o loop "
			"FILE DIR, and DIR is a ROOT then");
	}
	if (!f->file_capabilities)
		report_warn(report,
			"the filesystem of %s keeps no file capabilities: ping and the "
			"like will need root inside",
			path);
	return 0;
}

int target_judge_space(
	const struct target_facts *f, const char *path, uint64_t needed, struct error **e)
{
	char need[32], have[32];
	if (f->free_files < LEAST_FILES) {
		error_set(e, ERROR_SPACE, 0,
			"%s has room for %llu more files, and a root has about "
			"%d",
			path, (unsigned long long)f->free_files, LEAST_FILES);
		return -1;
	}
	if (f->free_bytes >= needed)
		return 0;
	text_size(need, sizeof need, needed);
	text_size(have, sizeof have, f->free_bytes);
	return error_set(
		e, ERROR_SPACE, 0, "%s has %s free, and about %s are needed", path, have, need);
}
