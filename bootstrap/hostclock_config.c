/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/pacman_conf.h"

static int add_all(struct strings *to, const struct strings *from, struct error **e)
{
	for (size_t i = 0; i < from->count; i++)
		if (strings_add(to, from->items[i], e) < 0)
			return -1;
	return 0;
}

/* One line of [alarmstrap]. The option --dns wins over Dns, --ca-file over CaFile. */
static int take_line(
	struct hostclock_config *c, char *line, bool dns, char **ca_file, struct error **e)
{
	char *value = strchr(line, '=');
	if (!value)
		return 0;
	*value++ = '\0';
	const char *key = text_trim(line);
	value = text_trim(value);
	if (hostclock_sources_line(&c->sources, key, value, e) < 0)
		return -1;
	if (strcmp(key, "Dns") == 0 && dns)
		return strings_split(&c->http.dns_servers, value, " \t,", e);
	if (strcmp(key, "CaFile") == 0 && !*ca_file)
		return (*ca_file = text_copy(value, e)) ? 0 : -1;
	return 0;
}

static int read_file(struct hostclock_config *c, const char *path, char **ca_file, struct error **e)
{
	bool dns = c->http.dns_servers.count == 0;
	auto_pacman_conf *f = pacman_conf_read(AT_FDCWD, path, e);
	if (!f)
		return -1;
	for (size_t i = 0; i < f->own.count; i++)
		if (take_line(c, f->own.items[i], dns, ca_file, e) < 0)
			return error_wrap(e, "%s", path);
	return 0;
}

int hostclock_config_read(
	const struct hostclock_options *o, struct hostclock_config *c, struct error **e)
{
	char *auto_free ca_file = NULL;
	const char *file = o->config;
	if (!file && path_exists(AT_FDCWD, CONFIG_FILE))
		file = CONFIG_FILE;
	*c = (struct hostclock_config){.ca_pem = NULL};
	if (add_all(&c->http.dns_servers, &o->dns_servers, e) < 0 ||
		(o->ca_file && !(ca_file = text_copy(o->ca_file, e))) ||
		(file && read_file(c, file, &ca_file, e) < 0) ||
		http_read_ca(ca_file, &c->ca_pem, &c->http.ca_pem_length, e) < 0) {
		hostclock_config_free(c);
		return -1;
	}
	c->http.ca_pem = c->ca_pem;
	c->settings = (struct hostclock_settings){
		.given = o->time,
		.from = o->time_from,
		.insecure = o->insecure,
		.sources = &c->sources,
		.http = &c->http,
	};
	return 0;
}

void hostclock_config_free(struct hostclock_config *c)
{
	hostclock_sources_free(&c->sources);
	strings_free(&c->http.dns_servers);
	free(c->ca_pem);
	*c = (struct hostclock_config){.ca_pem = NULL};
}

int hostclock_of_config(
	const struct config *c, struct http_settings *http, struct report *report, struct error **e)
{
	http->ca_pem = c->ca_pem;
	http->ca_pem_length = c->ca_pem_length;
	http->dns_servers = c->dns_servers;
	http->rate_limit = c->rate_limit;
	const struct hostclock_settings settings = {
		.given = c->time,
		.from = c->time_from,
		.insecure = c->insecure_time,
		.sources = &c->clock,
		.http = http,
	};
	return hostclock_find(&settings, report, &http->time, e);
}
