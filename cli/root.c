/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/root.h"

#include <stddef.h>
#include <unistd.h>

#include "bootstrap/place.h"
#include "bootstrap/start.h"
#include "containers/containers.h"
#include "lib/fd.h"

int root_open(const char *path, struct root *root, struct error **e)
{
	if (geteuid() != 0)
		return error_set(e, ERROR_PRIVILEGE, 0, "this needs root");
	if (place_refuse_unfinished(path, e) < 0)
		return -1;
	auto_error *failure = NULL;
	struct root found = {rootfs_open(path, e), NULL};
	if (!found.rootfs)
		return -1;
	found.environment = environment_find(found.rootfs, &failure);
	if (failure) {
		root_close(&found);
		if (e)
			*e = take(&failure);
		return -1;
	}
	*root = found;
	return 0;
}

int root_open_running(const char *path, struct root *root, struct error **e)
{
	struct root found = {NULL, NULL};
	if (root_open(path, &found, e) < 0)
		return -1;
	if (found.environment) {
		*root = found;
		return 0;
	}
	root_close(&found);
	error_set(e, ERROR_ROOT, 0, "no environment is up on %s", path);
	return error_hint(e, "start it: alarmstrap start %s", path);
}

int root_bring_up(struct root *root, struct report *report, struct error **e)
{
	const struct hook_settings settings = {0};
	bool started = false;
	if (root->environment)
		return 0;
	root->environment = start_or_find_environment(root->rootfs, &settings, report, &started, e);
	if (root->environment && started)
		container_bring_back(root->environment, report);
	return root->environment ? 0 : -1;
}

void root_close(struct root *root)
{
	environment_free(root->environment);
	rootfs_free(root->rootfs);
	*root = (struct root){NULL, NULL};
}
