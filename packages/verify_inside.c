/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the worker, whose root is ROOT: reads the local database, then looks at every file. */
#include "packages/verify_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/parallel.h"
#include "lib/tar.h"

/* linux-firmware's mtree has 600 KB, and the largest packages' lists of files a few MB. */
enum { DATABASE_FILE_MAX = 64 << 20 };

struct package {
	char *entry, *name; /* of its directory; its own */
	struct mtree mtree;
	struct strings backups;
	bool has_mtree;
	struct verify_difference *broken; /* of the database's own file */
	char *broken_path;
};

struct file {
	const struct package *package;
	const struct mtree_entry *entry;
	char *path; /* where it lies elsewhere than its entry says, else NULL */
	struct verify_difference *differences;
};

struct run {
	const struct verify_job *job;
	struct worker_out *out;
	int local_fd;
	struct package *packages;
	size_t package_count;
	struct file *files;
	size_t file_count;
};

char *verify_entry_cut(char *entry)
{
	char *release = strrchr(entry, '-');
	if (!release || !release[1])
		return NULL;
	*release = '\0';
	char *version = strrchr(entry, '-');
	if (!version || version == entry || !version[1]) {
		*release = '-';
		return NULL;
	}
	*version = '\0';
	return entry;
}

bool verify_not_extracted(const struct strings *patterns, const char *path)
{
	for (size_t i = patterns->count; i-- > 0;) {
		const char *pattern = patterns->items[i];
		bool no = *pattern == '!';
		if (fnmatch(no || *pattern == '\\' ? pattern + 1 : pattern, path, 0) == 0)
			return !no;
	}
	return false;
}

static int out_of_memory(struct error **e)
{
	return error_set(e, ERROR_SYSTEM, ENOMEM, "verify");
}

/* Made by whoever filled ROOT: no FIFO is waited for, and no link followed. 0 where it is absent.
 */
static int open_database_file(
	const struct run *r, const struct package *p, const char *name, int *fd, struct error **e)
{
	enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };
	struct stat st;
	int auto_fd dir = openat(r->local_fd, p->entry, FLAGS | O_DIRECTORY);
	int auto_fd file = dir < 0 ? -1 : openat(dir, name, FLAGS);
	if (file < 0 && errno == ENOENT)
		return 0;
	if (file < 0 || fstat(file, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open");
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_ROOT, 0, "no regular file");
	*fd = take_fd(&file);
	return 1;
}

static int read_mtree(const struct run *r, struct package *p, struct error **e)
{
	auto_buf text = BUF(DATABASE_FILE_MAX);
	int auto_fd fd = -1;
	int there = open_database_file(r, p, "mtree", &fd, e);
	if (there <= 0)
		return there;
	if (tar_decompress(fd, &text, e) < 0 || mtree_parse(&p->mtree, &text, e) < 0)
		return -1;
	p->has_mtree = true;
	return 0;
}

/* The lines "PATH<tab>MD5" of %BACKUP% (pacman's files database). */
static int read_backups(const struct run *r, struct package *p, struct error **e)
{
	static const char FIELD[] = "%BACKUP%\n";
	auto_buf text = BUF(DATABASE_FILE_MAX);
	int auto_fd fd = -1;
	int there = open_database_file(r, p, "files", &fd, e);
	if (there <= 0 || fd_read_all(fd, &text, e) < 0)
		return there <= 0 ? there : -1;
	char *line = text.length ? strstr(text.data, FIELD) : NULL;
	for (line = line ? line + strlen(FIELD) : NULL; line && *line && *line != '\n';) {
		size_t length = strcspn(line, "\t\n");
		char *next = strchr(line, '\n');
		char after = line[length];
		line[length] = '\0';
		int added = strings_add(&p->backups, line, e);
		line[length] = after;
		if (added < 0)
			return -1;
		line = next ? next + 1 : NULL;
	}
	return 0;
}

/* What cannot be read is a finding of its own, and the other packages are looked at. */
static int note_broken(const struct run *r, struct package *p, const char *name,
	const struct error *why, struct error **e)
{
	p->broken_path = text_format(e, "%s/local/%s/%s", r->job->db_path, p->entry, name);
	if (!p->broken_path)
		return -1;
	return verify_difference_add(&p->broken, VERIFY_UNREADABLE, "file", error_message(why), e);
}

static int load_package(void *arg, size_t index, struct error **e)
{
	struct run *r = arg;
	struct package *p = &r->packages[index];
	auto_error *why = NULL;
	if (read_mtree(r, p, &why) < 0)
		return error_errno(why) == ENOMEM ? out_of_memory(e)
						  : note_broken(r, p, "mtree", why, e);
	if (p->has_mtree && read_backups(r, p, &why) < 0)
		return error_errno(why) == ENOMEM ? out_of_memory(e)
						  : note_broken(r, p, "files", why, e);
	return 0;
}

static int add_package(struct run *r, const char *entry, struct error **e)
{
	char *auto_free name = text_copy(entry, e);
	if (!name)
		return -1;
	if (!verify_entry_cut(name) ||
		(r->job->names->count && !strings_contain(r->job->names, name)))
		return 0;
	struct package *grown = reallocarray(r->packages, r->package_count + 1, sizeof *grown);
	if (!grown)
		return out_of_memory(e);
	r->packages = grown;
	char *copy = text_copy(entry, e);
	if (!copy)
		return -1;
	r->packages[r->package_count++] = (struct package){.entry = copy, .name = take(&name)};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct package *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->entry, y->entry);
}

static int check_names(const struct run *r, struct error **e)
{
	for (size_t i = 0; i < r->job->names->count; i++) {
		const char *name = r->job->names->items[i];
		bool found = false;
		for (size_t k = 0; k < r->package_count && !found; k++)
			found = strcmp(r->packages[k].name, name) == 0;
		if (!found)
			return error_set(e, ERROR_PACKAGES, 0, "%s is not installed", name);
	}
	return 0;
}

static int no_database(const struct run *r, int errnum, struct error **e)
{
	error_set(e, ERROR_ROOT, errnum, "open %s/local", r->job->db_path);
	return error_hint(e, "a ROOT without pacman's database has no packages to verify");
}

static int list_packages(struct run *r, struct error **e)
{
	char *auto_free path = text_format(e, "%s/local", r->job->db_path);
	if (!path)
		return -1;
	r->local_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int auto_fd again = r->local_fd < 0 ? -1 : dup(r->local_fd);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return no_database(r, errno, e);
	take_fd(&again);
	int result = 0;
	for (struct dirent *d; result == 0 && (d = readdir(dir));)
		if (d->d_name[0] != '.')
			result = add_package(r, d->d_name, e);
	closedir(dir);
	if (result < 0)
		return -1;
	if (r->package_count)
		qsort(r->packages, r->package_count, sizeof *r->packages, by_name);
	return check_names(r, e);
}

/* The scriptlet and the changelog lie in the database. What else begins with a dot lies nowhere. 1:
 * a file to be looked at. */
static int place_file(const struct run *r, struct file *f, struct error **e)
{
	const char *name = f->entry->path, *kept;
	if (*name != '.')
		return 1;
	if (strcmp(name, ".INSTALL") == 0)
		kept = "install";
	else if (strcmp(name, ".CHANGELOG") == 0)
		kept = "changelog";
	else
		return 0;
	f->path = text_format(e, "%s/local/%s/%s", r->job->db_path + 1, f->package->entry, kept);
	return f->path ? 1 : -1;
}

static int list_files(struct run *r, struct error **e)
{
	size_t most = 0;
	for (size_t i = 0; i < r->package_count; i++)
		most += r->packages[i].mtree.count;
	r->files = calloc(most ? most : 1, sizeof *r->files);
	if (!r->files)
		return out_of_memory(e);
	for (size_t i = 0; i < r->package_count; i++) {
		const struct package *p = &r->packages[i];
		for (size_t k = 0; k < p->mtree.count; k++) {
			struct file *f = &r->files[r->file_count];
			*f = (struct file){.package = p, .entry = &p->mtree.entries[k]};
			int listed = place_file(r, f, e);
			if (listed < 0)
				return -1;
			r->file_count += (size_t)listed;
		}
	}
	return 0;
}

static int look_at_file(void *arg, size_t index, struct error **e)
{
	struct run *r = arg;
	struct file *f = &r->files[index];
	const char *path = f->path ? f->path : f->entry->path;
	mode_t type = f->entry->type;
	if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK)
		return 0; /* pacman does not know them either */
	struct mtree_entry entry = *f->entry;
	if (entry.uid < r->job->owner_count)
		entry.uid += r->job->owner_base;
	if (entry.gid < r->job->owner_count)
		entry.gid += r->job->owner_base;
	if (verify_file(AT_FDCWD, path, &entry, &f->differences, e) < 0)
		return -1;
	if (f->differences && f->differences->what == VERIFY_MISSING &&
		verify_not_extracted(r->job->no_extract, path)) {
		verify_differences_free(f->differences);
		f->differences = NULL;
	}
	return 0;
}

static int tell_progress(void *arg, size_t done, struct error **e)
{
	const struct run *r = arg;
	const uint64_t both[2] = {done, r->file_count};
	return worker_send(r->out, VERIFY_RECORD_PROGRESS, both, sizeof both, e);
}

static int send_finding(const struct run *r, const struct package *p, const char *path,
	const struct verify_difference *d, struct verify_head head, struct error **e)
{
	auto_buf record = BUF(RECORD_MAX);
	const char *const texts[] = {p->name, path, d->expected, d->found};
	if (buf_append(&record, &head, sizeof head, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (buf_append(&record, texts[i], strlen(texts[i]) + 1, e) < 0)
			return -1;
	return worker_send(r->out, VERIFY_RECORD_FINDING, record.data, record.length, e);
}

/* 1: it was altered; 0: not, but for what a backup file may have. */
static int tell_file(
	struct run *r, const struct file *f, struct verify_counts *counts, struct error **e)
{
	bool altered = false;
	bool backup = f->differences && strings_contain(&f->package->backups, f->entry->path);
	char *auto_free path =
		f->differences ? text_format(e, "/%s", f->path ? f->path : f->entry->path) : NULL;
	counts->files++;
	if (f->differences && !path)
		return -1;
	for (const struct verify_difference *d = f->differences; d; d = d->next) {
		struct verify_head head = {d->what, backup && verify_is_content(d->what)};
		altered = altered || !head.backup;
		if (send_finding(r, f->package, path, d, head, e) < 0)
			return -1;
	}
	counts->altered += altered;
	counts->backups += f->differences && !altered;
	return altered;
}

static int tell_package(struct run *r, const struct package *p, struct verify_counts *counts,
	bool *altered, struct error **e)
{
	counts->packages++;
	if (p->broken) {
		struct verify_head head = {p->broken->what, false};
		counts->files++;
		counts->altered++;
		*altered = true;
		return send_finding(r, p, p->broken_path, p->broken, head, e);
	}
	if (p->has_mtree)
		return 0;
	counts->without_mtree++;
	return worker_send(r->out, VERIFY_RECORD_NO_MTREE, p->name, strlen(p->name), e);
}

static int tell_all(struct run *r, struct error **e)
{
	struct verify_counts counts = {0};
	size_t at = 0;
	for (size_t i = 0; i < r->package_count; i++) {
		bool altered = false;
		if (tell_package(r, &r->packages[i], &counts, &altered, e) < 0)
			return -1;
		for (; at < r->file_count && r->files[at].package == &r->packages[i]; at++) {
			int one = tell_file(r, &r->files[at], &counts, e);
			if (one < 0)
				return -1;
			altered = altered || one;
		}
		counts.altered_packages += altered;
	}
	return worker_send(r->out, VERIFY_RECORD_COUNTS, &counts, sizeof counts, e);
}

static void run_free(struct run *r)
{
	for (size_t i = 0; i < r->package_count; i++) {
		struct package *p = &r->packages[i];
		free(p->entry);
		free(p->name);
		free(p->broken_path);
		mtree_free(&p->mtree);
		strings_free(&p->backups);
		verify_differences_free(p->broken);
	}
	for (size_t i = 0; i < r->file_count; i++) {
		free(r->files[i].path);
		verify_differences_free(r->files[i].differences);
	}
	free(r->packages);
	free(r->files);
	if (r->local_fd >= 0)
		close(r->local_fd);
}

int verify_inside(struct worker_out *out, void *arg, struct error **e)
{
	struct run __attribute__((cleanup(run_free))) r = {.job = arg, .out = out, .local_fd = -1};
	const struct parallel load = {load_package, NULL, &r};
	const struct parallel look = {look_at_file, tell_progress, &r};
	if (list_packages(&r, e) < 0 || parallel_run(&load, r.package_count, e) < 0 ||
		list_files(&r, e) < 0 || parallel_run(&look, r.file_count, e) < 0)
		return -1;
	return tell_all(&r, e);
}
