/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/binfmt.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/text.h"

#define BINFMT_DIR "/proc/sys/fs/binfmt_misc"

/* The kernel matches the first bytes of a program; an ELF header tells all in the first 20. */
enum { HEADER = 20, MATCHED_MAX = 128 };

static const struct machine {
	const char *arch, *other; /* uname(2) may have another word */
	unsigned char class;
	unsigned char machine;
} machines[] = {
	{"aarch64", "arm64", ELFCLASS64, EM_AARCH64},
	{"armv7h", "armv7l", ELFCLASS32, EM_ARM},
	{"x86_64", "amd64", ELFCLASS64, EM_X86_64},
};

static const struct machine *machine_of(const char *word)
{
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (strcmp(machines[i].arch, word) == 0 || strcmp(machines[i].other, word) == 0)
			return &machines[i];
	return NULL;
}

bool binfmt_is_native(const char *machine, const char *arch)
{
	const struct machine *host = machine_of(machine), *wanted = machine_of(arch);
	if (!wanted)
		return false;
	/* An ARM kernel of 64 bits runs programs of 32 where CONFIG_COMPAT is on; "armv8l" is such
	 * a one as a 32-bit process sees it. */
	if (wanted->machine == EM_ARM)
		return text_has_prefix(machine, "armv") || (host && host->machine == EM_AARCH64);
	return host == wanted;
}

/* The text after "KEY " at the beginning of a line; NULL where no line begins so. */
static const char *value_of(const char *text, const char *key)
{
	size_t length = strlen(key);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0)
			return line + length;
	}
	return NULL;
}

/* Two hex digits; -1 where they are none. */
static int hex_byte(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const char *high = *text ? strchr(digits, *text) : NULL;
	const char *low = high && text[1] ? strchr(digits, text[1]) : NULL;
	return low ? (int)((high - digits) * 16 + (low - digits)) : -1;
}

static bool matches(const char *text, const unsigned char *header)
{
	const char *magic = value_of(text, "magic "), *mask = value_of(text, "mask ");
	const char *offset = value_of(text, "offset ");
	size_t at = offset ? strtoul(offset, NULL, 10) : 0;
	size_t length = magic ? strspn(magic, "0123456789abcdef") / 2 : 0;
	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		int want = hex_byte(magic + 2 * i), bits = mask ? hex_byte(mask + 2 * i) : 0xff;
		if (bits < 0 || at + i >= MATCHED_MAX || ((header[at + i] ^ want) & bits))
			return false;
	}
	return true;
}

enum binfmt_answer binfmt_entry(const char *text, const char *arch)
{
	unsigned char header[MATCHED_MAX] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, 0, ELFDATA2LSB, EV_CURRENT, [16] = ET_DYN};
	const struct machine *m = machine_of(arch);
	if (!m)
		return BINFMT_OTHER;
	header[EI_CLASS] = m->class;
	header[18] = m->machine; /* e_machine, low byte first */
	if (!matches(text, header))
		return BINFMT_OTHER;
	if (!text_has_prefix(text, "enabled"))
		return BINFMT_DISABLED;
	const char *flags = value_of(text, "flags: ");
	return flags && memchr(flags, 'F', strcspn(flags, "\n")) ? BINFMT_RUNS : BINFMT_NOT_INSIDE;
}

/* The best answer of all entries; `name` is whose it is. */
static enum binfmt_answer ask_entries(DIR *dir, const char *arch, char name[NAME_MAX + 1])
{
	enum binfmt_answer best = BINFMT_OTHER;
	for (struct dirent *d; (d = readdir(dir));) {
		auto_buf text = BUF(4096);
		/* `register` cannot be read; `status` is no entry. */
		if (*d->d_name == '.' || strcmp(d->d_name, "register") == 0 ||
			path_read_file(dirfd(dir), d->d_name, &text, NULL) < 0)
			continue;
		enum binfmt_answer answer = binfmt_entry(buf_text(&text), arch);
		if (answer <= best)
			continue;
		best = answer;
		snprintf(name, NAME_MAX + 1, "%s", d->d_name);
	}
	return best;
}

static bool all_disabled(void)
{
	auto_buf text = BUF(4096);
	return path_read_file(AT_FDCWD, BINFMT_DIR "/status", &text, NULL) == 0 &&
	       text_has_prefix(buf_text(&text), "disabled");
}

#define DISTRIBUTIONS                                                                              \
	"Debian's package qemu-user-static does it, Arch's are qemu-user-static{,-binfmt}"

/* `name` is the entry that comes nearest; "" for none. */
static int refuse(enum binfmt_answer answer, const char *name, struct error **e)
{
	if (!path_exists(AT_FDCWD, BINFMT_DIR "/register")) {
		error_set(e, ERROR_CONFIG, 0, "binfmt_misc is not mounted");
		return error_hint(e,
			"mount -t binfmt_misc binfmt_misc " BINFMT_DIR
			", and register qemu-user there with the flag F (" DISTRIBUTIONS ")");
	}
	if (all_disabled() || answer == BINFMT_DISABLED) {
		const char *off = all_disabled() ? "status" : name;
		error_set(e, ERROR_CONFIG, 0, "binfmt_misc%s%s is switched off",
			all_disabled() ? "" : "'s ", all_disabled() ? "" : name);
		return error_hint(e, "echo 1 >" BINFMT_DIR "/%s", off);
	}
	if (answer == BINFMT_NOT_INSIDE)
		error_set(e, ERROR_CONFIG, 0,
			"without the flag F the emulator %s is not found inside ROOT", name);
	else
		error_set(e, ERROR_CONFIG, 0, "no emulator is registered");
	return error_hint(e, "register qemu-user with the flag F (" DISTRIBUTIONS "), or leave "
			     "--arch out");
}

int binfmt_check(const char *arch, struct error **e)
{
	char name[NAME_MAX + 1] = "";
	struct utsname host;
	if (uname(&host) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "uname");
	if (binfmt_is_native(host.machine, arch))
		return 0;
	DIR *dir = opendir(BINFMT_DIR); /* where it is mounted on demand, this does it */
	enum binfmt_answer answer = dir ? ask_entries(dir, arch, name) : BINFMT_OTHER;
	if (dir)
		closedir(dir);
	if (answer == BINFMT_RUNS && !all_disabled())
		return 0;
	refuse(answer, name, e);
	return error_wrap(
		e, "this machine is %s and cannot run programs for %s", host.machine, arch);
}

const char *binfmt_arch_of(int root_fd, const char *path)
{
	unsigned char header[HEADER];
	int auto_fd fd = path_open_inside(root_fd, path, O_RDONLY | O_NONBLOCK, NULL);
	if (fd < 0 || read(fd, header, sizeof header) != sizeof header ||
		memcmp(header, ELFMAG, SELFMAG) != 0 || header[EI_DATA] != ELFDATA2LSB)
		return NULL;
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (header[EI_CLASS] == machines[i].class && header[18] == machines[i].machine &&
			header[19] == 0)
			return machines[i].arch;
	return NULL;
}
