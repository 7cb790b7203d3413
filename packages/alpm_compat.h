/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alpm.h, and what differs between libalpm 13 and 16. Nothing else looks at the version. */
#ifndef PACKAGES_ALPM_COMPAT_H
#define PACKAGES_ALPM_COMPAT_H

#include <alpm.h>
#include <alpm_list.h>

/* Up to 13 (pacman 6.0) a conflict named its packages; since 14 it points at them. */
#ifdef HAVE_ALPM_CONFLICT_T_PACKAGE1_HASH
static inline const char *compat_conflict_first(const alpm_conflict_t *c)
{
	return c->package1;
}
static inline const char *compat_conflict_second(const alpm_conflict_t *c)
{
	return c->package2;
}
#else
static inline const char *compat_conflict_first(const alpm_conflict_t *c)
{
	return alpm_pkg_get_name(c->package1);
}
static inline const char *compat_conflict_second(const alpm_conflict_t *c)
{
	return alpm_pkg_get_name(c->package2);
}
#endif

#define alpm_list_for(item, list) for (alpm_list_t *item = (list); item; item = item->next)

#endif
