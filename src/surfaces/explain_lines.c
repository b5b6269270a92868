/* explain_lines: the raw lines behind a customer, an article or the pair, read from the files. */
#include "base/hash.h"
#include "data/lines.h"
#include "pipeline/shop_tables.h"
#include "surfaces/explain.h"

typedef struct raw_lines {
    columns c;
    slice *raw; /* [rows] text of the line; p NULL when it cannot be had */
    const char *why;
} raw_lines;

/* Which rows of the files speak of the customer, the article or both. */
static const char *lines_query(story *t) {
    char *both = arena_text(&t->s->keep, "%s%s%s",
                            t->customer >= 0
                                ? arena_text(&t->s->keep, "x.customer = %lld",
                                             (long long)t->customer) : "",
                            t->customer >= 0 && t->article >= 0 ? " AND " : "",
                            t->article >= 0
                                ? arena_text(&t->s->keep, "x.article = %lld",
                                             (long long)t->article) : "");
    text sql = {0};
    text_addf(&sql,
              "SELECT 'sale' AS what, day, src_file, src_line FROM transactions x WHERE %s "
              "UNION SELECT event, day, src_file, src_line FROM events x WHERE %s "
              "UNION SELECT 'review', day, src_file, src_line FROM reviews x WHERE %s",
              both, both, both);
    static const char *const kinds[] = {"customer", "article"};
    for (int i = 0; i < 2; i++) {
        int64_t number = i == 0 ? t->customer : t->article;
        if (number < 0) continue;
        text_addf(&sql,
                  " UNION SELECT '%s', NULL, src_file, src_line FROM %ss WHERE %s = %lld "
                  "AND src_file IS NOT NULL "
                  "UNION SELECT '%s, merged', NULL, m.src_file, m.src_line FROM merges m "
                  "JOIN %ss a ON a.src_file = m.into_file "
                  "AND a.src_line = m.into_line WHERE a.%s = %lld AND m.source = '%ss'",
                  kinds[i], kinds[i], kinds[i], (long long)number, kinds[i], kinds[i], kinds[i],
                  (long long)number, kinds[i]);
    }
    char *out = slice_copy(&t->s->keep, text_slice(&sql));
    text_free(&sql);
    return out;
}

/* Reads the lines of one file: rows from..to-1, which are all of that file. */
static void read_raw(story *t, raw_lines *r, int64_t from, int64_t to, slice path) {
    err ignored = {0};
    int64_t n = to - from, size = columns_i64(&r->c, "bytes")[from];
    const int64_t *lines = columns_i64(&r->c, "src_line") + from;
    const char *file = path.n && path.p[0] == '/'
                           ? slice_copy(&t->s->keep, path)
                           : arena_text(&t->s->keep, "%s/%.*s", t->shop, (int)path.n, path.p);
    hash_text is;
    int64_t found = 0;
    slice sha = columns_text(&r->c, "sha256")[from];
    if (shop_table_is(path)) {
        r->why = arena_text(&t->s->keep, "%.*s is a table of a database, which has no lines",
                            (int)path.n, path.p);
    } else if (!hash_file(file, &is, &found, &ignored)) {
        r->why = arena_text(&t->s->keep, "%s cannot be read; --shop DIR says where the raw files "
                                         "are", file);
    } else if (found != size || !slice_is(sha, is.hex)) {
        r->why = arena_text(&t->s->keep, "%s is not the file that was read: it has changed",
                            file);
    } else if (!lines_read(t->s, file, lines, n, r->raw + from, &ignored)) {
        r->why = arena_text(&t->s->keep, "%s", ignored.text);
    }
}

static bool find_lines(story *t, raw_lines *r, int64_t *total, err *e) {
    const char *query = lines_query(t);
    if (!db_count(t->d, total, e, "SELECT count(*) FROM (%s) AS q", query) ||
        !db_query(t->d, &t->s->keep, &r->c, e,
                  "SELECT q.what, q.day, q.src_file, q.src_line, f.path, f.bytes, f.sha256 FROM ("
                  "SELECT * FROM (%s) AS a ORDER BY src_file, src_line, what LIMIT %lld) AS q "
                  "JOIN files f ON f.src_file = q.src_file "
                  "ORDER BY q.src_file, q.src_line, q.what",
                  query, (long long)t->most))
        return false;
    r->raw = take(&t->s->keep, slice, r->c.rows + 1);
    const int32_t *file = columns_i32(&r->c, "src_file");
    for (int64_t from = 0, to; from < r->c.rows; from = to) {
        for (to = from + 1; to < r->c.rows && file[to] == file[from];) to++;
        read_raw(t, r, from, to, columns_text(&r->c, "path")[from]);
    }
    return true;
}

bool explain_lines(story *t, err *e) {
    raw_lines r = {0};
    int64_t total = 0;
    if (!find_lines(t, &r, &total, e)) return false;
    const column *day = columns_find(&r.c, "day");
    TELL(t, "Raw lines behind it: %lld%s\n", (long long)total,
         total > r.c.rows ? arena_text(&t->s->keep, ", the first %lld shown (--lines N)",
                                       (long long)r.c.rows) : "");
    js_put_int(t->out, "lines_total", total);
    js_array(t->out, "lines");
    for (int64_t i = 0; i < r.c.rows; i++) {
        slice path = columns_text(&r.c, "path")[i], what = columns_text(&r.c, "what")[i];
        long long line = (long long)columns_i64(&r.c, "src_line")[i];
        js_object(t->out, NULL);
        js_put_text(t->out, "what", what);
        js_put_word(t->out, "day",
                    column_has(day, i) ? day_text(&t->s->keep, day->i32[i]) : NULL);
        js_put_text(t->out, "file", path);
        js_put_int(t->out, "line", line);
        if (r.raw[i].p) js_put_text(t->out, "raw", r.raw[i]);
        else js_put_null(t->out, "raw");
        js_end(t->out);
        TELL(t, "  %.*s:%lld  %.*s\n", (int)path.n, path.p, line, (int)what.n, what.p);
        if (r.raw[i].p) TELL(t, "      %.*s\n", (int)r.raw[i].n, r.raw[i].p);
    }
    js_end(t->out);
    js_put_word(t->out, "lines_note", r.why);
    if (r.why) TELL(t, "  (%s)\n", r.why);
    TELL(t, "\n");
    return true;
}
