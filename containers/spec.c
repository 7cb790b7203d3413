/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/spec.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

/* Less memory starts no init, and the kernel keeps 10 ms of each 100 as the least of a CPU. */
enum { MEMORY_MIN = 4 << 20, CPU_MIN = 10, CPUS_MAX = 4096 };

static int parse_memory(const char *text, uint64_t *bytes)
{
	static const char units[] = "kmgt";
	char digits[20];
	int64_t number;
	size_t length = strspn(text, "0123456789");
	if (!length || length >= sizeof digits)
		return -1;
	char unit = (char)(text[length] | 0x20); /* a capital letter's small one */
	const char *at = text[length] ? strchr(units, unit) : units;
	int shift = !text[length] || !at ? 0 : 10 * (int)(at - units + 1);
	if (!at || (text[length] && text[length + 1]))
		return -1;
	snprintf(digits, sizeof digits, "%.*s", (int)length, text);
	if (text_to_int64(digits, 1, INT64_MAX >> shift, &number) < 0)
		return -1;
	*bytes = (uint64_t)number << shift;
	return *bytes >= MEMORY_MIN ? 0 : -1;
}

/* "2", "0.5", "1.25": up to three digits after the point. */
static int parse_cpus(const char *text, unsigned *thousandths)
{
	char whole[8], part[4] = "000";
	int64_t a, b;
	size_t length = strspn(text, "0123456789");
	const char *rest = text + length;
	if (!length || length >= sizeof whole)
		return -1;
	snprintf(whole, sizeof whole, "%.*s", (int)length, text);
	if (*rest) {
		size_t digits = strspn(rest + 1, "0123456789");
		if (*rest != '.' || !digits || digits > 3 || rest[1 + digits])
			return -1;
		memcpy(part, rest + 1, digits);
	}
	if (text_to_int64(whole, 0, CPUS_MAX, &a) < 0 || text_to_int64(part, 0, 999, &b) < 0)
		return -1;
	*thousandths = (unsigned)(a * 1000 + b);
	return *thousandths >= CPU_MIN ? 0 : -1;
}

static int refuse(const char *option, const char *word, const char *form, struct error **e)
{
	error_set(e, ERROR_USAGE, 0, "--%s: '%s' is no limit", option, word);
	return error_hint(e, "%s", form);
}

int container_limits_parse(struct container_limits *limits, const char *memory, const char *cpus,
	const char *pids, struct error **e)
{
	struct container_limits l = {0};
	int64_t count = 0;
	if (memory && parse_memory(memory, &l.memory_bytes) < 0)
		return refuse("memory", memory, "give bytes, 4M at least: --memory=512M, 2G", e);
	if (cpus && parse_cpus(cpus, &l.thousandths_cpu) < 0)
		return refuse("cpus", cpus, "give a number of CPUs: --cpus=2, --cpus=0.5", e);
	/* The largest that pid_max may be (proc(5)). */
	if (pids && text_to_int64(pids, 1, 1 << 22, &count) < 0)
		return refuse("pids", pids, "give the most processes and threads: --pids=500", e);
	l.pids = (uint64_t)count;
	*limits = l;
	return 0;
}

void container_init_parse(struct container_spec *spec, const char *word)
{
	static const char *const words[] = {"auto", "systemd", "lxc"};
	spec->command = NULL;
	spec->init = CONTAINER_INIT_AUTO;
	if (!word)
		return;
	for (int i = 0; i < 3; i++)
		if (strcmp(words[i], word) == 0) {
			spec->init = (enum container_init)i;
			return;
		}
	spec->init = CONTAINER_INIT_COMMAND;
	spec->command = word;
}
