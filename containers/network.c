/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "lib/fd.h"
#include "lib/text.h"

static const char PREFIX[] = "lxc.net.";

/* lxc.net.0.hwaddr = 00:16:3e:xx:xx:xx: as LXC does when it makes a container by itself. */
static int complete_hwaddr(char *line, struct error **e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char random[32];
	size_t next = 0;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return error_set(e, ERROR_SYSTEM, errno, "random numbers");
	for (char *c = strchr(line, '='); c && *c; c++)
		if ((*c == 'x' || *c == 'X') && next < sizeof random)
			*c = digits[random[next++] % 16];
	return 0;
}

/* Does `line` set KEY of some network ("link" of "lxc.net.0.link = eth0")? */
static bool sets(const char *line, const char *key)
{
	size_t length = strcspn(line, " \t=");
	size_t tail = strlen(key);
	return length > tail && line[length - tail - 1] == '.' &&
	       strncmp(line + length - tail, key, tail) == 0;
}

static int add_line(const struct container_network *n, char *line, bool *linked, struct buf *to,
	struct error **e)
{
	if (sets(line, "hwaddr") && complete_hwaddr(line, e) < 0)
		return -1;
	if (!n->link || !sets(line, "link"))
		return buf_printf(to, e, "%s\n", line);
	*linked = true;
	return buf_printf(to, e, "%.*s = %s\n", (int)strcspn(line, " \t="), line, n->link);
}

int container_network_lines(const struct container_network *n, struct buf *to, struct error **e)
{
	/* The container keeps its MAC address, and by it its lease, from start to start. */
#define HAS_LINK                                                                                   \
	"lxc.net.0.flags = up\nlxc.net.0.name = eth0\nlxc.net.0.hwaddr = 00:16:3e:xx:xx:xx\n"
	switch (n->mode) {
	case NETWORK_MACVLAN:
		return buf_printf(to, e,
			"lxc.net.0.type = macvlan\nlxc.net.0.macvlan.mode = bridge\n"
			"lxc.net.0.link = %s\n" HAS_LINK,
			n->link);
	case NETWORK_VETH:
		return buf_printf(
			to, e, "lxc.net.0.type = veth\nlxc.net.0.link = %s\n" HAS_LINK, n->link);
	case NETWORK_HOST:
		return buf_puts(to, "lxc.net.0.type = none\n" NETWORK_HOST_LIMIT "\n", e);
	default:
		return buf_puts(to, "lxc.net.0.type = empty\nlxc.net.0.flags = up\n", e);
	}
}

/* What stands in `lines` of networks, completed. 1 where some line sets a link. */
static int add_lines(
	const struct container_network *n, const char *text, struct buf *to, struct error **e)
{
	auto_strings lines = {0};
	bool linked = false;
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		char *line = text_trim(lines.items[i]);
		if (text_has_prefix(line, PREFIX) && add_line(n, line, &linked, to, e) < 0)
			return -1;
	}
	return linked;
}

int container_network_config(
	const struct container_network *n, const char *defaults, struct buf *to, struct error **e)
{
	auto_buf own = BUF(0);
	if (n->mode != NETWORK_INHERIT && container_network_lines(n, &own, e) < 0)
		return -1;
	int linked = add_lines(n, own.length ? buf_text(&own) : defaults, to, e);
	if (linked < 0 || (n->mode == NETWORK_HOST && buf_puts(to, NETWORK_HOST_LIMIT "\n", e) < 0))
		return -1;
	if (n->mode != NETWORK_INHERIT || !n->link || linked)
		return 0;
	error_set(e, ERROR_CONFIG, 0, "/etc/lxc/default.conf has no network that uses a link");
	return error_hint(e, "choose it for all: alarmstrap bootstrap ROOT --link LINK");
}
