# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	containers/autostart.c \
	containers/config.c containers/config.h \
	containers/container_rootfs.c \
	containers/containers.c containers/containers.h \
	containers/create.c \
	containers/delete.c \
	containers/enter.c \
	containers/facts.c containers/facts.h \
	containers/furnish.c containers/furnish.h \
	containers/idmap.c containers/idmap.h \
	containers/lxc.c containers/lxc.h \
	containers/lxc_causes.c containers/lxc_causes.h \
	containers/lxc_demands.c containers/lxc_demands.h \
	containers/lxcpath.c containers/lxcpath.h \
	containers/network.c containers/network.h \
	containers/owners.c containers/owners.h \
	containers/rc_script.h \
	containers/shift.c containers/shift.h \
	containers/spec.c containers/spec.h \
	containers/staging.c containers/staging.h

# The script of containers without systemd, as C.
nodist_libalarmstrap_a_SOURCES += containers/rc_script.c
EXTRA_DIST += containers/rc.sh
CLEANFILES += containers/rc_script.c

containers/rc_script.c: $(srcdir)/containers/rc.sh
	$(AM_V_GEN)$(MKDIR_P) containers && { \
	  echo '/* Made from containers/rc.sh. */'; \
	  echo '#include "containers/rc_script.h"'; \
	  echo 'const char rc_script[] ='; \
	  sed 's/[\\"]/\\&/g; s/^.*$$/"&\\n"/' $(srcdir)/containers/rc.sh && \
	  echo ';'; \
	} > $@.tmp && mv $@.tmp $@
