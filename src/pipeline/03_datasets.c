/* 03_datasets: clean tables become datasets A to F and the windows of days to learn from. */
#include <string.h>

#include "data/npy.h"
#include "pipeline/part.h"
#include "pipeline/prelude.h"
#include "pipeline/stage.h"

/* ---- a_interactions.npz: customers x articles, units, compressed rows ---- */

typedef struct csr {
    int64_t rows, at; /* at: cells filled */
    int64_t *starts;  /* [rows + 1] */
    int32_t *cols;
    float *units;
} csr;

static bool add_cells(void *what, const columns *chunk, err *e) {
    (void)e;
    csr *m = what;
    const int32_t *customer = columns_i32(chunk, "customer");
    const int32_t *article = columns_i32(chunk, "article");
    const int64_t *units = columns_i64(chunk, "units");
    for (int64_t i = 0; i < chunk->rows; i++) {
        m->starts[customer[i] + 1]++;
        m->cols[m->at] = article[i];
        m->units[m->at++] = (float)units[i];
    }
    return true;
}

/* The pairs that kept at least one unit; the table's order is the order of the rows. */
static bool write_matrix(const work *w, folder *f, err *e) {
    int64_t rows, cols, cells;
    if (!db_count(w->d, &rows, e, "SELECT count(*) FROM customers") ||
        !db_count(w->d, &cols, e, "SELECT count(*) FROM articles") ||
        !db_count(w->d, &cells, e, "SELECT count(*) FROM a_interactions WHERE units > 0"))
        return false;
    scope s;
    if (!scope_open(&s, (size_t)(rows + 1) * 8 + (size_t)cells * 8 + (1 << 20), 0, e)) return false;
    csr m = {.rows = rows, .starts = take(&s.keep, int64_t, rows + 1)};
    m.cols = take(&s.keep, int32_t, cells);
    m.units = take(&s.keep, float, cells);
    bool done = db_each(w->d,
                        SLICE("SELECT customer, article, units FROM a_interactions "
                              "WHERE units > 0 ORDER BY customer, article"),
                        add_cells, &m, e);
    for (int64_t r = 0; r < rows; r++) m.starts[r + 1] += m.starts[r];
    done = done && npz_write_csr(folder_path(f, "a_interactions.npz"), rows, cols, m.starts, m.cols,
                                 m.units, e);
    scope_close(&s);
    return done;
}

static bool make_matrix(const work *w, folder *f, err *e) {
    part p;
    return part_begin(&p, w, f, "a_interactions.npz", SLICE(""), NULL, e) &&
           part_end(&p, p.taken || write_matrix(w, f, e), e);
}

/* ---- the windows ---- */

static bool find_windows(work *w, folder *f, scope *s, err *e) {
    int64_t days;
    if (!work_table(w, f, "03_datasets", "windows", e) ||
        !db_count(w->d, &days, e, "SELECT count(*) FROM windows WHERE from_day < to_day "
                               "AND name IN ('train', 'valid', 'test')"))
        return false;
    if (days < 3) {
        refuse(e, "the shop has no three days of sales or events%s to learn from and to be "
                  "judged on",
               w->as_of ? " before the as-of day" : "");
        return fail_cause(e, "bad_data");
    }
    if (!work_windows(w, e)) return false;
    work_say(w, "train from %s, valid from %s, test from %s, end %s",
             day_text(&s->keep, w->days.first),
             day_text(&s->keep, w->days.valid_from), day_text(&s->keep, w->days.test_from),
             day_text(&s->keep, w->days.end));
    return true;
}

static bool reconcile(const work *w, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT dataset, what, CAST(wanted AS VARCHAR) AS wanted, "
                  "CAST(found AS VARCHAR) AS found FROM reconciliation WHERE wanted <> found "
                  "ORDER BY dataset, what"))
        return false;
    if (c.rows == 0) return true;
    slice of = columns_text(&c, "dataset")[0], what = columns_text(&c, "what")[0],
          wanted = columns_text(&c, "wanted")[0], found = columns_text(&c, "found")[0];
    fail(e, "%.*s does not add up: %.*s: %.*s wanted, %.*s found", (int)of.n, of.p, (int)what.n,
         what.p, (int)wanted.n, wanted.p, (int)found.n, found.p);
    return fail_cause(e, "internal");
}

static bool run(work *w, folder *f, scope *s, err *e) {
    static const char *const tables[] = {"a_interactions", "b_articles", "c_customers",
                                         "d_sales",        "e_reviews",  "f_events",
                                         "f_sessions",     "reconciliation", NULL};
    return prelude_run(w->d, e) && find_windows(w, f, s, e) &&
           prelude_tables(w, f, "03_datasets", tables, e) && reconcile(w, s, e) &&
           make_matrix(w, f, e);
}

const stage stage_datasets = {
    .number = "03",
    .word = "datasets",
    .title = "Makes datasets A to F: interactions, articles, customers, sales, reviews, events.",
    .reads = "files articles customers transactions guest_sales reviews events",
    .writes = "windows a_interactions a_interactions.npz b_articles c_customers d_sales e_reviews "
              "f_events f_sessions reconciliation",
    .run = run,
};
