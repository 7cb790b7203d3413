/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/users.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

enum { PASSWD_FIELDS = 7, GROUP_FIELDS = 4 };

/* -1 means "no change" to setresuid(2), so it is no id. */
static const int64_t ID_MAX = UINT32_MAX - 1;

/* Cuts a line at its colons, keeping empty fields; how many there are. */
static size_t cut(char *line, char **fields, size_t most)
{
	size_t count = 0;
	for (char *p = line; p && count < most; count++) {
		fields[count] = p;
		p = strchr(p, ':');
		if (p)
			*p++ = '\0';
	}
	return count;
}

static int fits(const char *text)
{
	return strlen(text) < USERS_TEXT;
}

/* false: a line that passwd(5) does not know. */
static bool parse_passwd(struct user *to, char *line)
{
	char *f[PASSWD_FIELDS];
	int64_t uid, gid;
	if (cut(line, f, PASSWD_FIELDS) < PASSWD_FIELDS || !*f[0] ||
		text_to_int64(f[2], 0, ID_MAX, &uid) < 0 ||
		text_to_int64(f[3], 0, ID_MAX, &gid) < 0)
		return false;
	if (!fits(f[0]) || !fits(f[5]) || !fits(f[6]))
		return false;
	*to = (struct user){.uid = (uid_t)uid, .gid = (gid_t)gid};
	snprintf(to->name, sizeof to->name, "%s", f[0]);
	snprintf(to->home, sizeof to->home, "%s", *f[5] ? f[5] : "/");
	snprintf(to->shell, sizeof to->shell, "%s", f[6]);
	return true;
}

int users_find(struct user *user, const char *passwd, const char *name, struct error **e)
{
	auto_strings lines = {0};
	int64_t number = -1;
	if (strings_split(&lines, passwd, "\n", e) < 0)
		return -1;
	text_to_int64(name, 0, ID_MAX, &number);
	struct user one, by_number = {0};
	bool found = false;
	for (size_t i = 0; i < lines.count; i++) {
		if (!parse_passwd(&one, lines.items[i]))
			continue;
		if (strcmp(one.name, name) == 0) {
			*user = one;
			return 0;
		}
		if (!found && number >= 0 && one.uid == (uid_t)number) {
			by_number = one;
			found = true;
		}
	}
	if (found)
		*user = by_number;
	else if (strcmp(name, "root") == 0 || number == 0)
		*user = (struct user){.name = "root", .home = "/root"};
	else
		return error_set(e, ERROR_CONFIG, 0, "no user '%s' in the environment", name);
	return 0;
}

static bool is_member(char *members, const char *name)
{
	char *rest = NULL;
	for (char *m = strtok_r(members, ",", &rest); m; m = strtok_r(NULL, ",", &rest))
		if (strcmp(m, name) == 0)
			return true;
	return false;
}

static void add_group(struct user *user, gid_t gid)
{
	for (size_t i = 0; i < user->group_count; i++)
		if (user->groups[i] == gid)
			return;
	if (user->group_count < USERS_GROUPS)
		user->groups[user->group_count++] = gid;
}

int users_groups(struct user *user, const char *group, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, group, "\n", e) < 0)
		return -1;
	user->group_count = 0;
	add_group(user, user->gid);
	for (size_t i = 0; i < lines.count; i++) {
		char *f[GROUP_FIELDS];
		int64_t gid;
		if (cut(lines.items[i], f, GROUP_FIELDS) == GROUP_FIELDS &&
			text_to_int64(f[2], 0, ID_MAX, &gid) == 0 && is_member(f[3], user->name))
			add_group(user, (gid_t)gid);
	}
	return 0;
}
