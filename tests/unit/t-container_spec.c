/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a container shall be, and whether it can be: words, facts, ids. */
#include "tests/unit/unit.h"

#include "containers/facts.h"
#include "containers/shift.h"
#include "containers/spec.h"

static void words_become_limits(void **state)
{
	static const struct {
		const char *memory, *cpus, *pids;
		struct container_limits limits;
	} good[] = {
		{NULL, NULL, NULL, {0, 0, 0}},
		{"512M", "2", "500", {512ULL << 20, 2000, 500}},
		{"2g", "0.5", "1", {2ULL << 30, 500, 1}},
		{"4194304", "1.25", NULL, {4 << 20, 1250, 0}},
		{"1T", "0.01", NULL, {1ULL << 40, 10, 0}},
	};
	static const char *const memory[] = {
		"", "0", "M", "-1", "12Q", "1MB", "1 M", "100K", "99999999T", "4.5G"};
	static const char *const cpus[] = {
		"", "0", "x", "1.", ".5", "1.2345", "0.001", "-1", "1,5"};
	static const char *const pids[] = {"", "0", "-5", "many", "1e3", "99999999"};
	struct container_limits l;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_ok(
			container_limits_parse(&l, good[i].memory, good[i].cpus, good[i].pids, &e));
		assert_int_equal(l.memory_bytes, good[i].limits.memory_bytes);
		assert_int_equal(l.thousandths_cpu, good[i].limits.thousandths_cpu);
		assert_int_equal(l.pids, good[i].limits.pids);
	}
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
		assert_fails(container_limits_parse(&l, memory[i], NULL, NULL, &e), ERROR_USAGE,
			"--memory");
	for (size_t i = 0; i < sizeof cpus / sizeof *cpus; i++)
		assert_fails(
			container_limits_parse(&l, NULL, cpus[i], NULL, &e), ERROR_USAGE, "--cpus");
	for (size_t i = 0; i < sizeof pids / sizeof *pids; i++)
		assert_fails(
			container_limits_parse(&l, NULL, NULL, pids[i], &e), ERROR_USAGE, "--pids");
}

static void words_become_inits(void **state)
{
	struct container_spec s = {.name = "one"};
	container_init_parse(&s, NULL);
	assert_int_equal(s.init, CONTAINER_INIT_AUTO);
	container_init_parse(&s, "systemd");
	assert_int_equal(s.init, CONTAINER_INIT_SYSTEMD);
	container_init_parse(&s, "lxc");
	assert_int_equal(s.init, CONTAINER_INIT_LXC);
	container_init_parse(&s, "nginx -g 'daemon off;'");
	assert_int_equal(s.init, CONTAINER_INIT_COMMAND);
	assert_string_equal(s.command, "nginx -g 'daemon off;'");
}

static void facts_are_read_from_what_is_mounted(void **state)
{
	struct container_facts v1 = {0}, v2 = {0}, hybrid = {0}, none = {0};
	assert_ok(
		container_facts_parse(&v1, "v1 cpu,cpuacct\nv1 memory\nv1 devices\nseccomp\n", &e));
	assert_true(v1.any_cgroup && !v1.unified && v1.seccomp);
	assert_int_equal(v1.cpu, CGROUP_IN_V1);
	assert_int_equal(v1.memory, CGROUP_IN_V1);
	assert_int_equal(v1.devices, CGROUP_IN_V1);
	assert_int_equal(v1.pids, CGROUP_ABSENT);
	assert_ok(container_facts_parse(&v2, "v2 cpuset cpu io memory\n", &e));
	assert_true(v2.any_cgroup && v2.unified && !v2.seccomp);
	assert_int_equal(v2.cpu, CGROUP_IN_V2);
	assert_int_equal(v2.pids, CGROUP_ABSENT);
	assert_ok(container_facts_parse(&hybrid, "v2at pids\nv1 memory\nv1 systemd\n", &e));
	assert_true(hybrid.any_cgroup && !hybrid.unified);
	assert_int_equal(hybrid.pids, CGROUP_IN_V2);
	assert_int_equal(hybrid.memory, CGROUP_IN_V1);
	assert_ok(container_facts_parse(&none, "", &e));
	assert_false(none.any_cgroup || none.unified);
}

static void a_limit_without_its_controller_is_refused(void **state)
{
	const struct container_facts memory_alone = {.memory = CGROUP_IN_V1};
	const struct container_facts unified = {.unified = true};
	assert_ok(container_facts_refuse_limits(
		&memory_alone, &(struct container_limits){.memory_bytes = 1}, &e));
	assert_ok(container_facts_refuse_limits(&unified, &(struct container_limits){0}, &e));
	assert_fails(container_facts_refuse_limits(
			     &memory_alone, &(struct container_limits){.pids = 1}, &e),
		ERROR_KERNEL, "--pids: the environment has no cgroup controller 'pids'");
	assert_fails(container_facts_refuse_limits(
			     &unified, &(struct container_limits){.memory_bytes = 1}, &e),
		ERROR_KERNEL, "in cgroup2");
}

static void systemd_needs_its_kernel_and_cgroups(void **state)
{
	static const struct {
		const char *version;
		int major, minor;
		bool any, unified, carried;
	} rows[] = {
		{"252.39-1", 6, 18, true, false, true},
		{"252.39-1", 3, 10, true, false, false},
		{"252.39-1", 3, 15, true, false, true},
		{"252.39-1", 6, 18, false, false, false},
		{"257.3-1", 6, 1, true, false, false},
		{"257.3-1", 4, 9, true, true, true},
		{"258-1", 4, 19, true, true, false},
		{"258-1", 5, 4, true, true, true},
		{"1:261.1-1", 5, 4, true, true, false},
		{"261.1-1", 5, 10, true, true, true},
		{"261.1-1", 6, 1, true, false, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct container_facts f = {.kernel_major = rows[i].major,
			.kernel_minor = rows[i].minor,
			.any_cgroup = rows[i].any,
			.unified = rows[i].unified};
		assert_true(
			rows[i].carried == !container_facts_against_systemd(&f, rows[i].version));
	}
}

static void ids_are_roots_own_or_free_ones(void **state)
{
	static const struct {
		const char *uid, *gid, *uid_after;
		uint32_t base;
	} rows[] = {
		{"", "", "root:1073741824:65536\n", 1073741824},
		/* a user's ranges stay, a line without its end gets one */
		{"alarm:100000:65536", "alarm:100000:65536\n",
			"alarm:100000:65536\nroot:1073741824:65536\n", 1073741824},
		/* what somebody has is not given away */
		{"alarm:1073741824:65536\n", "", "alarm:1073741824:65536\nroot:1073807360:65536\n",
			1073807360},
		/* root's own, in both */
		{"root:500000:131072\n", "0:400000:1000000\n", "", 500000},
		{"root:500000:65536\n", "", "root:500000:65536\nroot:1073741824:65536\n",
			1073741824},
		{"root:500000:1000\n", "root:500000:1000\n",
			"root:500000:1000\nroot:1073741824:65536\n", 1073741824},
		{"nonsense\nroot:x:y\n", "", "nonsense\nroot:x:y\nroot:1073741824:65536\n",
			1073741824},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_buf uids = BUF(0), gids = BUF(0);
		struct container_idmap map;
		assert_ok(idmap_choose(rows[i].uid, rows[i].gid, &map, &uids, &gids, &e));
		assert_int_equal(map.base, rows[i].base);
		assert_int_equal(map.count, IDMAP_COUNT);
		assert_string_equal(buf_text(&uids), rows[i].uid_after);
		assert_int_equal(uids.length > 0, gids.length > 0);
	}
	auto_buf uids = BUF(0), gids = BUF(0);
	struct container_idmap map;
	assert_fails(idmap_choose("all:0:4294967295\n", "", &map, &uids, &gids, &e), ERROR_CONFIG,
		"no 65536 ids are free");
}

static void maps_of_namespaces_are_understood(void **state)
{
	const struct container_idmap map = {1 << 30, IDMAP_COUNT};
	assert_true(idmap_is_mapped("         0          0 4294967295\n", &map));
	assert_true(idmap_is_mapped("0 1000 1\n1073741824 5 65536\n", &map));
	assert_false(idmap_is_mapped("0 100000 65536\n", &map));
	assert_false(idmap_is_mapped("1073741824 0 65535\n", &map));
	assert_false(idmap_is_mapped("", &map));
}

static void owners_are_shifted_once(void **state)
{
	const struct container_idmap map = {1 << 30, IDMAP_COUNT};
	assert_int_equal(shift_id(&map, 0), 1 << 30);
	assert_int_equal(shift_id(&map, 65535), (1 << 30) + 65535);
	assert_int_equal(shift_id(&map, 65536), 65536);
	assert_int_equal(shift_id(&map, shift_id(&map, 7)), shift_id(&map, 7));
}

/* linux/capability.h: version 2 with the effective bit and cap_net_raw, then version 3. */
static void capabilities_get_their_root(void **state)
{
	const struct container_idmap map = {0x40000000, IDMAP_COUNT};
	static const unsigned char v2[20] = {1, 0, 0, 2, 0, 0x20};
	static const unsigned char v3[24] = {1, 0, 0, 3, 0, 0x20, [23] = 0x40};
	unsigned char to[SHIFT_CAPABILITY_SIZE] = {0};
	assert_int_equal(shift_capability(&map, v2, sizeof v2, to), sizeof v3);
	assert_memory_equal(to, v3, sizeof v3);
	assert_int_equal(shift_capability(&map, v3, sizeof v3, to), 0);
	assert_int_equal(shift_capability(&map, v2, 12, to), 0);
}

/* linux/posix_acl_xattr.h: an owner's entry, one of user 10, one of group 2, the mask. */
static void acls_are_shifted(void **state)
{
	const struct container_idmap map = {0x40000000, IDMAP_COUNT};
	unsigned char acl[] = {2, 0, 0, 0, 0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 4, 0, 10,
		0, 0, 0, 0x08, 0, 4, 0, 2, 0, 0, 0, 0x10, 0, 4, 0, 0xff, 0xff, 0xff, 0xff};
	assert_int_equal(shift_acl(&map, acl, sizeof acl), 1);
	assert_int_equal(acl[11], 0xff);
	assert_int_equal(acl[16], 10);
	assert_int_equal(acl[19], 0x40);
	assert_int_equal(acl[27], 0x40);
	assert_int_equal(acl[35], 0xff);
	assert_int_equal(shift_acl(&map, acl, sizeof acl), 0);
	assert_int_equal(shift_acl(&map, acl, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_limits),
		cmocka_unit_test(words_become_inits),
		cmocka_unit_test(facts_are_read_from_what_is_mounted),
		cmocka_unit_test(a_limit_without_its_controller_is_refused),
		cmocka_unit_test(systemd_needs_its_kernel_and_cgroups),
		cmocka_unit_test(ids_are_roots_own_or_free_ones),
		cmocka_unit_test(maps_of_namespaces_are_understood),
		cmocka_unit_test(owners_are_shifted_once),
		cmocka_unit_test(capabilities_get_their_root),
		cmocka_unit_test(acls_are_shifted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
