# SPDX-License-Identifier: GPL-3.0-or-later
alarmstrap_SOURCES += cli/main.c
