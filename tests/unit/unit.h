/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test includes: cmocka in the order it wants, and checks of our errors. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/error.h"

/* Runs `call`, which must succeed (>= 0), and prints its error where it does not. */
#define assert_ok(call)                                                                            \
	do {                                                                                       \
		struct error *e = NULL;                                                            \
		long long got_ = (long long)(call);                                                \
		if (got_ < 0)                                                                      \
			fail_msg("%s: %s", #call, error_message(e));                               \
		assert_null(e);                                                                    \
	} while (0)

/* Runs `call`, which must fail with `code` and a message that holds `part`. */
#define assert_fails(call, code, part)                                                             \
	do {                                                                                       \
		struct error *e = NULL;                                                            \
		assert_int_equal((long long)(call), -1);                                           \
		assert_string_equal(error_code_name(error_code(e)), #code);                        \
		if (!strstr(error_message(e), part))                                               \
			fail_msg("'%s' does not hold '%s'", error_message(e), part);               \
		assert_non_null(error_remedy(e));                                                  \
		error_free(e);                                                                     \
	} while (0)

/* How long a test waits for what another process does; less under torture, where that may never
 * come. */
static inline int patience_ms(int ms)
{
	return getenv("TORTURE_HURRY") ? ms / 10 : ms;
}

#endif
