/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/owners.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "containers/containers.h"
#include "containers/shift.h"
#include "lib/fd.h"
#include "lib/path.h"

static const char MARK[] = "lent";

/* LXCPATH/NAME, which has `config` and `rootfs`. */
static int open_container(const struct rootfs *inner, struct error **e)
{
	int fd = openat(rootfs_fd(inner), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(e, ERROR_SYSTEM, errno, "above %s", rootfs_path(inner)) : fd;
}

static int read_map(int dir, struct container_idmap *map, struct error **e)
{
	auto_buf text = BUF(0);
	int there = path_look(dir, "config", e);
	*map = (struct container_idmap){0, 0};
	if (there <= 0)
		return there;
	if (rootfs_read_file(dir, ".", "config", &text, e) < 0)
		return -1;
	*map = idmap_of_config(buf_text(&text));
	return 0;
}

int owners_map(const struct rootfs *inner, struct container_idmap *map, struct error **e)
{
	int auto_fd dir = open_container(inner, e);
	return dir < 0 ? -1 : read_map(dir, map, e);
}

int owners_lend(const struct rootfs *inner, struct error **e)
{
	struct container_idmap map;
	int auto_fd dir = open_container(inner, e);
	if (dir < 0 || read_map(dir, &map, e) < 0)
		return -1;
	return map.count ? path_write_file(dir, MARK, 0600, "", 0, e) : 0;
}

int owners_return(const struct rootfs *inner, struct error **e)
{
	struct container_idmap map;
	struct shift_done done;
	int auto_fd dir = open_container(inner, e);
	if (dir < 0 || read_map(dir, &map, e) < 0)
		return -1;
	if (!map.count)
		return 0;
	if (shift_tree(rootfs_fd(inner), &map, &done, e) < 0)
		return -1;
	if (unlinkat(dir, MARK, 0) < 0 && errno != ENOENT)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", MARK);
	return 0;
}

/* Whose environment is up on the rootfs is at work there: one that was killed has none any more. */
static int refuse_at_work(const struct rootfs *inner, const char *name, struct error **e)
{
	auto_error *why = NULL;
	struct environment *up = environment_find(inner, &why);
	bool busy = up || why;
	environment_free(up);
	if (!busy)
		return 0;
	return error_set(
		e, ERROR_BUSY, 0, "the packages of container '%s' are being changed", name);
}

int owners_return_lent(const struct environment *env, const char *name, struct error **e)
{
	auto_error *elsewhere = NULL; /* one whose rootfs is not where ours are */
	struct rootfs *root = rootfs_open(environment_path(env), e);
	struct rootfs *inner = root ? container_rootfs(root, name, &elsewhere) : NULL;
	int auto_fd dir = inner ? open_container(inner, &elsewhere) : -1;
	int r = root ? 0 : -1;
	if (dir >= 0 && path_exists(dir, MARK))
		r = refuse_at_work(inner, name, e) < 0 ? -1 : owners_return(inner, e);
	rootfs_free(inner);
	rootfs_free(root);
	return r;
}
