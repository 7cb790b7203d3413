/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel's configuration, by its text. */
#include "tests/fuzz/fuzz.h"

#include "doctor/kernel_config.h"
#include "doctor/kernel_fragment.h"
#include "doctor/kernel_release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_config c;
	struct kernel_release r;
	struct error *e = NULL, *unclear = NULL;
	struct buf fragment = BUF(0);
	char *text = fuzz_text(data, size);
	int got = kernel_config_parse(&c, text, &e);
	check((got < 0) == (e != NULL));
	free(text);
	error_free(e);
	if (got < 0)
		return 0;
	check(c.count && !kernel_config_value(&c, "") && !kernel_config_has(&c, "NO SUCH NAME"));
	if (c.release && kernel_release_parse(c.release, &r, &unclear) == 0)
		check(kernel_fragment_write(&c, &r, &fragment, NULL) == (r.gki ? -1 : 0));
	error_free(unclear);
	buf_free(&fragment);
	kernel_config_free(&c);
	return 0;
}
