/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can this directory's filesystem carry a root? Found out by trying, before anything is downloaded.
 *
 * Flags lie: Android's /data is nosuid,nodev (harmless: /dev is a tmpfs of ours, and the rest is
 * cleared inside the environment), a vfat card shows no flag at all and has no symlinks, owners or
 * modes, a FUSE sdcard folds case and forbids programs for good. */
#ifndef CHROOT_TARGET_H
#define CHROOT_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/report.h"

/* What was found. All true and the numbers large is a good target. */
struct target_facts {
	bool symlinks, hard_links, owners, setuid_modes, case_kept;
	bool programs; /* run, once nosuid, nodev and noexec are cleared in a namespace */
	bool file_capabilities; /* security.capability: ping and newuidmap want it */
	bool user_attributes;
	uint64_t free_bytes; /* without what is kept for root: Android dies of its use */
	uint64_t free_files; /* inodes; UINT64_MAX where the filesystem does not count them */
};

/* Tries it all in the directory `fd` (writable, ours alone), in a child, and leaves nothing there.
 * A copy of the calling program is run with --version, so that must end at once and well, and above
 * all not probe. */
int target_probe(int fd, struct target_facts *facts, struct error **e) must_check;

/* Pure: 0 for a target that will do (notes tell what is lost), or ERROR_ROOT with every reason and
 * the remedy. `path` is for the message. */
int target_judge(const struct target_facts *facts, const char *path, struct report *report,
	struct error **e) must_check;
/* Pure: ERROR_SPACE unless `needed` bytes and some inodes are free. */
int target_judge_space(const struct target_facts *facts, const char *path, uint64_t needed,
	struct error **e) must_check;

#endif
