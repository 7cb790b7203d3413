/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New containers: their configuration as ROOT wants it, and those of LXC's own template. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "containers/config.h"
#include "containers/containers.h"
#include "containers/lxc.h"
#include "containers/lxcpath.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"

#define DEFAULT_CONF "/etc/lxc/default.conf"

/* LXC keeps a file `partial` beside the configuration while it creates a container. One that is
 * left over tells of a creation that was cut off: what is there is no container. */
static int remove_partial(const struct environment *env, const char *name, struct error **e)
{
	auto_lxc l = LXC;
	static const char look[] = "test -e \"$(lxc-config lxc.lxcpath)/$1/partial\"";
	const char *test[] = {"/bin/sh", "-c", look, "sh", name, NULL};
	const char *destroy[] = {"lxc-destroy", "-f", "-n", name, NULL};
	int status = lxc_run(env, test, &l, e);
	if (status)
		return status < 0 ? -1 : 0;
	return lxc_must_run(env, destroy, "remove the half-made", name, e) < 0 ? -1 : 1;
}

/* The configuration goes to lxc-create in a file beside the container. Its name begins with a dot,
 * so that it is none. */
static int create_with(const struct environment *env, const struct container_spec *spec, int dir,
	const char *path, const struct buf *config, struct error **e)
{
	char *auto_free file = text_format(e, ".%s.conf", spec->name);
	char *auto_free inside = file ? text_format(e, "%s/%s", path, file) : NULL;
	if (!inside || path_write_file(dir, file, 0600, config->data, config->length, e) < 0)
		return -1;
	const char *argv[] = {"lxc-create", "-n", spec->name, "-t", "busybox", "-f", inside, NULL};
	int r = lxc_must_run(env, argv, "create", spec->name, e);
	unlinkat(dir, file, 0);
	return r;
}

int container_config_of_root(const struct rootfs *root, const struct container_spec *spec,
	const struct container_facts *facts, const char *rootfs, struct buf *to, struct error **e)
{
	auto_error *absent = NULL;
	auto_buf defaults = BUF(64 * 1024);
	int auto_fd conf =
		path_open_inside(rootfs_fd(root), DEFAULT_CONF, O_RDONLY | O_NONBLOCK, &absent);
	if (conf >= 0 && fd_read_all(conf, &defaults, e) < 0)
		return -1;
	if (container_config(spec, facts, buf_text(&defaults), to, e) < 0)
		return -1;
	return rootfs ? container_config_own(spec, facts, rootfs, to, e) : 0;
}

static int create(const struct environment *env, const struct container_spec *spec,
	const struct container_facts *facts, struct error **e)
{
	auto_buf config = BUF(0);
	struct rootfs *root = rootfs_open(environment_path(env), e);
	char *auto_free path = root ? lxcpath_find(rootfs_fd(root), e) : NULL;
	int auto_fd dir = path ? lxcpath_open(rootfs_fd(root), path, e) : -1;
	int r = dir < 0 ? -1 : container_config_of_root(root, spec, facts, NULL, &config, e);
	if (r == 0)
		r = create_with(env, spec, dir, path, &config, e);
	rootfs_free(root);
	return r;
}

int container_create(const struct environment *env, const struct container_spec *spec,
	const struct container_facts *facts, struct error **e)
{
	char state[LXC_STATE];
	if (container_check_name(spec->name, e) < 0 ||
		container_refuse_without_pid_namespace(env, e) < 0)
		return -1;
	int there = lxc_state(env, spec->name, state, e);
	if (there < 0)
		return -1;
	int removed = there ? remove_partial(env, spec->name, e) : 0;
	if (removed < 0 || (there && !removed))
		return removed;
	return create(env, spec, facts, e);
}
