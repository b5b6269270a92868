/* recommend_facts: what step 04 knew of articles and customers on a feature day, as floats. */
#include "pipeline/recommend_facts.h"

#include <math.h>

const char *const fact_articles[FACT_ARTICLES] = {
    "units_1",   "units_3",  "units_7",      "units_14",  "units_28",
    "trend",     "place_in_category", "age_days", "price_now", "discount",
    "online_share", "buyer_age", "again_share", "on_hand"};
const char *const fact_customers[FACT_CUSTOMERS] = {
    "recency_days", "frequency",    "basket", "avg_price", "price_spread",
    "online_share", "tenure_days", "age",    "club"};

typedef struct filling {
    const char *key, *const *names;
    int cols;
    float *to; /* [rows of the dense number, cols] */
    int64_t rows;
} filling;

static float cell(const column *c, int64_t row) {
    if (!column_has(c, row)) return NAN;
    switch (c->type) {
    case COLUMN_I32: return (float)c->i32[row];
    case COLUMN_I64: return (float)c->i64[row];
    case COLUMN_REAL: return (float)c->real[row];
    default: return NAN;
    }
}

static bool fill(void *what, const columns *chunk, err *e) {
    filling *f = what;
    const int32_t *key = columns_i32(chunk, f->key);
    for (int j = 0; j < f->cols; j++) {
        const column *c = columns_find(chunk, f->names[j]);
        if (!c) return fail(e, "step 04 wrote no column %s", f->names[j]);
        for (int64_t i = 0; i < chunk->rows; i++) f->to[key[i] * f->cols + j] = cell(c, i);
    }
    f->rows += chunk->rows;
    return true;
}

static bool load(filling *f, const char *table, work *w, const char *day, arena scratch, err *e) {
    const char *sql = arena_text(&scratch, "SELECT * FROM %s WHERE as_of = DATE '%s' ORDER BY %s",
                                 table, day, f->key);
    return db_each(w->d, slice_of(sql), fill, f, e);
}

static float *unknown(arena *keep, int64_t n) {
    float *x = take(keep, float, n);
    for (int64_t i = 0; i < n; i++) x[i] = NAN;
    return x;
}

bool recommend_facts_load(recommend_facts *f, work *w, int32_t as_of, int64_t articles,
                          int64_t customers, arena *keep, err *e) {
    int64_t days = 0;
    *f = (recommend_facts){as_of, unknown(keep, articles * FACT_ARTICLES),
                           unknown(keep, customers * FACT_CUSTOMERS)};
    const char *day = day_text(keep, as_of);
    if (!db_count(w->d, &days, e, "SELECT count(*) FROM feature_days WHERE as_of = DATE '%s'", day))
        return false;
    if (days == 0) return fail(e, "step 04 has no features of %s; run from features again", day);
    filling a = {"article", fact_articles, FACT_ARTICLES, f->article, 0};
    filling c = {"customer", fact_customers, FACT_CUSTOMERS, f->customer, 0};
    arena scratch = arena_split(keep, 4096);
    return load(&a, "article_weeks", w, day, scratch, e) &&
           load(&c, "customer_weeks", w, day, scratch, e);
}
