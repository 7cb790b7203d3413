/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every target includes. A target is LLVMFuzzerTestOneInput in tests/fuzz/NAME.c:
 * tests/fuzz/run builds it with libFuzzer and sanitizers, the unit tests build it with
 * tests/fuzz/replay.c, which feeds it tests/fuzz/corpus/NAME. What must hold is checked with
 * `check`, not assert(3): it stays in any build. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define check(holds)                                                                               \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds);                \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The input as a string of its exact size, so that a sanitizer sees a byte read too many. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	check(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
