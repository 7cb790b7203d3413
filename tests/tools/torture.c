/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a unit under torture links instead of the calls that can fail: the Nth of them fails.
 *
 * `make torture-units` renames the calls in libalarmstrap.a, malloc to torture_malloc and so on, so
 * that only our own code meets the failures: not the test, cmocka, libc or another library. The
 * unit's own asserts are renamed, too: the first one after the failure is the moment at which
 * whatever the failed call still holds is lost. tests/torture drives this through a shared page,
 * which forked children count in, too. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sanitizer/allocator_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum { STACK = 24, NEAR = 6, PLACES = 1 << 20, FDS = 1024, FIRST_FD = 300, DEPTH = 4 };

/* tests/torture reads and writes it with struct: the order is the format. */
struct torture {
	uint64_t calls, fail_at, variant;
	uint64_t fired, crashed, leaked, accepted, fd_left, killed_all;
	uint64_t base;
	uint64_t stack[STACK];
	char what[64];
	uint32_t places[PLACES]; /* only when counting: a hash of each call's nearest callers */
};

extern char __executable_start[];
static struct torture *t;
static pid_t unit_pid;
static unsigned asserts, fired_at;
static struct {
	unsigned asserts; /* passed when our code opened it */
	uintptr_t caller;
} fd_born[FDS];
static uintptr_t fired_caller;
static void *cmocka;
static int next_fd = FIRST_FD;
static char *stack_end;

static void died(void)
{
	t->crashed = 1;
}

__attribute__((constructor)) static void torture_begin(void)
{
	const char *path = getenv("TORTURE_STATE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *page = MAP_FAILED;
	if (fd >= 0)
		page = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		fprintf(stderr, "torture: TORTURE_STATE names no file: run tests/torture\n");
		_exit(2);
	}
	close(fd);
	t = page;
	t->base = (uint64_t)(uintptr_t)__executable_start;
	unit_pid = getpid();
	pthread_attr_t attributes;
	void *lowest;
	size_t size;
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		pthread_attr_getstack(&attributes, &lowest, &size);
		pthread_attr_destroy(&attributes);
		stack_end = (char *)lowest + size;
	}
	Dl_info info;
	cmocka = dladdr((void *)_cmocka_run_group_tests, &info) ? info.dli_fbase : NULL;
	void *stack[STACK];
	backtrace(stack, STACK); /* loads the unwinder now */
	__sanitizer_set_death_callback(died);
}

static void note_place(uint64_t n)
{
	void *stack[NEAR + 2];
	int count = backtrace(stack, NEAR + 2);
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (int i = 2; i < count; i++)
		for (uintptr_t v = (uintptr_t)stack[i] - t->base; v; v >>= 8)
			hash = (hash ^ (v & 255)) * 16777619u;
	if (n <= PLACES)
		t->places[n - 1] = hash;
}

/* The place in the test's function that led here: the frame above cmocka's. */
static uintptr_t caller_in_test(void *const *stack, int count)
{
	Dl_info info;
	for (int i = 1; i < count; i++)
		if (dladdr(stack[i], &info) && info.dli_fbase == cmocka)
			return (uintptr_t)stack[i - 1];
	return 0;
}

static bool fires(const char *name)
{
	uint64_t n = __atomic_add_fetch(&t->calls, 1, __ATOMIC_SEQ_CST);
	if (!t->fail_at)
		note_place(n);
	if (n != t->fail_at)
		return false;
	void *stack[STACK] = {NULL};
	fired_caller = caller_in_test(stack, backtrace(stack, STACK));
	for (int i = 0; i < STACK; i++)
		t->stack[i] = (uint64_t)(uintptr_t)stack[i];
	snprintf(t->what, sizeof t->what, "%s", name);
	t->fired = (uint64_t)getpid();
	fired_at = asserts;
	return true;
}

static long failure(long value, const int *errnos)
{
	int count = 0;
	while (errnos[count])
		count++;
	if (count)
		errno = errnos[t->variant % (uint64_t)count];
	return value;
}

/* Gives a new descriptor a number that no other had, nor any other int has by chance. */
static long fd_opened(long fd)
{
	void *stack[STACK];
	if (fd < 3)
		return fd;
	int moved = fcntl((int)fd, F_DUPFD_CLOEXEC, next_fd);
	if (moved < 0 || moved >= FDS)
		return fd;
	if (!(fcntl((int)fd, F_GETFD) & FD_CLOEXEC))
		fcntl(moved, F_SETFD, 0);
	close((int)fd);
	next_fd = moved + 1;
	fd_born[moved].asserts = asserts;
	fd_born[moved].caller = caller_in_test(stack, backtrace(stack, STACK));
	return moved;
}

/* On the 64-bit ABIs that this runs on, up to six whole arguments pass through unchanged whatever
 * their types are, and so do the results; nobody wrapped here takes more, or floating point. */
#define SEVEN long a, long b, long c, long d, long e, long f, long g
#define CALL(name, value, ...)                                                                     \
	extern long real_##name(SEVEN) __asm__(#name);                                             \
	long torture_##name(SEVEN);                                                                \
	long torture_##name(SEVEN)                                                                 \
	{                                                                                          \
		if (fires(#name))                                                                  \
			return failure(value, (const int[]){__VA_ARGS__});                         \
		return real_##name(a, b, c, d, e, f, g);                                           \
	}
/* The same for a call that returns a new descriptor. */
#define OPENS(name, ...)                                                                           \
	extern long real_##name(SEVEN) __asm__(#name);                                             \
	long torture_##name(SEVEN);                                                                \
	long torture_##name(SEVEN)                                                                 \
	{                                                                                          \
		if (fires(#name))                                                                  \
			return failure(-1, (const int[]){__VA_ARGS__});                            \
		return fd_opened((int)real_##name(a, b, c, d, e, f, g));                           \
	}
#define NO_MEMORY(name) CALL(name, 0, ENOMEM, 0)
#define SYSTEM(name, ...) CALL(name, -1, __VA_ARGS__, 0)
#include "tests/tools/torture-calls.h"

int torture_asprintf(char **to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int torture_asprintf(char **to, const char *format, ...)
{
	if (fires("asprintf")) {
		errno = ENOMEM;
		return -1;
	}
	va_list args;
	va_start(args, format);
	int r = vasprintf(to, format, args);
	va_end(args);
	return r;
}

int torture_pipe2(int ends[2], int flags);
int torture_pipe2(int ends[2], int flags)
{
	if (fires("pipe2")) {
		errno = EMFILE;
		return -1;
	}
	int r = pipe2(ends, flags);
	if (r == 0) {
		ends[0] = (int)fd_opened(ends[0]);
		ends[1] = (int)fd_opened(ends[1]);
	}
	return r;
}

/* The descriptor is gone even where close fails (close(2)). */
int torture_close(int fd);
int torture_close(int fd)
{
	int r = close(fd);
	if (r == 0 && fires("close")) {
		errno = EIO;
		return -1;
	}
	return r;
}

/* A -1 of a failed fork that is used as a pid would end every process. */
int torture_kill(pid_t pid, int signal);
int torture_kill(pid_t pid, int signal)
{
	if (pid == -1 || pid == 0) {
		t->killed_all = 1;
		errno = ESRCH;
		return -1;
	}
	return kill(pid, signal);
}

/* Whether the memory, or what it leads to, holds the number. Redzones are read, too. */
__attribute__((no_sanitize("address"), no_sanitize("undefined"))) static bool holds(
	const char *from, const char *to, int fd, int depth)
{
	for (const char *p = from; p + sizeof(int) <= to; p += sizeof(int)) {
		if (*(const int *)p == fd)
			return true;
		if ((uintptr_t)p % sizeof(void *) || p + sizeof(void *) > to || !depth)
			continue;
		const char *block = *(char *const *)p;
		if (__sanitizer_get_ownership(block) &&
			holds(block, block + __sanitizer_get_allocated_size(block), fd, depth - 1))
			return true;
	}
	return false;
}

/* Opened by the call that failed and not closed, but not handed out to the test either: neither
 * what stands in the live frames nor a variable leads to it. */
static void look_for_open(void)
{
	extern char __data_start[], _end[];
	for (int fd = FIRST_FD; fd < FDS; fd++)
		if (fd_born[fd].asserts == fired_at && fd_born[fd].caller &&
			fd_born[fd].caller == fired_caller && fcntl(fd, F_GETFD) >= 0 &&
			!holds(__builtin_frame_address(0), stack_end, fd, DEPTH) &&
			!holds(__data_start, (char *)fd_born, fd, DEPTH) &&
			!holds((char *)(fd_born + FDS), _end, fd, DEPTH))
			t->fd_left = (uint64_t)fd;
}

/* Between the failed call's end and the test's jump out of itself: what the call made and did not
 * hand out is reachable from nowhere, while what the test owns is in its frame. */
static void asserting(bool fails)
{
	if (t->fired == (uint64_t)unit_pid && getpid() == unit_pid && asserts == fired_at) {
		if (__lsan_do_recoverable_leak_check())
			t->leaked = 1;
		if (fails)
			look_for_open();
	}
	asserts++;
}

#define ASSERT(name, fails)                                                                        \
	extern void real_##name(SEVEN) __asm__(#name);                                             \
	void torture_##name(SEVEN);                                                                \
	void torture_##name(SEVEN)                                                                 \
	{                                                                                          \
		asserting(fails);                                                                  \
		real_##name(a, b, c, d, e, f, g);                                                  \
	}
ASSERT(_assert_true, !a)
ASSERT(_assert_string_equal, false)
ASSERT(_assert_string_not_equal, false)
ASSERT(_assert_int_not_equal, a == b)
ASSERT(_assert_memory_equal, false)
ASSERT(_assert_in_range, false)
ASSERT(_fail, true)

/* What must fail, as assert_fails says, must not succeed because something else failed: that is how
 * a check that cannot be made becomes a check that was passed. */
extern void real_int_equal(SEVEN) __asm__("_assert_int_equal");
void torture__assert_int_equal(SEVEN);
void torture__assert_int_equal(SEVEN)
{
	if (b == -1 && a >= 0 && t->fired)
		t->accepted = 1;
	asserting(a != b);
	real_int_equal(a, b, c, d, e, f, g);
}
