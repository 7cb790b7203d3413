/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public key that Arch Linux ARM signs its tarballs and packages with, built into the program:
 * 68B3537F39A313B3E574D06777193F152BDBE6A6, "Arch Linux ARM Build System", RSA of 4096 bits, 2014,
 * without expiry, as in its package archlinuxarm-keyring 20240419. For openpgp_keyring_parse. */
#ifndef BOOTSTRAP_ALARM_KEYRING_H
#define BOOTSTRAP_ALARM_KEYRING_H

#include <stddef.h>

extern const unsigned char alarm_keyring[];
extern const size_t alarm_keyring_length;

#endif
