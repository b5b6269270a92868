/* check: what the unit-test library (cmocka) lacks: a table of names, near, bytes and goldens.
 *
 *     CHECK(als_recovers_a_checkerboard) {
 *         check(model.users == 4);
 *         check_near(score, 0.5, 1e-6);   // 1e-6: rounding of 64 float products
 *     }
 *
 * Each CHECK registers itself; the runner takes substrings to run a part, gives file after file to
 * JOBS processes, prints one line a test and returns non-zero on any failure. A name that contains
 * `thread` also runs under the thread sanitizer. skip("reason") ends a test that cannot run. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours is a function of err.h */
#undef skip

#include "base/arena.h"
#include "base/text.h"

void check_register(const char *file, const char *name, void (*run)(void));

#define CHECK(name)                                                                                \
    static void name(void);                                                                        \
    __attribute__((constructor)) static void name##_register(void) {                               \
        check_register(__FILE__, #name, name);                                                     \
    }                                                                                              \
    static void name(void)

#define check(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) check_failed(__FILE__, __LINE__, #condition);                            \
    } while (0)
#define check_ok(call, e)                                                                          \
    do {                                                                                           \
        if (!(call)) check_refused(__FILE__, __LINE__, #call, (e));                                \
    } while (0)
#define check_near(got, wanted, tolerance)                                                         \
    check_near_at(__FILE__, __LINE__, #got, (got), (wanted), (tolerance))
#define check_text(got, wanted) check_text_at(__FILE__, __LINE__, (got), (wanted))
#define check_has(whole, part)  check_has_at(__FILE__, __LINE__, (whole), (part))
#define skip(why)               do { check_skip(why); return; } while (0)
#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
/* A test that says the same of code which other tests bring under the address sanitizer. */
#define once_is_enough()                                                                           \
    do {                                                                                           \
        if (SANITIZED) skip("other tests bring its code under the sanitizer");                     \
    } while (0)

void check_failed(const char *file, int line, const char *what);
void check_refused(const char *file, int line, const char *what, const err *e);
void check_near_at(const char *file, int line, const char *what, double got, double wanted,
                   double tolerance);
void check_text_at(const char *file, int line, slice got, const char *wanted);
void check_has_at(const char *file, int line, slice whole, const char *part);
void check_skip(const char *why);

/* Compares with tests/golden/NAME; GOLDEN=write rewrites it (refused when CI is set). */
void check_golden(const char *name, slice got);

/* A fresh folder under build/ (removed first when it is there). Static storage, one per name. */
const char *check_folder(const char *name);

/* A folder that all tests share: made by the first that asks, whichever process it runs in, and
 * changed by nobody afterwards. */
const char *check_once(const char *name, void (*make)(const char *folder));

const char *check_spill(void); /* where an engine of this process may spill to */

/* The real data sets (ATELIER_DATA, or ../shared/data beside the project); NULL when absent. */
const char *check_data(const char *file);

/* True when the weights of the encoder in build/weights/FOLDER are here (tools/setup.sh --weights):
 * this test and what it starts then find them; all others see none. */
bool check_weights(const char *folder);

/* Runs the program under test: exit status, stdout and stderr (memory of s). argv after the
 * program's name, NULL-terminated. Environment entries "NAME=value" may be given in env. */
typedef struct check_run {
    int status; /* exit code; 128 + signal when killed */
    slice out, err;
} check_run;
check_run check_atelier(scope *s, const char *const *argv);
check_run check_command(scope *s, const char *const *argv); /* any program, found on the PATH */
const char *check_program(void);                            /* path of the program under test */

#endif
