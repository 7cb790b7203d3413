# The stand-in mirror: turns Debian packages into a signed mirror of Arch packages. See ../README.md.
# SPDX-License-Identifier: GPL-3.0-or-later
