# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += containers/container_rootfs.c containers/containers.c containers/containers.h
