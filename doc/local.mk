# SPDX-License-Identifier: GPL-3.0-or-later
EXTRA_DIST += doc/architecture.md doc/clock.md doc/configuration.md doc/hooks.md doc/trust.md doc/picture doc/demo.svg
dist_doc_DATA += doc/report.schema.json
dist_man_MANS = doc/alarmstrap.8
