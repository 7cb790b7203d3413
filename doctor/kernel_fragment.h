/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fragment for a kernel's configuration: what it lacks, with all that this depends on, in the
 * names of exactly its version. Pure. */
#ifndef DOCTOR_KERNEL_FRAGMENT_H
#define DOCTOR_KERNEL_FRAGMENT_H

#include "doctor/kernel_config.h"
#include "doctor/kernel_release.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Appends lines for scripts/kconfig/merge_config.sh, or to be added to a .config before `make
 * olddefconfig`: required and wanted options; optional ones as comments. ERROR_KERNEL for Android's
 * generic kernels. */
int kernel_fragment_write(const struct kernel_config *c, const struct kernel_release *release,
	struct buf *to, struct error **e) must_check;

#endif
