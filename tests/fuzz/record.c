/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker that was taken over may send: records, among them those of the package child. */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/record.h"
#include "packages/wire.h"

static void read_as_package(const struct record *r)
{
	struct planned_package p = {0};
	struct error *e = NULL;
	int got = wire_read_package(r, &p, &e);
	check((got < 0) == (e != NULL));
	if (got == 0) {
		check(p.name && *p.name && !strchr(p.name, '/') && *p.name != '-' &&
			*p.name != '.');
		planned_package_free(&p);
	}
	error_free(e);
}

static void read_as_all(const struct record *r)
{
	uint64_t done, total;
	struct error *e = NULL;
	read_as_package(r);
	check((wire_read_progress(r, &done, &total, &e) < 0) == (e != NULL));
	error_clear(&e);
	const char *text = wire_read_text(r, &e);
	check(!text == (e != NULL) && (!text || strlen(text) <= r->length));
	error_clear(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char *room;
	int auto_fd fd = memfd_create("records", MFD_CLOEXEC);
	struct record r;
	struct error *e = NULL;
	enum record_outcome got;
	if (!room)
		room = malloc(RECORD_MAX + 1);
	check(room && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	check(lseek(fd, 0, SEEK_SET) == 0);
	struct record_reader reader = {fd, room, NULL, NULL};
	while ((got = record_next(&reader, &r, &e)) == RECORD_GOT) {
		check(r.length <= RECORD_MAX && r.data[r.length] == '\0');
		read_as_all(&r);
	}
	/* An error and its words, or a good end, or an end of the pipe. */
	check((got == RECORD_FAILED || got == RECORD_UNWELL) == (e != NULL));
	check(!e || (error_code(e) > ERROR_NONE && error_code(e) < ERROR_COUNT &&
			    error_message(e) && error_remedy(e)));
	error_free(e);
	return 0;
}
