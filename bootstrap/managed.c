/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/managed.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bootstrap/config.h"
#include "bootstrap/place.h"
#include "containers/containers.h"
#include "lib/fd.h"
#include "lib/path_inside.h"

/* elf(5): e_machine at byte 18, in the file's own byte order; those that we know are little. */
const char *managed_elf_arch(const unsigned char *header, size_t length)
{
	static const struct {
		unsigned machine;
		const char *arch;
	} known[] = {{40, "armv7h"}, {62, "x86_64"}, {183, "aarch64"}};
	if (length < 20 || memcmp(header, "\177ELF", 4) != 0)
		return NULL;
	unsigned machine = header[18] | (unsigned)header[19] << 8;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].machine == machine)
			return known[i].arch;
	return NULL;
}

/* What the root's own programs are built for. */
static const char *arch_of_shell(const struct rootfs *r)
{
	static const char *const shells[] = {"/usr/bin/bash", "/usr/bin/sh", "/bin/sh"};
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		auto_error *absent = NULL;
		unsigned char header[20];
		int auto_fd fd =
			path_open_inside(rootfs_fd(r), shells[i], O_RDONLY | O_NONBLOCK, &absent);
		ssize_t n = fd < 0 ? -1 : fd_read(fd, header, sizeof header, &absent);
		const char *arch = n > 0 ? managed_elf_arch(header, (size_t)n) : NULL;
		if (arch)
			return arch;
	}
	return NULL;
}

static const char *arch_of(const struct managed *t)
{
	const struct strings *words = &t->conf->architectures;
	const char *arch, *tarball;
	for (size_t i = 0; i < words->count; i++)
		if (config_arch(words->items[i], &arch, &tarball) == 0)
			return arch;
	return arch_of_shell(t->rootfs);
}

static void tell_unknown(const struct managed *t, struct report *report)
{
	for (size_t i = 0; i < t->conf->unknown.count; i++)
		report_warn(report, "not understood: %s", t->conf->unknown.items[i]);
}

/* Where the package manager of this rootfs keeps its packages must be what pacman made. */
static int check_pacman(const struct managed *t, struct error **e)
{
	auto_error *absent = NULL;
	int auto_fd fd = path_open_inside(
		rootfs_fd(t->rootfs), "/var/lib/pacman/local", O_RDONLY | O_DIRECTORY, &absent);
	if (fd >= 0)
		return 0;
	error_set(e, ERROR_ROOT, 0, "%s has no database of pacman's: %s", rootfs_path(t->rootfs),
		error_message(absent));
	return error_hint(e, "name a ROOT that 'alarmstrap bootstrap' made");
}

static int open_rootfs(struct managed *m, const char *root, const char *container, struct error **e)
{
	if (place_refuse_unfinished(root, e) < 0)
		return -1;
	m->rootfs = rootfs_open(root, e);
	if (!m->rootfs || !container)
		return m->rootfs ? 0 : -1;
	struct rootfs *outer = m->rootfs;
	m->rootfs = container_rootfs(outer, container, e);
	rootfs_free(outer);
	return m->rootfs ? 0 : -1;
}

static int look(struct managed *m, const char *root, const char *container, struct report *report,
	struct error **e)
{
	if (open_rootfs(m, root, container, e) < 0 || check_pacman(m, e) < 0)
		return -1;
	m->conf = pacman_conf_read(rootfs_fd(m->rootfs), "/etc/pacman.conf", e);
	if (!m->conf)
		return error_wrap(e, "%s", rootfs_path(m->rootfs));
	tell_unknown(m, report);
	m->arch = arch_of(m);
	return 0;
}

int managed_open(struct managed *m, const char *root, const char *container, struct report *report,
	struct error **e)
{
	struct managed found = {NULL, NULL, NULL};
	if (geteuid() != 0)
		return error_set(e, ERROR_PRIVILEGE, 0, "this needs root");
	if (look(&found, root, container, report, e) < 0) {
		managed_close(&found);
		return -1;
	}
	*m = found;
	return 0;
}

struct packages_context managed_context(const struct managed *m, struct report *report)
{
	return (struct packages_context){.rootfs = m->rootfs,
		.conf = m->conf,
		.report = report,
		.arch = m->arch ? m->arch : "any"};
}

void managed_close(struct managed *m)
{
	pacman_conf_free(m->conf);
	rootfs_free(m->rootfs);
	*m = (struct managed){NULL, NULL, NULL};
}
