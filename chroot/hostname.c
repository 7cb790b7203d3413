/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/hostname.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/syscalls.h"

int hostname_from(const char *text, char name[HOSTNAME_SIZE])
{
	text += strspn(text, " \t\n");
	while (*text == '#') {
		text += strcspn(text, "\n");
		text += strspn(text, " \t\n");
	}
	size_t length = strcspn(text, " \t\r\n");
	size_t good =
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
	if (!length || length != good || length >= HOSTNAME_SIZE)
		return -1;
	memcpy(name, text, length);
	name[length] = '\0';
	return 0;
}

void hostname_adopt(void)
{
	char name[HOSTNAME_SIZE];
	auto_buf text = BUF(4096);
	struct stat st;
	if (sys_unshare(CLONE_NEWUTS) < 0)
		return;
	int auto_fd fd = open("/etc/hostname", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		fd_read_all(fd, &text, NULL) < 0 || hostname_from(buf_text(&text), name) < 0)
		return;
	if (sethostname(name, strlen(name)) < 0)
		return; /* then it is as it was, which nobody depends on */
}
