/* quarantine: the rows that a run set aside, as one table, and their records as they stand. */
#include "surfaces/quarantine.h"

#include <string.h>

#include "base/hash.h"
#include "data/csv_head.h"
#include "data/folder.h"
#include "data/lines.h"

/* What the options --file, --step and --rule leave. */
static const char *filter(const args *a, arena *keep) {
    static const char *const names[] = {"file", "step", "rule"};
    char *where = arena_text(keep, "true");
    for (int i = 0; i < 3; i++)
        if (args_given(a, names[i]))
            where = arena_text(keep, "%s AND %s = %s", where, names[i],
                               db_literal(keep, slice_of(args_text(a, names[i]))));
    return where;
}

static const char *shop_of(const args *a, const char *root, scope *s) {
    slice said;
    err ignored = {0};
    const char *note = arena_text(&s->keep, "%s/.shop", root);
    if (args_text(a, "shop")) return args_text(a, "shop");
    return file_read(note, s, 1 << 16, &said, &ignored) ? slice_copy(&s->keep, slice_trim(said))
                                                        : NULL;
}

static char *table_at(quarantine *q, const char *step, const char *table) {
    return arena_text(&q->s->keep, "%s/%s/%s.parquet", q->root, step, table);
}

static bool make_table(quarantine *q, err *e) {
    static const char rows[] =
        "SELECT '%s' AS step, f.src_file, f.path AS file, f.source, q.src_line AS line, q.rule, "
        "q.column_name, q.observed, q.expected, q.raw FROM read_parquet(%s) AS q "
        "JOIN read_parquet(%s) AS f USING (src_file)";
    arena *keep = &q->s->keep;
    const char *raw = table_at(q, "01_raw", "quarantine_raw"),
               *clean = table_at(q, "02_clean", "quarantine_clean");
    const char *files = db_literal(keep, slice_of(table_at(q, "01_raw", "files")));
    if (!file_exists(raw)) {
        refuse(e, "%s holds no results of step raw; atelier run SHOP --out %s makes them", q->root,
               q->root);
        return fail_cause(e, "no_input");
    }
    const char *sql = arena_text(keep, rows, "raw", db_literal(keep, slice_of(raw)), files);
    if (file_exists(clean)) {
        clean = arena_text(keep, rows, "clean", db_literal(keep, slice_of(clean)), files);
        sql = arena_text(keep, "%s UNION ALL %s", sql, clean);
    }
    return db_runf(q->d, e, "CREATE TABLE set_aside AS %s", sql);
}

bool quarantine_open(const args *a, const char *root, scope *s, js *out, quarantine *q, err *e) {
    *q = (quarantine){.s = s, .out = out, .a = a, .root = root, .where = filter(a, &s->keep)};
    q->shop = shop_of(a, root, s);
    const char *spill = arena_text(&s->keep, "%s/.spill.tmp-quarantine", root);
    if (!file_exists(root)) {
        refuse(e, "there is no folder %s; atelier run SHOP --out %s makes it", root, root);
        return fail_cause(e, "no_input");
    }
    if (!db_open(&q->d, (db_params){verb_threads(a), verb_memory_mb(), spill}, e)) return false;
    scope_defer(s, db_close, q->d);
    return make_table(q, e);
}

bool quarantine_same_file(quarantine *q, const char *file, const char *path, err *e) {
    hash_text sha;
    int64_t same;
    if (!hash_file(path, &sha, NULL, e) ||
        !db_count(q->d, &same, e, "SELECT count(*) FROM read_parquet(%s) WHERE path = %s AND "
                                  "sha256 = '%s'",
                  db_literal(&q->s->keep, slice_of(table_at(q, "01_raw", "files"))),
                  db_literal(&q->s->keep, slice_of(file)), sha.hex))
        return false;
    if (same > 0) return true;
    refuse(e, "%s changed since the run: run again, then write its rows", path);
    return fail_cause(e, "bad_data");
}

bool quarantine_write(quarantine *q, const char *from, const columns *rows, const char *to,
                      err *e) {
    enum { LONGEST = 4094 }; /* lines_read cuts what is longer */
    csv_head head;
    text bytes = {0};
    const int64_t *line = columns_i64(rows, "line");
    slice *record = take(&q->s->keep, slice, rows->rows);
    bool done = csv_head_of(q->s, from, &head, e) &&
                lines_read(q->s, from, line, rows->rows, record, e);
    if (done) text_addf(&bytes, "%.*s\n", (int)head.raw.n, head.raw.p);
    for (int64_t i = 0; done && i < rows->rows; i++) {
        text_add(&bytes, record[i]);
        text_add_char(&bytes, '\n');
        if (record[i].n >= LONGEST)
            done = refuse(e, "%s:%lld: the record is longer than 4 KiB: mend it in the file itself",
                          from, (long long)line[i]);
    }
    done = done && file_replace(to, text_slice(&bytes), e);
    text_free(&bytes);
    return done;
}
