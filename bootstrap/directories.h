/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the host keeps what runs have found out: systemd.exec(5)'s STATE_DIRECTORY and
 * CACHE_DIRECTORY where a service or a test gives them, else the usual places. Borrowed. */
#ifndef BOOTSTRAP_DIRECTORIES_H
#define BOOTSTRAP_DIRECTORIES_H

/* /var/lib/alarmstrap: what must not be forgotten. */
const char *directory_state(void);
/* /var/cache/alarmstrap: what can be found out again. */
const char *directory_cache(void);

#endif
