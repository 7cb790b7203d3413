/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/kernel_release.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A number of at most three digits at *at, which is moved behind it; -1 where there is none. */
static int number(const char **at)
{
	int value = 0, digits = 0;
	for (; isdigit((unsigned char)**at) && digits < 4; (*at)++, digits++)
		value = value * 10 + (**at - '0');
	return digits >= 1 && digits <= 3 ? value : -1;
}

/* "-android13-4-": the Android release, and the generation of the kernel module interface. A
 * vendor's own kernel may have "android" in it, but not so. */
static bool is_gki(const char *rest)
{
	static const char word[] = "-android";
	for (const char *at = rest; (at = strstr(at, word));) {
		at += strlen(word);
		if (number(&at) >= 0 && *at++ == '-' && number(&at) >= 0)
			return true;
	}
	return false;
}

int kernel_release_parse(const char *text, struct kernel_release *release, struct error **e)
{
	const char *at = text;
	int major = number(&at), minor = -1, patch = 0;
	if (major >= 0 && *at == '.') {
		at++;
		minor = number(&at);
	}
	if (minor >= 0 && *at == '.') {
		at++;
		patch = number(&at);
	}
	if (minor < 0) {
		error_set(e, ERROR_CONFIG, 0, "'%s' is no release of a kernel", text);
		return error_hint(e, "it reads like 5.10.149: what 'uname -r' says there");
	}
	patch = patch < 0 ? 0 : patch;
	*release = (struct kernel_release){
		.version = major == 2 ? KERNEL_26(patch) : KERNEL(major, minor),
		.patch = (unsigned)patch,
		.gki = is_gki(at)};
	return 0;
}
