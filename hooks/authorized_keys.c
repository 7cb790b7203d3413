/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hooks/authorized_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"

/* What the decoded key is made of: strings with their length in front (RFC 4251 section 5), the
 * first of which repeats the type. How many follow it: RFC 4253 section 6.6, RFC 5656 section 3.1,
 * RFC 8709 section 4, OpenSSH's PROTOCOL.u2f. */
static const struct key_type {
	const char *name;
	size_t parts;
} key_types[] = {
	{"ssh-ed25519", 1},
	{"ssh-rsa", 2},
	{"ecdsa-sha2-nistp256", 2},
	{"ecdsa-sha2-nistp384", 2},
	{"ecdsa-sha2-nistp521", 2},
	{"sk-ssh-ed25519@openssh.com", 2},
	{"sk-ecdsa-sha2-nistp256@openssh.com", 3},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The type that `line` begins with; NULL where it begins with another word. */
static const struct key_type *type_of(const char *line)
{
	for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++) {
		const char *name = key_types[i].name;
		if (text_has_prefix(line, name) && is_blank(line[strlen(name)]))
			return &key_types[i];
	}
	return NULL;
}

/* Past the options, which end at the first blank outside quotes; in these \" is no end. NULL where
 * a quote is not closed. */
static const char *past_options(const char *line)
{
	bool quoted = false;
	for (; *line && (quoted || !is_blank(*line)); line++) {
		if (line[0] == '\\' && line[1] == '"')
			line++;
		else if (*line == '"')
			quoted = !quoted;
	}
	return quoted ? NULL : line + strspn(line, " \t");
}

/* Takes one string with its length off the front; NULL where there is none. */
static const unsigned char *take_part(
	const unsigned char **bytes, size_t *left, size_t *part_length)
{
	if (*left < 4)
		return NULL;
	const unsigned char *p = *bytes;
	size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (!length || length > *left - 4)
		return NULL;
	*bytes += 4 + length;
	*left -= 4 + length;
	*part_length = length;
	return p + 4;
}

static bool is_key_of(const struct key_type *type, const unsigned char *bytes, size_t left)
{
	size_t length;
	const unsigned char *part = take_part(&bytes, &left, &length);
	if (!part || length != strlen(type->name) || memcmp(part, type->name, length) != 0)
		return false;
	for (size_t i = 0; i < type->parts; i++)
		if (!take_part(&bytes, &left, &length))
			return false;
	return left == 0;
}

/* What is wrong with a line, NULL for nothing. */
static const char *check_line(const char *line, struct error **e)
{
	const struct key_type *type = type_of(line);
	if (!type) {
		line = past_options(line);
		if (!line)
			return "a quote is not closed";
		type = type_of(line);
	}
	if (!type)
		return "no key of a type that sshd takes (ssh-ed25519, ssh-rsa, ecdsa-…)";
	line += strlen(type->name);
	line += strspn(line, " \t");
	char *auto_free text = strndup(line, strcspn(line, " \t"));
	unsigned char *auto_free bytes = malloc(strlen(line) + 1);
	if (!text || !bytes) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read a key");
		return "";
	}
	return is_key_of(type, bytes, base64_decode(text, bytes)) ? NULL : "the key is not whole";
}

static int refuse_other_formats(const char *text, struct error **e)
{
	if (strstr(text, "PRIVATE KEY-----") || strstr(text, "PuTTY-User-Key-File-")) {
		error_set(
			e, ERROR_CONFIG, 0, "it is a private key, which belongs to nobody but you");
		return error_hint(e, "give the public one, whose name ends in .pub");
	}
	if (strstr(text, "BEGIN SSH2 PUBLIC KEY")) {
		error_set(e, ERROR_CONFIG, 0, "the key is in another format than sshd's");
		return error_hint(e, "convert it: ssh-keygen -i -f FILE");
	}
	return 0;
}

static bool has_control_byte(const char *line)
{
	for (; *line; line++)
		if (((unsigned char)*line < ' ' && *line != '\t') || *line == 0x7f)
			return true;
	return false;
}

static int parse_line(char *line, int number, struct strings *keys, struct error **e)
{
	line = text_trim(line);
	if (!*line || *line == '#')
		return 0;
	const char *wrong =
		has_control_byte(line) ? "a control character in it" : check_line(line, e);
	if (wrong) {
		error_set(e, ERROR_CONFIG, 0, "line %d: %s", number, wrong);
		return error_hint(e, "one line a key, as in the file that ssh-keygen calls .pub");
	}
	return strings_contain(keys, line) ? 0 : strings_add(keys, line, e);
}

int authorized_keys_parse(const char *text, struct strings *keys, struct error **e)
{
	if (refuse_other_formats(text, e) < 0)
		return -1;
	char *auto_free copy = text_copy(text, e);
	if (!copy)
		return -1;
	char *rest = copy, *line;
	for (int number = 1; (line = strsep(&rest, "\n")); number++)
		if (parse_line(line, number, keys, e) < 0)
			return -1;
	return 0;
}

int authorized_keys_read(const char *path, struct strings *keys, struct error **e)
{
	auto_buf text = BUF(0);
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	if (strlen(buf_text(&text)) != text.length)
		error_set(e, ERROR_CONFIG, 0, "it is no text");
	else if (authorized_keys_parse(buf_text(&text), keys, e) == 0 && !keys->count)
		error_set(e, ERROR_CONFIG, 0, "it holds no key");
	else if (keys->count)
		return 0;
	return error_wrap(e, "%s", path);
}

/* The user's .ssh, made where it is absent. */
static int open_ssh_dir(int root_fd, const struct user *user, struct error **e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int auto_fd home = path_open_inside(root_fd, user->home, O_RDONLY | O_DIRECTORY, e);
	if (home < 0)
		return -1;
	bool made = mkdirat(home, ".ssh", 0700) == 0;
	if (!made && errno != EEXIST)
		return error_set(e, fd_error_code(errno), errno, "mkdir %s/.ssh", user->home);
	int auto_fd dir = openat(home, ".ssh", flags);
	if (dir < 0 || (made && fchown(dir, user->uid, user->gid) < 0))
		return error_set(e, ERROR_SYSTEM, errno, "%s/.ssh", user->home);
	return take_fd(&dir);
}

/* Adds what is there already to `text`, line for line; an absent file is fine. */
static int read_present(int dir, struct buf *text, struct error **e)
{
	struct stat st;
	int auto_fd fd =
		openat(dir, "authorized_keys", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open authorized_keys");
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_SYSTEM, 0, "authorized_keys is no regular file");
	if (fd_read_all(fd, text, e) < 0)
		return -1;
	return text->length && text->data[text->length - 1] != '\n' ? buf_puts(text, "\n", e) : 0;
}

int authorized_keys_add(
	int root_fd, const struct user *user, const struct strings *keys, struct error **e)
{
	auto_buf text = BUF(0);
	auto_strings present = {0};
	int auto_fd dir = open_ssh_dir(root_fd, user, e);
	if (dir < 0 || read_present(dir, &text, e) < 0 ||
		strings_split(&present, buf_text(&text), "\r\n", e) < 0)
		return -1;
	for (size_t i = 0; i < keys->count; i++)
		if (!strings_contain(&present, keys->items[i]) &&
			buf_printf(&text, e, "%s\n", keys->items[i]) < 0)
			return -1;
	if (path_write_file(dir, "authorized_keys", 0600, text.data, text.length, e) < 0)
		return -1;
	if (fchownat(dir, "authorized_keys", user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chown authorized_keys");
	return 0;
}
