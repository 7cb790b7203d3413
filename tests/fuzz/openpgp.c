/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keyring and a signature from one input: two octets, the length of the keyring; the keyring; the
 * signature. For inputs to start from: tests/fuzz/openpgp_seeds DIRECTORY. */
#include "tests/fuzz/fuzz.h"

#include "lib/openpgp.h"

/* The first key of the ring is fully trusted, so that of the others certifications are asked. */
static void restrict_to_first(struct openpgp_keyring *k)
{
	char line[OPENPGP_FINGERPRINT_MAX + 8];
	snprintf(line, sizeof line, "%s:5:\n", openpgp_keyring_fingerprint(k, 0));
	if (openpgp_keyring_fingerprint(k, 1))
		check(openpgp_keyring_restrict(k, line, NULL, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t length = (size_t)data[0] << 8 | data[1];
	data += 2;
	size -= 2;
	if (length > size)
		length = size;
	struct openpgp_keyring *k = openpgp_keyring_parse(data, length, NULL);
	if (!k)
		return 0;
	if (size & 1)
		restrict_to_first(k);
	struct openpgp_result result;
	struct error *e = NULL;
	int r = openpgp_verify_data(
		k, data + length, size - length, "what was signed\n", 16, 1700000000, &result, &e);
	/* Either a verdict and its reason, or neither. */
	check((r < 0) == (e != NULL) && (r == 0 || error_code(e) == ERROR_TRUST));
	error_free(e);
	openpgp_keyring_free(k);
	return 0;
}
