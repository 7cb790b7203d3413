/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel's configuration: /proc/config.gz, /boot/config-RELEASE, a .config or a defconfig. */
#ifndef DOCTOR_KERNEL_CONFIG_H
#define DOCTOR_KERNEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

struct kernel_config {
	char *text;
	struct kernel_config_line *lines; /* sorted by name, each name once */
	size_t count;
	char *source; /* the file, for people; "" after kernel_config_parse */
	char *release; /* of its head line, "6.1.176"; NULL: it has none */
	char *architecture; /* of its head line, "arm64"; NULL: it has none */
	/* It names all options that there are. Else it is a defconfig, where an option that is
	 * not named has its default, whatever that is. */
	bool whole;
};

/* Pure. Parses a copy of `text`; ERROR_CONFIG where no line of it is of a configuration. */
int kernel_config_parse(struct kernel_config *c, const char *text, struct error **e) must_check;
/* The file, plain or packed by gzip, xz or zstd; it is read in a worker. ERROR_CONFIG also where it
 * is absent or broken. */
int kernel_config_read(struct kernel_config *c, const char *path, struct error **e) must_check;
/* Where the kernel `release`, which runs on the machine whose files begin at `root` ("": this one),
 * has its configuration: 1 and *path (malloc'd), or 0 for nowhere. */
int kernel_config_find(
	const char *root, const char *release, char **path, struct error **e) must_check;
void kernel_config_free(struct kernel_config *c);
#define auto_kernel_config __attribute__((cleanup(kernel_config_free))) struct kernel_config

/* The value of CONFIG_NAME: "y", "m", "n" ("is not set"), "17", "\"text\""; NULL: not named. */
const char *kernel_config_value(const struct kernel_config *c, const char *name);
/* Whether it is y or m. */
bool kernel_config_has(const struct kernel_config *c, const char *name);

#endif
