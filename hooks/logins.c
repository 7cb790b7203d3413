/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hooks/logins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"

/* No hash is "*", so no password fits. With "!" in front, as passwd -l has it, sshd without PAM
 * would refuse keys, too, and the published hash would be one usermod -U away. */
#define NO_PASSWORD "*"

/* "$id$…" and what follows of crypt(5), without what ends a field or a line. */
static bool is_hash(const char *text)
{
	return text[0] == '$' && strchr(text + 1, '$') && strlen(text) >= 20 &&
	       strspn(text, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "$,=+-_") == strlen(text);
}

static bool is_name(const char *text, size_t length)
{
	return length > 0 && text[0] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") >=
		       length;
}

static int parse_line(char *line, int number, struct strings *given, struct error **e)
{
	line = text_trim(line);
	if (!*line || *line == '#')
		return 0;
	size_t name = strcspn(line, ":");
	if (line[name] == ':' && is_name(line, name) && is_hash(line + name + 1))
		return strings_add(given, line, e);
	error_set(e, ERROR_CONFIG, 0, "line %d is not USER:HASH", number);
	return error_hint(e, "a hash of a password is made by: openssl passwd -6");
}

int logins_parse(const char *text, struct strings *given, struct error **e)
{
	char *auto_free copy = text_copy(text, e);
	if (!copy)
		return -1;
	char *rest = copy, *line;
	for (int number = 1; (line = strsep(&rest, "\n")); number++)
		if (parse_line(line, number, given, e) < 0)
			return -1;
	return given->count ? 0 : error_set(e, ERROR_CONFIG, 0, "it holds no USER:HASH");
}

int logins_read(const char *path, struct strings *given, struct error **e)
{
	auto_buf text = BUF(0);
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	return logins_parse(buf_text(&text), given, e) < 0 ? error_wrap(e, "%s", path) : 0;
}

/* The hash given for the user whose name `line` begins with; NULL: none. */
static const char *given_for(const struct strings *given, const char *line)
{
	size_t length = strcspn(line, ":") + 1;
	const char *found = NULL;
	for (size_t i = 0; given && i < given->count; i++)
		if (strncmp(given->items[i], line, length) == 0)
			found = given->items[i] + length; /* the last one, as chpasswd has it */
	return found;
}

static bool names(const char *text, const char *line)
{
	size_t length = strcspn(line, ":") + 1;
	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (strncmp(text, line, length) == 0)
			return true;
	return false;
}

static bool can_log_in(const char *field, size_t length)
{
	return !length || (field[0] != '*' && field[0] != '!');
}

static int add_locked(struct strings *locked, const char *line, size_t length, struct error **e)
{
	char *auto_free name = strndup(line, length);
	if (!name)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "lock passwords");
	return strings_contain(locked, name) ? 0 : strings_add(locked, name, e);
}

/* A line with another second field. */
static int put_line(struct buf *to, const char *line, const char *password, struct error **e)
{
	size_t name = strcspn(line, ":") + 1;
	const char *rest = line + name + strcspn(line + name, ":");
	return buf_printf(to, e, "%.*s%s%s\n", (int)name, line, password, rest);
}

static int shadow_line(const char *line, const struct strings *given, struct buf *to,
	struct strings *locked, struct error **e)
{
	size_t name = strcspn(line, ":");
	if (!name || line[name] != ':')
		return buf_printf(to, e, "%s\n", line);
	const char *field = line + name + 1, *hash = given_for(given, line);
	if (hash)
		return put_line(to, line, hash, e);
	if (!can_log_in(field, strcspn(field, ":")))
		return buf_printf(to, e, "%s\n", line);
	return add_locked(locked, line, name, e) < 0 ? -1 : put_line(to, line, NO_PASSWORD, e);
}

int logins_shadow(const char *shadow, const struct strings *given, struct buf *to,
	struct strings *locked, struct error **e)
{
	for (size_t i = 0; given && i < given->count; i++)
		if (!names(shadow, given->items[i]))
			return error_set(e, ERROR_CONFIG, 0, "there is no user %.*s in the tarball",
				(int)strcspn(given->items[i], ":"), given->items[i]);
	auto_strings lines = {0};
	if (strings_split(&lines, shadow, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (shadow_line(lines.items[i], given, to, locked, e) < 0)
			return -1;
	return 0;
}

int logins_passwd(const char *passwd, const char *shadow, struct buf *to, struct strings *locked,
	struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, passwd, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];
		size_t name = strcspn(line, ":");
		const char *field = line + name + (line[name] == ':');
		size_t length = strcspn(field, ":");
		bool open = name && line[name] == ':' && !(length == 1 && *field == 'x') &&
			    can_log_in(field, length);
		if (open && add_locked(locked, line, name, e) < 0)
			return -1;
		if ((open ? put_line(to, line, names(shadow, line) ? "x" : NO_PASSWORD, e)
			  : buf_printf(to, e, "%s\n", line)) < 0)
			return -1;
	}
	return 0;
}

/* A file of etc/ that is replaced as a whole, with its owner and mode. */
struct account_file {
	int dir; /* etc/ */
	const char *name;
	struct stat st;
};

static int open_file(struct account_file *f, struct buf *text, struct error **e)
{
	int auto_fd fd = openat(f->dir, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &f->st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open /etc/%s", f->name);
	if (!S_ISREG(f->st.st_mode))
		return error_set(e, ERROR_ROOT, 0, "/etc/%s is no regular file", f->name);
	return fd_read_all(fd, text, e);
}

static int replace_file(const struct account_file *f, const struct buf *old, const struct buf *new,
	struct error **e)
{
	if (strcmp(buf_text(old), buf_text(new)) == 0)
		return 0;
	if (path_write_file(f->dir, f->name, f->st.st_mode & 07777, new->data, new->length, e) < 0)
		return -1;
	if (fchownat(f->dir, f->name, f->st.st_uid, f->st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chown /etc/%s", f->name);
	return 0;
}

int logins_replace(
	int root_fd, const struct strings *given, struct strings *locked, struct error **e)
{
	auto_buf passwd = BUF(0), shadow = BUF(0), new_passwd = BUF(0), new_shadow = BUF(0);
	int auto_fd etc = path_open_inside(root_fd, "/etc", O_RDONLY | O_DIRECTORY, e);
	struct account_file p = {.dir = etc, .name = "passwd"}, s = {.dir = etc, .name = "shadow"};
	if (etc < 0 || open_file(&p, &passwd, e) < 0 || open_file(&s, &shadow, e) < 0)
		return -1;
	if (logins_shadow(buf_text(&shadow), given, &new_shadow, locked, e) < 0 ||
		logins_passwd(buf_text(&passwd), buf_text(&shadow), &new_passwd, locked, e) < 0)
		return -1;
	if (replace_file(&s, &shadow, &new_shadow, e) < 0)
		return -1;
	return replace_file(&p, &passwd, &new_passwd, e);
}
