# SPDX-License-Identifier: GPL-3.0-or-later
EXTRA_DIST += doc/architecture.md doc/clock.md doc/configuration.md doc/containers.md doc/doctor.md doc/fetching.md \
	doc/hooks.md doc/mirrors.md doc/networks.md doc/refresh.md doc/trust.md doc/picture doc/demo.svg
dist_doc_DATA += doc/report.schema.json
dist_man_MANS = doc/alarmstrap.8

# What refreshes a root with nobody there: doc/refresh.md.
refresh_units = doc/refresh/alarmstrap-refresh.service doc/refresh/alarmstrap-refresh.timer
EXTRA_DIST += $(refresh_units) doc/refresh/alarmstrap-refresh.cron
dist_doc_DATA += doc/refresh/alarmstrap-refresh.cron
systemdsystemunit_DATA = doc/units/alarmstrap-refresh.service doc/units/alarmstrap-refresh.timer
CLEANFILES += $(systemdsystemunit_DATA)
doc/units/%: $(srcdir)/doc/refresh/% Makefile
	$(AM_V_GEN)$(MKDIR_P) doc/units && sed 's,@[b]indir@,$(bindir),' $< >$@
