/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel's release string tells: "5.10.149-android13-4-g12ab", as uname(2) has it. Pure. */
#ifndef DOCTOR_KERNEL_RELEASE_H
#define DOCTOR_KERNEL_RELEASE_H

#include <stdbool.h>

#include "lib/error.h"

/* The first two numbers of a release, to be compared. Up to 3.0 it was the third that counted
 * versions: 2.6.39 is KERNEL_26(39). */
#define KERNEL(major, minor) ((unsigned)(major)*1000 + (unsigned)(minor))
#define KERNEL_26(patch) KERNEL(2, patch)
static inline unsigned kernel_major(unsigned version)
{
	return version / 1000;
}
static inline unsigned kernel_minor(unsigned version)
{
	return version % 1000;
}

struct kernel_release {
	unsigned version; /* KERNEL(5, 10) */
	unsigned patch;
	/* One of Google's generic kernels: modules of the vendor's own count on its binary
	 * interface (source.android.com, "GKI versioning"). */
	bool gki;
};

/* ERROR_CONFIG unless it begins with two numbers, the second at most 999. */
int kernel_release_parse(
	const char *text, struct kernel_release *release, struct error **e) must_check;

#endif
