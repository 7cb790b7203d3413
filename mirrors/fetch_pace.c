/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_pace.h"

enum {
	JUDGE_MS = 1500,
	WINDOW_MS = 1000,
	/* A mirror that gives less is slow. */
	SLOW_BYTES_PER_S = 1000 * 1000,
	/* By so much, in percent, the whole must gain by one more mirror. */
	GAIN_PERCENT = 15,
	REST_MS = 20 * 1000,
	REST_MAX_MS = 320 * 1000,
};

static void move_to(struct fetch_meter *m, int64_t slot)
{
	if (slot - m->slot >= FETCH_METER_SLOTS)
		m->slot = slot - FETCH_METER_SLOTS;
	while (m->slot < slot)
		m->bytes[++m->slot % FETCH_METER_SLOTS] = 0;
}

void fetch_meter_add(struct fetch_meter *m, int64_t now_ms, uint64_t bytes)
{
	if (!m->first_ms)
		*m = (struct fetch_meter){.first_ms = now_ms, .slot = now_ms / FETCH_METER_SLOT_MS};
	move_to(m, now_ms / FETCH_METER_SLOT_MS);
	m->bytes[m->slot % FETCH_METER_SLOTS] += bytes;
}

uint64_t fetch_meter_rate(const struct fetch_meter *m, int64_t now_ms, int window_ms)
{
	struct fetch_meter at = *m;
	uint64_t sum = 0;
	if (!m->first_ms)
		return 0;
	move_to(&at, now_ms / FETCH_METER_SLOT_MS);
	int slots = window_ms / FETCH_METER_SLOT_MS;
	if (slots >= FETCH_METER_SLOTS)
		slots = FETCH_METER_SLOTS - 1;
	/* The newest slot is not over yet: it counts for the time it has lasted. */
	for (int i = 0; i <= slots; i++)
		sum += at.slot - i >= 0 ? at.bytes[(at.slot - i) % FETCH_METER_SLOTS] : 0;
	int64_t begin_ms = (at.slot - slots) * FETCH_METER_SLOT_MS;
	if (begin_ms < m->first_ms)
		begin_ms = m->first_ms;
	int64_t lasted_ms = now_ms - begin_ms;
	return lasted_ms > 0 ? sum * 1000 / (uint64_t)lasted_ms : 0;
}

void fetch_width_init(struct fetch_width *w, size_t most)
{
	*w = (struct fetch_width){.now = 1, .most = most, .rest_ms = REST_MS};
}

void fetch_width_judge(struct fetch_width *w, int64_t now_ms, const struct fetch_meter *m)
{
	if (!w->judged_ms)
		w->judged_ms = m->first_ms;
	if (!m->first_ms || now_ms - w->judged_ms < JUDGE_MS)
		return;
	uint64_t rate = fetch_meter_rate(m, now_ms, WINDOW_MS);
	w->judged_ms = now_ms;
	if (w->trial && rate * 100 < w->before * (100 + GAIN_PERCENT)) {
		w->now--;
		w->rest_until_ms = now_ms + w->rest_ms;
		if (w->rest_ms < REST_MAX_MS)
			w->rest_ms *= 2;
	}
	w->trial = false;
	if (w->now >= w->most || now_ms < w->rest_until_ms || rate >= w->now * SLOW_BYTES_PER_S)
		return;
	w->before = rate;
	w->trial = true;
	w->now++;
}
