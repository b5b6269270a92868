/* err: how a function says no.
 *
 * A function that can fail returns bool and takes `err *e` last; it returns false after saying
 * why in one sentence. Steps join with && in the open, so the first refusal stops the rest:
 *
 *     return db_open(&db, path, e) && plan_run(&work, db, e);
 *
 * Three ways to say no: assert (our mistake), refuse (the asker's mistake: exit 2, HTTP 422) and
 * fail (the world's mistake: exit 1, HTTP 500). The first reason wins; context is added in front
 * on the way up, once per layer, by fail_in. Only `surfaces` print, only `main` exits. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

typedef enum err_kind { ERR_NONE, ERR_ASKED_WRONG, ERR_WENT_WRONG } err_kind;

/* The text is one sentence without a final newline; longer ones are cut at the end. */
typedef struct err {
    err_kind kind;
    char cause[16]; /* word for scripts: usage, bad_data, no_input, io, permission, ... */
    char text[1024];
} err;

/* All return false, so refusing is one line. A second call on the same err changes nothing. */
bool refuse(err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool fail(err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Like fail, for a failed system call on a file: adds what errno says and chooses the cause. */
bool fail_file(err *e, const char *what, const char *path);

/* Like fail, when memory was refused for `what`. */
bool fail_memory(err *e, const char *what);

/* No memory where nothing can be refused, as in text that grows: ends the process by the function
 * that main gave, which does not return and takes no memory; without one it aborts. */
_Noreturn void out_of_memory(size_t bytes);
void out_of_memory_ends(void (*end)(size_t bytes));

/* Puts "where: " before the text; returns false. */
bool fail_in(err *e, const char *where);

/* Sets the word for scripts; returns false. */
bool fail_cause(err *e, const char *cause);

#endif
