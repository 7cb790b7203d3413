/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/lxcpath.h"

#include <fcntl.h>
#include <string.h>

#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path_inside.h"
#include "lib/text.h"

static const char LXC_CONF[] = "/etc/lxc/lxc.conf";
static const char DEFAULT_PATH[] = "/var/lib/lxc";

char *lxcpath_find(int root_fd, struct error **e)
{
	auto_error *absent = NULL;
	auto_buf text = BUF(64 * 1024);
	auto_strings lines = {0};
	int auto_fd fd = path_open_inside(root_fd, LXC_CONF, O_RDONLY | O_NONBLOCK, &absent);
	if (fd >= 0 && (fd_read_all(fd, &text, e) < 0 ||
			       strings_split(&lines, buf_text(&text), "\n", e) < 0))
		return NULL;
	for (size_t i = 0; i < lines.count; i++) {
		char *value = strchr(lines.items[i], '=');
		if (!value)
			continue;
		*value++ = '\0';
		if (strcmp(text_trim(lines.items[i]), "lxc.lxcpath") == 0)
			return text_copy(text_trim(value), e);
	}
	return text_copy(DEFAULT_PATH, e);
}

int lxcpath_open(int root_fd, const char *path, struct error **e)
{
	int fd = rootfs_open_dir(root_fd, path + strspn(path, "/"), 1, e);
	return fd < 0 ? error_wrap(e, "LXC's directory %s", path) : fd;
}
