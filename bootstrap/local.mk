# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += bootstrap/alarm_keyring.h

# The key of Arch Linux ARM as C, so that the one program needs no file beside it.
nodist_libalarmstrap_a_SOURCES = bootstrap/alarm_keyring.c
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
libalarmstrap_a_SOURCES += bootstrap/unpack.c bootstrap/unpack.h
