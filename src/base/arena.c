/* arena: memory by lifetime; scopes with two regions and closers. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define GUARD          64 /* poisoned bytes after each object */
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define GUARD          0
#endif

#define ALIGN 64

static _Noreturn void out_of_budget(size_t wanted, size_t left) {
    fprintf(stderr, "arena: wanted %zu bytes, %zu left in this scope's budget\n", wanted, left);
    abort();
}

size_t arena_left(const arena *a) { return (size_t)(a->end - a->next); }

void *arena_raw(arena *a, size_t size, size_t count) {
    size_t bytes;
    if (__builtin_mul_overflow(size, count, &bytes)) out_of_budget(SIZE_MAX, arena_left(a));
    size_t whole = ((bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1)) + GUARD;
    if (whole < bytes || whole > arena_left(a)) out_of_budget(bytes, arena_left(a));
    void *p = a->next;
    a->next += whole;
    UNPOISON(p, bytes);
    return p;
}

void *arena_take(arena *a, size_t size, size_t count) {
    void *p = arena_raw(a, size, count);
    memset(p, 0, size * count);
    return p;
}

void *arena_copy(arena *a, const void *from, size_t size, size_t count) {
    void *p = arena_raw(a, size, count);
    if (size * count > 0) memcpy(p, from, size * count);
    return p;
}

char *arena_text(arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = arena_raw(a, 1, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

int arena_apart(const arena *keep, const arena *scratch) {
    return keep->end <= scratch->next || scratch->end <= keep->next;
}

arena arena_split(arena *a, size_t bytes) {
    bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (bytes > arena_left(a)) out_of_budget(bytes, arena_left(a));
    a->end -= bytes;
    return (arena){.next = a->end, .end = a->end + bytes};
}

/* Poisoning writes one byte in eight of what it covers: of a region that reserves gigabytes, only
 * the beginning is poisoned (tests stay within it). */
static void poison(const scope *s, bool on) {
    static const size_t most = (size_t)128 << 20;
    size_t parts[2] = {s->keep_bytes, s->bytes - s->keep_bytes};
    for (int i = 0; i < 2; i++) {
        char *from = s->base + (i == 0 ? 0 : s->keep_bytes);
        size_t bytes = parts[i] < most ? parts[i] : most;
        if (on) POISON(from, bytes);
        else UNPOISON(from, bytes);
    }
}

bool scope_open(scope *s, size_t keep, size_t scratch, err *e) {
    memset(s, 0, sizeof *s);
    size_t page = 4096;
    keep = (keep + page - 1) & ~(page - 1);
    scratch = (scratch + page - 1) & ~(page - 1);
    void *base = mmap(NULL, keep + scratch, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        fail(e, "out of memory: the system refuses %zu MB", (keep + scratch) >> 20);
        return fail_cause(e, "out_of_memory");
    }
    /* A reservation of gigabytes is for arrays that are read at random, where large pages save the
     * address translation; refusal costs nothing but speed. */
    if (keep + scratch >= (size_t)1 << 30) madvise(base, keep + scratch, MADV_HUGEPAGE);
    s->base = base;
    s->keep_bytes = keep;
    s->bytes = keep + scratch;
    s->keep = (arena){s->base, s->base + keep};
    s->scratch = (arena){s->base + keep, s->base + s->bytes};
    poison(s, true);
    return true;
}

void scope_defer(scope *s, void (*close)(void *), void *what) {
    assert(s->n_closers < (int)(sizeof s->closers / sizeof s->closers[0]));
    s->closers[s->n_closers++] = (closer){close, what};
}

void scope_reset(scope *s) {
    scope_rewind(s);
    if (!s->base) return;
    poison(s, false);
    madvise(s->base, s->bytes, MADV_DONTNEED);
    poison(s, true);
}

void scope_rewind(scope *s) {
    while (s->n_closers > 0) {
        closer c = s->closers[--s->n_closers];
        c.close(c.what);
    }
    if (!s->base) return;
    poison(s, true);
    s->keep = (arena){s->base, s->base + s->keep_bytes};
    s->scratch = (arena){s->base + s->keep_bytes, s->base + s->bytes};
}

void scope_close(scope *s) {
    scope_reset(s);
    if (!s->base) return;
    poison(s, false);
    munmap(s->base, s->bytes);
    memset(s, 0, sizeof *s);
}
