/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verb `clock` needs to know, from its options and the configuration file. */
#ifndef BOOTSTRAP_HOSTCLOCK_CONFIG_H
#define BOOTSTRAP_HOSTCLOCK_CONFIG_H

#include <stdbool.h>

#include "bootstrap/config.h"
#include "bootstrap/hostclock.h"

/* As the command line gave it. */
struct hostclock_options {
	const char *config, *time, *time_from, *ca_file;
	bool insecure;
	struct strings dns_servers;
};

/* The settings and what they borrow from. */
struct hostclock_config {
	struct hostclock_settings settings;
	struct hostclock_sources sources;
	struct http_settings http;
	char *ca_pem;
};

/* Fills in *c, which must stay where it is: its settings point into it. Words of the file that are
 * not the clock's are left to those who need them. ERROR_CONFIG. */
int hostclock_config_read(
	const struct hostclock_options *o, struct hostclock_config *c, struct error **e) must_check;
void hostclock_config_free(struct hostclock_config *c);
#define auto_hostclock_config                                                                      \
	__attribute__((cleanup(hostclock_config_free))) struct hostclock_config

/* The same for the verbs that fetch: fills *http with what the configuration says of the network,
 * borrowed, and with the time that certificates and signatures are checked at. */
int hostclock_of_config(const struct config *c, struct http_settings *http, struct report *report,
	struct error **e) must_check;

#endif
