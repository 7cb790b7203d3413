/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a command as on a kernel that lacks something: a seccomp filter (seccomp(2)) answers for it,
 * in the command and in all that it starts.
 *
 *   without NAME… -- CMD…      pid_ns: unshare, clone and clone3 of a pid namespace are EINVAL, as
 *                              where CONFIG_PID_NS is not set; user_ns: likewise; any other NAME is
 *                              a system call that
 *                              is ENOSYS. "new": all of those listed in the table. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROGRAM_MAX = 128 };

/* By the kernel in which each came: 3.10 has none of them. */
static const struct {
	const char *name;
	int number;
} calls[] = {
	{"renameat2", SYS_renameat2}, /* 3.15 */
	{"memfd_create", SYS_memfd_create}, /* 3.17 */
	{"execveat", SYS_execveat}, /* 3.19 */
	{"copy_file_range", SYS_copy_file_range}, /* 4.5 */
	{"statx", SYS_statx}, /* 4.11 */
	{"pidfd_send_signal", SYS_pidfd_send_signal}, /* 5.1 */
	{"pidfd_open", SYS_pidfd_open}, /* 5.3 */
	{"clone3", SYS_clone3}, /* 5.3 */
	{"close_range", SYS_close_range}, /* 5.9 */
	{"openat2", SYS_openat2}, /* 5.6 */
	{"pidfd_getfd", SYS_pidfd_getfd}, /* 5.6 */
	{"faccessat2", SYS_faccessat2}, /* 5.8 */
	{"mount_setattr", SYS_mount_setattr}, /* 5.12 */
};

struct program {
	struct sock_filter lines[PROGRAM_MAX];
	unsigned short count;
};

static void add(
	struct program *p, unsigned short code, unsigned k, unsigned char t, unsigned char f)
{
	if (p->count < PROGRAM_MAX)
		p->lines[p->count++] = (struct sock_filter){code, t, f, k};
}

static void answer(struct program *p, int errnum)
{
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)errnum, 0, 0);
}

static void lack_call(struct program *p, int number)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
	answer(p, ENOSYS);
}

/* The flags are the first argument of both calls here; their lower half comes first in memory on
 * little-endian machines, which all of ours are. */
static void lack_flag(struct program *p, int number, unsigned flag)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 4);
	add(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]), 0, 0);
	add(p, BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1);
	answer(p, EINVAL);
	add(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
}

static const struct {
	const char *name;
	unsigned flag;
} namespaces[] = {{"pid_ns", CLONE_NEWPID}, {"user_ns", CLONE_NEWUSER}};

static int lack(struct program *p, const char *name)
{
	int found = 0;
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
		if (strcmp(name, namespaces[i].name) != 0)
			continue;
		lack_flag(p, SYS_unshare, namespaces[i].flag);
		lack_flag(p, SYS_clone, namespaces[i].flag);
		lack_call(p, SYS_clone3); /* its flags lie in memory, out of a filter's sight */
		return 1;
	}
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strcmp(name, "new") == 0 || strcmp(name, calls[i].name) == 0) {
			lack_call(p, calls[i].number);
			found = 1;
		}
	return found;
}

int main(int argc, char **argv)
{
	struct program p = {.count = 0};
	int i = 1;
	add(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!lack(&p, argv[i])) {
			fprintf(stderr, "without: no '%s' in the table\n", argv[i]);
			return 2;
		}
	add(&p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	if (i + 1 >= argc) {
		fputs("without NAME… -- CMD…\n", stderr);
		return 2;
	}
	struct sock_fprog filter = {p.count, p.lines};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) {
		perror("without: PR_SET_SECCOMP");
		return 1;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
