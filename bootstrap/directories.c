/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/directories.h"

#include <stdlib.h>
#include <string.h>

/* Several are joined by colons: none of them is meant for us then. */
static const char *given(const char *variable, const char *usual)
{
	const char *value = getenv(variable);
	return value && *value == '/' && !strchr(value, ':') ? value : usual;
}

const char *directory_state(void)
{
	return given("STATE_DIRECTORY", "/var/lib/alarmstrap");
}

const char *directory_cache(void)
{
	return given("CACHE_DIRECTORY", "/var/cache/alarmstrap");
}
