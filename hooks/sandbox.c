/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook sandbox: sees that the pacman inside can download on this kernel.
 *
 * pacman 7 downloads as another user (DownloadUser) in a process that Landlock and seccomp confine.
 * Where the kernel lacks them it downloads nothing; the words that switch them off differ from
 * release to release, and one that a pacman does not know is a warning for ever. So the pacman
 * inside is tried itself, on a repository made of one empty file: as it is configured, then with
 * less and less of its sandbox. What works is written to pacman.conf, and said. */
#include "hooks/hook.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chroot/users.h"
#include "hooks/sandbox_conf.h"
#include "lib/buf.h"
#include "lib/fd.h"

#define CONF "/etc/pacman.conf"
/* Where the download user must be able to reach, as with real downloads. */
#define PROBE_DIR "/var/lib/pacman/alarmstrap-probe"
#define PROBE_CONF PROBE_DIR "/pacman.conf"

static const struct sandbox_lack whole = {{NULL}, false, NULL};
/* In the order in which they are tried: what takes least comes first. */
static const struct sandbox_lack lacks[] = {
	{{"DisableSandboxFilesystem"}, false, "Landlock"}, /* 7.1 */
	{{"DisableSandboxSyscalls"}, false, "seccomp"},
	{{"DisableSandboxFilesystem", "DisableSandboxSyscalls"}, false, "Landlock and seccomp"},
	{{"DisableSandbox"}, false, "Landlock or seccomp"}, /* 7.0 */
	{{NULL}, true, "what pacman's download user needs"},
};

/* What pacman said of a try. */
struct answer {
	struct buf error; /* the first of its errors */
	bool unknown_word;
};

static void hear(void *arg, const char *line)
{
	struct answer *a = arg;
	if (strstr(line, "directive 'DisableSandbox") && strstr(line, "not recognized"))
		a->unknown_word = true;
	if (strncmp(line, "error: ", 7) == 0 && !a->error.length &&
		buf_puts(&a->error, line + 7, NULL) < 0)
		buf_clear(&a->error);
}

static int prepare(const struct hook_context *c, struct error **e)
{
	static const char *const clear[] = {"rm", "-rf", PROBE_DIR, NULL};
	static const char *const make[] = {"mkdir", "-p", "-m", "755", PROBE_DIR "/db", NULL};
	/* Blocks of zeros are a tar archive without members: a database without packages. */
	static const char *const database[] = {
		"truncate", "-s", "10240", PROBE_DIR "/probe.db", NULL};
	if (hook_command(c, clear, e) < 0 || hook_command(c, make, e) < 0)
		return -1;
	return hook_command(c, database, e);
}

/* 1: pacman downloads with this configuration, 0: it does not, or does not know a word of it. */
static int try(const struct hook_context *c, const char *conf, const struct sandbox_lack *lack,
	struct answer *a, struct error **e)
{
	static const char *const sync[] = {
		"pacman", "--config", PROBE_CONF, "-Syy", "--noconfirm", "--noprogressbar", NULL};
	auto_buf amended = BUF(0), probe = BUF(0);
	int status = 0;
	if (sandbox_conf_write(conf, lack, &amended, e) < 0 ||
		sandbox_conf_probe(buf_text(&amended), PROBE_DIR, &probe, e) < 0 ||
		hook_write_file(c, PROBE_CONF, 0644, buf_text(&probe), e) < 0 ||
		environment_run(c->environment, sync, hear, a, &status, e) < 0)
		return -1;
	/* pacman 7.0 complains of a missing Landlock at each download, and goes on. */
	return status == 0 && !a->error.length && !(a->unknown_word && lack != &whole);
}

enum { NO_SOCKET = 3 };

static int open_socket(void *arg)
{
	const struct user *u = arg;
	/* As libalpm does it: without supplementary groups. */
	if (setgroups(0, NULL) < 0 || setgid(u->gid) < 0 || setuid(u->uid) < 0)
		return 0;
	int auto_fd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 && (errno == EACCES || errno == EPERM) ? NO_SOCKET : 0;
}

/* Android's kernels give sockets to the members of a group only. 1: not to the download user, 0: to
 * him, too, or there is none. */
static int lacks_network(const struct hook_context *c, const char *conf, struct error **e)
{
	auto_buf passwd = BUF(0);
	struct user user;
	int status = 0;
	char name[USERS_TEXT];
	if (!sandbox_conf_user(conf, name, sizeof name))
		return 0;
	auto_error *unknown = NULL;
	if (hook_read_file(c, "/etc/passwd", &passwd, e) < 0)
		return -1;
	if (users_find(&user, buf_text(&passwd), name, &unknown) < 0)
		return 0; /* pacman will say so */
	pid_t pid = environment_fork(c->environment, open_socket, &user, 0, NULL, e);
	if (pid < 0 || proc_wait(pid, &status, e) < 0)
		return -1;
	return status == NO_SOCKET;
}

/* The least lack with which pacman downloads; NULL where it does not at all. `first` is what it
 * said when it was tried as configured. */
static int choose(const struct hook_context *c, const char *conf,
	const struct sandbox_lack **chosen, struct answer *first, struct error **e)
{
	size_t count = sizeof lacks / sizeof *lacks;
	int offline = lacks_network(c, conf, e);
	int works = offline ? 0 : try(c, conf, &whole, first, e);
	if (offline < 0 || works < 0)
		return -1;
	*chosen = works ? &whole : NULL;
	for (size_t i = offline ? count - 1 : 0; i < count && !*chosen; i++) {
		struct answer a = {BUF(0), false};
		works = try(c, conf, &lacks[i], &a, e);
		buf_free(&a.error);
		if (works < 0)
			return -1;
		*chosen = works ? &lacks[i] : NULL;
	}
	return 0;
}

static void tell(const struct hook_context *c, const struct sandbox_lack *chosen, const char *said)
{
	if (!chosen)
		report_warn(c->report, "pacman inside downloads nothing here: %s",
			*said ? said : "it gave no reason");
	else if (chosen->no_user)
		report_warn(c->report,
			"pacman inside downloads as root here (DownloadUser is out of use in " CONF
			"): %s",
			*said ? said : "this kernel lets its download user open no socket");
	else
		report_warn(c->report,
			"this kernel lacks %s: pacman inside downloads without (%s%s%s in " CONF
			")",
			chosen->because, chosen->words[0], chosen->words[1] ? ", " : "",
			chosen->words[1] ? chosen->words[1] : "");
}

static int amend(const struct hook_context *c, const char *now, const char *original,
	const struct sandbox_lack *chosen, struct error **e)
{
	auto_buf text = BUF(0);
	if (sandbox_conf_write(original, chosen, &text, e) < 0)
		return -1;
	return strcmp(buf_text(&text), now) == 0
		       ? 0
		       : hook_write_file(c, CONF, 0644, buf_text(&text), e);
}

static int probe(
	const struct hook_context *c, const char *now, struct answer *first, struct error **e)
{
	auto_buf original = BUF(0);
	const struct sandbox_lack *chosen = NULL;
	if (sandbox_conf_original(now, &original, e) < 0 || prepare(c, e) < 0 ||
		choose(c, buf_text(&original), &chosen, first, e) < 0)
		return -1;
	if (chosen != &whole)
		tell(c, chosen, buf_text(&first->error));
	return chosen ? amend(c, now, buf_text(&original), chosen, e) : 0;
}

static int sandbox_apply(const struct hook_context *c, struct error **e)
{
	static const char *const clear[] = {"rm", "-rf", PROBE_DIR, NULL};
	auto_buf conf = BUF(0);
	struct answer first = {BUF(0), false};
	int r = hook_read_file(c, CONF, &conf, e);
	if (r <= 0)
		return r;
	r = probe(c, buf_text(&conf), &first, e);
	buf_free(&first.error);
	return r < 0 ? -1 : hook_command(c, clear, e);
}

const struct hook hook_sandbox = {"sandbox", HOOK_CONFIGURE, NULL, NULL, sandbox_apply};
