/* err: how a function says no. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool say(err *e, err_kind kind, const char *cause, const char *format, va_list args) {
    if (e->kind != ERR_NONE) return false;
    e->kind = kind;
    snprintf(e->cause, sizeof e->cause, "%s", cause);
    vsnprintf(e->text, sizeof e->text, format, args);
    return false;
}

bool refuse(err *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(e, ERR_ASKED_WRONG, "usage", format, args);
    va_end(args);
    return false;
}

bool fail(err *e, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(e, ERR_WENT_WRONG, "internal", format, args);
    va_end(args);
    return false;
}

static const char *cause_of(int number) {
    switch (number) {
    case ENOENT:
    case ENOTDIR: return "no_input";
    case EACCES:
    case EPERM:
    case EROFS: return "permission";
    case ENOSPC:
    case EDQUOT: return "cannot_create";
    case ENOMEM: return "out_of_memory";
    default: return "io";
    }
}

bool fail_file(err *e, const char *what, const char *path) {
    int number = errno;
    fail(e, "cannot %s %s: %s", what, path, strerror(number));
    return fail_cause(e, cause_of(number));
}

bool fail_memory(err *e, const char *what) {
    fail(e, "out of memory: no room for %s", what);
    return fail_cause(e, "out_of_memory");
}

static void (*end_of_memory)(size_t bytes);

void out_of_memory_ends(void (*end)(size_t bytes)) { end_of_memory = end; }

void out_of_memory(size_t bytes) {
    if (end_of_memory) end_of_memory(bytes);
    abort();
}

bool fail_in(err *e, const char *where) {
    char text[sizeof e->text];
    snprintf(text, sizeof text, "%s: %s", where, e->text);
    memcpy(e->text, text, sizeof text);
    return false;
}

bool fail_cause(err *e, const char *cause) {
    snprintf(e->cause, sizeof e->cause, "%s", cause);
    return false;
}
