/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/furnish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "containers/rc_script.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/text.h"

#define SYSTEMD "/usr/lib/systemd/systemd"
#define UNITS "/usr/lib/systemd/system/"

static const char network_unit[] = "# written by alarmstrap\n"
				   "[Match]\n"
				   "Name=eth*\n"
				   "[Network]\n"
				   "DHCP=yes\n"
				   "[DHCPv4]\n"
				   "UseHostname=no\n";

/* Where LXC's static init is, from distribution to distribution. */
static const char *const inits[] = {
	"/usr/bin/init.lxc.static", "/usr/sbin/init.lxc.static", "/sbin/init.lxc.static"};
static const char *const busyboxes[] = {"/usr/bin/busybox", "/bin/busybox"};

static bool there(const struct rootfs *r, const char *path)
{
	auto_error *absent = NULL;
	int auto_fd fd = path_open_inside(rootfs_fd(r), path, O_PATH, &absent);
	return fd >= 0;
}

/* Symlinks of the rootfs's own are followed, inside, but for the last name, which is replaced. */
static int put(
	const struct rootfs *r, const char *path, mode_t mode, const char *text, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(r), path, &name, e);
	return dir < 0 ? -1 : path_write_file(dir, name, mode, text, strlen(text), e);
}

static int put_link(const struct rootfs *r, const char *path, const char *target, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(r), path, &name, e);
	if (dir < 0)
		return -1;
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", path);
	return symlinkat(target, dir, name) < 0
		       ? error_set(e, fd_error_code(errno), errno, "symlink %s", path)
		       : 0;
}

/* The directory itself; its parents may be links of the rootfs's own. */
static int make_dir(const struct rootfs *r, const char *path, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(r), path, &name, e);
	if (dir < 0)
		return -1;
	return mkdirat(dir, name, 0755) < 0 && errno != EEXIST
		       ? error_set(e, fd_error_code(errno), errno, "mkdir %s", path)
		       : 0;
}

static int copy(const struct rootfs *from, const char *const *paths, size_t count,
	const struct rootfs *to, const char *path, struct error **e)
{
	auto_error *absent = NULL;
	char *auto_free name = NULL;
	int auto_fd source = -1;
	for (size_t i = 0; i < count && source < 0; i++) {
		error_clear(&absent);
		source =
			path_open_inside(rootfs_fd(from), paths[i], O_RDONLY | O_NONBLOCK, &absent);
	}
	if (source < 0)
		return 0;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(to), path, &name, e);
	if (dir < 0)
		return -1;
	int auto_fd target =
		openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0755);
	if (target < 0 || fchmod(target, 0755) < 0)
		return error_set(e, fd_error_code(errno), errno, "write %s", path);
	return fd_copy(source, target, e) < 0 ? -1 : 1;
}

/* A machine-id(5) that is empty becomes the container's own at its first start, and is no "first
 * boot" with questions on the console. */
static int name_it(const struct rootfs *inner, const char *name, struct error **e)
{
	char *auto_free line = text_format(e, "%s\n", name);
	char *auto_free hosts =
		text_format(e, "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n", name);
	if (!line || !hosts || put(inner, "/etc/hostname", 0644, line, e) < 0 ||
		put(inner, "/etc/hosts", 0644, hosts, e) < 0)
		return -1;
	return put(inner, "/etc/machine-id", 0444, "", e);
}

/* As the environment asks: until DHCP says something else, and for programs without systemd. */
static int give_resolver(const struct rootfs *root, const struct rootfs *inner, struct error **e)
{
	auto_error *absent = NULL;
	auto_buf text = BUF(64 * 1024);
	int auto_fd fd = path_open_inside(
		rootfs_fd(root), "/etc/resolv.conf", O_RDONLY | O_NONBLOCK, &absent);
	if (fd < 0)
		return 0;
	if (fd_read_all(fd, &text, e) < 0)
		return -1;
	return put(inner, "/etc/resolv.conf", 0644, buf_text(&text), e);
}

/* Linked by hand: `systemctl enable` is not there yet, and does no more. */
static int switch_on(
	const struct rootfs *inner, const char *unit, const char *wanted_by, struct error **e)
{
	char *auto_free file = text_format(e, UNITS "%s", unit);
	char *auto_free wants = text_format(e, "/etc/systemd/system/%s.wants", wanted_by);
	char *auto_free link = wants ? text_format(e, "%s/%s", wants, unit) : NULL;
	if (!file || !link)
		return -1;
	if (!there(inner, file))
		return 0;
	return make_dir(inner, wants, e) < 0 ? -1 : put_link(inner, link, file, e);
}

/* The kernel's debugging filesystems cannot be mounted in a container, and no unit there asks for
 * them; failed, they would make each look broken ("degraded"). */
static int switch_off(const struct rootfs *inner, const char *unit, struct error **e)
{
	char *auto_free link = text_format(e, "/etc/systemd/system/%s", unit);
	return link ? put_link(inner, link, "/dev/null", e) : -1;
}

static int furnish_systemd(const struct rootfs *root, const struct rootfs *inner, struct error **e)
{
	if (make_dir(inner, "/etc/systemd", e) < 0 ||
		make_dir(inner, "/etc/systemd/network", e) < 0 ||
		make_dir(inner, "/etc/systemd/system", e) < 0 ||
		put(inner, "/etc/systemd/network/80-container.network", 0644, network_unit, e) <
			0 ||
		switch_on(inner, "systemd-networkd.service", "multi-user.target", e) < 0 ||
		switch_on(inner, "systemd-resolved.service", "multi-user.target", e) < 0 ||
		switch_off(inner, "sys-kernel-debug.mount", e) < 0 ||
		switch_off(inner, "sys-kernel-tracing.mount", e) < 0)
		return -1;
	return there(inner, UNITS "systemd-resolved.service")
		       ? put_link(inner, "/etc/resolv.conf",
				 "../run/systemd/resolve/stub-resolv.conf", e)
		       : give_resolver(root, inner, e);
}

static int furnish_lxc(const struct rootfs *root, const struct rootfs *inner,
	const struct container_spec *spec, struct error **e)
{
	char *auto_free command = text_format(
		e, "%s%s", spec->command ? spec->command : "", spec->command ? "\n" : "");
	if (!command)
		return -1;
	if (make_dir(inner, "/usr/local", e) < 0 || make_dir(inner, "/usr/local/lib", e) < 0 ||
		make_dir(inner, FURNISH_DIR, e) < 0)
		return -1;
	int copied = copy(root, inits, sizeof inits / sizeof *inits, inner, FURNISH_INIT, e);
	if (copied < 0)
		return -1;
	if (!copied) {
		error_set(e, ERROR_CONTAINER, 0,
			"the LXC in ROOT has no init.lxc.static, which would be the container's "
			"init");
		return error_hint(e, "install an LXC that has it, or choose --init systemd");
	}
	if (copy(root, busyboxes, 2, inner, FURNISH_DIR "/busybox", e) < 0 ||
		put(inner, FURNISH_DIR "/command", 0644, command, e) < 0 ||
		put(inner, FURNISH_RC, 0755, rc_script, e) < 0)
		return -1;
	return give_resolver(root, inner, e);
}

static int choose_init(struct container_spec *spec, const struct rootfs *inner,
	const struct container_facts *facts, const char *version, struct report *report,
	struct error **e)
{
	const char *against = there(inner, SYSTEMD) ? container_facts_against_systemd(
							      facts, version ? version : "0")
						    : "systemd is not installed in it";
	if (spec->init == CONTAINER_INIT_SYSTEMD && against) {
		error_set(e, ERROR_KERNEL, 0, "--init systemd: %s", against);
		return error_hint(e, "leave it to --init auto, or name a command");
	}
	if (spec->init != CONTAINER_INIT_AUTO)
		return 0;
	spec->init = against ? CONTAINER_INIT_LXC : CONTAINER_INIT_SYSTEMD;
	if (against)
		report_warn(report, "%s: %s gets LXC's own init, which starts no services", against,
			spec->name);
	return 0;
}

int container_furnish(const struct rootfs *root, const struct rootfs *inner,
	struct container_spec *spec, const struct container_facts *facts, const char *systemd,
	struct report *report, struct error **e)
{
	if (choose_init(spec, inner, facts, systemd, report, e) < 0 ||
		name_it(inner, spec->name, e) < 0)
		return -1;
	return spec->init == CONTAINER_INIT_SYSTEMD ? furnish_systemd(root, inner, e)
						    : furnish_lxc(root, inner, spec, e);
}
