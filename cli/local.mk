# SPDX-License-Identifier: GPL-3.0-or-later
# All but main is in the library, so that unit tests can link it.
alarmstrap_SOURCES += cli/main.c
libalarmstrap_a_SOURCES += \
	cli/ask.c cli/ask.h \
	cli/bootstrap.c \
	cli/clock.c \
	cli/clean.c \
	cli/container.c \
	cli/destroy.c \
	cli/doctor.c \
	cli/enter.c \
	cli/install.c \
	cli/mirrors.c \
	cli/option.c cli/option.h \
	cli/query.c \
	cli/refresh.c \
	cli/root.c cli/root.h \
	cli/signature.c \
	cli/start.c \
	cli/status.c \
	cli/stop.c \
	cli/transaction.c cli/transaction.h \
	cli/uninstall.c \
	cli/verbs.c \
	cli/verify.c
