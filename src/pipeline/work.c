/* work: what a run carries from step to step. */
#include "pipeline/work.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "pipeline/part.h"

void work_tick(const work *w, const char *label, int64_t done, int64_t total) {
    if (w->progress.tick) w->progress.tick(w->progress.what, label, done, total);
}

void work_say(const work *w, const char *format, ...) {
    if (!w->progress.say) return;
    text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    w->progress.say(w->progress.what, text_slice(&t).p);
    text_free(&t);
}

char *work_path(const work *w, arena *keep, const char *step, const char *file) {
    if (w->ledger) ledger_read_file(w->ledger, step, file);
    return arena_text(keep, "%s/%s/%s", w->out, step, file);
}

bool work_sha(const work *w, const char *step, const char *file, hash_text *out, err *e) {
    char name[400], path[4400];
    snprintf(name, sizeof name, "%s/%s", step, file);
    snprintf(path, sizeof path, "%s/%s", w->out, name);
    if (w->ledger) ledger_read_file(w->ledger, step, file);
    if (w->ledger && ledger_has(w->ledger, name)) return ledger_sha(w->ledger, name, out, e);
    return hash_file(path, out, NULL, e);
}

/* ---- SQL files ---- */

static bool put_variable(const work *w, slice name, text *to, arena *scratch) {
    const struct {
        const char *name;
        int32_t day;
    } all[] = {{"first", w->days.first},
               {"valid_from", w->days.valid_from},
               {"test_from", w->days.test_from},
               {"end", w->days.end},
               {"as_of", w->as_of}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (slice_is(name, all[i].name)) {
            if (i == 4 && all[i].day == 0) text_add(to, SLICE("CAST(NULL AS DATE)"));
            else text_addf(to, "DATE '%s'", day_text(scratch, all[i].day));
            return true;
        }
    return false;
}

static bool substitute(const work *w, slice sql, const char *file, text *to, arena scratch,
                       err *e) {
    size_t from = 0;
    for (size_t i = 0; i + 1 < sql.n; i++) {
        if (sql.p[i] != '$' || sql.p[i + 1] != '{') continue;
        const char *close = memchr(sql.p + i, '}', sql.n - i);
        if (!close) return fail(e, "%s: ${ without }", file);
        slice name = {sql.p + i + 2, (size_t)(close - sql.p) - i - 2};
        text_add(to, (slice){sql.p + from, i - from});
        if (!put_variable(w, name, to, &scratch))
            return fail(e, "%s: unknown variable %.*s", file, (int)name.n, name.p);
        i = (size_t)(close - sql.p);
        from = i + 1;
    }
    text_add(to, (slice){sql.p + from, sql.n - from});
    return true;
}

/* Cuts a script before its last statement: statements end with ';' at the end of a line. */
static void split_last(slice sql, slice *head, slice *last) {
    sql = slice_trim(sql);
    if (sql.n > 0 && sql.p[sql.n - 1] == ';') sql.n--;
    size_t cut = 0;
    for (size_t i = 0; i + 1 < sql.n; i++)
        if (sql.p[i] == ';' && sql.p[i + 1] == '\n') cut = i + 1;
    *head = slice_trim((slice){sql.p, cut});
    *last = (slice){sql.p + cut, sql.n - cut};
}

bool work_view(const work *w, slice table, const char *path, err *e) {
    scope s;
    err ignored = {0};
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    const char *name = db_name(&s.keep, table);
    db_runf(w->d, &ignored, "DROP TABLE IF EXISTS %s", name);
    bool done = db_runf(w->d, e, "CREATE OR REPLACE VIEW %s AS SELECT * FROM read_parquet(%s)",
                        name, db_literal(&s.keep, slice_of(path)));
    scope_close(&s);
    return done;
}

/* The text of sql/STEP/NAME.sql for the days of w. */
static bool script_of(const work *w, const char *file, text *to, scope *s, err *e) {
    slice sql;
    text_open(to, s);
    if (!embed_find(file, &sql)) return fail(e, "the program carries no %s", file);
    return substitute(w, sql, file, to, s->scratch, e);
}

/* Runs a script up to its last statement, which is the table itself. */
static bool run_head(const work *w, const text *script, slice *select, err *e) {
    slice head;
    split_last(text_slice(script), &head, select);
    return head.n == 0 || db_run(w->d, head, e);
}

/* A table or view of that name, of an earlier run in this engine, gives way. */
static void give_way(const work *w, const char *name) {
    err ignored = {0};
    db_runf(w->d, &ignored, "DROP VIEW IF EXISTS %s", name);
    db_runf(w->d, &ignored, "DROP TABLE IF EXISTS %s", name);
}

static bool write_table(const work *w, folder *f, const char *name, const text *script, arena *keep,
                        err *e) {
    slice select;
    int64_t rows = 0;
    const char *file = arena_text(keep, "%s.parquet", name), *path = folder_path(f, file);
    bool done = run_head(w, script, &select, e) && db_write_select(w->d, select, path, &rows, e) &&
                folder_rows(f, file, rows);
    give_way(w, name);
    return done && work_view(w, slice_of(name), path, e);
}

bool work_table(const work *w, folder *f, const char *step, const char *name, err *e) {
    scope s;
    part p;
    text script;
    if (!scope_open(&s, 1 << 20, 1 << 20, e)) return false;
    const char *file = arena_text(&s.keep, "sql/%s/%s.sql", step, name);
    bool done = script_of(w, file, &script, &s, e) &&
                part_begin(&p, w, f, name, text_slice(&script), NULL, e) &&
                part_end(&p, p.taken || write_table(w, f, name, &script, &s.keep, e) ||
                                 fail_in(e, file), e);
    scope_close(&s);
    return done;
}

bool work_table_here(const work *w, const char *step, const char *name, err *e) {
    scope s;
    text script;
    slice select;
    if (!scope_open(&s, 1 << 20, 1 << 20, e)) return false;
    const char *file = arena_text(&s.keep, "sql/%s/%s.sql", step, name);
    bool done = script_of(w, file, &script, &s, e) && run_head(w, &script, &select, e);
    give_way(w, name);
    done = done && db_runf(w->d, e, "CREATE TABLE %s AS %.*s", name, (int)select.n, select.p);
    if (!done) fail_in(e, file);
    scope_close(&s);
    return done;
}

bool work_views(const work *w, const char *step, err *e) {
    char path[4400], file[4700];
    bool done = true;
    snprintf(path, sizeof path, "%s/%s", w->out, step);
    DIR *dir = opendir(path);
    if (!dir) return fail_file(e, "open folder", path);
    for (struct dirent *at; done && (at = readdir(dir)) != NULL;) {
        size_t n = strlen(at->d_name);
        if (n < 9 || strcmp(at->d_name + n - 8, ".parquet") != 0) continue;
        snprintf(file, sizeof file, "%s/%s", path, at->d_name);
        done = work_view(w, (slice){at->d_name, n - 8}, file, e);
    }
    closedir(dir);
    return done;
}

/* ---- what earlier steps decided ---- */

slice work_days(const work *w, arena *keep) {
    return slice_of(arena_text(keep, "days %d %d %d %d", w->days.first, w->days.valid_from,
                               w->days.test_from, w->days.end));
}

bool work_windows(work *w, err *e) {
    scope s;
    columns c;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    bool done = db_query(w->d, &s.keep, &c, e, "SELECT name, from_day, to_day FROM windows");
    for (int64_t i = 0; done && i < c.rows; i++) {
        slice name = columns_text(&c, "name")[i];
        int32_t from = columns_i32(&c, "from_day")[i], to = columns_i32(&c, "to_day")[i];
        if (slice_is(name, "train")) w->days.first = from;
        if (slice_is(name, "valid")) w->days.valid_from = from;
        if (slice_is(name, "test")) w->days.test_from = from, w->days.end = to;
    }
    scope_close(&s);
    return done;
}

const js_node *work_report(const work *w, scope *s, const char *step, const char *file,
                           const char *family) {
    slice bytes;
    err ignored = {0};
    const char *path = arena_text(&s->keep, "%s/%s/%s", w->out, step, file);
    if (w->ledger) ledger_read_part(w->ledger, step, family, file);
    if (!file_exists(path) || !file_read(path, s, (size_t)64 << 20, &bytes, &ignored)) return NULL;
    return js_get(js_parse(s, bytes, &ignored), family);
}

const js_node *work_tuned(const work *w, scope *s, const char *family) {
    return js_get(work_report(w, s, "07_tune", "tune.json", family), "best");
}
