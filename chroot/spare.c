/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/spare.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/syscalls.h"

/* PROC_USER_INIT_INO of the kernel: the first user namespace has this number for ever. */
enum { FIRST_USER_NAMESPACE = 0xEFFFFFFDU };

static bool in_user_namespace(void)
{
	struct stat st;
	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino != FIRST_USER_NAMESPACE;
}

static int take_along(const struct mounts_step *s)
{
	if (s->act == MOUNTS_NODE)
		return sys_open_tree(s->target);
	if (s->act == MOUNTS_MOUNT &&
		(strcmp(s->what, "proc") == 0 || strcmp(s->what, "sysfs") == 0))
		return sys_mount_detached(s->what);
	return -1;
}

void spare_make(struct spare *s, const struct mounts_step *steps, size_t count)
{
	bool needed = in_user_namespace();
	for (size_t i = 0; i < SPARE_MAX; i++)
		s->fds[i] = needed && i < count ? take_along(&steps[i]) : -1;
}

int spare_use(const struct spare *s, size_t i, const char *target)
{
	if (i < SPARE_MAX && s->fds[i] >= 0)
		return sys_move_mount(s->fds[i], target);
	errno = ENOENT;
	return -1;
}

void spare_close(struct spare *s)
{
	for (size_t i = 0; i < SPARE_MAX; i++)
		if (s->fds[i] >= 0)
			close(s->fds[i]);
}
