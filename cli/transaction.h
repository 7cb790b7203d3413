/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What install, uninstall and refresh have in common: their choices, and the asking. */
#ifndef CLI_TRANSACTION_H
#define CLI_TRANSACTION_H

#include "bootstrap/transaction.h"
#include "cli/option.h"

struct transaction_choices {
	struct transaction_options options;
	bool noconfirm;
};

#define TRANSACTION_AT(field) offsetof(struct transaction_choices, field)
/* Rows of every such verb. */
/* clang-format off */
#define TRANSACTION_ROWS \
	{"noconfirm", 0, OPTION_FLAG, TRANSACTION_AT(noconfirm), NULL, \
		"do not ask; take the usual answers"}, \
	{"container", 0, OPTION_TEXT, TRANSACTION_AT(options.container), "NAME", \
		"work on the rootfs of this LXC container of ROOT"}, \
	{"config", 'c', OPTION_TEXT, TRANSACTION_AT(options.config.config), "FILE", \
		"read FILE in the syntax of pacman.conf (" CONFIG_FILE ")"}, \
	{"print", 0, OPTION_FLAG, TRANSACTION_AT(options.print), NULL, \
		"show what would be done and do nothing"}
/* Rows of those that fetch. */
#define TRANSACTION_FETCH_ROWS \
	{"mirror", 'm', OPTION_LIST, TRANSACTION_AT(options.config.mirrors), "URL", \
		"ask this mirror instead of those of the root's pacman.conf"}, \
	{"cache-dir", 0, OPTION_TEXT, TRANSACTION_AT(options.config.cache_dir), "DIR", \
		"keep packages in DIR"}, \
	{"dns", 0, OPTION_LIST, TRANSACTION_AT(options.config.dns_servers), "IP", \
		"ask this DNS server"}, \
	{"time", 't', OPTION_TEXT, TRANSACTION_AT(options.config.time), "TIME", \
		"it is TIME: 2026-01-31T12:00:00Z"}, \
	{"keyring", 'k', OPTION_TEXT, TRANSACTION_AT(options.config.keyring), "FILE", \
		"trust these OpenPGP keys instead of Arch Linux ARM's"}, \
	{"cacert", 0, OPTION_TEXT, TRANSACTION_AT(options.config.ca_file), "FILE", \
		"trust the certificates of FILE (PEM), of the 'system', or of 'android'"}, \
	{"ca-file", 0, OPTION_TEXT, TRANSACTION_AT(options.config.ca_file), "FILE", \
		"the same as --cacert"}, \
	{"allow-old", 0, OPTION_FLAG, TRANSACTION_AT(options.config.allow_old), NULL, \
		"take package databases that are older than they may be"}, \
	{"limit-rate", 0, OPTION_TEXT, TRANSACTION_AT(options.config.limit_rate), "RATE", \
		"download at most RATE bytes a second: 500k, 2M"}, \
	{"ignore", 0, OPTION_LIST, TRANSACTION_AT(options.ignore), "PKG", \
		"leave this package as it is, as IgnorePkg does"}, \
	{"ignoregroup", 0, OPTION_LIST, TRANSACTION_AT(options.ignore_group), "GROUP", \
		"leave the packages of this group as they are"}, \
	{"overwrite", 0, OPTION_LIST, TRANSACTION_AT(options.overwrite), "GLOB", \
		"files that match may be in the way"}
/* clang-format on */

/* Parses the words (`low` operands at least, ROOT with them) and runs the operation. */
int transaction_verb(const struct verb *v, enum package_operation operation, size_t low, int argc,
	char **argv, struct report *report, int *status, struct error **e) must_check;

#endif
