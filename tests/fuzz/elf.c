/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program's or library's headers, as the file of a rootfs that nobody has vouched for. */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "doctor/elf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_file f;
	struct error *e = NULL;
	int fd = memfd_create("elf", MFD_CLOEXEC);
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	int got = elf_file_read(fd, &f, &e);
	close(fd);
	check((got < 0) == (e != NULL));
	if (got > 0) {
		check(memchr(f.interpreter, '\0', sizeof f.interpreter) != NULL);
		check(f.program || !*f.interpreter);
	}
	error_free(e);
	return 0;
}
