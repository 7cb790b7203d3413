/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/userns.h"

#include <sched.h>

#include "lib/syscalls.h"

static int try_body(void *arg)
{
	return sys_unshare(CLONE_NEWUSER) < 0;
}

int userns_works(const struct environment *env, struct error **e)
{
	int status = 0;
	pid_t pid = environment_fork(env, try_body, NULL, 0, NULL, e);
	if (pid < 0 || proc_wait(pid, &status, e) < 0)
		return -1;
	return status == 0;
}
