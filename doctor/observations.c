/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/observations.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

static int exists(const char *root, const char *path, bool *there, struct error **e)
{
	char *auto_free name = text_format(e, "%s%s", root, path);
	if (!name)
		return -1;
	*there = path_exists(AT_FDCWD, name);
	return 0;
}

/* The file's text in *to; "" for one that is absent, or that may not be read. */
static int read_text(const char *root, const char *path, char **to, struct error **e)
{
	auto_buf text = BUF(0);
	char *auto_free name = text_format(e, "%s%s", root, path);
	if (!name)
		return -1;
	if (path_read_file(AT_FDCWD, name, &text, NULL) < 0)
		buf_clear(&text);
	*to = text_copy(buf_text(&text), e);
	return *to ? 0 : -1;
}

/* /proc/net/route: Iface Destination Gateway Flags, in hex; flag 1 is RTF_UP. */
static bool is_default(const char *line, char name[32])
{
	unsigned long destination, gateway, flags;
	return sscanf(line, "%31s %lx %lx %lx", name, &destination, &gateway, &flags) == 4 &&
	       destination == 0 && (flags & 1);
}

/* /proc/net/ipv6_route: destination, length, source, length, next hop, metric, two counters, flags,
 * name. The kernel's own entry of this kind is a rejection (RTF_REJECT, 0x200) on lo. */
static bool is_default_v6(const char *line, char name[32])
{
	char destination[33];
	unsigned length, flags;
	return sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %31s", destination, &length, &flags,
		       name) == 4 &&
	       length == 0 && strspn(destination, "0") == 32 && (flags & 1) && !(flags & 0x200);
}

static int find_link(struct observations *o, const char *root, const char *path,
	bool (*is_ours)(const char *line, char name[32]), struct error **e)
{
	char *auto_free routes = NULL;
	auto_strings lines = {0};
	char name[32];
	if (o->link)
		return 0;
	if (read_text(root, path, &routes, e) < 0 || strings_split(&lines, routes, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count && !o->link; i++)
		if (is_ours(lines.items[i], name) && !(o->link = text_copy(name, e)))
			return -1;
	return 0;
}

static int read_link(struct observations *o, const char *root, struct error **e)
{
	if (find_link(o, root, "/proc/net/route", is_default, e) < 0 ||
		find_link(o, root, "/proc/net/ipv6_route", is_default_v6, e) < 0 ||
		(!o->link && !(o->link = text_copy("", e))))
		return -1;
	char *auto_free wireless = text_format(e, "/sys/class/net/%s/phy80211", o->link);
	return !wireless ? -1 : *o->link ? exists(root, wireless, &o->wireless, e) : 0;
}

/* Without it the rest is worth telling, too. */
static int read_config(struct observations *o, const char *path, struct error **e)
{
	auto_error *broken = NULL;
	if (kernel_config_read(&o->config, path, &broken) == 0)
		return 0;
	if (error_code(broken) == ERROR_INTERRUPTED)
		return error_set(e, ERROR_INTERRUPTED, 0, "%s", error_message(broken));
	o->config_error = text_copy(error_message(broken), e);
	return o->config_error ? 0 : -1;
}

static int read_kernel(struct observations *o, const char *root, struct error **e)
{
	char *auto_free path = NULL;
	if (read_text(root, "/proc/sys/kernel/osrelease", &o->release_text, e) < 0)
		return -1;
	text_trim(o->release_text);
	if (kernel_release_parse(o->release_text, &o->release, e) < 0)
		return error_hint(e, "is /proc mounted?");
	int found = kernel_config_find(root, o->release_text, &path, e);
	if (found < 0 || (found && read_config(o, path, e) < 0))
		return -1;
	return modules_read(&o->modules, root, o->release_text, e);
}

static int read_all(struct observations *o, const char *root, struct error **e)
{
	const struct {
		const char *path;
		char **to;
	} files[] = {
		{"/proc/cgroups", &o->controllers},
		{"/proc/self/cgroup", &o->self_cgroup},
		{"/proc/self/mountinfo", &o->mounts},
		{"/proc/cmdline", &o->command_line},
		{"/proc/self/status", &o->status},
		{"/proc/self/attr/current", &o->label},
	};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (read_text(root, files[i].path, files[i].to, e) < 0)
			return -1;
	if (read_kernel(o, root, e) < 0 || read_link(o, root, e) < 0)
		return -1;
	if (exists(root, "/sys/class/rtc/rtc0", &o->clock_chip, e) < 0)
		return -1;
	return exists(root, "/system/build.prop", &o->android, e);
}

int observations_read(struct observations *o, const char *root, struct error **e)
{
	auto_observations new = {.wireless = false};
	if (read_all(&new, root, e) < 0)
		return -1;
	*o = new;
	new = (struct observations){.wireless = false};
	return 0;
}

struct kernel_facts observations_kernel(const struct observations *o)
{
	return (struct kernel_facts){
		.config = o->config.text ? &o->config : NULL,
		.release = &o->release,
		.modules = &o->modules,
		.tried = &o->tried,
	};
}

void observations_free(struct observations *o)
{
	kernel_config_free(&o->config);
	modules_free(&o->modules);
	probe_answers_free(&o->tried);
	free(o->config_error);
	free(o->release_text);
	free(o->controllers);
	free(o->self_cgroup);
	free(o->mounts);
	free(o->command_line);
	free(o->status);
	free(o->label);
	free(o->link);
	*o = (struct observations){.wireless = false};
}
