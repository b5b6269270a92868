/* segment_bought: what the customers of each segment buy of late, as lists of segment.atm. */
#include "pipeline/segment_bought.h"

#include <string.h>

#include "models/recommend/popular.h"
#include "pipeline/recommend_models.h"

enum { HALF_LIFE = 28, MOST = 500 }; /* days; articles of a list */

typedef struct counting {
    int64_t customers, articles;
    int32_t end, gone;  /* articles last bought before that day are gone */
    const int32_t *row; /* [customers] of the block, -1 = not in it */
    const segment_present *p;
    bool *sold;                       /* [articles] */
    double *score[SEGMENT_METHODS];   /* [k + 1, articles], everybody last */
} counting;

static bool count(void *what, const columns *chunk, err *e) {
    counting *c = what;
    const int32_t *customer = columns_i32(chunk, "customer"), *day = columns_i32(chunk, "day");
    const int32_t *article = columns_i32(chunk, "article");
    (void)e;
    for (int64_t i = 0; i < chunk->rows; i++) {
        double worth = popular_decay(day[i], c->end, HALF_LIFE);
        int32_t row = c->row[customer[i]];
        c->sold[article[i]] |= day[i] >= c->gone;
        for (int g = 0; g < SEGMENT_METHODS; g++) {
            const segment_method *m = &c->p->methods[g];
            c->score[g][m->k * c->articles + article[i]] += worth;
            if (row >= 0 && m->k > 0 && m->label[row] >= 0)
                c->score[g][m->label[row] * c->articles + article[i]] += worth;
        }
    }
    return true;
}

static bool count_all(counting *c, work *w, scope *s, err *e) {
    int32_t *row = take(&s->keep, int32_t, c->customers);
    for (int64_t i = 0; i < c->customers; i++) row[i] = -1;
    for (int64_t i = 0; i < c->p->b.n; i++) row[c->p->b.customer[i]] = (int32_t)i;
    c->row = row;
    c->sold = take(&s->keep, bool, c->articles);
    for (int g = 0; g < SEGMENT_METHODS; g++)
        c->score[g] = take(&s->keep, double, (c->p->methods[g].k + 1) * c->articles);
    const char *sql = arena_text(&s->keep,
                                 "SELECT DISTINCT customer, article, day FROM transactions "
                                 "WHERE quantity > 0 AND day < DATE '%s' "
                                 "ORDER BY customer, article, day", day_text(&s->keep, c->end));
    return db_each(w->d, slice_of(sql), count, c, e);
}

typedef struct lists {
    int64_t rows, k, n; /* n rows are filled */
    int32_t *item;      /* [rows, k] */
    float *score, *share, *lift;
} lists;

static double sum_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return sum;
}

/* The lists of one method's segments. */
static void add_lists(lists *to, const counting *c, int g, double trust, arena scratch) {
    int64_t n = c->articles, k = c->p->methods[g].k;
    const double *own = take_copy(&scratch, double, c->score[g], (k + 1) * n), *all = own + k * n;
    double in_all = sum_of(all, n);
    popular_mix(c->score[g], n, (int)k, trust);
    for (int64_t i = 0; i < k; i++, to->n++) {
        double *score = c->score[g] + i * n, in_own = sum_of(own + i * n, n);
        int32_t *item = to->item + to->n * to->k;
        for (int64_t a = 0; a < n; a++)
            if (!c->sold[a]) score[a] = 0;
        int found = popular_top(score, n, (int)to->k, item, to->score + to->n * to->k, scratch);
        for (int at = 0; at < found && in_own > 0; at++) {
            double share = own[i * n + item[at]] / in_own;
            to->share[to->n * to->k + at] = (float)share;
            to->lift[to->n * to->k + at] = (float)(share / (all[item[at]] / in_all));
        }
    }
}

bool segment_bought_put(const segment_present *p, store_writer *out, work *w, scope *s, err *e) {
    recommend_params usual = recommend_defaults(w->seed);
    counting c = {.p = p, .end = w->days.end, .gone = w->days.end - usual.active_days};
    if (!db_count(w->d, &c.customers, e, "SELECT count(*) FROM customers") ||
        !db_count(w->d, &c.articles, e, "SELECT count(*) FROM articles") ||
        !count_all(&c, w, s, e))
        return false;
    lists to = {.k = c.articles < MOST ? c.articles : MOST};
    for (int g = 0; g < SEGMENT_METHODS; g++) to.rows += p->methods[g].k;
    to.item = take(&s->keep, int32_t, to.rows * to.k);
    to.score = take(&s->keep, float, to.rows * to.k);
    to.share = take(&s->keep, float, to.rows * to.k);
    to.lift = take(&s->keep, float, to.rows * to.k);
    for (int g = 0; g < SEGMENT_METHODS; g++) add_lists(&to, &c, g, usual.band_trust, s->scratch);
    return store_put(out, "bought_items", STORE_I32, to.rows, to.k, to.item, e) &&
           store_put(out, "bought_scores", STORE_F32, to.rows, to.k, to.score, e) &&
           store_put(out, "bought_shares", STORE_F32, to.rows, to.k, to.share, e) &&
           store_put(out, "bought_lifts", STORE_F32, to.rows, to.k, to.lift, e);
}
