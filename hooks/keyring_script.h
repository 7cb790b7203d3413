/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of hooks/keyring.sh. */
#ifndef HOOKS_KEYRING_SCRIPT_H
#define HOOKS_KEYRING_SCRIPT_H

extern const char keyring_script[];

#endif
