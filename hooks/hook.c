/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hooks/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"

const struct hook *const hooks_shipped[] = {
	&hook_identity_strip,
	&hook_cgroups,
	&hook_dns,
	&hook_identity,
	&hook_etc,
	&hook_keyring,
	&hook_sandbox,
	&hook_lxc,
	&hook_network,
};
const size_t hooks_shipped_count = sizeof hooks_shipped / sizeof *hooks_shipped;

static int hook_run(const struct hook *h, const struct hook_context *c, struct error **e)
{
	int done = h->check ? h->check(c, e) : 0;
	if (done > 0)
		return 0;
	return done < 0 ? -1 : h->apply(c, e);
}

int hooks_run(enum hook_stage stage, const struct hook_context *c, struct error **e)
{
	for (size_t i = 0; i < hooks_shipped_count; i++) {
		const struct hook *h = hooks_shipped[i];
		if (h->stage == stage && hook_run(h, c, e) < 0)
			return error_wrap(e, "hook %s", h->name);
	}
	return 0;
}

int hooks_packages(struct strings *to, struct error **e)
{
	for (size_t i = 0; i < hooks_shipped_count; i++)
		for (const char *const *p = hooks_shipped[i]->packages; p && *p; p++)
			if (!strings_contain(to, *p) && strings_add(to, *p, e) < 0)
				return -1;
	return 0;
}

struct written {
	const char *path, *text;
	mode_t mode;
};

enum { NO_SPACE = 2 }; /* exit status of who writes inside */

/* Runs inside the environment, where "/" is the rootfs; says on stderr what went wrong. */
static int write_inside(void *arg)
{
	const struct written *w = arg;
	auto_error *e = NULL;
	char *auto_free parent = NULL, *auto_free name = NULL;
	umask(022);
	if (path_split(w->path, &parent, &name, &e) < 0 ||
		path_make_dirs(AT_FDCWD, parent, 0755, &e) < 0 ||
		path_write_file(AT_FDCWD, w->path, w->mode, w->text, strlen(w->text), &e) < 0) {
		fprintf(stderr, "%s\n", error_message(e));
		return error_code(e) == ERROR_SPACE ? NO_SPACE : 1;
	}
	return 0;
}

static void keep_line(void *arg, const char *line)
{
	struct buf *last = arg;
	buf_clear(last);
	if (buf_puts(last, line, NULL) < 0)
		buf_clear(last);
}

int hook_write_file(const struct hook_context *c, const char *path, mode_t mode, const char *text,
	struct error **e)
{
	struct written w = {path, text, mode};
	int auto_fd output = -1;
	auto_buf last = BUF(0);
	int status = 0;
	pid_t pid = environment_fork(c->environment, write_inside, &w, 0, &output, e);
	if (pid < 0)
		return -1;
	if (proc_read_lines(output, keep_line, &last, 0, e) < 0) {
		proc_kill(pid);
		return -1;
	}
	if (proc_wait(pid, &status, e) < 0)
		return -1;
	if (!status)
		return 0;
	if (status == NO_SPACE)
		return error_set(e, ERROR_SPACE, 0, "write %s: %s", path, buf_text(&last));
	error_set(e, ERROR_HOOK, 0, "write %s: %s", path, buf_text(&last));
	return error_hint(e, "is the root's filesystem mounted read-only?");
}

int hook_read_file(const struct hook_context *c, const char *path, struct buf *to, struct error **e)
{
	auto_error *absent = NULL;
	struct stat st;
	/* Whoever is root inside may have put a FIFO there: opening must not wait for a writer. */
	int auto_fd fd =
		path_open_inside(rootfs_fd(c->rootfs), path, O_RDONLY | O_NONBLOCK, &absent);
	if (fd < 0 && error_errno(absent) == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		error_set(e, ERROR_HOOK, 0, "read %s: %s", path,
			fd < 0 ? error_message(absent) : "no regular file");
		return error_hint(e, "look at it in %s, and remove it", rootfs_path(c->rootfs));
	}
	return fd_read_all(fd, to, e) < 0 ? -1 : 1;
}

struct command_output {
	struct buf all;
};

static void collect_line(void *arg, const char *line)
{
	struct command_output *o = arg;
	if (buf_printf(&o->all, NULL, "%s\n", line) < 0)
		buf_clear(&o->all); /* keep the newest: the cause stands at the end */
}

int hook_command(const struct hook_context *c, const char *const *argv, struct error **e)
{
	struct command_output o = {BUF(64 * 1024)};
	int status = 0;
	int r = environment_run(c->environment, argv, collect_line, &o, &status, e);
	if (r == 0 && status) {
		char *rest = o.all.data;
		for (char *line; (line = strsep(&rest, "\n"));)
			if (*line)
				report_note(c->report, "%s: %s", argv[0], line);
		r = error_set(e, ERROR_HOOK, 0, "%s ended with status %d", argv[0], status);
	}
	buf_free(&o.all);
	return r;
}
