/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pseudo terminal of an environment, and the proxy between it and our own terminal (pty(7)). */
#ifndef CHROOT_PTY_H
#define CHROOT_PTY_H

#include <sys/types.h>

#include "lib/error.h"

enum { PTY_NAME = 32 };

/* Opens a new one of the environment whose holder is `holder`. The master's descriptor, not
 * blocking; `slave` is its path inside, "/dev/pts/3". Takes over our terminal's window size. */
int pty_open(pid_t holder, char slave[PTY_NAME], struct error **e) must_check;
/* In the child inside: makes the slave its controlling terminal and stdio, owned by `uid`. */
int pty_attach(const char *slave, uid_t uid, struct error **e) must_check;
/* Our terminal goes raw and everything is passed on, window size too, until our child `pid` ends;
 * the terminal is then as before. *status as of proc_wait. */
int pty_proxy(int master, pid_t pid, int *status, struct error **e) must_check;

#endif
