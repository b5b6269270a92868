/* table: one file of the user's as an engine table. */
#include "data/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/csv_head.h"
#include "data/table_kind.h"

static bool ends_in(const char *path, const char *tail) {
    size_t n = strlen(path), m = strlen(tail);
    return n >= m && slice_is_nocase((slice){path + n - m, m}, tail);
}

table_kind table_kind_of(const char *path) {
    if (ends_in(path, ".parquet") || ends_in(path, ".pq")) return TABLE_PARQUET;
    return ends_in(path, ".npy") ? TABLE_NPY : TABLE_CSV;
}

bool table_can_open(const char *path, err *e) {
    struct stat st;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return fail_file(e, "open", path);
    bool is_file = fstat(file, &st) == 0 && S_ISREG(st.st_mode);
    close(file);
    return is_file || refuse(e, "%s is not a file", path);
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void table_example(table_count *count, const char *path, int64_t line, const char *rule,
                   const char *cell, slice observed, const char *expected) {
    if (count->n_examples == 3) return;
    char words[64];
    size_t shown = observed.n < 60 ? observed.n : slice_utf8_prefix((slice){observed.p, 60});
    snprintf(words, sizeof words, "%s", rule);
    for (char *p = words; *p; p++)
        if (*p == '_') *p = ' ';
    snprintf(count->examples[count->n_examples++], sizeof count->examples[0],
             "%s:%lld: %s%s%s'%.*s' (%s; expected %s)", file_name(path), (long long)line,
             cell ? "column " : "", cell ? cell : "", cell ? ": " : "", (int)shown,
             observed.p ? observed.p : "", words, expected);
}

/* ---- the tables ---- */

static const char *sql_type(contract_type t) {
    static const char *const names[] = {"VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"};
    return names[t];
}

bool table_make(db *d, const contract *c, const char *table, const char *quarantine, err *e) {
    scope s;
    text sql;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    text_open(&sql, &s);
    text_addf(&sql, "CREATE TABLE IF NOT EXISTS %s (", db_name(&s.keep, slice_of(table)));
    for (int i = 0; i < c->n; i++)
        text_addf(&sql, "%s %s, ", db_name(&s.keep, slice_of(c->columns[i].name)),
                  sql_type(c->columns[i].type));
    text_addf(&sql,
              "src_file INTEGER, src_line BIGINT); CREATE TABLE IF NOT EXISTS %s (src_file "
              "INTEGER, src_line BIGINT, rule VARCHAR, column_name VARCHAR, observed VARCHAR, "
              "expected VARCHAR, raw VARCHAR)",
              db_name(&s.keep, slice_of(quarantine)));
    bool done = db_run(d, text_slice(&sql), e);
    scope_close(&s);
    return done;
}

bool table_insert(db *d, slice sql, err *e) {
    int64_t threads;
    err later = {0};
    if (!db_count(d, &threads, e, "SELECT current_setting('threads')") ||
        !db_run(d, SLICE("SET threads = 1"), e))
        return false;
    bool done = db_run(d, sql, e);
    if (db_runf(d, &later, "SET threads = %lld", (long long)threads) || !done) return done;
    *e = later;
    return false;
}

/* ---- CSV ---- */

static bool append_problems(const table_reader *w, const csv_batch *b, arena scratch, err *e) {
    static const char *const names[] = {"src_file", "src_line", "rule", "column_name",
                                        "observed", "expected", "raw"};
    static const column_type types[] = {COLUMN_I32,  COLUMN_I64,  COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT};
    if (b->n_problems == 0) return true;
    columns c = columns_new(&scratch, 7, names, types, b->n_problems);
    c.at[3].valid = take(&scratch, uint8_t, b->n_problems);
    arena start = scratch;
    int64_t from = 0; /* appended in parts, so that the texts fit the scratch */
    for (int64_t i = 0; i <= b->n_problems; i++) {
        if (i == b->n_problems || arena_left(&scratch) < (size_t)64 << 10) {
            columns part = c;
            column at[7];
            part.at = at;
            part.rows = i - from;
            for (int k = 0; k < 7; k++) {
                at[k] = c.at[k];
                at[k].data = (char *)at[k].data + (size_t)from * column_width(at[k].type);
                if (at[k].valid) at[k].valid += from;
            }
            if (!db_append(w->problems, &part, e)) return false;
            from = i;
            scratch = start;
            if (i == b->n_problems) return true;
        }
        const csv_problem *p = &b->problems[i];
        c.at[0].i32[i] = w->l->src_file;
        c.at[1].i64[i] = p->line;
        c.at[2].text[i] = slice_of(p->rule);
        c.at[3].text[i] = slice_of(p->column ? p->column : "");
        c.at[3].valid[i] = p->column != NULL;
        c.at[4].text[i] = csv_printable(&scratch, p->observed);
        c.at[5].text[i] = slice_of(p->expected);
        c.at[6].text[i] = csv_printable(&scratch, p->raw);
    }
    return true;
}

static void keep_headers(const csv *r, arena *keep, table_loaded *out) {
    const slice *headers = csv_headers(r, &out->n);
    out->headers = take(keep, slice, out->n);
    for (int i = 0; i < out->n; i++)
        out->headers[i] = (slice){slice_copy(keep, headers[i]), headers[i].n};
    out->match = *csv_match(r);
}

bool table_reader_open(table_reader *w, arena *keep, scope *s, err *e) {
    csv_params p = CSV_DEFAULTS;
    p.map = w->l->map;
    p.threads = w->l->threads;
    w->s = s;
    memset(w->out, 0, sizeof *w->out);
    w->r = csv_open(s, w->l->path, w->l->c, p, e);
    if (!w->r) return false;
    keep_headers(w->r, keep, w->out);
    w->to = (columns){.n = w->l->c->n + 2, .at = take(&s->keep, column, w->l->c->n + 2)};
    w->files = take(&s->keep, int32_t, p.batch);
    for (int64_t i = 0; i < p.batch; i++) w->files[i] = w->l->src_file;
    return true;
}

bool table_reader_next(table_reader *w, err *e) {
    csv_batch b;
    w->to.rows = 0;
    if (!csv_next(w->r, &b, e)) return false;
    w->end = b.end;
    if (b.end) return true;
    int n = b.rows.n;
    memcpy(w->to.at, b.rows.at, (size_t)(n - 1) * sizeof *w->to.at);
    w->to.at[n - 1] = (column){.name = "src_file", .type = COLUMN_I32, .data = w->files};
    w->to.at[n] = b.rows.at[n - 1];
    w->to.rows = b.rows.rows;
    for (int i = 0; i + 1 < n; i++) /* a column without gaps is cheaper to append */
        if (!memchr(w->to.at[i].valid, 0, (size_t)w->to.rows)) w->to.at[i].valid = NULL;
    for (int64_t i = 0; i < b.n_problems && w->out->count.n_examples < 3; i++) {
        arena memory = w->s->scratch;
        const csv_problem *p = &b.problems[i];
        table_example(&w->out->count, w->l->path, p->line, p->rule, p->column,
                      csv_printable(&memory, p->observed), p->expected);
    }
    if (w->l->tick) w->l->tick(w->l->what, csv_done(w->r));
    return append_problems(w, &b, w->s->scratch, e);
}

void table_reader_count(const table_reader *w) {
    csv_count c = csv_counts(w->r);
    w->out->count.seen = c.seen;
    w->out->count.accepted = c.accepted;
    w->out->count.quarantined = c.quarantined;
    w->out->count.blank = c.blank;
}

static bool load_csv(db *d, const table_load *l, arena *keep, table_loaded *out, err *e) {
    scope s;
    table_reader w = {.l = l, .out = out};
    db_appender *rows = NULL;
    if (!scope_open(&s, (size_t)256 << 20, (size_t)32 << 20, e)) return false;
    bool done = table_reader_open(&w, keep, &s, e) && db_append_open(&rows, d, l->table, e) &&
                db_append_open(&w.problems, d, l->quarantine, e);
    while (done && !w.end)
        done = table_reader_next(&w, e) && (w.to.rows == 0 || db_append(rows, &w.to, e));
    if (w.r) table_reader_count(&w);
    done = db_append_close(rows, e) && done;
    done = db_append_close(w.problems, e) && done;
    scope_close(&s);
    return done;
}

bool table_load_file(db *d, const table_load *l, arena *keep, table_loaded *out, err *e) {
    memset(out, 0, sizeof *out);
    if (!table_make(d, l->c, l->table, l->quarantine, e)) return false;
    return table_kind_of(l->path) == TABLE_CSV ? load_csv(d, l, keep, out, e)
                                               : table_load_engine(d, l, keep, out, e);
}

/* ---- one file, one table ---- */

static bool refuse_none(const char *path, const table_count *c, err *e) {
    if (c->seen == c->blank) refuse(e, "%s has a header and no rows", path);
    else
        refuse(e, "no row of %s passes; the first of %lld: %s", path, (long long)c->quarantined,
               c->n_examples ? c->examples[0] : "");
    return fail_cause(e, "bad_data");
}

bool table_read(db *d, const char *path, const contract *c, const char *map, const char *table,
                table_count *count, err *e) {
    scope s;
    table_loaded loaded = {0};
    if (!scope_open(&s, 4 << 20, 0, e)) return false;
    char *name = db_name(&s.keep, slice_of(table));
    table_load l = {.path = path, .map = map, .c = c, .table = table,
                    .quarantine = "table_read_quarantine"};
    bool done = db_runf(d, e, "DROP TABLE IF EXISTS %s", name) &&
                table_load_file(d, &l, &s.keep, &loaded, e) &&
                db_runf(d, e, "ALTER TABLE %s DROP COLUMN src_file; DROP TABLE %s", name,
                        l.quarantine) &&
                (loaded.count.accepted > 0 || refuse_none(path, &loaded.count, e));
    if (count) *count = loaded.count;
    scope_close(&s);
    return done;
}

bool table_headers(db *d, const char *path, scope *s, slice **headers, int *n, err *e) {
    csv_head head;
    char *relation;
    if (table_kind_of(path) == TABLE_CSV) {
        if (!csv_head_of(s, path, &head, e)) return false;
        *headers = head.headers;
        *n = head.n;
        return true;
    }
    return table_relation(d, path, NULL, "table_headers_array", &s->keep, &relation, e) &&
           table_describe(d, path, relation, &s->keep, headers, NULL, n, e);
}
