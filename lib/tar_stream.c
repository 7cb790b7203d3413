/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Four MiB in all: what the writer needs to get through a stretch of small files while the other
 * works on. Blocks are large because each may wake a sleeper. */
enum { BLOCKS = 16 };

struct block {
	size_t length;
	uint64_t packed;
	unsigned char data[TAR_STREAM_BLOCK];
};

/* What the filters gave and no block took yet. */
struct rest {
	const unsigned char *data;
	size_t length;
};

struct tar_stream {
	struct archive *archive;
	bool ahead; /* there is a thread */
	pthread_t thread;
	struct rest rest; /* the thread's, or where there is none the reader's */
	pthread_mutex_t lock; /* of all below but the blocks' content */
	pthread_cond_t filled, emptied;
	uint64_t put, taken; /* blocks, since the beginning */
	bool holding; /* the reader still looks at block `taken` */
	bool ended, failed, stop;
	struct block blocks[BLOCKS];
};

/* Fills the block as far as the stream reaches: ARCHIVE_OK, ARCHIVE_EOF, or an error's number. */
static int fill(struct archive *a, struct rest *rest, struct block *b)
{
	int got = ARCHIVE_OK;
	b->length = 0;
	while (b->length < TAR_STREAM_BLOCK) {
		const void *data;
		la_int64_t offset;
		if (!rest->length) {
			got = archive_read_data_block(a, &data, &rest->length, &offset);
			if (got != ARCHIVE_OK)
				break;
			rest->data = data;
		}
		size_t room = TAR_STREAM_BLOCK - b->length;
		size_t n = rest->length < room ? rest->length : room;
		memcpy(b->data + b->length, rest->data, n);
		b->length += n;
		rest->data += n;
		rest->length -= n;
	}
	la_int64_t packed = archive_filter_bytes(a, -1);
	b->packed = packed > 0 ? (uint64_t)packed : 0;
	return got;
}

/* A free block, or NULL where the reader has had enough. */
static struct block *wait_for_room(struct tar_stream *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stop && s->put - s->taken >= BLOCKS)
		pthread_cond_wait(&s->emptied, &s->lock);
	struct block *b = s->stop ? NULL : &s->blocks[s->put % BLOCKS];
	pthread_mutex_unlock(&s->lock);
	return b;
}

static void *decompress(void *arg)
{
	struct tar_stream *s = arg;
	struct block *b;
	int got = ARCHIVE_OK;
	while (got == ARCHIVE_OK && (b = wait_for_room(s))) {
		got = fill(s->archive, &s->rest, b);
		pthread_mutex_lock(&s->lock);
		s->put += b->length > 0;
		s->ended = got != ARCHIVE_OK;
		s->failed = got != ARCHIVE_OK && got != ARCHIVE_EOF;
		pthread_cond_signal(&s->filled);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

/* Signals are the process's, and its first thread takes them. */
static int start_thread(struct tar_stream *s)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&s->thread, NULL, decompress, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

struct tar_stream *tar_stream_start(struct archive *archive, bool ahead, struct error **e)
{
	struct tar_stream *s = malloc(sizeof *s);
	if (!s) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read archive");
		return NULL;
	}
	memset(s, 0, offsetof(struct tar_stream, blocks));
	s->archive = archive;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->filled, NULL);
	pthread_cond_init(&s->emptied, NULL);
	s->ahead = ahead && start_thread(s) == 0;
	return s;
}

static int fill_now(struct tar_stream *s, struct tar_stream_block *block)
{
	struct block *b = &s->blocks[0];
	if (!s->ended) {
		int got = fill(s->archive, &s->rest, b);
		s->ended = got != ARCHIVE_OK;
		s->failed = got != ARCHIVE_OK && got != ARCHIVE_EOF;
		*block = (struct tar_stream_block){b->data, b->length, b->packed};
		if (b->length)
			return 1;
	}
	return s->failed ? -1 : 0;
}

int tar_stream_next(struct tar_stream *s, struct tar_stream_block *block)
{
	int result = 1;
	if (!s->ahead)
		return fill_now(s, block);
	pthread_mutex_lock(&s->lock);
	if (s->holding) {
		s->holding = false;
		s->taken++;
		pthread_cond_signal(&s->emptied);
	}
	while (s->put == s->taken && !s->ended)
		pthread_cond_wait(&s->filled, &s->lock);
	if (s->put > s->taken) {
		const struct block *b = &s->blocks[s->taken % BLOCKS];
		*block = (struct tar_stream_block){b->data, b->length, b->packed};
		s->holding = true;
	} else {
		result = s->failed ? -1 : 0;
	}
	pthread_mutex_unlock(&s->lock);
	return result;
}

void tar_stream_stop(struct tar_stream *s)
{
	if (!s)
		return;
	if (s->ahead) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->emptied);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->filled);
	pthread_cond_destroy(&s->emptied);
	free(s);
}
