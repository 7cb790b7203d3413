/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every probe in a kernel that lacks what it asks for: a seccomp filter answers in its place. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor/kernel_release.h"
#include "doctor/probe.h"
#include "doctor/probe_check.h"
#include "lib/proc.h"
#include "lib/text.h"

#define ANY (-1)

static const struct {
	const char *probe;
	long call;
	int argument; /* of the call that must be `value`; ANY: none */
	unsigned value;
	int errnum; /* 0: the process is killed */
	const char *step;
} forced[] = {
	{"mount-namespace", SYS_unshare, ANY, 0, EPERM, "unshare(CLONE_NEWNS)"},
	{"uts-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWUTS)"},
	{"ipc-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWIPC)"},
	{"pid-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWPID)"},
	{"net-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWNET)"},
	{"cgroup-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWCGROUP)"},
	{"user-namespace", SYS_unshare, ANY, 0, EINVAL, "unshare(CLONE_NEWUSER)"},
	{"enter", SYS_pivot_root, ANY, 0, EPERM, "pivot_root"},
	{"enter", SYS_unshare, ANY, 0, EPERM, "unshare(CLONE_NEWNS)"},
	{"mknod", SYS_mknodat, ANY, 0, EPERM, "mknod"},
	{"devpts", SYS_mount, 3, MS_NOSUID | MS_NOEXEC, EINVAL, "mount devpts"},
	{"cgroup1", SYS_mount, 3, 0, ENODEV, "mount cgroup with a name"},
	{"cgroup2", SYS_mount, 3, 0, ENODEV, "mount cgroup2"},
	{"overlay", SYS_mount, 3, 0, ENODEV, "mount overlay"},
	{"mqueue", SYS_mount, 3, 0, ENODEV, "mount mqueue"},
	{"binfmt", SYS_mount, 3, 0, ENODEV, "mount binfmt_misc"},
	{"loop", SYS_openat, ANY, 0, ENOENT, "loop-control"},
	{"fuse", SYS_openat, ANY, 0, ENODEV, "/dev/fuse"},
	{"veth", SYS_sendto, ANY, 0, EOPNOTSUPP, "make a veth link"},
	{"bridge", SYS_sendto, ANY, 0, EOPNOTSUPP, "make a bridge"},
	{"macvlan", SYS_sendto, ANY, 0, EOPNOTSUPP, "make a link below it"},
	{"ipvlan", SYS_sendto, ANY, 0, EOPNOTSUPP, "make a link below it"},
	{"macvlan", SYS_unshare, ANY, 0, EPERM, "unshare(CLONE_NEWNET)"},
	{"seccomp", SYS_prctl, 0, PR_SET_SECCOMP, EINVAL, "install a seccomp filter"},
	{"landlock", SYS_landlock_create_ruleset, ANY, 0, EOPNOTSUPP, "landlock_create_ruleset"},
	{"pidfd", SYS_pidfd_open, ANY, 0, ENOSYS, "pidfd_open"},
	{"clone3", SYS_clone3, ANY, 0, ENOSYS, "clone3"},
	{"openat2", SYS_openat2, ANY, 0, ENOSYS, "openat2"},
	{"openat2", SYS_openat2, ANY, 0, 0, ""},
	{"mount-setattr", SYS_mount_setattr, ANY, 0, ENOSYS, "mount_setattr"},
	{"setuid", SYS_setuid, ANY, 0, EPERM, "setuid"},
	{"socket", SYS_socket, ANY, 0, EACCES, "socket(AF_INET)"},
	{"user-socket", SYS_socket, ANY, 0, EACCES, "socket(AF_INET)"},
	{"user-namespace-user", SYS_unshare, ANY, 0, EACCES, "unshare(CLONE_NEWUSER)"},
};
enum { FORCED = sizeof forced / sizeof *forced };

/* The answers to all probes, unasked. */
static void all_probes(struct probe_answers *a)
{
	assert_ok(probe_answers_parse(a, "", false, &e));
}

static const struct probe *find(const struct probe_answers *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].probe->name, name) == 0)
			return a->items[i].probe;
	fail_msg("no probe %s", name);
	return NULL;
}

/* seccomp(2): the low half of an argument is enough here, on a little-endian machine. */
static int force(size_t i)
{
	unsigned answer = forced[i].errnum ? SECCOMP_RET_ERRNO | (unsigned)forced[i].errnum
					   : SECCOMP_RET_KILL;
	bool any = forced[i].argument == ANY;
	unsigned at = (unsigned)(offsetof(struct seccomp_data, args) +
				 8 * (unsigned)(any ? 0 : forced[i].argument));
	struct sock_filter lines[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, (unsigned)forced[i].call},
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, at},
		{any ? BPF_JMP | BPF_JA : BPF_JMP | BPF_JEQ | BPF_K, 0, any ? 0 : 1,
			any ? 0 : forced[i].value},
		{BPF_RET | BPF_K, 0, 0, answer},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog program = {sizeof lines / sizeof *lines, lines};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

struct trial {
	size_t row;
	const struct probe *probe;
};

/* In a child, which keeps the filter. */
static int try(void *arg)
{
	const struct trial *t = arg;
	struct probe_answer a;
	if (force(t->row) < 0 || probe_run(t->probe, &a, NULL) < 0)
		return 2;
	if (!a.errnum && !a.killed_by)
		return 3;
	/* Without root most fail at an earlier step, for want of privileges. */
	if (geteuid() != 0)
		return 0;
	if (a.errnum != forced[t->row].errnum || (!a.errnum && a.killed_by != SIGSYS))
		return 4;
	return strstr(a.step, forced[t->row].step) ? 0 : 5;
}

static void test_forced(void **state)
{
	auto_probe_answers all = {0};
	all_probes(&all);
	for (size_t i = 0; i < FORCED; i++) {
		struct trial t = {i, find(&all, forced[i].probe)};
		int status = -1;
		pid_t pid = -1;
		assert_ok(pid = proc_fork(try, &t, 0, NULL, &e));
		assert_ok(proc_wait(pid, &status, &e));
		if (status != 0)
			fail_msg("%s at system call %ld: %d", forced[i].probe, forced[i].call,
				status);
	}
}

/* Each is in the table above, and its row is whole. */
static void test_complete(void **state)
{
	auto_probe_answers all = {0};
	all_probes(&all);
	assert_true(all.count > 25);
	for (size_t i = 0; i < all.count; i++) {
		const struct probe *p = all.items[i].probe;
		size_t k = 0;
		while (k < FORCED && strcmp(forced[k].probe, p->name) != 0)
			k++;
		if (k == FORCED)
			fail_msg("%s has no test in which it fails", p->name);
		assert_true(p->what && p->why && p->run && p->code);
		assert_ptr_equal(find(&all, p->name), p);
	}
}

static int quick(void)
{
	return 0;
}

static int endless(void)
{
	while (pause() < 0)
		continue;
	return 0;
}

static int signalled(void)
{
	return raise(SIGKILL); /* cmocka catches others */
}

static void test_run(void **state)
{
	const struct probe good = {"good", "good", "why", .run = quick};
	const struct probe slow = {"slow", "slow", "why", .run = endless};
	const struct probe dead = {"dead", "dead", "why", .run = signalled};
	struct probe_answer a;
	assert_ok(probe_run(&good, &a, &e));
	assert_true(a.asked && !a.errnum && !a.killed_by);
	assert_ok(probe_run(&dead, &a, &e));
	assert_int_equal(a.killed_by, SIGKILL);
	assert_ok(probe_run(&slow, &a, &e));
	assert_int_equal(a.errnum, ETIMEDOUT);
}

static void test_parse(void **state)
{
	auto_probe_answers a = {0}, phone = {0};
	assert_ok(probe_answers_parse(
		&a, "# a comment\npid-namespace EINVAL\n\nopenat2\tSIGSYS\n", false, &e));
	assert_false(probe_can(&a, "pid-namespace"));
	assert_false(probe_can(&a, "openat2"));
	assert_true(probe_can(&a, "clone3"));
	assert_false(probe_can(&a, "no such probe"));
	assert_ok(probe_answers_parse(&phone, "", true, &e));
	assert_false(probe_can(&phone, "openat2")); /* not asked */
	assert_true(probe_can(&phone, "devpts"));
	static const char *const bad[] = {
		"nothing EINVAL\n", "devpts ENOSUCH\n", "devpts\n", "devpts EINVAL more\n"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(probe_answers_parse(&a, bad[i], false, &e), ERROR_CONFIG, "no answer");
}

static const struct {
	const char *what, *status, *label;
	int capability;
	const char *says;
} refusals[] = {
	{"a user", "Name:\tx\nUid:\t1000\t1000\t1000\t1000\n", "", 21, "run it as root"},
	{"a container without the capability",
		"Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\nSeccomp:\t2\n", "", 21,
		"took CAP_SYS_ADMIN away"},
	{"another capability", "Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000000\n", "", 12,
		"took CAP_NET_ADMIN away"},
	{"a filter", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t2\n", "", 21,
		"a seccomp filter"},
	{"a policy", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n",
		"docker-default (enforce)\n", 21, "'docker-default (enforce)'"},
	{"nobody known", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n",
		"unconfined\n", 21, "the container around us"},
	{"no capability is needed", "Uid:\t0\t0\t0\t0\nCapEff:\t0\nSeccomp:\t2\n", "", -1,
		"a seccomp filter"},
};

static void test_refusals(void **state)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct probe_keeper k = {refusals[i].status, refusals[i].label};
		auto_buf text = BUF(0);
		assert_ok(probe_refusal(&k, refusals[i].capability, &text, &e));
		if (!strstr(buf_text(&text), refusals[i].says))
			fail_msg("%s: %s", refusals[i].what, buf_text(&text));
	}
}

static const struct {
	const char *answers, *release, *config;
	enum finding_severity severity;
	const char *remedy;
} judged[] = {
	{"pid-namespace EINVAL\n", "6.1.0", "CONFIG_A=y\n", FINDING_NO_CONTAINERS,
		"CONFIG_PID_NS=y"},
	{"pid-namespace EINVAL\n", "5.10.149-android13-4-g1", "CONFIG_A=y\n", FINDING_NO_CONTAINERS,
		"this very phone"},
	{"pid-namespace EPERM\n", "6.1.0", "CONFIG_A=y\n", FINDING_NO_CONTAINERS,
		"took CAP_SYS_ADMIN away"},
	{"veth EOPNOTSUPP\n", "6.1.0", "CONFIG_VETH=m\n", FINDING_LIMITED, "depmod"},
	{"cgroup-namespace EINVAL\n", "4.4.0", "CONFIG_A=y\n", FINDING_NOTE, "from 4.6 on"},
	{"cgroup-namespace EINVAL\n", "4.9.0", "CONFIG_A=y\n", FINDING_LIMITED, "a kernel"},
	{"landlock EOPNOTSUPP\n", "6.1.0", "CONFIG_A=y\n", FINDING_NOTE, "lsm="},
	{"user-socket EACCES\n", "4.4.0", "CONFIG_A=y\n", FINDING_NOTE, "3003"},
	{"openat2 SIGSYS\n", "6.1.0", "CONFIG_A=y\n", FINDING_NOTE, "seccomp filter"},
};

static void test_judged(void **state)
{
	const struct probe_keeper keeper = {"Uid:\t0\nCapEff:\t0\nSeccomp:\t2\n", ""};
	for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
		auto_probe_answers a = {0};
		auto_kernel_config c = {0};
		auto_findings f = {0};
		struct kernel_release r;
		assert_ok(probe_answers_parse(&a, judged[i].answers, false, &e));
		assert_ok(kernel_config_parse(&c, judged[i].config, &e));
		assert_ok(kernel_release_parse(judged[i].release, &r, &e));
		const struct kernel_facts k = {.config = &c, .release = &r, .tried = &a};
		assert_ok(probe_check(&k, &keeper, &f, &e));
		assert_int_equal(f.count, 1);
		assert_int_equal(f.items[0].severity, judged[i].severity);
		if (!strstr(f.items[0].remedy, judged[i].remedy))
			fail_msg("%s: %s", judged[i].answers, f.items[0].remedy);
		assert_non_null(strstr(f.items[0].how, "tried it"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_forced),
		cmocka_unit_test(test_complete), cmocka_unit_test(test_run),
		cmocka_unit_test(test_parse), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_judged)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
