/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/cgroup_layout.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "chroot/rootfs.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

#define DIRECTORY "var/lib/alarmstrap"
#define NAME "cgroup-layout"

static const char *const words[] = {
	[CGROUP_AUTO] = "auto",
	[CGROUP_UNIFIED] = "unified",
	[CGROUP_V1] = "v1",
	[CGROUP_HYBRID] = "hybrid",
};

int cgroup_layout_parse(const char *word, enum cgroup_layout *layout, struct error **e)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0) {
			*layout = (enum cgroup_layout)i;
			return 0;
		}
	error_set(e, ERROR_CONFIG, 0, "there is no layout of cgroups called '%s'", word);
	return error_hint(e, "known are auto, unified (cgroup2 alone), v1 and hybrid");
}

int cgroup_layout_keep(int root_fd, enum cgroup_layout layout, struct error **e)
{
	auto_buf text = BUF(0);
	int auto_fd dir = rootfs_open_dir(root_fd, DIRECTORY, 1, e);
	if (dir < 0)
		return -1;
	if (layout == CGROUP_AUTO)
		return unlinkat(dir, NAME, 0) < 0 && errno != ENOENT
			       ? error_set(e, ERROR_SYSTEM, errno, "remove " DIRECTORY "/" NAME)
			       : 0;
	if (buf_printf(&text, e, "%s\n", words[layout]) < 0)
		return -1;
	return path_write_file(dir, NAME, 0644, text.data, text.length, e);
}

enum cgroup_layout cgroup_layout_kept(int root_fd)
{
	auto_buf text = BUF(64);
	enum cgroup_layout layout = CGROUP_AUTO;
	if (rootfs_read_file(root_fd, DIRECTORY, NAME, &text, NULL) < 0 || !text.data ||
		cgroup_layout_parse(text_trim(text.data), &layout, NULL) < 0)
		return CGROUP_AUTO;
	return layout;
}
