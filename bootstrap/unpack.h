/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stage `unpack`: a verified root filesystem tarball becomes a tree in a staging directory. */
#ifndef BOOTSTRAP_UNPACK_H
#define BOOTSTRAP_UNPACK_H

#include "lib/error.h"
#include "lib/report.h"
#include "mirrors/verified.h"

/* Unpacks into the empty directory `staging_fd`, which takes owner and mode of the archive's root.
 * A worker does it: chrooted into the directory, without network, with no capability but those to
 * write files as any owner's. Progress is in bytes of the archive; what was left out is noted. On
 * error the caller deletes what lies in the directory. Root only. ERROR_TRUST for an archive that
 * breaks a rule of lib/tar.h, ERROR_SPACE when the disk is full. */
int unpack_rootfs(const struct verified *v, int staging_fd, struct report *report,
	struct error **e) must_check;

#endif
