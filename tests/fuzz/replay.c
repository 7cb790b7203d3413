/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In libFuzzer's place: feeds a target each file of tests/fuzz/corpus/NAME, where NAME is the
 * program's own, or of the directories named. What a target finds wrong aborts. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include <fcntl.h>

static int feed(int directory, const char *name)
{
	int auto_fd fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	auto_buf bytes = BUF(0);
	auto_error *e = NULL;
	if (fd < 0 || fd_read_all(fd, &bytes, &e) < 0) {
		fprintf(stderr, "%s: cannot be read\n", name);
		return -1;
	}
	/* Of its exact size, as libFuzzer hands it in. */
	uint8_t *auto_free copy = malloc(bytes.length ? bytes.length : 1);
	if (!copy)
		return -1;
	memcpy(copy, buf_text(&bytes), bytes.length);
	LLVMFuzzerTestOneInput(copy, bytes.length);
	return 0;
}

static int replay(const char *path)
{
	DIR *d = opendir(path);
	int count = 0;
	for (struct dirent *entry; d && (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		if (feed(dirfd(d), entry->d_name) < 0)
			exit(1);
		count++;
	}
	if (d)
		closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	char path[4096];
	int count = 0;
	snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", top ? top : ".", name);
	if (argc == 1)
		count = replay(path);
	for (int i = 1; i < argc; i++)
		count += replay(argv[i]);
	printf("%s: %d inputs\n%d passed, %d failed, 0 skipped\n", name, count, count > 0, !count);
	return count ? 0 : 1;
}
