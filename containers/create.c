/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New containers by a template of LXC's. */
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

static int create(
	const struct environment *env, const struct container_spec *spec, struct error **e)
{
	auto_error *absent = NULL;
	auto_buf defaults = BUF(64 * 1024), config = BUF(0);
	int auto_fd root = open(environment_path(env), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *auto_free path = lxcpath_find(root, e);
	int auto_fd dir = path ? lxcpath_open(root, path, e) : -1;
	if (dir < 0)
		return -1;
	int auto_fd conf = path_open_inside(root, DEFAULT_CONF, O_RDONLY | O_NONBLOCK, &absent);
	if ((conf >= 0 && fd_read_all(conf, &defaults, e) < 0) ||
		container_config(spec, buf_text(&defaults), &config, e) < 0)
		return -1;
	return create_with(env, spec, dir, path, &config, e);
}

int container_create(
	const struct environment *env, const struct container_spec *spec, struct error **e)
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
	return create(env, spec, e);
}
