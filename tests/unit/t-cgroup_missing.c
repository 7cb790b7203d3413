/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "chroot/cgroup_missing.h"

#define HEAD "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
#define ALL_ON                                                                                     \
	HEAD "cpuset\t0\t1\t1\ncpu\t0\t1\t1\nblkio\t0\t1\t1\nmemory\t0\t1\t1\ndevices\t0\t1\t1\n"  \
	     "freezer\t0\t1\t1\npids\t0\t1\t1\n"

static const struct {
	const char *what;
	struct cgroup_kernel kernel;
	const char *have;
	bool unified;
	const char *notes; /* joined by '|' */
} cases[] = {
	{"all is there", {ALL_ON, "", ""}, "cpu memory devices freezer pids blkio", false, ""},
	{"cgroup2 needs no controller for devices and freezer", {ALL_ON, "0::/", ""},
		"cpu memory pids io", true, ""},
	{"the seed's device: memory alone, the rest not built", {HEAD "memory\t1\t1\t1\n", "", ""},
		"memory", false,
		"no limits by the cgroups devices,freezer,pids,cpu,blkio: the kernel lacks "
		"CONFIG_CGROUP_DEVICE,CONFIG_CGROUP_FREEZER,CONFIG_CGROUP_PIDS,CONFIG_CGROUP_SCHED,"
		"CONFIG_BLK_CGROUP"},
	{"memory off by default, as on a Raspberry Pi",
		{HEAD "cpu\t1\t1\t1\nblkio\t2\t1\t1\nmemory\t0\t1\t0\ndevices\t3\t1\t1\n"
		      "freezer\t4\t1\t1\npids\t5\t1\t1\n",
			"", "console=tty1 root=/dev/mmcblk0p2\n"},
		"cpu blkio devices freezer pids", false,
		"no limits by the cgroups memory: boot the kernel with cgroup_enable=memory"},
	{"switched off, by the v2 name, too",
		{HEAD "cpu\t0\t1\t0\nblkio\t0\t1\t0\nmemory\t1\t1\t1\ndevices\t2\t1\t1\n"
		      "freezer\t3\t1\t1\npids\t4\t1\t1\n",
			"", "quiet cgroup_disable=io,cpu cgroup_no_v1=memory\n"},
		"memory devices freezer pids", false,
		"no limits by the cgroups cpu,blkio: boot the kernel without "
		"cgroup_disable=cpu,blkio"},
	{"kept for cgroup2", {ALL_ON, "", "xcgroup_no_v1=cpu cgroup_no_v1=memory,pids"},
		"cpu blkio devices freezer", false,
		"no limits by the cgroups memory,pids: boot the kernel without "
		"cgroup_no_v1=memory,pids"},
	{"all kept for cgroup2, and that is not to be had either", {ALL_ON, "", "cgroup_no_v1=all"},
		"devices freezer cpu blkio pids", false,
		"no limits by the cgroups memory: boot the kernel without cgroup_no_v1=memory"},
	{"two reasons",
		{HEAD "cpu\t1\t1\t1\nmemory\t0\t1\t0\ndevices\t3\t1\t1\nfreezer\t4\t1\t1\n"
		      "blkio\t2\t1\t1\n",
			"", ""},
		"cpu devices freezer blkio", false,
		"no limits by the cgroups pids: the kernel lacks CONFIG_CGROUP_PIDS|"
		"no limits by the cgroups memory: boot the kernel with cgroup_enable=memory"},
	{"newer Android: memory in cgroup2", {ALL_ON, "3:cpuset:/\n0::/uid_0\n", ""},
		"cpu devices freezer blkio pids", false,
		"no limits by the cgroups memory: the host's cgroup2 has them"},
	{"a new kernel without memory's v1", {ALL_ON, "", ""}, "cpu devices freezer blkio pids",
		false, "no limits by the cgroups memory: the kernel lacks CONFIG_MEMCG_V1"},
	{"LXC 7 where v1 has them",
		{HEAD "cpu\t0\t1\t1\nmemory\t4\t1\t1\npids\t0\t1\t1\nblkio\t0\t1\t1\n", "", ""},
		"cpu pids", true,
		"no limits by the cgroups memory: the host has them in v1|"
		"no limits by the cgroups blkio: the cgroup above does not hand them "
		"down (cgroup.subtree_control)"},
};

static void reasons_are_told(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_strings have = {0}, notes = {0};
		auto_buf got = BUF(0);
		assert_ok(strings_split(&have, cases[i].have, " ", &e));
		assert_ok(cgroup_missing(&cases[i].kernel, &have, cases[i].unified, &notes, &e));
		for (size_t k = 0; k < notes.count; k++)
			assert_ok(buf_printf(&got, &e, "%s%s", k ? "|" : "", notes.items[k]));
		if (strcmp(buf_text(&got), cases[i].notes) != 0)
			fail_msg("%s:\n got '%s'\nwant '%s'", cases[i].what, buf_text(&got),
				cases[i].notes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reasons_are_told)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
