/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entering for people: a user of the rootfs, a shell, a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "chroot/environment_impl.h"
#include "chroot/notice.h"
#include "chroot/pty.h"
#include "chroot/users.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/ticks.h"

enum { ENTER_MS = 30000 };

struct session {
	const char *const *argv;
	const struct enter_options *o;
	const char *slave; /* NULL: no terminal */
	int tell;
	int trees[BINDS_MAX]; /* detached copies of what is to be bound; -1 */
};

/* A rootfs may lack either file: root is known all the same. */
static int look_up(const char *name, struct user *user, struct error **e)
{
	auto_buf passwd = BUF(0), group = BUF(0);
	if (path_exists(AT_FDCWD, "/etc/passwd") &&
		path_read_file(AT_FDCWD, "/etc/passwd", &passwd, e) < 0)
		return -1;
	if (path_exists(AT_FDCWD, "/etc/group") &&
		path_read_file(AT_FDCWD, "/etc/group", &group, e) < 0)
		return -1;
	if (users_find(user, buf_text(&passwd), name ? name : "root", e) < 0)
		return -1;
	return users_groups(user, buf_text(&group), e);
}

static const char *shell_of(const struct user *user)
{
	const char *shells[] = {user->shell, "/bin/bash", "/bin/sh"};
	for (size_t i = 0; i < 3; i++)
		if (shells[i][0] == '/' && access(shells[i], X_OK) == 0)
			return shells[i];
	return "/bin/sh";
}

static int set_variables(const struct user *user, const struct strings *more, struct error **e)
{
	if (setenv("HOME", user->home, 1) < 0 || setenv("USER", user->name, 1) < 0 ||
		setenv("LOGNAME", user->name, 1) < 0 || setenv("SHELL", shell_of(user), 1) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set the environment variables");
	for (size_t i = 0; more && i < more->count; i++) {
		const char *text = more->items[i], *equals = strchr(text, '=');
		char *auto_free name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
		if (!name || !*name || setenv(name, equals + 1, 1) < 0)
			return error_set(e, ERROR_USAGE, 0, "'%s' is not NAME=value", text);
	}
	return 0;
}

/* Groups before the user, who may set none. A change of user clears the death signal (prctl(2)). */
static int become(const struct user *user, struct error **e)
{
	if (user->uid == 0 && user->gid == 0 && user->group_count <= 1 && getgroups(0, NULL) == 0)
		return 0;
	if (setgroups(user->group_count, user->groups) < 0 ||
		setresgid(user->gid, user->gid, user->gid) < 0 ||
		setresuid(user->uid, user->uid, user->uid) < 0)
		return error_set(e, ERROR_PRIVILEGE, errno, "become user %s", user->name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static int prepare(const struct session *s, struct user *user, struct error **e)
{
	const char *cwd = s->o->cwd ? s->o->cwd : "/";
	if (look_up(s->o->user, user, e) < 0 || set_variables(user, s->o->variables, e) < 0)
		return -1;
	if (s->slave && pty_attach(s->slave, user->uid, e) < 0)
		return -1;
	if (become(user, e) < 0)
		return -1;
	if (chdir(cwd) < 0)
		return error_set(e, ERROR_CONFIG, errno, "%s in the environment", cwd);
	return 0;
}

static int session_body(void *arg)
{
	struct session *s = arg;
	auto_error *e = NULL;
	struct user user;
	int bound = s->o->binds ? binds_attach(s->o->binds, s->trees, &e) : 0;
	fd_close_others(&s->tell, 1);
	if (bound < 0 || prepare(s, &user, &e) < 0) {
		notice_error(s->tell, e);
		return 1;
	}
	notice_send(s->tell, NOTICE_READY, 0);
	const char *shell[] = {shell_of(&user), "-l", NULL};
	return proc_exec(s->argv ? s->argv : shell, NULL);
}

static pid_t begin(const struct environment *env, struct session *s, struct error **e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "pipe");
	s->tell = ends[1];
	int auto_fd told = ends[0];
	pid_t pid = environment_fork(env, session_body, s, 1, NULL, e);
	close(ends[1]);
	if (pid < 0)
		return -1;
	if (notice_await(told, NOTICE_READY, NULL, ticks_ms() + ENTER_MS, e) < 0) {
		proc_kill(pid);
		return error_wrap(e, "enter %s", env->path);
	}
	return pid;
}

int environment_enter(const struct environment *env, const char *const *argv,
	const struct enter_options *o, int *status, struct error **e)
{
	static const struct enter_options none;
	char slave[PTY_NAME];
	struct session s = {argv, o ? o : &none, NULL, -1, {-1}};
	int auto_fd master = -1;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		master = pty_open(env->holder, slave, e);
		if (master < 0)
			return error_wrap(e, "enter %s", env->path);
		s.slave = slave;
	}
	if (s.o->binds && binds_open(s.o->binds, s.trees, e) < 0)
		return error_wrap(e, "enter %s", env->path);
	pid_t pid = begin(env, &s, e);
	if (s.o->binds)
		binds_close(s.trees);
	if (pid < 0)
		return -1;
	return master >= 0 ? pty_proxy(master, pid, status, e) : proc_wait(pid, status, e);
}
