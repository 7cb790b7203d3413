# SPDX-License-Identifier: GPL-3.0-or-later
# Units: tests/unit/t-NAME.c, one a source file, against the whole library. Tools: small programs that
# the integration scripts drive a module by.
unit_tests = \
	tests/unit/t-buf \
	tests/unit/t-callbacks \
	tests/unit/t-config \
	tests/unit/t-containers \
	tests/unit/t-dns \
	tests/unit/t-error \
	tests/unit/t-handle \
	tests/unit/t-hostclock \
	tests/unit/t-http \
	tests/unit/t-journal \
	tests/unit/t-local \
	tests/unit/t-lock \
	tests/unit/t-mirrors \
	tests/unit/t-option \
	tests/unit/t-pacman_conf \
	tests/unit/t-path \
	tests/unit/t-path_inside \
	tests/unit/t-record \
	tests/unit/t-stages \
	tests/unit/t-story \
	tests/unit/t-syncdb \
	tests/unit/t-tar \
	tests/unit/t-tar-extract \
	tests/unit/t-text \
	tests/unit/t-unpack \
	tests/unit/t-wire \
	tests/unit/t-worker

test_tools = \
	tests/tools/environment-tool \
	tests/tools/openpgp-verify \
	tests/tools/packages-tool

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(test_tools)
TESTS += $(unit_tests)
endif
AM_TESTS_ENVIRONMENT = top_srcdir=$(top_srcdir); export top_srcdir;
# Every program but the one that is installed.
LDADD += $(CMOCKA_LIBS)

# The folder goes into a release whole; what is in git decides.
EXTRA_DIST += tests
tests_unit_t_error_LDADD = $(CMOCKA_LDADD)
tests_unit_t_buf_LDADD = $(CMOCKA_LDADD)
tests_unit_t_text_LDADD = $(CMOCKA_LDADD)
tests_unit_t_path_LDADD = $(CMOCKA_LDADD)
tests_unit_t_worker_LDADD = $(CMOCKA_LDADD)

check_PROGRAMS += tests/tools/openpgp-verify
tests_tools_openpgp_verify_SOURCES = tests/tools/openpgp-verify.c

EXTRA_DIST += tests/cases/alarm/ArchLinuxARM-aarch64-latest.tar.gz.sig \
	tests/integration/openpgp tests/integration/openpgp_cases.py \
	tests/integration/openpgp_forge.py tests/integration/openpgp_gpg.py

unit_tests += \
	tests/unit/t-digest \
	tests/unit/t-openpgp_armor \
	tests/unit/t-openpgp_packet \
	tests/unit/t-openpgp_keyring \
	tests/unit/t-openpgp_verify \
	tests/unit/t-alarm_keyring
tests_unit_t_digest_LDADD = $(CMOCKA_LDADD)
tests_unit_t_openpgp_armor_LDADD = $(CMOCKA_LDADD)
tests_unit_t_openpgp_packet_LDADD = $(CMOCKA_LDADD)
tests_unit_t_openpgp_keyring_LDADD = $(CMOCKA_LDADD)
tests_unit_t_openpgp_verify_LDADD = $(CMOCKA_LDADD)
tests_unit_t_alarm_keyring_LDADD = $(CMOCKA_LDADD)
EXTRA_DIST += tests/cases/openpgp
EXTRA_DIST += tests/fuzz/openpgp.c tests/fuzz/openpgp_seeds
# chroot/
chroot_tests = \
	tests/unit/t-cgroup_plan \
	tests/unit/t-environment_record \
	tests/unit/t-mountinfo \
	tests/unit/t-notice \
	tests/unit/t-rootfs \
	tests/unit/t-tree \
	tests/unit/t-users
if HAVE_CMOCKA
check_PROGRAMS += $(chroot_tests)
TESTS += $(chroot_tests)
endif
tests_unit_t_cgroup_plan_LDADD = $(CMOCKA_LDADD)
tests_unit_t_environment_record_LDADD = $(CMOCKA_LDADD)
tests_unit_t_mountinfo_LDADD = $(CMOCKA_LDADD)
tests_unit_t_notice_LDADD = $(CMOCKA_LDADD)
tests_unit_t_rootfs_LDADD = $(CMOCKA_LDADD)
tests_unit_t_tree_LDADD = $(CMOCKA_LDADD)
tests_unit_t_users_LDADD = $(CMOCKA_LDADD)
check_PROGRAMS += tests/tools/environment-tool
EXTRA_DIST += tests/integration/environment
