# SPDX-License-Identifier: GPL-3.0-or-later
# Units: tests/unit/t-NAME.c, one a source file, against the whole library. Tools: small programs that
# the integration scripts drive a module by.
unit_tests = \
	tests/unit/t-ahead \
	tests/unit/t-alarm_keyring \
	tests/unit/t-binds \
	tests/unit/t-authorized_keys \
	tests/unit/t-base64 \
	tests/unit/t-base \
	tests/unit/t-binfmt \
	tests/unit/t-buf \
	tests/unit/t-callbacks \
	tests/unit/t-causes \
	tests/unit/t-cgroup_layout \
	tests/unit/t-cgroup_missing \
	tests/unit/t-cgroup_plan \
	tests/unit/t-config \
	tests/unit/t-container_config \
	tests/unit/t-container_spec \
	tests/unit/t-containers \
	tests/unit/t-digest \
	tests/unit/t-dns \
	tests/unit/t-elf \
	tests/unit/t-environment_record \
	tests/unit/t-error \
	tests/unit/t-fetch \
	tests/unit/t-given \
	tests/unit/t-fetch_pace \
	tests/unit/t-fetch_pieces \
	tests/unit/t-findings \
	tests/unit/t-handle \
	tests/unit/t-hostclock \
	tests/unit/t-hostclock_bounds \
	tests/unit/t-hostclock_decide \
	tests/unit/t-hostclock_sources \
	tests/unit/t-hostname \
	tests/unit/t-http \
	tests/unit/t-http_ca \
	tests/unit/t-http_date \
	tests/unit/t-identity \
	tests/unit/t-journal \
	tests/unit/t-kernel_config \
	tests/unit/t-kernel_fragment \
	tests/unit/t-kernel_options \
	tests/unit/t-kernel_release \
	tests/unit/t-local \
	tests/unit/t-lock \
	tests/unit/t-logins \
	tests/unit/t-marks \
	tests/unit/t-mirrorlist \
	tests/unit/t-mirrors \
	tests/unit/t-mountinfo \
	tests/unit/t-mtree \
	tests/unit/t-network \
	tests/unit/t-network_check \
	tests/unit/t-notice \
	tests/unit/t-openpgp_armor \
	tests/unit/t-openpgp_keyring \
	tests/unit/t-openpgp_packet \
	tests/unit/t-openpgp_verify \
	tests/unit/t-option \
	tests/unit/t-pacman_conf \
	tests/unit/t-parallel \
	tests/unit/t-path \
	tests/unit/t-path_inside \
	tests/unit/t-place \
	tests/unit/t-plan \
	tests/unit/t-probe \
	tests/unit/t-proc_group \
	tests/unit/t-rank \
	tests/unit/t-ranking \
	tests/unit/t-record \
	tests/unit/t-report \
	tests/unit/t-report_table \
	tests/unit/t-restart \
	tests/unit/t-rlimits \
	tests/unit/t-rootfs \
	tests/unit/t-sandbox_conf \
	tests/unit/t-sntp \
	tests/unit/t-source \
	tests/unit/t-stages \
	tests/unit/t-story \
	tests/unit/t-syncdb \
	tests/unit/t-target \
	tests/unit/t-tarball_marks \
	tests/unit/t-target_check \
	tests/unit/t-tar \
	tests/unit/t-tar-attributes \
	tests/unit/t-tar-extract \
	tests/unit/t-tar-hostile \
	tests/unit/t-tar_header \
	tests/unit/t-text \
	tests/unit/t-tree \
	tests/unit/t-unpack \
	tests/unit/t-user_hooks \
	tests/unit/t-users \
	tests/unit/t-verify \
	tests/unit/t-wakelock \
	tests/unit/t-wire \
	tests/unit/t-worker

test_tools = \
	tests/tools/bench-tool \
	tests/tools/environment-tool \
	tests/tools/fetch-tool \
	tests/tools/openpgp-verify \
	tests/tools/packages-tool \
	tests/tools/tar-tool \
	tests/tools/without

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(test_tools)
TESTS += $(unit_tests)
endif

# The fuzzers' targets, fed with their corpora instead of by libFuzzer (tests/fuzz/run).
fuzz_targets = \
	tests/fuzz/clock \
	tests/fuzz/elf \
	tests/fuzz/kernel_config \
	tests/fuzz/mirrorlist \
	tests/fuzz/mountinfo \
	tests/fuzz/mtree \
	tests/fuzz/openpgp \
	tests/fuzz/pacman_conf \
	tests/fuzz/record \
	tests/fuzz/syncdb
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
tests_fuzz_clock_SOURCES = tests/fuzz/clock.c tests/fuzz/replay.c
tests_fuzz_elf_SOURCES = tests/fuzz/elf.c tests/fuzz/replay.c
tests_fuzz_kernel_config_SOURCES = tests/fuzz/kernel_config.c tests/fuzz/replay.c
tests_fuzz_mirrorlist_SOURCES = tests/fuzz/mirrorlist.c tests/fuzz/replay.c
tests_fuzz_mountinfo_SOURCES = tests/fuzz/mountinfo.c tests/fuzz/replay.c
tests_fuzz_mtree_SOURCES = tests/fuzz/mtree.c tests/fuzz/replay.c
tests_fuzz_openpgp_SOURCES = tests/fuzz/openpgp.c tests/fuzz/replay.c
tests_fuzz_pacman_conf_SOURCES = tests/fuzz/pacman_conf.c tests/fuzz/replay.c
tests_fuzz_record_SOURCES = tests/fuzz/record.c tests/fuzz/replay.c
tests_fuzz_syncdb_SOURCES = tests/fuzz/syncdb.c tests/fuzz/replay.c
AM_TESTS_ENVIRONMENT = top_srcdir=$(top_srcdir); export top_srcdir;
# Every program but the one that is installed.
LDADD += $(CMOCKA_LIBS)

# `make torture-units`, in a sanitized build: the units with every call that can fail renamed, linked
# with tests/tools/torture.c instead; tests/torture runs them.
torture_units = $(unit_tests:tests/unit/t-%=tests/tortured/t-%)
torture_calls = $(srcdir)/tests/tools/torture-calls.h
torture_asserts = _fail _assert_true _assert_string_equal _assert_string_not_equal _assert_int_equal \
	_assert_int_not_equal _assert_memory_equal _assert_in_range _cmocka_run_group_tests
.PHONY: torture-units
torture-units: $(torture_units)
tests/tortured/names: $(torture_calls)
	@$(MKDIR_P) tests/tortured
	$(AM_V_GEN)sed -n 's/^[A-Z_]*(\([a-zA-Z0-9_]*\).*/\1 torture_\1/p' $(torture_calls) >$@
	@for name in asprintf pipe2 close kill; do echo $$name torture_$$name; done >>$@
tests/tortured/lib.a: libalarmstrap.a tests/tortured/names
	$(AM_V_GEN)objcopy --redefine-syms=tests/tortured/names libalarmstrap.a $@
tests/tools/torture.$(OBJEXT): $(torture_calls)
tests/tortured/t-%: tests/unit/t-%.$(OBJEXT) tests/tools/torture.$(OBJEXT) tests/tortured/lib.a
	@objcopy $(foreach name,$(torture_asserts),--redefine-sym $(name)=torture_$(name)) $< $@.$(OBJEXT)
	$(AM_V_CCLD)$(LINK) $@.$(OBJEXT) tests/tools/torture.$(OBJEXT) \
		$(LDADD:libalarmstrap.a=tests/tortured/lib.a)
	@rm $@.$(OBJEXT)
mostlyclean-local:
	rm -rf tests/tortured
