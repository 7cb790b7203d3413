# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	containers/config.c containers/config.h \
	containers/container_rootfs.c \
	containers/containers.c containers/containers.h \
	containers/create.c \
	containers/lxc.c containers/lxc.h \
	containers/lxcpath.c containers/lxcpath.h \
	containers/network.c containers/network.h \
	containers/spec.h
