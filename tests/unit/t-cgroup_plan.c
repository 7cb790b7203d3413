/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "chroot/cgroup_plan.h"
#include "lib/buf.h"

#define NO_CONTROLLERS "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"

/* Each hierarchy as "name<options>path", a fresh one with a '+', not mounted inside with a '-'. */
static char *shown(const struct cgroup_plan *plan)
{
	struct buf b = BUF(0);
	if (plan->unified)
		assert_ok(buf_puts(&b, "unified:", &e));
	for (size_t i = 0; i < plan->count; i++) {
		const struct cgroup_hierarchy *h = &plan->items[i];
		assert_ok(buf_printf(&b, &e, " %s%s%s<%s>%s",
			cgroup_plan_mounts(plan, h) ? "" : "-", h->fresh ? "+" : "", h->name,
			h->options ? h->options : "v2", h->path));
	}
	return buf_take(&b);
}

static const struct {
	const char *what;
	const char *self;
	const char *controllers;
	enum cgroup_layout layout;
	const char *plan;
} cases[] = {
	{"hybrid, as systemd makes it",
		"4:memory:/user.slice\n3:cpu,cpuacct:/\n1:name=systemd:/init.scope\n"
		"0::/user.slice/a:b\n",
		NO_CONTROLLERS "memory\t4\t5\t1\nperf_event\t0\t1\t1\n", CGROUP_AUTO,
		" memory<memory>/user.slice cpu,cpuacct<cpu,cpuacct>/ "
		"systemd<none,name=systemd>/init.scope unified<v2>/user.slice/a:b"},
	{"hybrid for LXC 7", "4:memory:/x\n0::/y\n", NO_CONTROLLERS "devices\t0\t1\t1\n",
		CGROUP_UNIFIED, "unified: -memory<memory>/x unified<v2>/y"},
	{"v1 for LXC 7: the kernel shows no line of a cgroup2 that nobody mounted", "4:memory:/x\n",
		NO_CONTROLLERS, CGROUP_UNIFIED, "unified: -memory<memory>/x +unified<v2>/"},
	{"the kernel's order of the two old pairs", "5:net_prio,net_cls:/\n3:cpuacct,cpu:/\n",
		NO_CONTROLLERS, CGROUP_AUTO,
		" net_cls,net_prio<net_prio,net_cls>/ cpu,cpuacct<cpuacct,cpu>/"},
	{"pure v1, everything mounted", "2:freezer:/\n1:devices:/\n",
		NO_CONTROLLERS "devices\t1\t1\t1\nfreezer\t2\t1\t1\n", CGROUP_AUTO,
		" freezer<freezer>/ devices<devices>/"},
	{"pure v2: what lies on hierarchy 0 is cgroup2's", "0::/user.slice/session-1.scope\n",
		NO_CONTROLLERS "cpu\t0\t9\t1\nmemory\t0\t9\t1\ndevices\t0\t9\t1\n", CGROUP_AUTO,
		"unified: unified<v2>/user.slice/session-1.scope"},
	{"old Android: cpuset, cpu and cpuacct only",
		"3:cpuset:/foreground\n2:cpu:/\n1:cpuacct:/uid_0/pid_99\n",
		NO_CONTROLLERS "cpuset\t3\t9\t1\ncpu\t2\t2\t1\ncpuacct\t1\t99\t1\nmemory\t0\t1\t0\n"
			       "devices\t0\t1\t1\nfreezer\t0\t1\t1\ndebug\t0\t1\t1\n",
		CGROUP_AUTO,
		" cpuset<cpuset>/foreground cpu<cpu>/ cpuacct<cpuacct>/uid_0/pid_99 "
		"+devices<devices>/ +freezer<freezer>/"},
	{"newer Android: a cgroup2 beside them keeps memory", "3:cpuset:/\n0::/uid_0/pid_9\n",
		NO_CONTROLLERS
		"cpuset\t3\t9\t1\nmemory\t0\t1\t1\ndevices\t0\t1\t1\npids\t0\t1\t1\n",
		CGROUP_AUTO, " cpuset<cpuset>/ unified<v2>/uid_0/pid_9 +devices<devices>/"},
	{"a bare kernel: nothing mounted yet", "",
		NO_CONTROLLERS
		"devices\t0\t1\t1\nfreezer\t0\t1\t1\nmemory\t0\t1\t1\nhugetlb\t0\t1\t1\n",
		CGROUP_AUTO, " +devices<devices>/ +freezer<freezer>/ +memory<memory>/"},
	{"named hierarchies", "2:name=elogind:/3\n1:name=openrc:/sshd\n", "", CGROUP_AUTO,
		" elogind<none,name=elogind>/3 openrc<none,name=openrc>/sshd"},
	{"v1 asked for, on a host with both", "4:memory:/x\n0::/y\n",
		NO_CONTROLLERS "memory\t4\t5\t1\npids\t0\t1\t1\n", CGROUP_V1,
		" memory<memory>/x +pids<pids>/"},
	{"v1 asked for, on a host that is all cgroup2", "0::/y\n",
		NO_CONTROLLERS "memory\t0\t5\t1\ndevices\t0\t1\t1\n", CGROUP_V1,
		" +memory<memory>/ +devices<devices>/"},
	{"both asked for, where nothing is mounted", "", NO_CONTROLLERS "devices\t0\t1\t1\n",
		CGROUP_HYBRID, " +devices<devices>/ +unified<v2>/"},
	{"both asked for, on a host that is all cgroup2", "0::/y\n",
		NO_CONTROLLERS "devices\t0\t1\t1\n", CGROUP_HYBRID,
		" unified<v2>/y +devices<devices>/"},
	{"seen from a cgroup namespace beside the process", "1:devices:/../other\n", "",
		CGROUP_AUTO, " devices<devices>/../other"},
};

static void layouts_are_planned(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cgroup_plan plan;
		assert_ok(cgroup_plan_make(
			&plan, cases[i].self, cases[i].controllers, cases[i].layout, &e));
		char *got = shown(&plan);
		if (strcmp(got, cases[i].plan) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", cases[i].what, got, cases[i].plan);
		free(got);
		cgroup_plan_free(&plan);
	}
}

static void what_cannot_be_is_refused(void **state)
{
	struct cgroup_plan plan;
	assert_fails(cgroup_plan_make(&plan, "", NO_CONTROLLERS, CGROUP_AUTO, &e), ERROR_KERNEL,
		"no control groups");
	assert_fails(cgroup_plan_make(&plan, "0::/\n", NO_CONTROLLERS, CGROUP_V1, &e), ERROR_KERNEL,
		"no control groups");
	assert_fails(
		cgroup_plan_make(&plan, "4:memory", "", CGROUP_AUTO, &e), ERROR_SYSTEM, "strange");
	assert_fails(cgroup_plan_make(&plan, "4:memory:x", "", CGROUP_AUTO, &e), ERROR_SYSTEM,
		"strange");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_planned),
		cmocka_unit_test(what_cannot_be_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
