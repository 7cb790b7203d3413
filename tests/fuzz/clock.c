/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time hosts send: SNTP packets and the header of HTTPS answers. Input: one octet; where it is
 * odd an SNTP packet follows, else lines of a header. */
#include "tests/fuzz/fuzz.h"

#include "lib/http_date.h"
#include "lib/sntp.h"

static void packet(const uint8_t *data, size_t size)
{
	struct sntp_packet p;
	struct error *e = NULL;
	int64_t unix_ms = -1;
	if (sntp_read(data, size, &p) < 0)
		return;
	struct sntp_question q = {p.originate, size > 48 ? data[48] * 10000 : 0, 1769860800};
	int r = sntp_judge(&p, &q, &unix_ms, &e);
	/* A verdict, or an error; and no time before the pivot, nor an era and a second after it.
	 */
	if ((r < 0) != (e != NULL) || (r < 0 && unix_ms != -1))
		abort();
	if (r == 0 && (unix_ms / 1000 < q.pivot_s || unix_ms / 1000 > q.pivot_s + 4294967297))
		abort();
	error_free(e);
}

static void header(const char *data, size_t size)
{
	struct http_date_header h = {.has_date = false};
	struct error *e = NULL;
	int64_t unix_s = -1;
	while (size) {
		const char *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) + 1 : size;
		http_date_header_line(&h, data, length);
		data += length;
		size -= length;
	}
	int r = http_date_header_time(&h, &unix_s, &e);
	if ((r < 0) != (e != NULL) || (r == 0 && unix_s < 0))
		abort();
	error_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] & 1)
		packet(data + 1, size - 1);
	else
		header((const char *)data + 1, size - 1);
	return 0;
}
