/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/rootdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/path_inside.h"

static int make_one(int root_fd, const char *path, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd parent = path_open_parent_inside(root_fd, path, &name, e);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return error_set(e, fd_error_code(errno), errno, "mkdir %s in the root", path);
	return 0;
}

int rootdir_open(int root_fd, const char *path, struct error **e)
{
	auto_error *absent = NULL;
	path += strspn(path, "/");
	int fd = path_open_inside(root_fd, path, O_RDONLY | O_DIRECTORY, &absent);
	if (fd >= 0 || error_errno(absent) != ENOENT) {
		if (fd < 0)
			error_set(e, error_code(absent), 0, "%s", error_message(absent));
		return fd;
	}
	char *auto_free part = strdup(path);
	for (char *p = part; p; p++) {
		p = strchrnul(p, '/');
		char c = *p;
		*p = '\0';
		if (make_one(root_fd, part, e) < 0)
			return -1;
		*p = c;
		if (!c)
			break;
	}
	return path_open_inside(root_fd, path, O_RDONLY | O_DIRECTORY, e);
}
