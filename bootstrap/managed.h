/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A root whose packages we manage: ROOT itself or a container's in it, with its pacman.conf. */
#ifndef BOOTSTRAP_MANAGED_H
#define BOOTSTRAP_MANAGED_H

#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/report.h"
#include "mirrors/pacman_conf.h"
#include "packages/packages.h"

struct managed {
	struct rootfs *rootfs;
	struct pacman_conf *conf;
	const char *arch; /* pacman's word for what its programs are built for; NULL: not known */
};

/* `container` NULL: ROOT itself. ERROR_ROOT where pacman has no database in it; words of its conf
 * that are not understood are warnings. ERROR_PRIVILEGE unless we are root. */
int managed_open(struct managed *m, const char *root, const char *container, struct report *report,
	struct error **e) must_check;
/* A context for what neither fetches nor commits. */
struct packages_context managed_context(const struct managed *m, struct report *report);
void managed_close(struct managed *m);
#define auto_managed __attribute__((cleanup(managed_close))) struct managed

/* Pure: pacman's word for the machine of an ELF header's first bytes; NULL for another. */
const char *managed_elf_arch(const unsigned char *header, size_t length);

#endif
