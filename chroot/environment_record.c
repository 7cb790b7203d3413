/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/environment_record.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

#define DIRECTORY "var/lib/alarmstrap"
#define NAME "holder"

enum { FILE_LIMIT = 4096 };

int environment_record_format(
	const struct environment_record *record, struct buf *to, struct error **e)
{
	if (buf_printf(to, e, "pid %d\nstart_time %lld\n", (int)record->pid,
		    (long long)record->start_time) < 0)
		return -1;
	if (record->mount_namespace && buf_printf(to, e, "mount_namespace %llu\n",
					       (unsigned long long)record->mount_namespace) < 0)
		return -1;
	return record->boot_id[0] ? buf_printf(to, e, "boot_id %s\n", record->boot_id) : 0;
}

/* 0, or -1 for a value that cannot be. */
static int take_line(struct environment_record *to, const char *key, const char *value)
{
	int64_t number;
	if (strcmp(key, "pid") == 0) {
		if (text_to_int64(value, 2, INT32_MAX, &number) < 0)
			return -1;
		to->pid = (pid_t)number;
	} else if (strcmp(key, "start_time") == 0) {
		if (text_to_int64(value, 0, INT64_MAX, &number) < 0)
			return -1;
		to->start_time = number;
	} else if (strcmp(key, "mount_namespace") == 0) {
		if (text_to_int64(value, 0, INT64_MAX, &number) < 0)
			return -1;
		to->mount_namespace = (uint64_t)number;
	} else if (strcmp(key, "boot_id") == 0) {
		if (strlen(value) >= sizeof to->boot_id)
			return -1;
		snprintf(to->boot_id, sizeof to->boot_id, "%s", value);
	}
	return 0;
}

int environment_record_parse(struct environment_record *record, const char *text, struct error **e)
{
	struct environment_record new = {.pid = -1, .start_time = -1};
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		char *space = strchr(lines.items[i], ' ');
		if (space)
			*space = '\0';
		if (!space || take_line(&new, lines.items[i], space + 1) < 0)
			return error_set(e, ERROR_CONFIG, 0, "record of the holder: bad '%s'",
				lines.items[i]);
	}
	if (new.pid < 0 || new.start_time < 0)
		return error_set(e, ERROR_CONFIG, 0, "record of the holder: incomplete");
	*record = new;
	return 0;
}

void environment_record_boot_id(char to[RECORD_BOOT_ID])
{
	auto_buf text = BUF(FILE_LIMIT);
	to[0] = '\0';
	if (path_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &text, NULL) == 0 &&
		text.length)
		snprintf(to, RECORD_BOOT_ID, "%s", text_trim(text.data));
}

int environment_record_write(int root_fd, const struct environment_record *record, struct error **e)
{
	auto_buf text = BUF(FILE_LIMIT);
	int auto_fd dir = rootfs_open_dir(root_fd, DIRECTORY, 1, e);
	if (dir < 0 || environment_record_format(record, &text, e) < 0)
		return -1;
	/* A fifo or a hard link that lies there would be written through. */
	unlinkat(dir, NAME ".part", 0);
	return path_write_file(dir, NAME, 0644, text.data, text.length, e);
}

int environment_record_read(int root_fd, struct environment_record *record, struct error **e)
{
	auto_buf text = BUF(FILE_LIMIT);
	if (rootfs_read_file(root_fd, DIRECTORY, NAME, &text, e) < 0)
		return -1;
	return environment_record_parse(record, buf_text(&text), e);
}

void environment_record_remove(int root_fd)
{
	int auto_fd dir = rootfs_open_dir(root_fd, DIRECTORY, 0, NULL);
	if (dir >= 0)
		unlinkat(dir, NAME, 0);
}
