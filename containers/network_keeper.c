/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keeper of a network: one process of the environment, which ends with it.
 *
 * It holds an abstract socket (unix(7)) called after the bridge, by which it is found and known to
 * live. dnsmasq drops its privileges, and with that the promise to die with its parent (prctl(2)):
 * after a keeper that was killed it is found by the file with its pid. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "containers/network_netlink.h"
#include "containers/network_place.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/ticks.h"

#define NAME "alarmstrap-net" /* 15 bytes are what /proc/PID/comm holds */
#define PID_FILE "/run/alarmstrap-dnsmasq.pid"
#define LEASES "/var/lib/alarmstrap/leases"
static const char DNSMASQ[] = "dnsmasq";
enum {
	SERVING_MS = 5000, /* until dnsmasq listens */
	END_MS = 3000,
	SETTLE_MS = 500, /* a network that comes up says so in a dozen events */
	AGAIN_MS = 1000, /* before dnsmasq is started once more, doubled each time */
	AGAIN_MAX_MS = 60000,
	LOOK_MS = 10,
};

struct keeper {
	const struct network_place *place;
	const struct subnet *subnet;
	pid_t dnsmasq; /* 0: not running */
	int output; /* of dnsmasq; -1 */
	int listener, events, signals;
	int64_t start_at, apply_at; /* ticks_ms; 0: nothing to do */
	int again_ms;
};

static socklen_t address_of(const struct network_place *p, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
		"alarmstrap/networks/%s", p->bridge);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* The keeper's pid as we see it; 0 where none lives. Anybody may take the name, but not as root. */
static pid_t find_keeper(const struct network_place *p)
{
	struct sockaddr_un address;
	struct ucred who = {0};
	socklen_t length = address_of(p, &address), size = sizeof who;
	int auto_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.uid != 0)
		return 0;
	return who.pid;
}

bool network_keeper_alive(const struct network_place *p)
{
	return find_keeper(p) > 0;
}

/* 0 where none is left behind. The file outlives its process: only a dnsmasq is meant. */
static pid_t find_dnsmasq(void)
{
	int64_t pid;
	char path[64];
	auto_buf text = BUF(64), comm = BUF(64);
	if (path_read_file(AT_FDCWD, PID_FILE, &text, NULL) < 0 || !text.length ||
		text_to_int64(text_trim(text.data), 2, INT32_MAX, &pid) < 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	if (path_read_file(AT_FDCWD, path, &comm, NULL) < 0 || !comm.length ||
		strcmp(text_trim(comm.data), DNSMASQ) != 0)
		return 0;
	return (pid_t)pid;
}

/* Nobody's child of ours: it is gone when its pid is. One that waits for a device outlives even
 * SIGKILL, and is left to it. */
static void end_process(pid_t pid)
{
	static const int signals[] = {SIGTERM, SIGKILL};
	for (size_t i = 0; pid > 0 && i < sizeof signals / sizeof *signals; i++) {
		if (kill(pid, signals[i]) < 0)
			return;
		for (int64_t until = ticks_ms() + END_MS; kill(pid, 0) == 0 && ticks_ms() < until;)
			ticks_sleep_ms(LOOK_MS);
	}
}

void network_keeper_end(const struct network_place *p)
{
	end_process(find_keeper(p));
	end_process(find_dnsmasq());
}

static int exec_dnsmasq(void *arg)
{
	const struct keeper *k = arg;
	char listen[64], range[96], from[SUBNET_TEXT], to[SUBNET_TEXT], host[SUBNET_TEXT];
	char interface[32];
	subnet_format(host, k->subnet, 1, 1);
	subnet_format(from, k->subnet, 10, 1);
	subnet_format(to, k->subnet, 254, 1);
	snprintf(interface, sizeof interface, "--interface=%s", k->place->bridge);
	snprintf(listen, sizeof listen, "--listen-address=%s", host);
	snprintf(range, sizeof range, "--dhcp-range=%s,%s,12h", from, to);
	const char *argv[] = {DNSMASQ, "--conf-file=/dev/null", "--keep-in-foreground",
		"--log-facility=-", "--user=nobody", "--pid-file=" PID_FILE, "--bind-interfaces",
		"--except-interface=lo", interface, listen, range, "--dhcp-leasefile=" LEASES,
		"--dhcp-authoritative", "--dhcp-no-override",
		/* Containers that tell their name are found by it. */
		"--domain=lxc", "--local=/lxc/", "--expand-hosts", "--no-ping", NULL};
	int status = proc_exec(argv, NULL);
	return status;
}

struct serving {
	bool started;
	char last[256];
};

static void hear_dnsmasq(void *arg, const char *line)
{
	struct serving *s = arg;
	snprintf(s->last, sizeof s->last, "%s", line);
	s->started = s->started || strstr(line, ": started");
}

static void reap(struct keeper *k)
{
	if (k->dnsmasq > 0)
		proc_kill(k->dnsmasq);
	if (k->output >= 0)
		close(k->output);
	k->dnsmasq = 0;
	k->output = -1;
}

/* It says "started" when its sockets are bound. */
static int await_serving(struct keeper *k, struct serving *s, struct error **e)
{
	struct proc_lines lines = {0};
	for (int64_t until = ticks_ms() + SERVING_MS; !s->started;) {
		struct pollfd p = {k->output, POLLIN, 0};
		int left = (int)(until - ticks_ms());
		int got = left <= 0 || poll(&p, 1, left) <= 0
				  ? 0
				  : proc_lines_read(&lines, k->output, hear_dnsmasq, s, e);
		if (got < 0)
			return -1;
		if (!got && !s->started)
			return error_set(e, ERROR_CONTAINER, 0, "dnsmasq does not serve: %s",
				*s->last ? s->last : "it says nothing");
	}
	return 0;
}

static int start_dnsmasq(struct keeper *k, struct error **e)
{
	struct serving s = {false, ""};
	end_process(find_dnsmasq());
	k->dnsmasq = proc_fork(exec_dnsmasq, k, 0, &k->output, e);
	if (k->dnsmasq < 0 || await_serving(k, &s, e) < 0) {
		reap(k);
		return -1;
	}
	return 0;
}

static int open_listener(const struct network_place *p, struct error **e)
{
	struct sockaddr_un address;
	socklen_t length = address_of(p, &address);
	int auto_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 8) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "the socket of the network's keeper");
	return take_fd(&fd);
}

static int open_signals(struct error **e)
{
	sigset_t wanted;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	int fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? error_set(e, ERROR_SYSTEM, errno, "signalfd") : fd;
}

static int open_all(struct keeper *k, struct error **e)
{
	k->listener = open_listener(k->place, e);
	k->events = k->listener < 0 ? -1 : netlink_open(RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE, e);
	k->signals = k->events < 0 ? -1 : open_signals(e);
	return k->signals < 0 ? -1 : start_dnsmasq(k, e);
}

/* What came is of no interest, but that it came. */
static void drain(int fd)
{
	char bytes[8192];
	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static void do_what_is_due(struct keeper *k)
{
	auto_error *e = NULL;
	int64_t now = ticks_ms();
	if (k->apply_at && now >= k->apply_at) {
		k->apply_at = 0;
		/* One that fails is tried again at the next change. */
		if (network_place_apply(k->place, k->subnet, &e) < 0)
			error_clear(&e);
		drain(k->events); /* our own changes */
	}
	if (k->start_at && now >= k->start_at) {
		k->start_at = 0;
		if (start_dnsmasq(k, &e) < 0) {
			k->again_ms = k->again_ms < AGAIN_MAX_MS ? 2 * k->again_ms : AGAIN_MAX_MS;
			k->start_at = ticks_ms() + k->again_ms;
		} else {
			k->again_ms = AGAIN_MS;
		}
	}
}

static void hear_output(struct keeper *k)
{
	char bytes[PROC_LINE_BYTES];
	if (read(k->output, bytes, sizeof bytes) > 0)
		return;
	reap(k);
	k->start_at = ticks_ms() + k->again_ms;
}

/* Until SIGTERM. */
static void keep(struct keeper *k)
{
	for (;;) {
		struct pollfd p[] = {{k->signals, POLLIN, 0}, {k->listener, POLLIN, 0},
			{k->events, POLLIN, 0}, {k->output, POLLIN, 0}};
		int64_t due = sooner(k->start_at, k->apply_at), now = ticks_ms();
		int wait_ms = !due ? -1 : due > now ? (int)(due - now) : 0;
		if (poll(p, 4, wait_ms) < 0 && errno != EINTR)
			return;
		if (p[0].revents)
			return;
		if (p[1].revents) {
			int caller = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC);
			if (caller >= 0)
				close(caller);
		}
		if (p[2].revents) {
			drain(k->events);
			k->apply_at = ticks_ms() + SETTLE_MS;
		}
		if (k->output >= 0 && p[3].revents)
			hear_output(k);
		do_what_is_due(k);
	}
}

static void close_stdio(void)
{
	int auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

static int keeper_body(void *arg)
{
	struct keeper *k = arg;
	auto_error *e = NULL;
	fd_close_others(NULL, 0);
	prctl(PR_SET_NAME, NAME);
	if (open_all(k, &e) < 0) {
		printf("%s\n", error_message(e));
		return 1;
	}
	/* From here on it lives as long as the environment. */
	prctl(PR_SET_PDEATHSIG, 0);
	printf("ready\n");
	fflush(stdout);
	close_stdio();
	keep(k);
	if (k->dnsmasq > 0 && kill(k->dnsmasq, SIGTERM) == 0)
		waitpid(k->dnsmasq, NULL, 0);
	return 0;
}

static void hear_keeper(void *arg, const char *line)
{
	snprintf(arg, 512, "%s", line);
}

static int refuse_without_dnsmasq(struct error **e)
{
	static const char *const where[] = {
		"/usr/bin/dnsmasq", "/usr/sbin/dnsmasq", "/usr/local/bin/dnsmasq"};
	for (size_t i = 0; i < sizeof where / sizeof *where; i++)
		if (access(where[i], X_OK) == 0)
			return 0;
	error_set(e, ERROR_PACKAGES, 0, "DHCP needs dnsmasq, which is not installed");
	return error_hint(e, "alarmstrap install ROOT dnsmasq");
}

int network_keeper_start(const struct network_place *p, const struct subnet *s, struct error **e)
{
	struct keeper k = {.place = p, .subnet = s, .output = -1, .again_ms = AGAIN_MS};
	struct proc_lines lines = {0};
	char said[512] = "";
	int auto_fd output = -1;
	if (refuse_without_dnsmasq(e) < 0 ||
		path_make_dirs(AT_FDCWD, "/var/lib/alarmstrap", 0755, e) < 0)
		return -1;
	pid_t pid = proc_fork(keeper_body, &k, 0, &output, e);
	if (pid < 0)
		return -1;
	while (!*said && proc_lines_read(&lines, output, hear_keeper, said, e) > 0)
		;
	if (strcmp(said, "ready") == 0)
		return 0;
	proc_kill(pid);
	return error_set(e, ERROR_CONTAINER, 0, "%s", *said ? said : "its keeper died");
}
