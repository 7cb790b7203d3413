/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pacman.conf with Includes, read below a directory of its own. Input: files, a NUL between them;
 * the first is /pacman.conf, the others /inc/0, /inc/1, … */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "mirrors/pacman_conf.h"

enum { FILES_MAX = 4 };

static char directory[] = "/tmp/alarmstrap-fuzz-XXXXXX";
static int root = -1;

static void names(char to[FILES_MAX][16])
{
	strcpy(to[0], "pacman.conf");
	for (int i = 1; i < FILES_MAX; i++)
		snprintf(to[i], sizeof to[i], "inc/%d", i - 1);
}

static void leave(void)
{
	char name[FILES_MAX][16];
	names(name);
	for (int i = 0; i < FILES_MAX; i++)
		unlinkat(root, name[i], 0);
	unlinkat(root, "inc", AT_REMOVEDIR);
	close(root);
	rmdir(directory);
}

static void begin(void)
{
	check(mkdtemp(directory));
	root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(root >= 0 && mkdirat(root, "inc", 0700) == 0);
	atexit(leave);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	int auto_fd fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void check_conf(const struct pacman_conf *c)
{
	for (size_t i = 0; i < c->repo_count; i++) {
		const char *name = c->repos[i].name;
		check(*name && *name != '.' && !strchr(name, '/') && strcmp(name, "local") != 0);
		check(c->repos[i].package_level <= SIG_REQUIRED);
		for (size_t k = 0; k < i; k++)
			check(strcmp(c->repos[k].name, name) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[FILES_MAX][16];
	struct error *e = NULL;
	if (root < 0)
		begin();
	names(name);
	for (int i = 0; i < FILES_MAX; i++) {
		const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
		size_t length = end ? (size_t)(end - data) : size;
		put(name[i], data, length);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	struct pacman_conf *c = pacman_conf_read(root, "/pacman.conf", &e);
	check(!c == (e != NULL));
	if (c)
		check_conf(c);
	pacman_conf_free(c);
	error_free(e);
	return 0;
}
