/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/text.h"
#include "packages/rootdir.h"

#define LOCAL_PATH PACMAN_DB_PATH "/local"

/* Never the first field: that is %NAME%. */
static const char FIELD[] = "\n%VALIDATION%\n";

const char *local_entry_version(const char *entry, const char *name)
{
	/* Neither version nor release holds a "-" (PKGBUILD(5)); a name may. */
	const char *release = strrchr(entry, '-');
	size_t length = strlen(name);
	if (!release || length == 0 || strncmp(entry, name, length) != 0 || entry[length] != '-')
		return NULL;
	const char *version = entry + length + 1;
	const char *dash = strchr(version, '-');
	return dash == release && dash > version && dash[1] ? version : NULL;
}

/* An entry that a power cut emptied is no installed package, and nothing to build upon. */
static int check_entry(int root_fd, const char *entry, struct error **e)
{
	struct stat st;
	char *auto_free path = text_format(e, LOCAL_PATH "/%s/desc", entry);
	int auto_fd fd = path ? path_open_inside(root_fd, path, O_RDONLY | O_NONBLOCK, e) : -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_wrap(e, "entry %s", entry);
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		return 0;
	error_set(e, ERROR_ROOT, 0, "%s is empty", path);
	return error_hint(e, "reinstall the package: its database entry was lost in a power cut");
}

char *local_version(int root_fd, const char *name, struct error **e)
{
	auto_error *absent = NULL;
	int auto_fd fd = path_open_inside(root_fd, LOCAL_PATH, O_RDONLY | O_DIRECTORY, &absent);
	if (fd < 0) {
		if (error_errno(absent) != ENOENT)
			error_set(e, error_code(absent), 0, "%s", error_message(absent));
		return NULL;
	}
	DIR *dir = fdopendir(fd);
	if (!dir) {
		error_set(e, ERROR_SYSTEM, errno, "read %s", LOCAL_PATH);
		return NULL;
	}
	take_fd(&fd);
	char *found = NULL;
	for (struct dirent *d; !found && (d = readdir(dir));) {
		const char *version = local_entry_version(d->d_name, name);
		if (!version)
			continue;
		if (check_entry(root_fd, d->d_name, e) == 0)
			found = text_copy(version, e);
		break;
	}
	closedir(dir);
	return found;
}

int local_with_validation(const char *desc, const char *value, struct buf *to, struct error **e)
{
	const char *field = strstr(desc, FIELD);
	if (!field)
		return error_set(e, ERROR_ROOT, 0, "desc without %%VALIDATION%%");
	const char *values = field + strlen(FIELD);
	const char *rest = strstr(values, "\n\n");
	if (*values == '\n') /* no value at all */
		rest = values - 1;
	if (buf_append(to, desc, (size_t)(values - desc), e) < 0 ||
		buf_printf(to, e, "%s", value) < 0)
		return -1;
	return buf_puts(to, rest ? rest : "\n", e);
}

/* Written beside and renamed: whoever reads meanwhile sees one or the other. Not synced, as nothing
 * is that libalpm wrote: the whole filesystem is, after the transaction. */
static int replace_file(int dir, const char *name, const struct buf *text, struct error **e)
{
	static const char PART[] = "desc.part";
	int auto_fd fd =
		openat(dir, PART, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", PART);
	if (fd_write_all(fd, text->data, text->length, e) < 0)
		return error_wrap(e, "%s", PART);
	if (renameat(dir, PART, dir, name) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "rename %s", PART);
	return 0;
}

int local_mark_signed(const char *name, const char *version, struct error **e)
{
	auto_buf old = {0}, new = {0};
	char *auto_free path = text_format(e, "/" LOCAL_PATH "/%s-%s", name, version);
	int auto_fd dir = path ? path_open_dir(AT_FDCWD, path, e) : -1;
	if (dir < 0 || path_read_file(dir, "desc", &old, e) < 0 ||
		local_with_validation(buf_text(&old), "pgp", &new, e) < 0 ||
		replace_file(dir, "desc", &new, e) < 0)
		return error_wrap(e, "mark %s as signed", name);
	return 0;
}
