/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of containers/rc.sh. */
#ifndef CONTAINERS_RC_SCRIPT_H
#define CONTAINERS_RC_SCRIPT_H

extern const char rc_script[];

#endif
