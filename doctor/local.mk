# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	doctor/doctor.c doctor/doctor.h \
	doctor/findings.c doctor/findings.h \
	doctor/kernel_check.c doctor/kernel_check.h \
	doctor/kernel_config.c doctor/kernel_config.h \
	doctor/kernel_config_read.c \
	doctor/kernel_fragment.c doctor/kernel_fragment.h \
	doctor/kernel_options.c doctor/kernel_options.h \
	doctor/kernel_options_table.c \
	doctor/kernel_release.c doctor/kernel_release.h \
	doctor/modules.c doctor/modules.h
