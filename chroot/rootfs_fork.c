/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look into a rootfs on which no environment is up: a child in a mount namespace of its own, with
 * the rootfs as `/` and nothing started. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/rootfs.h"
#include "chroot/scratch.h"
#include "lib/fd.h"

struct visit {
	const struct rootfs *rootfs;
	proc_body *body;
	void *arg;
};

/* The namespace needs the rootfs to be a mount; the path may lead elsewhere by now. */
static int go_to_root(const struct rootfs *r, struct error **e)
{
	struct stat want, got;
	const char *path = rootfs_path(r);
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(path) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "enter %s", path);
	if (fstat(rootfs_fd(r), &want) < 0 || stat(".", &got) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", path);
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino)
		return error_set(e, ERROR_ROOT, 0, "%s was replaced meanwhile", path);
	return 0;
}

/* Descriptors are handed on by their names in /proc. A rootfs may have none, or a link there. */
static void bring_proc(void)
{
	char target[64];
	int auto_fd fd = open("proc", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
	if (fd >= 0 && mount("/proc", target, NULL, MS_BIND | MS_REC, NULL) < 0)
		return; /* whoever needs it then says what he cannot open */
}

static int visit_body(void *arg)
{
	const struct visit *v = arg;
	auto_error *e = NULL;
	if (scratch_begin(&e) < 0 || go_to_root(v->rootfs, &e) < 0) {
		fprintf(stderr, "%s\n", error_message(e));
		return 127;
	}
	bring_proc();
	if (chroot(".") < 0 || chdir("/") < 0) {
		fprintf(stderr, "chroot: %m\n");
		return 127;
	}
	umask(022);
	return v->body(v->arg);
}

pid_t rootfs_fork(const struct rootfs *r, proc_body *body, void *arg, struct error **e)
{
	/* The child has a copy of this frame. */
	struct visit v = {r, body, arg};
	return proc_fork(visit_body, &v, 0, NULL, e);
}
