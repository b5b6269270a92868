/* run: a whole run gives the same bytes on any number of threads, and twice. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "whole_run.h"

#define RUN(s, ...) check_atelier((s), (const char *const[]){__VA_ARGS__, NULL})

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TRIED = 0 }; /* the sanitizers look for other things, at three times the cost */
#else
enum { TRIED = 2 };
#endif

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)256 << 20, 0, &e), &e);
}

/* First line of a shell command's output. */
static char *line_of(scope *s, const char *command) {
    char *line = take(&s->keep, char, 4096);
    FILE *in = popen(command, "r");
    check(in && fgets(line, 4096, in));
    pclose(in);
    return line;
}

/* One hash of the names and bytes of all files below a folder; the lock file holds a process, the
 * records of runs hold times. */
static char *tree_hash(scope *s, const char *path) {
    return line_of(s, arena_text(&s->keep,
                                 "cd '%s' && find . -type f ! -name .lock ! -path './runs/*' "
                                 "-print0 | sort -z | xargs -0 sha256sum | sha256sum",
                                 path));
}

static void check_same(scope *s, const char *a, const char *b) {
    char *one = tree_hash(s, a), *other = tree_hash(s, b);
    if (strcmp(one, other) != 0)
        print_error("%s", line_of(s, arena_text(&s->keep, "diff -rq -x runs '%s' '%s' | head -1", a,
                                              b)));
    check(strcmp(one, other) == 0);
}

/* Every step of a run says whether it was reused. */
static void check_steps(scope *s, slice said, bool reused) {
    err e = {0};
    const js_node *steps = js_get(js_parse(s, said, &e), "steps");
    check(js_count(steps) == 10);
    for (int64_t i = 0; i < 10; i++) {
        bool is;
        double seconds;
        check(js_bool(js_get(js_at(steps, i), "reused"), &is) && is == reused);
        check(js_real(js_get(js_at(steps, i), "seconds"), &seconds) &&
              (reused || seconds > 0));
    }
}

CHECK(run_gives_the_same_bytes_on_any_threads_and_again) {
    scope s;
    open_scope(&s);
    const whole_run *w = whole_run_see();
    const char *base = check_folder("run-threads");
    static const char *const threads[] = {"1", "8"};
    for (int i = 0; i < TRIED; i++) {
        char *out = arena_text(&s.keep, "%s/%s", base, threads[i]);
        check_run r = RUN(&s, "run", w->shop, "--out", out, "--threads", threads[i]);
        if (r.status != 0) print_error("%.*s\n", (int)r.err.n, r.err.p);
        check(r.status == 0);
        check_same(&s, w->out, out);
    }
    char *before = tree_hash(&s, w->out);
    check_run again = RUN(&s, "run", w->shop, "--out", w->out, "--json");
    check(again.status == 0);
    check_steps(&s, again.out, true);
    check_text(slice_of(tree_hash(&s, w->out)), before);
    scope_close(&s);
}

CHECK(run_says_its_accounting_and_where_the_evaluation_is) {
    scope s;
    open_scope(&s);
    err e = {0};
    const whole_run *w = whole_run_see();
    const js_node *said = js_parse(&s, w->said, &e), *files = js_get(said, "files");
    check_ok(said, &e);
    check_steps(&s, w->said, false);
    check(js_count(files) == 6);
    for (int64_t i = 0; i < js_count(files); i++) {
        int64_t n[5];
        static const char *const counts[] = {"seen", "accepted", "quarantined", "merged", "blank"};
        for (int k = 0; k < 5; k++) check(js_int(js_get(js_at(files, i), counts[k]), &n[k]));
        check(n[0] > 0 && n[0] == n[1] + n[2] + n[3] + n[4]);
    }
    slice path, bytes;
    check(js_text(js_get(said, "evaluation"), &path));
    FILE *in = fopen(slice_copy(&s.keep, path), "rb");
    check(in != NULL);
    char *text_of = take(&s.keep, char, 16 << 20);
    bytes = (slice){text_of, fread(text_of, 1, (16 << 20) - 1, in)};
    fclose(in);
    const js_node *evaluation = js_parse(&s, bytes, &e);
    check_ok(evaluation, &e);
    static const char *const names[] = {"recommend", "language",  "forecast",
                                        "segment",   "behaviour", "insight"};
    check(js_count(evaluation) == 6);
    int judged = 0; /* the tiny shop may be too small for a family, which then says so */
    for (int i = 0; i < 6; i++) {
        check_text(slice_of(js_key(evaluation, i)), names[i]);
        check(js_is_object(js_get(said, names[i])));
        const js_node *one = js_get(evaluation, names[i]);
        slice why = {0};
        bool models = js_count(js_get(one, "models")) >= 2;
        check(models != (js_text(js_get(one, "skipped"), &why) && why.n > 10));
        judged += models;
    }
    check(judged >= 5);
    scope_close(&s);
}

CHECK(run_refuses_a_second_run_in_the_same_folder) {
    scope s;
    open_scope(&s);
    const char *out = check_folder("run-lock"), *shop = whole_run_see()->shop;
    char *held = arena_text(&s.keep, "flock '%s/.lock' sleep 3 & sleep 0.5; true", out);
    check(system(held) == 0);
    check_run r = RUN(&s, "run", shop, "--out", out);
    check(r.status == 1);
    check_has(r.err, "is running in");
    scope_close(&s);
}
