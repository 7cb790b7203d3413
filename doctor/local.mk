# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	doctor/doctor.c doctor/doctor.h \
	doctor/doctor_elf.c \
	doctor/elf_file.c doctor/elf_file.h \
	doctor/elf_scan.c doctor/elf_scan.h \
	doctor/elf_walk.c doctor/elf_walk.h \
	doctor/examine.c doctor/examine.h \
	doctor/findings.c doctor/findings.h \
	doctor/kernel_check.c doctor/kernel_check.h \
	doctor/kernel_config.c doctor/kernel_config.h \
	doctor/kernel_config_read.c \
	doctor/kernel_facts.h \
	doctor/kernel_fragment.c doctor/kernel_fragment.h \
	doctor/kernel_options.c doctor/kernel_options.h \
	doctor/kernel_options_table.c \
	doctor/kernel_release.c doctor/kernel_release.h \
	doctor/link_add.c doctor/link_add.h \
	doctor/machine_check.c doctor/machine_check.h \
	doctor/modules.c doctor/modules.h \
	doctor/network_check.c doctor/network_check.h \
	doctor/observations.c doctor/observations.h \
	doctor/plan.c doctor/plan.h \
	doctor/probe.c doctor/probe.h \
	doctor/probe_calls.c \
	doctor/probe_check.c doctor/probe_check.h \
	doctor/probe_links.c \
	doctor/probe_mounts.c \
	doctor/probe_namespaces.c \
	doctor/probe_users.c \
	doctor/target_check.c doctor/target_check.h
