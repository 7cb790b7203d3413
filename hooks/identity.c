/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook identity: a machine-id and SSH host keys made on this device, the hostname and the keys for
 * SSH that its user gave. What is there stays, so that it can run again. */
#include "hooks/identity.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#include "hooks/authorized_keys.h"
#include "hooks/hook.h"
#include "hooks/logins.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"

#define MACHINE_ID "/etc/machine-id"
#define RANDOM_UUID "/proc/sys/kernel/random/uuid"

enum { ID_DIGITS = 32, HOSTNAME_MAX = 64, LABEL_MAX = 63 };

/* What is wrong with the part of a name up to the dot; NULL for nothing. */
static const char *check_label(const char *label, size_t length)
{
	if (!length)
		return "a part of it is empty";
	if (length > LABEL_MAX)
		return "a part of it is longer than 63 characters";
	if (label[0] == '-' || label[length - 1] == '-')
		return "a part of it begins or ends with a hyphen";
	for (size_t i = 0; i < length; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-",
			    label[i]))
			return "it has other characters than letters, digits and hyphens";
	return NULL;
}

static const char *check_name(const char *name)
{
	if (strlen(name) > HOSTNAME_MAX)
		return "it is longer than 64 characters";
	for (const char *label = name;;) {
		size_t length = strcspn(label, ".");
		const char *wrong = check_label(label, length);
		if (wrong)
			return wrong;
		if (!label[length]) /* "10.0.0.1" is an address, and "7" may be taken for one */
			return strspn(label, "0123456789") == length ? "its last part is a number"
								     : NULL;
		label += length + 1;
	}
}

int identity_check_hostname(const char *name, struct error **e)
{
	const char *wrong = check_name(name);
	if (!wrong)
		return 0;
	error_set(e, ERROR_CONFIG, 0, "'%s' is no hostname: %s", name, wrong);
	return error_hint(e, "give one like 'kitchen' or 'kitchen.example.org'");
}

int identity_read(struct identity *to, const struct identity_words *words, struct error **e)
{
	if (words->hostname) {
		if (identity_check_hostname(words->hostname, e) < 0)
			return -1;
		to->hostname = text_copy(words->hostname, e);
		if (!to->hostname)
			return -1;
	}
	if (words->authorized_keys &&
		authorized_keys_read(words->authorized_keys, &to->keys, e) < 0)
		return -1;
	return words->passwords ? logins_read(words->passwords, &to->passwords, e) : 0;
}

void identity_free(struct identity *i)
{
	free(i->hostname);
	strings_free(&i->keys);
	strings_free(&i->passwords);
	*i = (struct identity){NULL};
}

static bool is_machine_id(const char *text)
{
	return strspn(text, "0123456789abcdef") == ID_DIGITS &&
	       text[ID_DIGITS + strspn(text + ID_DIGITS, "\n")] == '\0';
}

/* machine-id(5): 32 hex digits; a random UUID of version 4 is what systemd itself would take. */
static int make_machine_id(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0), uuid = BUF(0);
	char id[ID_DIGITS + 2];
	size_t n = 0;
	int got = hook_read_file(c, MACHINE_ID, &text, e);
	if (got < 0 || is_machine_id(buf_text(&text)))
		return got < 0 ? -1 : 0;
	if (path_read_file(AT_FDCWD, RANDOM_UUID, &uuid, e) < 0)
		return -1;
	for (const char *p = buf_text(&uuid); *p && n < ID_DIGITS; p++)
		if (isxdigit((unsigned char)*p))
			id[n++] = *p;
	memcpy(id + n, "\n", 2);
	if (!is_machine_id(id))
		return error_set(e, ERROR_SYSTEM, 0, RANDOM_UUID " holds no UUID");
	return hook_write_file(c, MACHINE_ID, 0444, id, e);
}

static bool has(const struct hook_context *c, const char *path)
{
	int auto_fd fd = path_open_inside(rootfs_fd(c->rootfs), path, O_PATH, NULL);
	return fd >= 0;
}

/* Arch makes them when its sshd.service starts, which an environment without systemd never does. */
static int make_host_keys(const struct hook_context *c, struct error **e)
{
	static const char *const keygen[] = {"ssh-keygen", "-A", NULL};
	auto_strings keys = {0};
	if (!has(c, "/usr/bin/ssh-keygen"))
		return 0;
	if (path_glob_inside(rootfs_fd(c->rootfs), "/etc/ssh/ssh_host_*_key", &keys, e) < 0)
		return -1;
	return keys.count ? 0 : hook_command(c, keygen, e);
}

static int add_keys_of(const struct hook_context *c, const char *passwd, const char *name,
	const struct strings *keys, struct error **e)
{
	struct user user;
	if (users_find(&user, passwd, name, e) < 0)
		return -1;
	return authorized_keys_add(rootfs_fd(c->rootfs), &user, keys, e) < 0
		       ? error_wrap(e, "the keys of %s", name)
		       : 0;
}

/* Those who could log in by the tarball's passwords: root, and alarm where there is one. */
static int add_keys(const struct hook_context *c, const struct strings *keys, struct error **e)
{
	auto_buf passwd = BUF(0);
	struct user unused;
	if (!keys->count)
		return 0;
	if (hook_read_file(c, "/etc/passwd", &passwd, e) < 0)
		return -1;
	bool alarm =
		users_find(&unused, buf_text(&passwd), "alarm", NULL) == 0 && has(c, unused.home);
	if (add_keys_of(c, buf_text(&passwd), "root", keys, e) < 0 ||
		(alarm && add_keys_of(c, buf_text(&passwd), "alarm", keys, e) < 0))
		return -1;
	report_note(c->report,
		"%zu %s in by SSH as root%s, once a server runs: alarmstrap enter "
		"ROOT -- /usr/bin/sshd",
		keys->count, keys->count == 1 ? "key lets" : "keys let", alarm ? " and alarm" : "");
	if (!has(c, "/usr/bin/sshd"))
		report_warn(c->report, "there is no SSH server inside, for the keys given: add "
				       "--package openssh, or install it later");
	return 0;
}

static bool read_inside(const struct rootfs *r, const char *path, struct buf *to)
{
	int auto_fd fd = path_open_inside(rootfs_fd(r), path, O_RDONLY | O_NONBLOCK, NULL);
	return fd >= 0 && fd_read_all(fd, to, NULL) == 0;
}

void identity_tell_unmet(const struct identity *wish, const struct rootfs *r, struct report *report)
{
	auto_buf name = BUF(0), keys = BUF(0);
	const char *path = rootfs_path(r);
	size_t missing = 0;
	read_inside(r, "/etc/hostname", &name);
	if (wish->hostname && strcmp(wish->hostname, name.data ? text_trim(name.data) : "") != 0)
		report_warn(report,
			"a finished ROOT keeps its hostname; to change it: alarmstrap enter %s -- "
			"sh -c 'echo %s >/etc/hostname'",
			path, wish->hostname);
	read_inside(r, "/root/.ssh/authorized_keys", &keys);
	for (size_t i = 0; i < wish->keys.count; i++)
		missing += !strstr(buf_text(&keys), wish->keys.items[i]);
	if (missing)
		report_warn(report,
			"a finished ROOT gets no keys here, and %zu of those named %s not in its "
			"/root/.ssh/authorized_keys",
			missing, missing == 1 ? "is" : "are");
	if (wish->passwords.count)
		report_warn(report,
			"a finished ROOT keeps its passwords; to change one: alarmstrap enter %s "
			"-- passwd %.*s",
			path, (int)strcspn(wish->passwords.items[0], ":"),
			wish->passwords.items[0]);
}

static int identity_apply(const struct hook_context *c, struct error **e)
{
	const struct identity *wish = c->settings->identity;
	if (make_machine_id(c, e) < 0 || make_host_keys(c, e) < 0)
		return -1;
	if (!wish)
		return 0;
	if (wish->hostname) {
		char *auto_free line = text_format(e, "%s\n", wish->hostname);
		if (!line || hook_write_file(c, "/etc/hostname", 0644, line, e) < 0)
			return -1;
	}
	return add_keys(c, &wish->keys, e);
}

const struct hook hook_identity = {"identity", HOOK_CONFIGURE, NULL, NULL, identity_apply};
