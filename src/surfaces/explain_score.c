/* explain_score: one score in full: its parts, what each source says, and each past purchase's
 * share in that, with the lines of the files behind it. */
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/recommend/als_explain.h"
#include "models/recommend/popular.h"
#include "pipeline/recommend_file.h"
#include "pipeline/recommend_rank.h"
#include "surfaces/explain.h"

typedef struct listed { /* the article in the list of one source */
    int place;          /* from 1; 0 = not in it */
    double score, unit, rest; /* rest: what no past purchase accounts for */
} listed;

typedef struct telling {
    story *t;
    const bundle *b;
    recommend_data d;
    recommend_fit m; /* knows the customer alone, as number 0 */
    recommend_ranked ranked;
    listed source[RECOMMEND_SOURCES];
    /* past purchases, each article once */
    int64_t n;
    int32_t *article;
    double *value; /* [n, RECOMMEND_SOURCES] of each source's score */
} telling;

static void put_part(story *t, const char *name, double value) {
    js_object(t->out, NULL);
    js_put_word(t->out, "name", name);
    js_put_real(t->out, "value", value);
    js_end(t->out);
    TELL(t, "  %+10.4f  %s\n", value, name);
}

/* ---- made again ---- */

static listed look_up(const hybrid_source *from, int32_t article) {
    int64_t list = from->list ? from->list[0] : 0;
    const int32_t *ids = from->ids + list * from->width;
    const float *scores = from->scores + list * from->width;
    for (int i = 0; i < from->width && ids[i] >= 0; i++)
        if (ids[i] == article && scores[i] > 0) {
            double score = (double)scores[i], best = (double)scores[0];
            return (listed){i + 1, score, from->unit > 0 ? (double)from->unit : best, score};
        }
    return (listed){0};
}

static bool rank_again(telling *x, err *e) {
    static const int32_t zero = 0;
    story *t = x->t;
    const char *path = arena_text(&t->s->keep, "%s/10_serve/recommend.atm", t->root);
    const store *file = store_map(t->s, path, "recommend", e);
    pool *here = pool_open(1, (size_t)256 << 20, e);
    if (!file || !here) return false;
    bool done = recommend_file_get(&x->m, &x->d, file, t->customer, &t->s->keep, t->s->scratch, e);
    if (done) {
        hybrid_problem p =
            recommend_candidates(&x->m, &zero, 1, here, &t->s->keep, t->s->scratch);
        recommend_ask ask = {&zero, 1, RECOMMEND_WIDTH, true, &p};
        done = recommend_rank(&x->m, ask, &x->ranked, here, &t->s->keep, t->s->scratch, e);
        for (int s = 0; s < RECOMMEND_SOURCES && done; s++)
            x->source[s] = look_up(&p.sources[s], (int32_t)t->article);
    }
    pool_close(here);
    return done;
}

/* ---- each past article's share in a source's score ---- */

static double trend_of(const telling *x) { return (double)x->b->recommend.trend[x->t->article]; }

/* The factors: x_u · y_i as a sum over the past, see als_explain.h. */
static void share_taste(telling *x) {
    const recommend_data *d = &x->d;
    arena scratch = x->t->s->scratch;
    int32_t *items = take(&scratch, int32_t, x->n);
    int64_t *at = take(&scratch, int64_t, x->n), n = 0;
    float *weights = take(&scratch, float, x->n);
    double *parts = take(&scratch, double, x->n);
    for (int64_t j = 0, i = 0; j < x->n; j++) {
        float sum = 0;
        for (; i < d->n && d->article[i] == x->article[j]; i++) {
            double w = popular_decay(d->day[i], x->m.cutoff, x->m.p.als_half_life);
            if (w >= RECOMMEND_LEAST_TASTE) sum += d->weight[i] * (float)w;
        }
        if (sum > 0) items[n] = x->article[j], weights[n] = sum, at[n++] = j;
    }
    if (n == 0) return;
    als_explain(&x->b->recommend.als, n, items, weights, (int32_t)x->t->article, parts, scratch);
    for (int64_t i = 0; i < n; i++)
        x->value[at[i] * RECOMMEND_SOURCES + RECOMMEND_ALS] = parts[i] * trend_of(x);
}

static void share_related(telling *x) {
    const recommend_fit *m = &x->m;
    int32_t article = (int32_t)x->t->article;
    const struct {
        int source;
        const sparse *profile, *related;
    } sums[] = {{RECOMMEND_CONTENT, &m->profile, &m->content},
                {RECOMMEND_TOGETHER, &m->profile, &m->together},
                {RECOMMEND_VARIANTS, &m->profile, &m->variants},
                {RECOMMEND_NEXT, &m->recent, &m->next}};
    for (int64_t j = 0; j < x->n; j++) {
        int32_t past = x->article[j];
        double *value = x->value + j * RECOMMEND_SOURCES;
        for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
            value[sums[i].source] = (double)sparse_get(sums[i].profile, 0, past) *
                                    (double)sparse_get(sums[i].related, past, article) *
                                    trend_of(x);
        if (past == article) value[RECOMMEND_OWN] = (double)sparse_get(&m->own, 0, past);
    }
}

static void share_past(telling *x) {
    const recommend_data *d = &x->d;
    arena *keep = &x->t->s->keep;
    x->article = take(keep, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++)
        if (i == 0 || d->article[i] != d->article[i - 1]) x->article[x->n++] = d->article[i];
    x->value = take(keep, double, x->n * RECOMMEND_SOURCES);
    if (x->m.has_als) share_taste(x);
    share_related(x);
    for (int64_t j = 0; j < x->n; j++)
        for (int s = 0; s < RECOMMEND_SOURCES; s++) {
            double *value = &x->value[j * RECOMMEND_SOURCES + s];
            if (x->source[s].place == 0) *value = 0; /* it gave nothing to the score */
            x->source[s].rest -= *value;
        }
}

/* ---- told ---- */

/* served: the score in the stored list, NaN when it is not in there. */
static bool tell_score(telling *x, int64_t rank, double served, int64_t kept) {
    story *t = x->t;
    int at = 0;
    while (at < x->ranked.k && x->ranked.ids[at] != t->article) at++;
    if (at == x->ranked.k) return false;
    double again = (double)x->ranked.scores[at], sum = 0;
    double score = isnan(served) ? again : served;
    if (isnan(served))
        TELL(t, "Number %d, score %.4f, behind the %lld that are kept:\n", at + 1, score,
             (long long)kept);
    else TELL(t, "Number %lld of %lld, score %.4f:\n", (long long)rank, (long long)kept, score);
    js_put_int(t->out, "rank", isnan(served) ? at + 1 : rank);
    js_put_real(t->out, "score", score);
    js_array(t->out, "contributions");
    for (int p = 0; p < RECOMMEND_PARTS; p++) {
        double value = (double)x->ranked.parts[at * RECOMMEND_PARTS + p];
        if (value != 0) put_part(t, recommend_parts[p], value);
        sum += value;
    }
    if (fabs(score - again) > 1e-5 * (1 + fabs(score))) /* beyond the rounding of parts */
        put_part(t, "ranked by another build or processor", score - again), sum += score - again;
    js_end(t->out);
    TELL(t, "  %+10.4f  in all, by the %s\n", sum, x->m.ranker ? "ranker" : "blend of sources");
    js_put_word(t->out, "ranked_by", x->m.ranker ? "ranker" : "blend");
    return true;
}

static void tell_sources(const telling *x) {
    story *t = x->t;
    TELL(t, "What each source says of it:\n");
    js_array(t->out, "sources");
    for (int s = 0; s < RECOMMEND_SOURCES; s++) {
        const listed *l = &x->source[s];
        js_object(t->out, NULL);
        js_put_word(t->out, "name", recommend_names[s]);
        if (l->place > 0) js_put_int(t->out, "rank", l->place);
        else js_put_null(t->out, "rank");
        js_put_real(t->out, "score", l->score);
        js_put_real(t->out, "weight", (double)x->m.p.weights.of[s]);
        js_put_real(t->out, "in_blend",
                    l->place > 0 ? (double)x->m.p.weights.of[s] * l->score / l->unit : 0);
        js_put_real(t->out, "not_from_purchases", l->rest);
        js_end(t->out);
        if (l->place > 0)
            TELL(t, "  %-10s number %d, score %.6g\n", recommend_names[s], l->place, l->score);
        else TELL(t, "  %-10s does not list it\n", recommend_names[s]);
    }
    js_end(t->out);
}

/* The lines of one past article: rows of c from `row` on; returns the row behind them. */
static int64_t put_lines(telling *x, const columns *c, int64_t row, int32_t article, bool quiet) {
    story *t = x->t;
    const int32_t *of = columns_i32(c, "article"), *days = columns_find(c, "day")->i32;
    js_array(t->out, "lines");
    for (; row < c->rows && of[row] == article; row++) {
        slice file = columns_text(c, "path")[row];
        const char *day = day_text(&t->s->keep, days[row]);
        long long line = (long long)columns_i64(c, "src_line")[row];
        js_object(t->out, NULL);
        js_put_text(t->out, "file", file);
        js_put_int(t->out, "line", line);
        js_put_word(t->out, "day", day);
        js_end(t->out);
        if (!quiet) TELL(t, "              %s  %.*s:%lld\n", day, (int)file.n, file.p, line);
    }
    js_end(t->out);
    return row;
}

static void put_past(telling *x, int64_t j, double share, const columns *c, int64_t row,
                     bool quiet) {
    story *t = x->t;
    slice id = bundle_text(&x->b->article_id, x->article[j]);
    slice name = bundle_text(&x->b->article_name, x->article[j]);
    js_object(t->out, NULL);
    js_put_text(t->out, "id", id);
    js_put_text(t->out, "name", name);
    js_put_real(t->out, "in_blend", share);
    if (!quiet) TELL(t, "  %+10.4f  %.*s  %.*s\n", share, (int)id.n, id.p, (int)name.n, name.p);
    js_array(t->out, "sources");
    for (int s = 0; s < RECOMMEND_SOURCES; s++) {
        double value = x->value[j * RECOMMEND_SOURCES + s];
        if (value == 0) continue;
        js_object(t->out, NULL);
        js_put_word(t->out, "name", recommend_names[s]);
        js_put_real(t->out, "value", value);
        js_end(t->out);
    }
    js_end(t->out);
    put_lines(x, c, row, x->article[j], quiet);
    js_end(t->out);
}

/* All of them, those that say most first; people are shown a few. */
static bool tell_past(telling *x, err *e) {
    enum { SHOWN = 5 };
    story *t = x->t;
    columns c;
    arena scratch = t->s->scratch;
    if (!db_query(t->d, &t->s->keep, &c, e,
                  "SELECT x.article, f.path, x.src_line, x.day FROM transactions x "
                  "JOIN files f ON f.src_file = x.src_file WHERE x.customer = %lld AND "
                  "x.quantity > 0 AND x.day < DATE '%s' "
                  "ORDER BY x.article, x.day, f.path, x.src_line",
                  (long long)t->customer, day_text(&t->s->keep, x->m.cutoff)))
        return false;
    double *share = take(&scratch, double, x->n), *size = take(&scratch, double, x->n);
    int64_t *row = take(&scratch, int64_t, x->n), at = 0;
    int32_t *order = order_count(x->n, &scratch);
    for (int64_t j = 0; j < x->n; j++) {
        while (at < c.rows && columns_i32(&c, "article")[at] < x->article[j]) at++;
        row[j] = at;
        for (int s = 0; s < RECOMMEND_SOURCES; s++)
            if (x->source[s].place > 0)
                share[j] += (double)x->m.p.weights.of[s] * x->value[j * RECOMMEND_SOURCES + s] /
                            x->source[s].unit;
        size[j] = fabs(share[j]);
    }
    order_down(order, x->n, size, scratch);
    TELL(t, "Past articles behind it, by what they give to the blend (%lld in all):\n",
         (long long)x->n);
    js_array(t->out, "past");
    for (int64_t i = 0; i < x->n; i++)
        put_past(x, order[i], share[order[i]], &c, row[order[i]], i >= SHOWN);
    js_end(t->out);
    return true;
}

bool explain_score(story *t, const bundle *b, bool *found, err *e) {
    const bundle_recommend *r = &b->recommend;
    telling *x = take(&t->s->keep, telling, 1);
    int64_t rank = 0;
    double served = NAN;
    *x = (telling){.t = t, .b = b};
    for (int64_t i = 0; i < r->k; i++)
        if (r->items[t->customer * r->k + i] == t->article) {
            rank = i + 1;
            served = (double)r->scores[t->customer * r->k + i];
        }
    js_put_bool(t->out, "recommended", rank > 0);
    if (!rank_again(x, e)) return false;
    *found = tell_score(x, rank, served, r->k);
    share_past(x);
    tell_sources(x);
    return tell_past(x, e);
}
