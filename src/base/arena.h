/* arena: memory by lifetime; scopes with two regions and closers.
 *
 *     scope s;
 *     if (!scope_open(&s, 64 << 20, 16 << 20, e)) return false;
 *     float *x = take(&s.keep, float, rows * factors);   // zeroed, 64-byte aligned
 *     scope_close(&s);                                   // closers in reverse, memory back
 *
 * Nothing is freed one by one. `arena *keep` in a signature means the result outlives the call;
 * `arena scratch` by value means the memory is forgotten when the call returns. A scope's budget
 * is address space reserved from the system; pages cost memory only when touched. Running out of a
 * budget prints wanted and left and aborts: a budget is a design decision, checked before. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct arena {
    char *next, *end;
} arena;

/* n zeroed objects of type T; n must not be negative. */
#define take(a, T, n) ((T *)arena_take((a), sizeof(T), (size_t)(n)))

/* The same with contents undefined: for large buffers that are written before they are read. */
#define take_raw(a, T, n) ((T *)arena_raw((a), sizeof(T), (size_t)(n)))

/* Copies n objects of type T into the arena. */
#define take_copy(a, T, from, n) ((T *)arena_copy((a), (from), sizeof(T), (size_t)(n)))

void *arena_take(arena *a, size_t size, size_t count);
void *arena_raw(arena *a, size_t size, size_t count);
void *arena_copy(arena *a, const void *from, size_t size, size_t count);
char *arena_text(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_left(const arena *a);

/* True when the two regions do not overlap; functions that take keep and scratch assert it. */
int arena_apart(const arena *keep, const arena *scratch);

/* Splits a child arena of `bytes` off the end of a; the child dies with a. */
arena arena_split(arena *a, size_t bytes);

typedef struct closer {
    void (*close)(void *what);
    void *what;
} closer;

typedef struct scope {
    arena keep, scratch;
    char *base;
    size_t keep_bytes, bytes;
    closer closers[64];
    int n_closers;
} scope;

/* Reserves keep + scratch bytes; the one place that asks the system for arena memory. */
bool scope_open(scope *s, size_t keep, size_t scratch, err *e);

/* close(what) runs when the scope is reset or closed, in reverse order of registration. */
void scope_defer(scope *s, void (*close)(void *what), void *what);

void scope_reset(scope *s); /* runs closers, forgets all, gives pages back */
/* Like reset, but keeps the touched pages: for a scope that is used again at once. */
void scope_rewind(scope *s);
void scope_close(scope *s); /* reset, then unmap; safe to call twice */

#endif
