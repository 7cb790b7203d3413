/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public key that Arch Linux ARM signs its tarballs and packages with, built into the program:
 * 68B3537F39A313B3E574D06777193F152BDBE6A6, "Arch Linux ARM Build System", RSA of 4096 bits, 2014,
 * without expiry, as in its package archlinuxarm-keyring 20240419. */
#ifndef BOOTSTRAP_ALARM_KEYRING_H
#define BOOTSTRAP_ALARM_KEYRING_H

#include <stddef.h>

#include "lib/openpgp.h"

extern const unsigned char alarm_keyring[];
extern const size_t alarm_keyring_length;

/* As a ring that accepts only what Arch Linux ARM uses: signatures by RSA-4096 with SHA-512. */
struct openpgp_keyring *alarm_keyring_open(struct error **e) must_check;

#endif
