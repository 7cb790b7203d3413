/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/elf_file.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor/kernel_release.h"

/* More than any linker makes. */
enum { SEGMENTS_MAX = 128, NOTES_MAX = 4096, DYNAMIC_MAX = 1024 };

/* A segment, of either width. */
struct segment {
	uint32_t type, flags;
	uint64_t offset, size;
};

struct reader {
	int fd;
	bool wide;
	uint64_t segments_at;
	unsigned segment_count, segment_size;
};

static int damaged(struct error **e)
{
	return error_set(e, ERROR_TRUST, 0, "its ELF headers lead nowhere");
}

static bool read_at(int fd, uint64_t at, void *to, size_t size)
{
	return at <= INT64_MAX && pread(fd, to, size, (off_t)at) == (ssize_t)size;
}

static int read_segment(const struct reader *r, unsigned i, struct segment *s, struct error **e)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;
	uint64_t at = r->segments_at + (uint64_t)i * r->segment_size;
	if (r->wide) {
		if (r->segment_size < sizeof wide || !read_at(r->fd, at, &wide, sizeof wide))
			return damaged(e);
		*s = (struct segment){le32toh(wide.p_type), le32toh(wide.p_flags),
			le64toh(wide.p_offset), le64toh(wide.p_filesz)};
		return 0;
	}
	if (r->segment_size < sizeof narrow || !read_at(r->fd, at, &narrow, sizeof narrow))
		return damaged(e);
	*s = (struct segment){le32toh(narrow.p_type), le32toh(narrow.p_flags),
		le32toh(narrow.p_offset), le32toh(narrow.p_filesz)};
	return 0;
}

static int read_interpreter(
	const struct reader *r, const struct segment *s, struct elf_file *f, struct error **e)
{
	if (s->size == 0 || s->size > sizeof f->interpreter ||
		!read_at(r->fd, s->offset, f->interpreter, s->size) ||
		f->interpreter[s->size - 1] != '\0')
		return damaged(e);
	f->program = true;
	return 0;
}

/* Notes are name, descriptor and type with their lengths, each padded to four bytes. The ABI note
 * is "GNU", four words: system (0 is Linux) and the earliest version. */
static int read_notes(
	const struct reader *r, const struct segment *s, struct elf_file *f, struct error **e)
{
	unsigned char bytes[NOTES_MAX];
	size_t size = s->size < sizeof bytes ? s->size : sizeof bytes;
	if (!read_at(r->fd, s->offset, bytes, size))
		return damaged(e);
	for (size_t at = 0; at + 12 <= size;) {
		uint32_t head[3], words[4];
		memcpy(head, bytes + at, sizeof head);
		uint64_t name = le32toh(head[0]), data = le32toh(head[1]);
		uint64_t data_at = at + 12 + ((name + 3) & ~3ULL);
		uint64_t next = data_at + ((data + 3) & ~3ULL);
		if (next > size || next <= at)
			return 0; /* notes of eight bytes' alignment: none that we look for */
		if (name == 4 && memcmp(bytes + at + 12, "GNU", 4) == 0 && data >= sizeof words &&
			le32toh(head[2]) == NT_GNU_ABI_TAG) {
			memcpy(words, bytes + data_at, sizeof words);
			uint32_t major = le32toh(words[1]), minor = le32toh(words[2]);
			if (le32toh(words[0]) == ELF_NOTE_OS_LINUX && major < 1000 && minor < 1000)
				f->kernel = major == 2 ? KERNEL_26(le32toh(words[3]) % 1000)
						       : KERNEL(major, minor);
		}
		at = (size_t)next;
	}
	return 0;
}

/* Tags and values, up to DT_NULL. */
static int read_dynamic(
	const struct reader *r, const struct segment *s, struct elf_file *f, struct error **e)
{
	size_t entry = r->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	for (uint64_t i = 0; i < s->size / entry && i < DYNAMIC_MAX; i++) {
		Elf64_Dyn wide = {0};
		Elf32_Dyn narrow = {0};
		if (!read_at(r->fd, s->offset + i * entry,
			    r->wide ? (void *)&wide : (void *)&narrow, entry))
			return damaged(e);
		uint64_t tag =
			r->wide ? le64toh((uint64_t)wide.d_tag) : le32toh((uint32_t)narrow.d_tag);
		uint64_t value = r->wide ? le64toh(wide.d_un.d_val) : le32toh(narrow.d_un.d_val);
		if (tag == DT_NULL)
			return 0;
		if (tag == DT_TEXTREL || (tag == DT_FLAGS && (value & DF_TEXTREL)))
			f->text_relocations = true;
		if (tag == DT_FLAGS_1 && (value & DF_1_PIE))
			f->program = true;
	}
	return 0;
}

static int read_segments(const struct reader *r, struct elf_file *f, struct error **e)
{
	bool stack = false;
	for (unsigned i = 0; i < r->segment_count; i++) {
		struct segment s = {0};
		int got = read_segment(r, i, &s, e);
		/* A file of debug information keeps the segment without its bytes. */
		if (got == 0 && s.type == PT_INTERP && s.size)
			got = read_interpreter(r, &s, f, e);
		else if (got == 0 && s.type == PT_NOTE)
			got = read_notes(r, &s, f, e);
		else if (got == 0 && s.type == PT_DYNAMIC)
			got = read_dynamic(r, &s, f, e);
		if (got < 0)
			return -1;
		if (s.type == PT_GNU_STACK) {
			stack = true;
			f->executable_stack = s.flags & PF_X;
		}
	}
	/* Who does not say gets one, on 32 bits (elf_read_implies_exec of the kernel). */
	if (!stack && !r->wide)
		f->executable_stack = true;
	return 0;
}

int elf_file_read(int fd, struct elf_file *f, struct error **e)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} head;
	ssize_t got = pread(fd, &head, sizeof head, 0);
	if (got < 0)
		return error_set(e, ERROR_SYSTEM, errno, "read its ELF header");
	if (got < (ssize_t)sizeof head.narrow || memcmp(head.ident, ELFMAG, SELFMAG) != 0 ||
		head.ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	bool wide = head.ident[EI_CLASS] == ELFCLASS64;
	/* The first two words behind the identification are alike. */
	uint16_t type = le16toh(head.wide.e_type);
	if ((type != ET_EXEC && type != ET_DYN) || (wide && got < (ssize_t)sizeof head.wide))
		return 0;
	struct elf_file new = {.machine = le16toh(head.wide.e_machine),
		.wide = wide,
		.fixed = type == ET_EXEC,
		.program = type == ET_EXEC};
	const struct reader r = {
		.fd = fd,
		.wide = wide,
		.segments_at = wide ? le64toh(head.wide.e_phoff) : le32toh(head.narrow.e_phoff),
		.segment_count = le16toh(wide ? head.wide.e_phnum : head.narrow.e_phnum),
		.segment_size = le16toh(wide ? head.wide.e_phentsize : head.narrow.e_phentsize),
	};
	if (r.segment_count > SEGMENTS_MAX || r.segments_at > INT64_MAX / 2)
		return damaged(e);
	if (read_segments(&r, &new, e) < 0)
		return -1;
	*f = new;
	return 1;
}

const char *elf_machine_name(uint16_t machine, char to[32])
{
	switch (machine) {
	case EM_AARCH64:
		return "aarch64";
	case EM_ARM:
		return "arm";
	case EM_X86_64:
		return "x86_64";
	case EM_386:
		return "i386";
	default:
		snprintf(to, 32, "machine %u", machine);
		return to;
	}
}
