/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/alarm_keyring.h"

/* What Arch Linux ARM uses, and has used since the key was made. */
enum { RSA_BITS = 4096 };

struct openpgp_keyring *alarm_keyring_open(struct error **e)
{
	struct openpgp_keyring *k = openpgp_keyring_parse(alarm_keyring, alarm_keyring_length, e);
	if (k)
		openpgp_keyring_demand(k, RSA_BITS, DIGEST_SHA512);
	return k;
}
