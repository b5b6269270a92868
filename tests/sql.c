/* sql: runs tests/sql/NAME.test files: rows in, steps, rows out, on an in-memory engine.
 *
 *     # a sentence that says what is shown
 *     in raw_transactions (time, customer_id, article_id, price)
 *     2020-01-01 | c1 | a1 | 9.99      each `in` is a file of its own, lines counted from 2
 *
 *     as_of 2020-02-01          the run's as-of day
 *     run clean datasets        steps by word
 *     refused WORDS             what the run must say (instead of working)
 *     out SELECT a, b FROM t    one line; then the rows wanted, in order
 *     1 | x
 *
 * An empty cell is NULL. Blocks end with an empty line. */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"
#include "shop.h"

typedef struct script {
    scope *s;
    const char *path;
    slice rest;
    int line, files;
    work w;
} script;

static void wrong(const script *t, const char *what, const char *more) {
    print_error("%s:%d: %s%s\n", t->path, t->line, what, more);
    _fail(t->path, t->line);
}

static bool next_line(script *t, slice *line) {
    if (t->rest.n == 0) return false;
    const char *end = memchr(t->rest.p, '\n', t->rest.n);
    size_t n = end ? (size_t)(end - t->rest.p) : t->rest.n;
    *line = slice_trim((slice){t->rest.p, n});
    t->rest = (slice){t->rest.p + n + (end != NULL), t->rest.n - n - (end != NULL)};
    t->line++;
    return true;
}

/* The next cell of a line of cells between '|'. */
static slice next_cell(slice *line) {
    const char *bar = memchr(line->p, '|', line->n);
    size_t n = bar ? (size_t)(bar - line->p) : line->n;
    slice cell = slice_trim((slice){line->p, n});
    *line = (slice){line->p + n + (bar != NULL), line->n - n - (bar != NULL)};
    return cell;
}

static void rows_in(script *t, slice head) {
    slice line, table = slice_trim(head);
    const char *open = memchr(table.p, '(', table.n);
    if (!open) wrong(t, "in TABLE (columns) is wanted", "");
    slice names = {open + 1, table.n - (size_t)(open - table.p) - 2};
    table.n = (size_t)(open - table.p);
    int n = 1;
    for (size_t i = 0; i < names.n; i++) n += names.p[i] == ',';
    t->files++;
    for (int row = 2; next_line(t, &line) && line.n > 0; row++) {
        text sql = {0};
        text_addf(&sql, "INSERT INTO %.*s (%.*s, src_file, src_line) VALUES (", (int)table.n,
                  table.p, (int)names.n, names.p);
        for (int i = 0; i < n; i++) {
            slice cell = next_cell(&line);
            if (cell.n == 0) text_add(&sql, SLICE("NULL, "));
            else text_addf(&sql, "%s, ", db_literal(&t->s->keep, cell));
        }
        text_addf(&sql, "%d, %d)", t->files, row);
        err e = {0};
        bool done = db_run(t->w.d, text_slice(&sql), &e);
        text_free(&sql);
        if (!done) wrong(t, "row refused: ", e.text);
    }
}

static void run_steps(script *t, slice words) {
    static const stage *const steps[] = {&stage_clean, &stage_datasets, &stage_features,
                                         &stage_eda};
    err e = {0};
    bool done = true;
    shop_files(&t->w);
    while (words.n > 0 && done) {
        const char *space = memchr(words.p, ' ', words.n);
        slice word = {words.p, space ? (size_t)(space - words.p) : words.n};
        bool known = false;
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
            if (slice_is(word, steps[i]->word)) {
                known = true;
                done = shop_step(&t->w, steps[i], &e);
            }
        if (!known) wrong(t, "no such step: ", slice_copy(&t->s->keep, word));
        words = slice_trim((slice){words.p + word.n, words.n - word.n});
    }
    slice line, before = t->rest;
    int at = t->line;
    if (next_line(t, &line) && line.n > 8 && memcmp(line.p, "refused ", 8) == 0) {
        if (done) wrong(t, "the run was not refused", "");
        check_has(slice_of(e.text), slice_copy(&t->s->keep, (slice){line.p + 8, line.n - 8}));
        return;
    }
    t->rest = before, t->line = at;
    if (!done) wrong(t, "the run said: ", e.text);
}

static void rows_out(script *t, slice query) {
    columns c;
    slice line;
    err e = {0};
    if (!db_query(t->w.d, &t->s->keep, &c, &e, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (%.*s)",
                  (int)query.n, query.p))
        wrong(t, "query refused: ", e.text);
    int64_t row = 0;
    for (; next_line(t, &line) && line.n > 0; row++) {
        if (row >= c.rows) wrong(t, "a row is missing: ", slice_copy(&t->s->keep, line));
        for (int i = 0; i < c.n; i++) {
            slice wanted = next_cell(&line), got = c.at[i].text[row];
            if (!column_has(&c.at[i], row)) got = SLICE("");
            if (wanted.n != got.n || memcmp(wanted.p, got.p, got.n) != 0)
                wrong(t, arena_text(&t->s->keep, "%s is '%.*s', wanted ", c.at[i].name, (int)got.n,
                                    got.p),
                      slice_copy(&t->s->keep, wanted));
        }
    }
    if (row < c.rows)
        wrong(t, "there are more rows than wanted: ",
              arena_text(&t->s->keep, "%lld", (long long)c.rows));
}

static void run_script(const char *path, int threads) {
    scope s;
    err e = {0};
    slice line;
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    script t = {.s = &s, .path = path};
    check_ok(file_read(path, &s, 1 << 20, &t.rest, &e), &e);
    const char *base = strrchr(path, '/') + 1;
    t.w = shop_open(&s, arena_text(&s.keep, "sql-%s", base), threads);
    const struct {
        const char *word;
        void (*act)(script *, slice);
    } acts[] = {{"in ", rows_in}, {"run ", run_steps}, {"out ", rows_out}};
    while (next_line(&t, &line)) {
        if (line.n == 0 || line.p[0] == '#') continue;
        bool known = false;
        for (size_t i = 0; i < sizeof acts / sizeof acts[0] && !known; i++) {
            size_t n = strlen(acts[i].word);
            known = line.n > n && memcmp(line.p, acts[i].word, n) == 0;
            if (known) acts[i].act(&t, (slice){line.p + n, line.n - n});
        }
        if (!known && line.n == 16 && memcmp(line.p, "as_of ", 6) == 0)
            known = day_parse((slice){line.p + 6, 10}, &t.w.as_of);
        if (!known) wrong(&t, "not understood: ", slice_copy(&s.keep, line));
    }
    scope_close(&s);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

CHECK(sql_files_turn_rows_in_into_rows_out) {
    char *names[256];
    int n = 0;
    DIR *dir = opendir("tests/sql");
    check(dir != NULL);
    for (struct dirent *at; (at = readdir(dir)) != NULL && n < 256;)
        if (strstr(at->d_name, ".test")) names[n++] = strdup(at->d_name);
    closedir(dir);
    qsort(names, (size_t)n, sizeof *names, by_name);
    check(n >= 10);
    const char *only = getenv("SQL_TEST"); /* one file, for the eye */
    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, "tests/sql/%s", names[i]);
        /* one in four under the sanitizer: the engine itself is not instrumented */
        if (only ? strstr(path, only) != NULL : !SANITIZED || i % 4 == 0)
            run_script(path, 1 + i % 2);
        free(names[i]);
    }
}
