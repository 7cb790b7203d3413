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
	containers/network_choice.c containers/network_choice.h \
	containers/network_firewall.c \
	containers/network_keeper.c \
	containers/network_links.c containers/network_links.h \
	containers/network_netlink.c containers/network_netlink.h \
	containers/network_place.c containers/network_place.h \
	containers/network_routes.c \
	containers/network_service.c containers/network_service.h \
	containers/network_subnet.c containers/network_subnet.h \
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

# NAT and the firewall's exceptions: run by the shell of the root, as C.
nodist_libalarmstrap_a_SOURCES += containers/network_firewall_script.c
EXTRA_DIST += containers/network_firewall.sh
CLEANFILES += containers/network_firewall_script.c

containers/network_firewall_script.c: $(srcdir)/containers/network_firewall.sh
	$(AM_V_GEN)$(MKDIR_P) containers && { \
	  echo '/* Made from containers/network_firewall.sh. */'; \
	  echo '#include "containers/network_place.h"'; \
	  echo 'const char network_firewall_script[] ='; \
	  sed 's/[\\"]/\\&/g; s/^.*$$/"&\\n"/' $(srcdir)/containers/network_firewall.sh && \
	  echo ';'; \
	} > $@.tmp && mv $@.tmp $@
