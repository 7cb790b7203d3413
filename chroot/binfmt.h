/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs of another architecture: whether the kernel hands them to an emulator, inside a root,
 * too (binfmt_misc; Documentation/admin-guide/binfmt-misc.rst). Architectures are pacman's words.
 */
#ifndef CHROOT_BINFMT_H
#define CHROOT_BINFMT_H

#include <stdbool.h>

#include "lib/error.h"

/* Pure: whether a machine, as uname(2) calls it, runs programs of `arch` by itself. */
bool binfmt_is_native(const char *machine, const char *arch);

/* Pure: what an entry of binfmt_misc, given as its text, does with programs of `arch`. Without the
 * flag F the emulator is looked for when a program starts, inside the root, where it is not. */
enum binfmt_answer { BINFMT_OTHER, BINFMT_DISABLED, BINFMT_NOT_INSIDE, BINFMT_RUNS };
enum binfmt_answer binfmt_entry(const char *text, const char *arch);

/* ERROR_CONFIG, with the remedy, unless programs of `arch` run in a root on this machine. */
int binfmt_check(const char *arch, struct error **e) must_check;

/* What the ELF file `path` in the root is built for. NULL: nothing that we know, or no such file.
 */
const char *binfmt_arch_of(int root_fd, const char *path);

#endif
