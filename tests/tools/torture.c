/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a unit under torture links instead of the calls that can fail: one of them fails.
 *
 * `make torture-units` renames the calls in libalarmstrap.a, malloc to torture_malloc and so on, so
 * that only our own code meets the failures: not the test, cmocka, libc or another library. The
 * unit's own asserts are renamed, too: the first one after the failure is the moment at which
 * whatever the failed call still holds is lost.
 *
 * A program starts once, at the cost of its libraries and of the sanitizers. Where it would run its
 * tests it waits for tests/torture instead, and for each job forks a process that runs one test
 * with one call failing: the nth one at a place, which is the call and its nearest callers. What to
 * do and what came of it stands in a page that all of them share, children of a test, too. */
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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum { STACK = 24, NEAR = 6, PLACES = 1 << 13, FDS = 1024, FIRST_FD = 300, DEPTH = 4 };
/* A process that is left behind may still be on its way out. */
enum { PATIENCE_MS = 2000, NAP_MS = 2 };

/* tests/torture reads and writes both with struct: the order is the format. */
struct place {
	uint32_t hash, times;
	uint32_t callers[NEAR]; /* from the program's begin */
};
struct torture {
	uint64_t test, place, nth, variant; /* the job; place 0: none fails, all are noted */
	uint64_t seen; /* calls at the place */
	uint64_t fired, crashed, leaked, accepted, fd_left, killed_all, crowded;
	uint64_t base;
	uint64_t stack[STACK];
	char what[64];
	struct place places[PLACES]; /* a hash table */
};

extern char __executable_start[], etext[];
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
static __thread char *thread_stack_end;

static void died(void)
{
	t->crashed = 1;
}

static char *end_of_stack(void)
{
	pthread_attr_t attributes;
	void *lowest;
	size_t size;
	int saved = errno;
	char *end = NULL;
	if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
		pthread_attr_getstack(&attributes, &lowest, &size);
		pthread_attr_destroy(&attributes);
		end = (char *)lowest + size;
	}
	errno = saved;
	return end;
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
	stack_end = end_of_stack();
	Dl_info info;
	cmocka = dladdr((void *)_cmocka_run_group_tests, &info) ? info.dli_fbase : NULL;
	void *stack[STACK];
	backtrace(stack, STACK); /* loads the unwinder now */
	__sanitizer_set_death_callback(died);
}

/* The nearest callers in the program, by frame pointers: a hundred times as fast as the unwinder.
 * A library without them ends the chain, or is left out of it. */
__attribute__((no_sanitize("address"), no_sanitize("undefined"))) static int nearest_callers(
	const uintptr_t *frame, uint32_t callers[NEAR])
{
	if (!thread_stack_end)
		thread_stack_end = end_of_stack();
	int count = 0;
	while (count < NEAR && (const char *)(frame + 2) <= thread_stack_end) {
		uintptr_t address = frame[1];
		const uintptr_t *next = (const uintptr_t *)frame[0]; // NOLINT: so it stands there
		if (address > (uintptr_t)__executable_start && address < (uintptr_t)etext)
			callers[count++] = (uint32_t)(address - (uintptr_t)__executable_start);
		if (next <= frame || (uintptr_t)next % sizeof *next)
			break;
		frame = next;
	}
	return count;
}

static uint32_t hash_of(const uint32_t callers[NEAR])
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (int i = 0; i < NEAR; i++)
		for (uint32_t v = callers[i]; v; v >>= 8)
			hash = (hash ^ (v & 255)) * 16777619u;
	return hash ? hash : 1;
}

/* Processes and threads note at the same time: whoever takes an entry fills it in. */
static void note(uint32_t hash, const uint32_t callers[NEAR])
{
	for (uint32_t i = 0; i < PLACES; i++) {
		struct place *p = &t->places[(hash + i) % PLACES];
		uint32_t free_entry = 0;
		if (__atomic_compare_exchange_n(
			    &p->hash, &free_entry, hash, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			memcpy(p->callers, callers, sizeof p->callers);
		else if (free_entry != hash)
			continue;
		__atomic_add_fetch(&p->times, 1, __ATOMIC_SEQ_CST);
		return;
	}
	t->crowded = 1;
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

__attribute__((noinline)) static bool fires(const char *name)
{
	uint32_t callers[NEAR] = {0};
	const uintptr_t *frame = __builtin_frame_address(0);
	nearest_callers((const uintptr_t *)frame[0], callers); // NOLINT: above our wrapper's own
	uint32_t hash = hash_of(callers);
	if (!t->place) {
		note(hash, callers);
		return false;
	}
	if (hash != t->place || __atomic_add_fetch(&t->seen, 1, __ATOMIC_SEQ_CST) != t->nth)
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

/* 1 where a child is there still after the time in which it may end. */
static int32_t child_is_left(void)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += NAP_MS) {
		pid_t pid;
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return 0;
		usleep(NAP_MS * 1000);
	}
	return 1;
}

/* Answers each byte with the status of one test, of which a copy of this process comes back to run
 * it; what it leaves behind becomes our child. */
static int serve(int connection, uint32_t tests)
{
	char byte;
	struct {
		int32_t status, left;
	} answer;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (write(connection, &tests, sizeof tests) != sizeof tests)
		_exit(2);
	while (read(connection, &byte, 1) == 1) {
		pid_t pid = fork();
		if (pid == 0)
			return 0;
		if (pid < 0 || waitpid(pid, &answer.status, 0) != pid)
			_exit(2);
		answer.left = child_is_left();
		if (write(connection, &answer, sizeof answer) != sizeof answer)
			_exit(2);
	}
	_exit(0);
}

typedef int group_function(
	const char *, const struct CMUnitTest *, size_t, CMFixtureFunction, CMFixtureFunction);
extern group_function real_run_group __asm__("_cmocka_run_group_tests");
group_function torture__cmocka_run_group_tests;
int torture__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
	CMFixtureFunction begin, CMFixtureFunction end)
{
	int connection = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FDS);
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (connection < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
		_exit(2);
	close(nothing);
	serve(connection, (uint32_t)count);
	close(connection);
	setsid();
	unit_pid = getpid();
	if (t->test >= count)
		return 2;
	if (t->place)
		setenv("TORTURE_HURRY", "yes", 1); /* patience_ms in unit.h */
	else
		snprintf(t->what, sizeof t->what, "%s", tests[t->test].name);
	return real_run_group(name, tests + t->test, 1, begin, end);
}
