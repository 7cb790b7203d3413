/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: how fast it goes, and how many mirrors are asked at once for it. Pure: the
 * time is an argument. */
#ifndef MIRRORS_FETCH_PACE_H
#define MIRRORS_FETCH_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes over the last eight seconds. Zero-initialised is empty. */
enum { FETCH_METER_SLOTS = 32, FETCH_METER_SLOT_MS = 250 };
struct fetch_meter {
	int64_t first_ms, slot; /* slot: the number of the newest */
	uint64_t bytes[FETCH_METER_SLOTS];
};
void fetch_meter_add(struct fetch_meter *m, int64_t now_ms, uint64_t bytes);
/* Bytes a second over the last `window_ms`, or since the first byte where that is shorter. */
uint64_t fetch_meter_rate(const struct fetch_meter *m, int64_t now_ms, int window_ms);

/* Mirrors are volunteers', and one is enough where it is fast. Where each of those in use gives
 * less than 1 MB/s, another is tried for a while; if the whole gets no faster by that, the slow
 * link is our own, and the trial ends. */
struct fetch_width {
	size_t now, most; /* mirrors */
	bool trial;
	uint64_t before; /* rate when the trial began */
	int64_t judged_ms; /* last; 0: not yet */
	int64_t rest_until_ms, rest_ms; /* no trial before; the length of the next rest */
};
void fetch_width_init(struct fetch_width *w, size_t most);
/* To be called now and then while bytes come. */
void fetch_width_judge(struct fetch_width *w, int64_t now_ms, const struct fetch_meter *m);

#endif
