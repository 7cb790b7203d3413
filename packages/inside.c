/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <limits.h>
#include <locale.h>
#ifdef __GLIBC__
#include <nss.h>
#endif
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/scratch.h"
#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/proc.h"
#include "packages/given.h"

struct inside {
	pid_t pid;
	struct record_reader in;
	struct report *report;
	bool let_finish, told;
	inside_question *on_question;
	void *question_arg;
	inside_row *on_row;
	void *row_arg;
};

/* What the child is started with. */
struct start {
	const struct inside_setting *setting;
	inside_body *body;
	void *arg;
	int out;
};

/* Inside the root, the C library would load its name services and character sets from there: code
 * of another system into our process. So everything is settled while we are outside. glibc 2.34
 * and later have `files` built in; older ones load it now, from the host. */
static int settle(struct error **e)
{
#ifdef __GLIBC__
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("group", "files");
#endif
	(void)getpwnam("root");
	(void)getgrnam("root");
	/* libarchive refuses names that the locale cannot say. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "en_US.UTF-8");
	iconv_t conversion = iconv_open("UTF-8", "WCHAR_T");
	if (conversion != (iconv_t)-1)
		iconv_close(conversion);
	/* OpenSSL reads its configuration, which may name modules, at the first use. */
	struct digest *d = digest_new(DIGEST_SHA256, e);
	digest_free(d);
	return d ? 0 : -1;
}

/* What scriptlets and hooks inherit. */
static int set_variables(struct error **e)
{
	if (clearenv() != 0 ||
		setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin", 1) <
			0 ||
		setenv("HOME", "/root", 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0 ||
		setenv("TERM", "dumb", 1) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set the environment variables");
	umask(022);
	return 0;
}

static int write_database(const struct syncdb *db, struct error **e)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, INSIDE_SYNC_PATH "/%s.db", db->repo);
	int auto_fd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "create %s", path);
	return syncdb_write(db, fd, e) < 0 ? error_wrap(e, "%s", path) : 0;
}

static size_t given_count(const struct inside_setting *s)
{
	return s->given ? s->given->count : 0;
}

/* A link through /proc/self/fd is no path: it opens the very file that was verified (proc(5)). */
static int link_file(const char *dir, const char *name, int fd, struct error **e)
{
	char path[PATH_MAX], target[64];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
	if (symlink(target, path) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "create %s", path);
	int auto_fd seen = open(path, O_RDONLY | O_CLOEXEC);
	if (seen < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", target);
	return 0;
}

static int lay_out(const struct inside_setting *s, struct error **e)
{
	if (scratch_begin(e) < 0 || scratch_cover(INSIDE_SYNC_PATH, e) < 0)
		return -1;
	for (size_t i = 0; i < s->databases->count; i++)
		if (write_database(s->databases->items[i], e) < 0)
			return -1;
	if (mkdir(INSIDE_CACHE_PATH, 0700) < 0 || mkdir(INSIDE_GIVEN_PATH, 0700) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "mkdir %s", INSIDE_CACHE_PATH);
	for (size_t i = 0; i < s->file_count; i++)
		if (link_file(INSIDE_CACHE_PATH, s->files[i].name, s->files[i].fd, e) < 0)
			return -1;
	for (size_t i = 0; i < given_count(s); i++)
		if (link_file(INSIDE_GIVEN_PATH, s->given->items[i].name,
			    given_fd(&s->given->items[i]), e) < 0)
			return -1;
	return 0;
}

/* Scriptlets of a foreign root get nothing that our caller left open. */
static int close_others(const struct start *s, struct error **e)
{
	const struct inside_setting *setting = s->setting;
	size_t count = 0;
	size_t all = setting->file_count + given_count(setting) + setting->keep_count + 1;
	int *auto_free keep = calloc(all, sizeof *keep);
	if (!keep)
		return error_set(e, ERROR_SYSTEM, errno, "close descriptors");
	keep[count++] = s->out;
	for (size_t i = 0; i < setting->file_count; i++)
		keep[count++] = setting->files[i].fd;
	for (size_t i = 0; i < given_count(setting); i++)
		keep[count++] = given_fd(&setting->given->items[i]);
	for (size_t i = 0; i < setting->keep_count; i++)
		keep[count++] = setting->keep[i];
	fd_close_others(keep, count);
	return 0;
}

static int child(void *arg)
{
	const struct start *s = arg;
	auto_error *e = NULL;
	int result = 0;
	if (interrupt_install(&e) < 0 || close_others(s, &e) < 0 || set_variables(&e) < 0 ||
		lay_out(s->setting, &e) < 0 || s->body(s->out, s->arg, &e) < 0)
		result = -1;
	return record_send_end(s->out, result < 0 ? e : NULL, NULL) < 0 || result < 0;
}

/* While the parent waits. An interrupt ends the wait, or is passed on once. */
static int while_waiting(void *arg, struct error **e)
{
	struct inside *i = arg;
	if (!i->let_finish)
		return interrupt_check(e);
	if (interrupt_pending() && !i->told) {
		i->told = true;
		kill(i->pid, SIGTERM);
		report_note(i->report, "interrupted: the package under way is finished first");
	}
	return 0;
}

struct inside *inside_start(
	const struct inside_setting *s, inside_body *body, void *arg, struct error **e)
{
	struct inside *i = calloc(1, sizeof *i);
	unsigned char *data = malloc(RECORD_MAX + 1);
	int ends[2];
	if (!i || !data || settle(e) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "start a child in the environment");
		free(i);
		free(data);
		return NULL;
	}
	*i = (struct inside){.in = {ends[0], data, while_waiting, i}, .report = s->context->report};
	struct start start = {s, body, arg, ends[1]};
	i->pid = s->context->environment
			 ? environment_fork(s->context->environment, child, &start, 0, NULL, e)
			 : rootfs_fork(s->context->rootfs, child, &start, e);
	close(ends[1]);
	if (i->pid > 0)
		return i;
	inside_free(i);
	return NULL;
}

void inside_on_question(struct inside *i, inside_question *take, void *arg)
{
	i->on_question = take;
	i->question_arg = arg;
}

void inside_on_row(struct inside *i, inside_row *take, void *arg)
{
	i->on_row = take;
	i->row_arg = arg;
}

void inside_let_finish(struct inside *i)
{
	i->let_finish = true;
}

static int ended_early(struct inside *i, struct error **e)
{
	int status = 0;
	pid_t pid = i->pid;
	i->pid = -1;
	if (proc_wait(pid, &status, e) < 0)
		return -1;
	if (status > 128)
		return error_set(e, ERROR_SYSTEM, 0,
			"the package child was killed by signal %d (%s)", status - 128,
			strsignal(status - 128));
	return error_set(
		e, ERROR_SYSTEM, 0, "the package child ended early with status %d", status);
}

/* It said that it ended: what is left of it is the way out. An interrupt that came late changes
 * nothing; inside_free ends the wait then. */
static void see_off(struct inside *i)
{
	int status = 0;
	auto_error *late = NULL;
	if (interrupt_pending())
		return;
	if (proc_wait(i->pid, &status, &late) < 0)
		error_clear(&late);
	i->pid = -1;
}

static int take_question(struct inside *i, const struct record *r, struct error **e)
{
	auto_strings texts = {0};
	struct package_question q = {NULL};
	int taken = wire_read_question(r, &q, &texts, e);
	if (taken == 0)
		taken = i->on_question ? i->on_question(i->question_arg, &q, e)
				       : error_set(e, ERROR_SYSTEM, EBADMSG, "a question");
	strings_free(&q.choices);
	return taken;
}

static int take_row(struct inside *i, const struct record *r, struct error **e)
{
	auto_strings values = {0};
	if (wire_read_row(r, &values, e) < 0)
		return -1;
	return i->on_row ? i->on_row(i->row_arg, &values, e)
			 : error_set(e, ERROR_SYSTEM, EBADMSG, "a row");
}

/* 1: a package, 0: told to the report, -1: no record of ours. */
static int take_record(
	struct inside *i, const struct record *r, struct planned_package *p, struct error **e)
{
	uint64_t done, total;
	const char *text;
	switch (r->type) {
	case WIRE_PACKAGE:
		return wire_read_package(r, p, e) < 0 ? -1 : 1;
	case WIRE_NOTE:
	case WIRE_WARNING:
		text = wire_read_text(r, e);
		if (!text)
			return -1;
		if (r->type == WIRE_NOTE)
			report_note(i->report, "%s", text);
		else
			report_warn(i->report, "%s", text);
		return 0;
	case WIRE_PROGRESS:
		if (wire_read_progress(r, &done, &total, e) < 0)
			return -1;
		report_progress(i->report, done, total, REPORT_COUNT);
		return 0;
	case WIRE_ROW:
		return take_row(i, r, e);
	case WIRE_QUESTION:
		return take_question(i, r, e);
	}
	return error_set(e, ERROR_SYSTEM, EBADMSG, "read what the package child sent");
}

int inside_next(struct inside *i, struct planned_package *p, struct error **e)
{
	for (;;) {
		struct record r;
		enum record_outcome got = record_next(&i->in, &r, e);
		if (got == RECORD_ENDED || got == RECORD_UNWELL) {
			see_off(i);
			return got == RECORD_ENDED ? 0 : -1;
		}
		if (got == RECORD_CUT)
			return ended_early(i, e);
		if (got == RECORD_FAILED)
			return -1;
		int taken = take_record(i, &r, p, e);
		if (taken)
			return taken;
	}
}

void inside_free(struct inside *i)
{
	if (!i)
		return;
	proc_kill(i->pid);
	close(i->in.fd);
	free(i->in.data);
	free(i);
}
