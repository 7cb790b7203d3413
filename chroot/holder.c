/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chroot/cgroup_own.h"
#include "chroot/hostname.h"
#include "chroot/mounts.h"
#include "chroot/notice.h"
#include "chroot/rlimits.h"
#include "chroot/spare.h"
#include "chroot/strays.h"
#include "lib/fd.h"
#include "lib/proc.h"
#include "lib/syscalls.h"
#include "lib/ticks.h"

/* Setting up takes some 20 ms; a device may be busy. */
enum { SETUP_MS = 60000, GRACE_MS = 3000, LOOK_MS = 20 };
enum { RELEASED = 'r', TETHERED = 't' };

struct setup {
	const struct rootfs *rootfs;
	struct environment_options options;
	int tell; /* notices to the starter */
	int go; /* one byte: RELEASED or TETHERED */
};

/* kill(2) with -1 means every process of the pid namespace but its init. Anybody else who says so
 * means the whole machine. */
static bool is_init(void)
{
	return getpid() == 1;
}

/* Every process of the namespace but ourselves is gone. */
static bool alone(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return kill(-1, 0) < 0 && errno == ESRCH;
}

/* Processes of nested pid namespaces, the containers, are in ours, too. */
static void end_all(void)
{
	if (!is_init()) {
		/* stop has a last look at them. */
		(void)!strays_end(strays_namespace(getpid()), GRACE_MS);
		return;
	}
	kill(-1, SIGTERM);
	for (int64_t until = ticks_ms() + GRACE_MS; !alone() && ticks_ms() < until;)
		ticks_sleep_ms(LOOK_MS);
	kill(-1, SIGKILL);
}

/* An init's default action for a signal is to ignore it, but a blocked one is kept for us
 * (pid_namespaces(7), sig_ignored in the kernel). */
static int hold(const sigset_t *wanted)
{
	for (;;) {
		int got = 0;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sigwait(wanted, &got);
		if (got == SIGTERM)
			break;
	}
	end_all();
	return 0;
}

static int stdio_to_null(struct error **e)
{
	int fd = open("/dev/null", O_RDWR);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open /dev/null in the environment");
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

static int set_up(const struct setup *s, struct error **e)
{
	struct spare spare;
	spare_make(&spare, mounts_environment, mounts_environment_count);
	int r = mounts_enter_root(rootfs_path(s->rootfs), rootfs_fd(s->rootfs), s->options.binds,
		s->options.move_root, e);
	if (r == 0)
		r = mounts_walk(mounts_environment, mounts_environment_count, &spare, s->tell, e);
	spare_close(&spare);
	if (r < 0)
		return -1;
	hostname_adopt();
	return stdio_to_null(e);
}

static int holder_body(void *arg)
{
	struct setup *s = arg;
	auto_error *e = NULL;
	sigset_t all, wanted;
	char word;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	setsid();
	umask(022);
	rlimits_reset();
	if (set_up(s, &e) < 0) {
		notice_error(s->tell, e);
		return 1;
	}
	/* Nothing of the host's may be reached through us; the root directory's own descriptor
	 * would keep its mount busy. */
	fd_close_others((const int[]){s->tell, s->go}, 2);
	notice_send(s->tell, NOTICE_READY, 0);
	if (fd_read(s->go, &word, 1, NULL) != 1)
		return 1;
	/* Before the starter hears of it: it ends our parent then. */
	if (word == RELEASED)
		prctl(PR_SET_PDEATHSIG, 0);
	else if (!is_init())
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody else would end the others */
	prctl(PR_SET_NAME, HOLDER_NAME);
	notice_send(s->tell, NOTICE_DETACHED, 0);
	close(s->tell);
	close(s->go);
	return hold(&wanted);
}

static int lacks_mount_namespace(int errnum, struct error **e)
{
	if (errnum == EPERM)
		return error_set(e, ERROR_PRIVILEGE, errnum, "make a mount namespace");
	if (errnum != EINVAL && errnum != ENOSYS)
		return error_set(e, ERROR_SYSTEM, errnum, "make a mount namespace");
	error_set(e, ERROR_KERNEL, errnum, "make a mount namespace");
	return error_hint(
		e, "this kernel lacks CONFIG_NAMESPACES: build or choose one that has it");
}

/* EINVAL is what a kernel built without them says (unshare(2)). Commands run all the same; what
 * they leave behind is then found by the mount namespace (chroot/strays.h). */
static int leave_pid_namespace(int notice_fd, struct error **e)
{
	if (sys_unshare(CLONE_NEWPID) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return error_set(e, errno == EPERM ? ERROR_PRIVILEGE : ERROR_SYSTEM, errno,
			"make a pid namespace");
	notice_note(notice_fd,
		"this kernel lacks CONFIG_PID_NS: commands run here, LXC containers do not");
	return 0;
}

/* The launcher: what must happen before pid 1 exists. unshare(CLONE_NEWPID) is for the children,
 * and the cgroups want the host's own view of them. */
static int prepare(const struct setup *s, struct error **e)
{
	char name[CGROUP_OWN_NAME];
	struct stat st;
	if (fstat(rootfs_fd(s->rootfs), &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", rootfs_path(s->rootfs));
	if (sys_unshare(CLONE_NEWNS) < 0)
		return lacks_mount_namespace(errno, e);
	if (mounts_make_private(e) < 0)
		return -1;
	cgroup_own_name(name, st.st_dev, st.st_ino);
	cgroup_own_enter(name, s->options.layout, s->tell);
	return leave_pid_namespace(s->tell, e);
}

static int launcher_body(void *arg)
{
	struct setup *s = arg;
	auto_error *e = NULL;
	int status = 1;
	int keep[] = {s->tell, s->go, rootfs_fd(s->rootfs)};
	/* Neither we nor the holder are to be found yet; when that one pivots, our root is its, too
	 * (pivot_root(2)). */
	prctl(PR_SET_NAME, "alarmstrap-new");
	setsid();
	fd_close_others(keep, 3);
	pid_t pid = prepare(s, &e) < 0 ? -1 : proc_fork(holder_body, s, 0, NULL, &e);
	if (pid < 0) {
		notice_error(s->tell, e);
		return 1;
	}
	notice_send(s->tell, NOTICE_PID, pid);
	/* The pipes must end with the holder, and the root must not be kept busy by us. */
	fd_close_others(NULL, 0);
	return proc_wait(pid, &status, NULL) < 0 ? 1 : status;
}

static int await_ready(struct holder *h, struct report *report, struct error **e)
{
	int pid;
	if (notice_await_grandchild(h->told, &pid, report, ticks_ms() + SETUP_MS, e) < 0)
		return -1;
	h->pid = pid;
	return 0;
}

int holder_launch(struct holder *h, const struct rootfs *r,
	const struct environment_options *options, struct report *report, struct error **e)
{
	int up[2] = {-1, -1}, down[2] = {-1, -1};
	if (pipe2(up, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	if (pipe2(down, O_CLOEXEC) < 0) {
		close(up[0]);
		close(up[1]);
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	}
	struct setup s = {.rootfs = r, .tell = up[1], .go = down[0]};
	if (options)
		s.options = *options;
	struct holder new = {-1, proc_fork(launcher_body, &s, 0, NULL, e), up[0], down[1]};
	close(up[1]);
	close(down[0]);
	if (new.launcher < 0 || await_ready(&new, report, e) < 0) {
		holder_drop(&new);
		return -1;
	}
	*h = new;
	return 0;
}

static int send_word(struct holder *h, char word, struct error **e)
{
	if (fd_write_all(h->go, &word, 1, e) == 0 &&
		notice_await(h->told, NOTICE_DETACHED, NULL, ticks_ms() + SETUP_MS, e) == 0)
		return 0;
	holder_drop(h);
	return -1;
}

int holder_release(struct holder *h, struct error **e)
{
	if (send_word(h, RELEASED, e) < 0)
		return -1;
	holder_drop(h); /* the launcher alone: the holder does not mind any more */
	return 0;
}

int holder_tether(struct holder *h, pid_t *launcher, struct error **e)
{
	if (send_word(h, TETHERED, e) < 0)
		return -1;
	*launcher = h->launcher;
	h->launcher = -1;
	holder_drop(h);
	return 0;
}

void holder_drop(struct holder *h)
{
	proc_kill(h->launcher);
	if (h->told >= 0)
		close(h->told);
	if (h->go >= 0)
		close(h->go);
	*h = (struct holder){-1, -1, -1, -1};
}
