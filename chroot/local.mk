# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	chroot/binfmt.c chroot/binfmt.h \
	chroot/binds.c chroot/binds.h \
	chroot/caretaker.c chroot/caretaker.h \
	chroot/cgroup_layout.c chroot/cgroup_layout.h \
	chroot/cgroup_missing.c chroot/cgroup_missing.h \
	chroot/cgroup_own.c chroot/cgroup_own.h \
	chroot/cgroup_plan.c chroot/cgroup_plan.h \
	chroot/cgroups.c chroot/cgroups.h \
	chroot/environment.c chroot/environment.h chroot/environment_impl.h \
	chroot/environment_enter.c \
	chroot/environment_find.c \
	chroot/environment_join.c \
	chroot/environment_record.c chroot/environment_record.h \
	chroot/holder.c chroot/holder.h \
	chroot/hostname.c chroot/hostname.h \
	chroot/mountinfo.c chroot/mountinfo.h \
	chroot/mounts.c chroot/mounts.h \
	chroot/notice.c chroot/notice.h \
	chroot/pty.c chroot/pty.h \
	chroot/rlimits.c chroot/rlimits.h \
	chroot/rootfs.c chroot/rootfs.h chroot/rootfs_fork.c \
	chroot/scratch.c chroot/scratch.h \
	chroot/spare.c chroot/spare.h \
	chroot/strays.c chroot/strays.h \
	chroot/target.c chroot/target.h \
	chroot/subvolume.c chroot/subvolume.h \
	chroot/tree.c chroot/tree.h \
	chroot/tree_measure.c \
	chroot/users.c chroot/users.h \
	chroot/userns.c chroot/userns.h

