# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += mirrors/pacman_conf.c mirrors/pacman_conf.h
libalarmstrap_a_SOURCES += mirrors/mirrors.c mirrors/mirrors.h
libalarmstrap_a_SOURCES += mirrors/verified.c mirrors/verified.h
libalarmstrap_a_SOURCES += \
	mirrors/syncdb.c mirrors/syncdb.h \
	mirrors/syncdb_desc.c mirrors/syncdb_desc.h
