/* verbs: what table verbs share: a workbench, reading --in, writing --out. */
#include "surfaces/verbs.h"

#include <stdio.h>
#include <unistd.h>

int64_t verb_memory_mb(void) {
    int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    int64_t half = pages > 0 && size > 0 ? pages / 2 * size >> 20 : 1024;
    return half < 512 ? 512 : half;
}

int verb_threads(const args *a) {
    return args_given(a, "threads") ? (int)args_int(a, "threads") : pool_processors();
}

static void close_pool(void *what) { pool_close(what); }

bool verb_open(const args *a, scope *s, bench *b, err *e) {
    int threads = verb_threads(a);
    const char *temp = arena_text(&s->keep, "/tmp/atelier-%d", (int)getpid());
    b->seed = (uint64_t)args_int(a, "seed");
    if (!db_open(&b->d, (db_params){threads, verb_memory_mb(), temp}, e)) return false;
    scope_defer(s, db_close, b->d);
    b->threads = pool_open(threads, (size_t)4 << 30, e);
    if (!b->threads) return false;
    scope_defer(s, close_pool, b->threads);
    return true;
}

void verb_say_count(const table_count *count, const char *path, js *out) {
    if (count->quarantined > 0) {
        fprintf(stderr, "%s: %lld of %lld rows do not pass and are left out; the first:\n", path,
                (long long)count->quarantined, (long long)count->seen);
        for (int i = 0; i < count->n_examples; i++) fprintf(stderr, "  %s\n", count->examples[i]);
    }
    js_object(out, "rows");
    js_put_int(out, "seen", count->seen);
    js_put_int(out, "accepted", count->accepted);
    js_put_int(out, "quarantined", count->quarantined);
    js_put_int(out, "blank", count->blank);
    js_end(out);
}

bool verb_read_mapped(const args *a, bench *b, const contract *c, const char *map,
                      const char *table, js *out, err *e) {
    table_count count = {0};
    const char *path = args_text(a, "in");
    if (!table_read(b->d, path, c, map, table, &count, e)) return false;
    verb_say_count(&count, path, out);
    return true;
}

bool verb_read(const args *a, bench *b, const contract *c, const char *table, js *out, err *e) {
    return verb_read_mapped(a, b, c, args_text(a, "map"), table, out, e);
}

bool verb_need_column(const args *a, bench *b, const char *table, const char *named,
                      const char *why, scope *s, err *e) {
    slice *headers;
    int64_t values;
    int n = 0;
    if (!db_count(b->d, &values, e, "SELECT count(%s) FROM %s",
                  db_name(&s->keep, slice_of(named)), table) ||
        (values == 0 && !table_headers(b->d, args_text(a, "in"), s, &headers, &n, e)))
        return false;
    if (values > 0) return true;
    const char **names = take(&s->keep, const char *, n);
    for (int i = 0; i < n; i++) names[i] = slice_copy(&s->keep, headers[i]);
    const char *near = slice_nearest(slice_of(named), names, n);
    return refuse(e, "%s has no column %s with values, which %s needs%s%s%s name it with --map "
                  "%s=HEADER", args_text(a, "in"), named, why, near ? "; did you mean '" : ";",
                  near ? near : "", near ? "'? Or" : "", named);
}

bool verb_read_texts(bench *b, table_load in, table_loaded *loaded, scope *s, js *out, err *e) {
    in.quarantine = "left_out";
    in.threads = b->threads;
    if (!table_make(b->d, in.c, in.table, in.quarantine, e) ||
        !table_load_file(b->d, &in, &s->keep, loaded, e))
        return false;
    if (loaded->match.header_of[0] < 0)
        return refuse(e, "%s has no column that is known to hold texts: name it by --text COLUMN",
                      in.path);
    verb_say_count(&loaded->count, in.path, out);
    return loaded->count.accepted > 0 || refuse(e, "%s has no row that passes", in.path);
}

/* A streamed result as CSV on stdout, for the eye and for pipes. */
static void print_cell(const column *c, int64_t row) {
    if (!column_has(c, row)) return;
    int y, m, d;
    switch (c->type) {
    case COLUMN_I32: printf("%d", c->i32[row]); break;
    case COLUMN_I64: printf("%lld", (long long)c->i64[row]); break;
    case COLUMN_REAL: printf("%.10g", c->real[row]); break;
    case COLUMN_DAY:
        day_split(c->i32[row], &y, &m, &d);
        printf("%04d-%02d-%02d", y, m, d);
        break;
    case COLUMN_TIME: {
        int64_t seconds = c->i64[row] / 1000000, day = seconds / 86400, rest = seconds % 86400;
        day_split((int32_t)(rest < 0 ? day - 1 : day), &y, &m, &d);
        rest = rest < 0 ? rest + 86400 : rest;
        printf("%04d-%02d-%02d %02d:%02d:%02d", y, m, d, (int)(rest / 3600),
               (int)(rest / 60 % 60), (int)(rest % 60));
        break;
    }
    case COLUMN_TEXT: {
        slice t = c->text[row];
        bool quote = false;
        for (size_t i = 0; i < t.n; i++)
            quote = quote || t.p[i] == ',' || t.p[i] == '"' || t.p[i] == '\n' || t.p[i] == '\r';
        if (quote) putchar('"');
        for (size_t i = 0; i < t.n; i++) {
            if (quote && t.p[i] == '"') putchar('"');
            putchar(t.p[i]);
        }
        if (quote) putchar('"');
    }
    }
}

static bool print_chunk(void *what, const columns *c, err *e) {
    bool *header = what;
    (void)e;
    for (int i = 0; *header && i < c->n; i++)
        printf("%s%s", c->at[i].name, i + 1 < c->n ? "," : "\n");
    *header = false;
    for (int64_t r = 0; r < c->rows; r++)
        for (int i = 0; i < c->n; i++) {
            print_cell(&c->at[i], r);
            putchar(i + 1 < c->n ? ',' : '\n');
        }
    return true;
}

bool verb_write(const args *a, bench *b, const char *table, err *e) {
    const char *path = args_text(a, "out");
    if (path) return table_write(b->d, table, path, e);
    if (args_json(a)) return true;
    char sql[200];
    bool header = true;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    return db_each(b->d, slice_of(sql), print_chunk, &header, e);
}
