/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/proc.h"

enum { CHUNK = 4096, WAKE_MS = 250 };

static void copy_size(int master)
{
	struct winsize size;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}

/* Through the holder's root, not the host's /dev/ptmx, whose terminals do not exist inside. */
int pty_open(pid_t holder, char slave[PTY_NAME], struct error **e)
{
	char path[64];
	int unlocked = 0;
	unsigned number;
	snprintf(path, sizeof path, "/proc/%d/root/dev/pts/ptmx", (int)holder);
	int auto_fd master = open(path, O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (master < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open a terminal in the environment");
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCGPTN, &number) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "unlock a terminal in the environment");
	snprintf(slave, PTY_NAME, "/dev/pts/%u", number);
	copy_size(master);
	return take_fd(&master);
}

int pty_attach(const char *slave, uid_t uid, struct error **e)
{
	/* Only the leader of a session can get a controlling terminal (tty_ioctl(4)). */
	if (setsid() < 0)
		return error_set(e, ERROR_SYSTEM, errno, "start a session");
	int fd = open(slave, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", slave);
	if (ioctl(fd, TIOCSCTTY, 0) < 0 || fchown(fd, uid, (gid_t)-1) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "take %s", slave);
		close(fd);
		return -1;
	}
	for (int i = 0; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

/* Bytes on their way to a master that takes no more just now. */
struct chunk {
	char data[CHUNK];
	size_t from, to;
};

struct proxy {
	int master; /* -1 after its end */
	int input; /* -1 after its end */
	int signals;
	struct chunk typed;
};

/* 1 moved some, 0 nothing now or no more. */
static int show_output(struct proxy *p)
{
	char data[CHUNK];
	ssize_t n = p->master < 0 ? 0 : read(p->master, data, sizeof data);
	if (n > 0)
		return fd_write_all(STDOUT_FILENO, data, (size_t)n, NULL) == 0;
	/* EIO: nobody holds the slave open any more. */
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		p->master = -1;
	return 0;
}

static void take_input(struct proxy *p)
{
	ssize_t n = read(p->input, p->typed.data, sizeof p->typed.data);
	if (n > 0) {
		p->typed.from = 0;
		p->typed.to = (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->input = -1;
	}
}

static void pass_input(struct proxy *p)
{
	struct chunk *c = &p->typed;
	ssize_t n = write(p->master, c->data + c->from, c->to - c->from);
	if (n > 0)
		c->from += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->from = c->to;
}

static void take_signals(struct proxy *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGWINCH && p->master >= 0)
			copy_size(p->master);
}

/* Without reaping: that is proc_wait's. */
static bool ended(pid_t pid)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == pid;
}

static void proxy_run(struct proxy *p, pid_t pid)
{
	while (!ended(pid) && !interrupt_pending()) {
		bool waiting = p->typed.from < p->typed.to;
		struct pollfd polled[] = {
			{p->signals, POLLIN, 0},
			{waiting ? -1 : p->input, POLLIN, 0},
			{p->master, (short)(POLLIN | (waiting ? POLLOUT : 0)), 0},
		};
		if (poll(polled, 3, WAKE_MS) <= 0)
			continue;
		if (polled[0].revents)
			take_signals(p);
		if (polled[1].revents)
			take_input(p);
		if (polled[2].revents & POLLOUT)
			pass_input(p);
		if (polled[2].revents & (POLLIN | POLLHUP | POLLERR))
			show_output(p);
	}
	while (show_output(p)) /* what it said last */
		;
}

int pty_proxy(int master, pid_t pid, int *status, struct error **e)
{
	struct termios before, raw;
	sigset_t wanted, mask;
	struct proxy p = {.master = master, .input = STDIN_FILENO};
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "look at the terminal");
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGWINCH);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, &mask);
	p.signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	raw = before;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	proxy_run(&p, pid);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	if (p.signals >= 0)
		close(p.signals);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return proc_wait(pid, status, e);
}
