# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	hooks/authorized_keys.c hooks/authorized_keys.h \
	hooks/cgroups.c \
	hooks/dns.c \
	hooks/etc.c \
	hooks/hook.c hooks/hook.h \
	hooks/identity.c hooks/identity.h \
	hooks/identity_strip.c \
	hooks/keyring.c hooks/keyring_script.h \
	hooks/logins.c hooks/logins.h \
	hooks/lxc.c \
	hooks/network.c \
	hooks/sandbox.c \
	hooks/sandbox_conf.c hooks/sandbox_conf.h \
	hooks/user.c hooks/user.h \
	hooks/user_run.c

# The script that stays in the root, as C.
nodist_libalarmstrap_a_SOURCES += hooks/keyring_script.c
EXTRA_DIST += hooks/keyring.sh
CLEANFILES += hooks/keyring_script.c

hooks/keyring_script.c: $(srcdir)/hooks/keyring.sh
	$(AM_V_GEN)$(MKDIR_P) hooks && { \
	  echo '/* Made from hooks/keyring.sh. */'; \
	  echo '#include "hooks/keyring_script.h"'; \
	  echo 'const char keyring_script[] ='; \
	  sed 's/[\\"]/\\&/g; s/^.*$$/"&\\n"/' $(srcdir)/hooks/keyring.sh && \
	  echo ';'; \
	} > $@.tmp && mv $@.tmp $@
