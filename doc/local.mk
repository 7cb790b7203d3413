# SPDX-License-Identifier: GPL-3.0-or-later
EXTRA_DIST += doc/architecture.md doc/clock.md doc/configuration.md doc/hooks.md doc/picture doc/demo.svg doc/report.schema.json
