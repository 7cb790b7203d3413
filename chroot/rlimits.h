/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resource limits (getrlimit(2)) of what runs in an environment: those of a freshly booted system,
 * and not those of whoever happened to start it. An app's shell on Android, a cron job or a build
 * may have few descriptors and little stack; containers would inherit that for good. */
#ifndef CHROOT_RLIMITS_H
#define CHROOT_RLIMITS_H

#include <stdint.h>

/* Sets them for this process. A hard limit that may not be raised is left where it is, and the soft
 * one goes as far as it. */
void rlimits_reset(void);

#endif
