# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	hooks/cgroups.c \
	hooks/dns.c \
	hooks/etc.c \
	hooks/hook.c hooks/hook.h \
	hooks/keyring.c \
	hooks/lxc.c \
	hooks/network.c \
	hooks/user.c hooks/user.h \
	hooks/user_run.c
