/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a container's own root filesystem lies, found without LXC: none of its programs need run.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "containers/containers.h"
#include "containers/lxcpath.h"
#include "lib/fd.h"
#include "lib/path_inside.h"

struct rootfs *container_rootfs(const struct rootfs *r, const char *name, struct error **e)
{
	auto_error *absent = NULL;
	char link[64], real[PATH_MAX];
	if (container_check_name(name, e) < 0)
		return NULL;
	char *auto_free lxcpath = lxcpath_find(rootfs_fd(r), e);
	char *auto_free path = lxcpath ? text_format(e, "%s/%s/rootfs", lxcpath, name) : NULL;
	int auto_fd fd =
		path ? path_open_inside(rootfs_fd(r), path, O_RDONLY | O_DIRECTORY, &absent) : -1;
	if (fd < 0) {
		error_set(e, ERROR_CONTAINER, 0,
			"%s has no container '%s' with a rootfs of its own", rootfs_path(r), name);
		error_hint(e, "alarmstrap container list %s", rootfs_path(r));
		return NULL;
	}
	/* Its path as the kernel knows it: no link of the root leads out of it any more. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n < 0) {
		error_set(e, ERROR_SYSTEM, errno, "%s", path);
		return NULL;
	}
	real[n] = '\0';
	return rootfs_open(real, e);
}
