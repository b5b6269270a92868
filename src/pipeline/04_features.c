/* 04_features: derived columns, each computed from days before its as_of. */
#include <string.h>

#include "data/npy.h"
#include "pipeline/part.h"
#include "pipeline/prelude.h"
#include "pipeline/stage.h"

enum { MOST_FEATURES = 64 };

typedef struct matrix { /* the last block of customer_features, row by row */
    int cols;
    const char *names[MOST_FEATURES];
    float *at; /* [rows, cols] */
    int64_t row;
} matrix;

static bool add_rows(void *what, const columns *chunk, err *e) {
    (void)e;
    matrix *m = what;
    for (int j = 0; j < m->cols; j++) {
        const double *from = columns_real(chunk, m->names[j]);
        for (int64_t i = 0; i < chunk->rows; i++)
            m->at[(m->row + i) * m->cols + j] = (float)from[i];
    }
    m->row += chunk->rows;
    return true;
}

static bool name_features(const work *w, scope *s, matrix *m, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e, "SELECT * FROM customer_features LIMIT 0")) return false;
    for (int i = 0; i < c.n; i++)
        if (strncmp(c.at[i].name, "f_", 2) == 0 && m->cols < MOST_FEATURES)
            m->names[m->cols++] = c.at[i].name;
    return true;
}

static bool write_names(const matrix *m, folder *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.customer_features/1");
    js_put_word(j, "rows", "customers of the last as_of, in the order of customer_features");
    js_array(j, "columns");
    for (int i = 0; i < m->cols; i++) js_put_word(j, NULL, m->names[i]);
    js_end(j);
    js_end(j);
    return folder_write(f, "customer_features.json", text_slice(&j->out), e);
}

static bool write_matrix(const work *w, folder *f, scope *s, err *e) {
    int64_t rows;
    scope big;
    matrix m = {0};
    if (!name_features(w, s, &m, e) || !write_names(&m, f, s, e) ||
        !db_count(w->d, &rows, e,
                  "SELECT count(*) FROM customer_features "
                  "WHERE as_of = (SELECT max(as_of) FROM customer_features)") ||
        !scope_open(&big, (size_t)rows * (size_t)m.cols * 4 + (1 << 20), 0, e))
        return false;
    m.at = take(&big.keep, float, rows *m.cols);
    bool done = db_each(w->d,
                        SLICE("SELECT * FROM customer_features WHERE as_of = "
                              "(SELECT max(as_of) FROM customer_features) ORDER BY customer"),
                        add_rows, &m, e) &&
                npy_write(folder_path(f, "customer_features.npy"), STORE_F32, rows, m.cols, m.at,
                          e);
    scope_close(&big);
    return done;
}

static bool make_matrix(const work *w, folder *f, scope *s, err *e) {
    part p;
    return part_begin(&p, w, f, "customer_features.npy", SLICE(""), NULL, e) &&
           part_end(&p, p.taken || write_matrix(w, f, s, e), e);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    static const char *const tables[] = {"customer_bases", "customer_features",
                                         "article_features", "weekly_sales",
                                         "feature_days",   "article_weeks",
                                         "customer_weeks", NULL};
    return prelude_run(w->d, e) && work_windows(w, e) &&
           prelude_tables(w, f, "04_features", tables, e) && make_matrix(w, f, s, e);
}

const stage stage_features = {
    .number = "04",
    .word = "features",
    .title = "Makes features of customers, articles and weeks, each as of a day.",
    .reads = "windows articles customers transactions guest_sales stock c_customers",
    .writes = "customer_bases customer_features customer_features.npy customer_features.json "
              "article_features weekly_sales feature_days article_weeks customer_weeks",
    .run = run,
};
