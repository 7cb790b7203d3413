/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/elf_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/elf_file.h"
#include "lib/fd.h"
#include "lib/path.h"

#define LOCAL_DB "/var/lib/pacman/local"

enum { DEPTH_MAX = 64, MACHINES = 8, FILES_MAX_BYTES = 16 << 20 };

struct walk {
	unsigned kernel;
	struct elf_record total;
	struct {
		uint16_t machine;
		uint64_t count;
		struct strings examples; /* in case it is not the one of most */
	} machines[MACHINES];
	struct strings examples[ELF_TROUBLES]; /* paths */
};

static int note(struct walk *w, enum elf_trouble t, const char *path, struct error **e)
{
	w->total.counts[t]++;
	return w->examples[t].count < ELF_EXAMPLES ? strings_add(&w->examples[t], path, e) : 0;
}

/* A ninth machine goes uncounted. */
static int note_machine(struct walk *w, uint16_t machine, const char *path, struct error **e)
{
	for (size_t i = 0; i < MACHINES; i++) {
		if (w->machines[i].count && w->machines[i].machine != machine)
			continue;
		w->machines[i].machine = machine;
		w->machines[i].count++;
		return w->machines[i].examples.count < ELF_EXAMPLES
			       ? strings_add(&w->machines[i].examples, path, e)
			       : 0;
	}
	return 0;
}

static int note_file(struct walk *w, const struct elf_file *f, const char *path, struct error **e)
{
	const struct {
		bool holds;
		enum elf_trouble trouble;
	} rows[] = {
		{*f->interpreter && access(f->interpreter, F_OK) < 0, ELF_NO_INTERPRETER},
		{f->kernel > w->kernel, ELF_NEWER_KERNEL},
		{f->fixed, ELF_FIXED},
		{f->text_relocations, ELF_TEXT_RELOCATIONS},
		{f->executable_stack, ELF_EXECUTABLE_STACK},
	};
	if (f->kernel > w->total.kernel)
		w->total.kernel = f->kernel;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].holds && note(w, rows[i].trouble, path, e) < 0)
			return -1;
	return note_machine(w, f->machine, path, e);
}

static int look(struct walk *w, int dir, const char *name, const char *path, struct error **e)
{
	struct elf_file f;
	auto_error *damage = NULL;
	int auto_fd fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int got = fd < 0 ? 0 : elf_file_read(fd, &f, &damage);
	w->total.files += got != 0;
	if (got < 0)
		return note(w, ELF_DAMAGED, path, e);
	return got ? note_file(w, &f, path, e) : 0;
}

static int walk_dir(struct walk *w, int fd, const char *path, struct error **e);

static int walk_entry(
	struct walk *w, int dir, const char *name, const char *above, struct error **e)
{
	struct stat st;
	char *auto_free path = text_format(e, "%s/%s", above, name);
	int depth = 0;
	if (!path)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode))
		return look(w, dir, name, path, e);
	for (const char *p = path; *p; p++)
		depth += *p == '/';
	if (!S_ISDIR(st.st_mode) || depth > DEPTH_MAX)
		return 0;
	int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return sub < 0 ? 0 : walk_dir(w, sub, path, e);
}

/* Takes `fd` over. What cannot be opened is passed over. */
static int walk_dir(struct walk *w, int fd, const char *path, struct error **e)
{
	DIR *dir = fdopendir(fd);
	int r = 0;
	if (!dir) {
		close(fd);
		return 0;
	}
	for (struct dirent *d; r == 0 && (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			r = walk_entry(w, dirfd(dir), d->d_name, path, e);
	closedir(dir);
	return r;
}

/* The machine of most files; the others' files are trouble. */
static int settle_machines(struct walk *w, struct error **e)
{
	size_t most = 0;
	for (size_t i = 1; i < MACHINES; i++)
		if (w->machines[i].count > w->machines[most].count)
			most = i;
	w->total.machine = w->machines[most].machine;
	for (size_t i = 0; i < MACHINES; i++) {
		if (i == most)
			continue;
		for (size_t k = 0; k < w->machines[i].examples.count; k++)
			if (note(w, ELF_OTHER_MACHINE, w->machines[i].examples.items[k], e) < 0)
				return -1;
		if (w->machines[i].count)
			w->total.counts[ELF_OTHER_MACHINE] +=
				w->machines[i].count - w->machines[i].examples.count;
	}
	return 0;
}

/* Whether the list NAME-VERSION/files has the path; entries have no slash in front. */
static bool owns(const struct buf *list, const char *path)
{
	size_t length = strlen(path + 1);
	const char *at = buf_text(list), *end = at + list->length;
	while ((at = memmem(at, (size_t)(end - at), path + 1, length))) {
		if (at > list->data && at[-1] == '\n' && (at[length] == '\n' || !at[length]))
			return true;
		at++;
	}
	return false;
}

/* Puts " (PACKAGE)" behind each example that the package owns. */
static int name_owner(struct walk *w, const char *package, const struct buf *list, struct error **e)
{
	for (size_t t = 0; t < ELF_TROUBLES; t++)
		for (size_t i = 0; i < w->examples[t].count; i++) {
			char **text = &w->examples[t].items[i];
			if (!owns(list, *text))
				continue;
			char *named = text_format(e, "%s (%s)", *text, package);
			if (!named)
				return -1;
			free(*text);
			*text = named;
		}
	return 0;
}

static int name_owners(struct walk *w, struct error **e)
{
	DIR *dir = opendir(LOCAL_DB);
	int r = 0;
	if (!dir)
		return 0; /* no pacman's root: paths alone */
	for (struct dirent *d; r == 0 && (d = readdir(dir));) {
		auto_buf list = BUF(FILES_MAX_BYTES);
		char *auto_free path = text_format(e, "%s/files", d->d_name);
		if (!path)
			r = -1;
		else if (*d->d_name != '.' && path_read_file(dirfd(dir), path, &list, NULL) == 0)
			r = name_owner(w, d->d_name, &list, e);
	}
	closedir(dir);
	return r;
}

static int send_all(struct walk *w, struct worker_out *out, struct error **e)
{
	w->total.trouble = ELF_TROUBLES;
	if (worker_send(out, ELF_RECORD, &w->total, sizeof w->total, e) < 0)
		return -1;
	for (uint32_t t = 0; t < ELF_TROUBLES; t++)
		for (size_t i = 0; i < w->examples[t].count; i++) {
			struct elf_record example = {.trouble = t};
			snprintf(example.text, sizeof example.text, "%s", w->examples[t].items[i]);
			if (worker_send(out, ELF_RECORD, &example, sizeof example, e) < 0)
				return -1;
		}
	return 0;
}

int elf_walk(struct worker_out *out, void *arg, struct error **e)
{
	static const char *const tops[] = {"/usr", "/opt", "/bin", "/sbin", "/lib", "/lib64"};
	struct walk w = {.kernel = *(unsigned *)arg};
	int r = 0;
	for (size_t i = 0; r == 0 && i < sizeof tops / sizeof *tops; i++) {
		/* After the merge into /usr most are links, which are not followed. */
		int fd = open(tops[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = fd < 0 ? 0 : walk_dir(&w, fd, tops[i], e);
	}
	/* The memory goes with the process. */
	if (r == 0)
		r = settle_machines(&w, e);
	if (r == 0)
		r = name_owners(&w, e);
	return r < 0 ? -1 : send_all(&w, out, e);
}
