# SPDX-License-Identifier: GPL-3.0-or-later
# A unit test a source file: tests/unit/t-NAME.c. Each links the whole library.
unit_tests = \
	tests/unit/t-error \
	tests/unit/t-buf \
	tests/unit/t-text \
	tests/unit/t-path \
	tests/unit/t-worker

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
AM_TESTS_ENVIRONMENT = top_srcdir=$(top_srcdir); export top_srcdir;
CMOCKA_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_t_error_LDADD = $(CMOCKA_LDADD)
tests_unit_t_buf_LDADD = $(CMOCKA_LDADD)
tests_unit_t_text_LDADD = $(CMOCKA_LDADD)
tests_unit_t_path_LDADD = $(CMOCKA_LDADD)
tests_unit_t_worker_LDADD = $(CMOCKA_LDADD)

unit_tests += tests/unit/t-path_inside
tests_unit_t_path_inside_LDADD = $(CMOCKA_LDADD)
unit_tests += tests/unit/t-pacman_conf
tests_unit_t_pacman_conf_LDADD = $(CMOCKA_LDADD)
EXTRA_DIST += tests/data/alarm-pacman.conf tests/data/alarm-mirrorlist
unit_tests += tests/unit/t-mirrors
tests_unit_t_mirrors_LDADD = $(CMOCKA_LDADD)
unit_tests += tests/unit/t-dns
tests_unit_t_dns_LDADD = $(CMOCKA_LDADD)
unit_tests += tests/unit/t-http
tests_unit_t_http_LDADD = $(CMOCKA_LDADD)
check_PROGRAMS += tests/tools/openpgp-verify
tests_tools_openpgp_verify_SOURCES = tests/tools/openpgp-verify.c

EXTRA_DIST += tests/cases/alarm/ArchLinuxARM-aarch64-latest.tar.gz.sig \
	tests/integration/openpgp tests/integration/openpgp_cases.py \
	tests/integration/openpgp_forge.py tests/integration/openpgp_gpg.py
if HAVE_CMOCKA
tar_tests = tests/unit/t-tar tests/unit/t-tar-extract tests/unit/t-unpack \
	tests/unit/t-syncdb
check_PROGRAMS += $(tar_tests)
TESTS += $(tar_tests)
endif
EXTRA_DIST += tests/unit/tar-make.h tests/unit/tar-tree.h
tests_unit_t_tar_extract_LDADD = $(CMOCKA_LDADD)
tests_unit_t_tar_LDADD = $(CMOCKA_LDADD)
tests_unit_t_unpack_LDADD = $(CMOCKA_LDADD)
tests_unit_t_syncdb_LDADD = $(CMOCKA_LDADD)
# chroot/
check_PROGRAMS += tests/tools/environment-tool

packages_unit_tests = \
	tests/unit/t-record \
	tests/unit/t-wire \
	tests/unit/t-story \
	tests/unit/t-local \
	tests/unit/t-lock \
	tests/unit/t-callbacks \
	tests/unit/t-handle
if HAVE_CMOCKA
check_PROGRAMS += $(packages_unit_tests)
TESTS += $(packages_unit_tests)
endif
tests_unit_t_record_LDADD = $(CMOCKA_LDADD)
tests_unit_t_wire_LDADD = $(CMOCKA_LDADD)
tests_unit_t_story_LDADD = $(CMOCKA_LDADD)
tests_unit_t_local_LDADD = $(CMOCKA_LDADD)
tests_unit_t_lock_LDADD = $(CMOCKA_LDADD)
tests_unit_t_callbacks_LDADD = $(CMOCKA_LDADD)
tests_unit_t_handle_LDADD = $(CMOCKA_LDADD)

check_PROGRAMS += tests/tools/packages-tool
tests_tools_packages_tool_SOURCES = tests/tools/packages-tool.c
EXTRA_DIST += tests/integration/packages
