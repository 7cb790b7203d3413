# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	bootstrap/acquire.c bootstrap/acquire.h \
	bootstrap/alarm_keyring.h bootstrap/alarm_keyring_open.c \
	bootstrap/base.c bootstrap/base.h \
	bootstrap/bootstrap.c bootstrap/bootstrap.h \
	bootstrap/config.c bootstrap/config.h \
	bootstrap/container.c bootstrap/container.h \
	bootstrap/container_furnish.c bootstrap/container_impl.h \
	bootstrap/destroy.c bootstrap/destroy.h \
	bootstrap/directories.c bootstrap/directories.h \
	bootstrap/flow.h bootstrap/flow_containers.c \
	bootstrap/flow_packages.c bootstrap/flow_tarball.c \
	bootstrap/hostclock.c bootstrap/hostclock.h \
	bootstrap/hostclock_apply.c bootstrap/hostclock_apply.h \
	bootstrap/hostclock_ask.c bootstrap/hostclock_ask.h \
	bootstrap/hostclock_bounds.c bootstrap/hostclock_bounds.h \
	bootstrap/hostclock_config.c bootstrap/hostclock_config.h \
	bootstrap/hostclock_decide.c bootstrap/hostclock_decide.h \
	bootstrap/hostclock_sources.c bootstrap/hostclock_sources.h \
	bootstrap/hostclock_story.c bootstrap/hostclock_story.h \
	bootstrap/journal.c bootstrap/journal.h \
	bootstrap/lxc_choice.c bootstrap/lxc_choice.h \
	bootstrap/managed.c bootstrap/managed.h \
	bootstrap/networks.c bootstrap/networks.h \
	bootstrap/place.c bootstrap/place.h \
	bootstrap/place_commit.c \
	bootstrap/place_impl.h \
	bootstrap/place_look.c \
	bootstrap/place_remove.c \
	bootstrap/signature.c bootstrap/signature.h \
	bootstrap/ranked.c bootstrap/ranked.h \
	bootstrap/restart.c bootstrap/restart.h \
	bootstrap/source.c bootstrap/source.h \
	bootstrap/stages.c bootstrap/stages.h \
	bootstrap/start.c bootstrap/start.h \
	bootstrap/survey.c bootstrap/survey.h \
	bootstrap/tarball_marks.c bootstrap/tarball_marks.h \
	bootstrap/transaction.c bootstrap/transaction.h \
	bootstrap/transaction_show.c bootstrap/transaction_show.h \
	bootstrap/unpack.c bootstrap/unpack.h \
	bootstrap/wakelock.c bootstrap/wakelock.h

# The key of Arch Linux ARM as C, so that the one program needs no file beside it.
nodist_libalarmstrap_a_SOURCES += bootstrap/alarm_keyring.c
EXTRA_DIST += bootstrap/alarm-keyring.asc
CLEANFILES += bootstrap/alarm_keyring.c

bootstrap/alarm_keyring.c: $(srcdir)/bootstrap/alarm-keyring.asc
	$(AM_V_GEN)$(MKDIR_P) bootstrap && { \
	  echo '/* Made from bootstrap/alarm-keyring.asc. */'; \
	  echo '#include "bootstrap/alarm_keyring.h"'; \
	  echo 'const unsigned char alarm_keyring[] = {'; \
	  od -An -v -tx1 $(srcdir)/bootstrap/alarm-keyring.asc | \
	    sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g' && \
	  echo '};' && \
	  echo 'const size_t alarm_keyring_length = sizeof alarm_keyring;'; \
	} > $@.tmp && mv $@.tmp $@
