/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook dns: gives the environment a resolv.conf(5) that works, unless somebody wrote one.
 *
 * Servers: --dns, now or in an earlier start; else the host's own; else public ones (a bare device
 * has no resolv.conf). A file that carries our first line is rewritten at every start, because the
 * network may have changed; a dangling symlink (ALARM ships one into /run) is replaced. */
#include "hooks/hook.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "lib/path.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define OUR_FIRST_LINE "# written by alarmstrap at every start; remove this line to keep yours\n"

#define CHOSEN_LINE "# with the servers of --dns, which stay until others are given\n"

static const char *const public_servers[] = {"1.1.1.1", "9.9.9.9", "8.8.8.8"};

/* 1 if a line begins with the keyword; one in a comment serves nobody. */
static int names_a_server(const char *text, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (text_has_prefix(text_trim(lines.items[i]), "nameserver"))
			return 1;
	return 0;
}

static int dns_check(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0);
	int got = hook_read_file(c, RESOLV_CONF, &text, e);
	if (got <= 0)
		return got;
	const struct strings *chosen = c->settings->dns_servers;
	if (text_has_prefix(buf_text(&text), OUR_FIRST_LINE CHOSEN_LINE))
		return !chosen || !chosen->count;
	if (text_has_prefix(buf_text(&text), OUR_FIRST_LINE))
		return 0;
	return names_a_server(buf_text(&text), e);
}

static int add_server(struct buf *text, const char *server, struct error **e)
{
	/* "IP:PORT" and "[IP]:PORT" are forms of our option; resolv.conf(5) knows no port. */
	const char *colon = strchr(server, ':');
	size_t length = strlen(server);
	if (*server == '[')
		length = strcspn(++server, "]");
	else if (colon && !strchr(colon + 1, ':'))
		length = (size_t)(colon - server);
	return buf_printf(text, e, "nameserver %.*s\n", (int)length, server);
}

/* The host's resolv.conf without comments; 1 if it names a server. */
static int add_hosts_own(struct buf *text, struct error **e)
{
	auto_buf host = BUF(0);
	auto_strings lines = {0};
	int servers = 0;
	if (path_read_file(AT_FDCWD, RESOLV_CONF, &host, NULL) < 0)
		return 0;
	if (strings_split(&lines, buf_text(&host), "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = text_trim(lines.items[i]);
		if (line[0] == '#' || line[0] == ';')
			continue;
		if (buf_printf(text, e, "%s\n", line) < 0)
			return -1;
		servers += text_has_prefix(line, "nameserver");
	}
	return servers > 0;
}

static int add_list(struct buf *text, const char *const *servers, size_t count, struct error **e)
{
	for (size_t i = 0; i < count; i++)
		if (add_server(text, servers[i], e) < 0)
			return -1;
	return 0;
}

/* On a disk that is full, or mounted read-only, an environment starts all the same. */
static bool is_there(const struct hook_context *c, const char *text)
{
	auto_buf now = BUF(0);
	return hook_read_file(c, RESOLV_CONF, &now, NULL) > 0 && strcmp(buf_text(&now), text) == 0;
}

static int dns_apply(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0);
	const struct strings *chosen = c->settings->dns_servers;
	if (buf_puts(&text, OUR_FIRST_LINE, e) < 0)
		return -1;
	if (chosen && chosen->count) {
		if (buf_puts(&text, CHOSEN_LINE, e) < 0 ||
			add_list(&text, (const char *const *)chosen->items, chosen->count, e) < 0)
			return -1;
	} else {
		int found = add_hosts_own(&text, e);
		if (found < 0 || (!found && add_list(&text, public_servers, 3, e) < 0))
			return -1;
	}
	if (is_there(c, buf_text(&text)))
		return 0;
	return hook_write_file(c, RESOLV_CONF, 0644, buf_text(&text), e);
}

const struct hook hook_dns = {"dns", HOOK_ENVIRONMENT, NULL, dns_check, dns_apply};
