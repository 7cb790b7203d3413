/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network links made by rtnetlink(7), for probes in a network namespace of their own. */
#ifndef DOCTOR_LINK_ADD_H
#define DOCTOR_LINK_ADD_H

/* Makes the link `name` of this kind ("veth", "bridge", "macvlan"); `lower`, the index of the link
 * it lies on, or 0. -1 and errno: EOPNOTSUPP where the kernel has no such kind. */
int link_add(const char *name, const char *kind, unsigned lower);

#endif
