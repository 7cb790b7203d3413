/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a phone awake while we work: /sys/power/wake_lock of Android kernels (and
 * CONFIG_PM_WAKELOCKS, Documentation/ABI/testing/sysfs-power). Elsewhere the file is absent, and
 * nothing happens.
 *
 * The lock is taken with a time limit and renewed at each stage, so that a run that is killed does
 * not keep the phone awake for good. */
#ifndef BOOTSTRAP_WAKELOCK_H
#define BOOTSTRAP_WAKELOCK_H

#define WAKELOCK_DIR "/sys/power"

/* Takes or renews the lock through the files in `dir`. */
void wakelock_hold(const char *dir);
void wakelock_release(const char *dir);

#endif
