/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/local.h"
#include "packages/packages.h"

char *package_installed_version(const struct rootfs *r, const char *name, struct error **e)
{
	auto_error *failure = NULL;
	char *version = local_version(rootfs_fd(r), name, &failure);
	if (!failure)
		return version;
	error_wrap(&failure, "package database of %s", rootfs_path(r));
	error_set(e, error_code(failure), 0, "%s", error_message(failure));
	error_hint(e, "%s", error_remedy(failure));
	return NULL;
}
