/* rerank: from a customer's scored candidates to the list that is shown: rules, then balance. */
#include "models/recommend/rerank.h"

#include <assert.h>
#include <math.h>

const char *rerank_check(rerank_params p) {
    if (p.k < 1) return "k must be at least 1";
    if (p.most_product < 0 || p.most_category < 0 || p.most_type < 0)
        return "the most of one product, category or type must not be negative";
    if (!(p.diversity >= 0 && p.diversity <= 1)) return "diversity must be in 0..1";
    if (!(p.calibration >= 0 && p.calibration <= 1)) return "calibration must be in 0..1";
    if (!(p.new_share >= 0 && p.new_share <= 1)) return "new_share must be in 0..1";
    if (!(p.epsilon > 0 && p.epsilon < 1)) return "epsilon must be above 0 and below 1";
    return NULL;
}

/* ---- similarity ---- */

static double dot(const float *x, const float *y, int n) {
    float part[8] = {0}; /* several sums: the compiler must not reorder one */
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int j = 0; j < 8; j++) part[j] += x[i + j] * y[i + j];
    for (; i < n; i++) part[i % 8] += x[i] * y[i];
    double sum = 0;
    for (int j = 0; j < 8; j++) sum += (double)part[j];
    return sum;
}

static double sparse_dot(const sparse *m, int64_t i, int64_t j) {
    double sum = 0;
    int64_t a = m->at[i], b = m->at[j];
    while (a < m->at[i + 1] && b < m->at[j + 1]) {
        if (m->col[a] == m->col[b]) sum += (double)m->value[a] * (double)m->value[b];
        int32_t left = m->col[a], right = m->col[b];
        a += left <= right;
        b += right <= left;
    }
    return sum;
}

/* The length of an article's factors; 0 when it has none. */
static double length_of(const rerank_articles *a, int32_t i) {
    if (!a->vectors) return 0;
    const float *x = a->vectors + (int64_t)i * a->ld;
    return sqrt(dot(x, x, a->ld));
}

/* `both` is the product of the two lengths. */
static double similarity(const rerank_articles *a, int32_t i, int32_t j, double both) {
    if (a->product && a->product[i] >= 0 && a->product[i] == a->product[j]) return 1;
    double cosine = 0;
    if (both > 0)
        cosine = dot(a->vectors + (int64_t)i * a->ld, a->vectors + (int64_t)j * a->ld, a->ld) /
                 both;
    else if (a->content) cosine = sparse_dot(a->content, i, j);
    return cosine < 0 ? 0 : cosine > 1 ? 1 : cosine;
}

float rerank_similarity(const rerank_articles *a, int32_t i, int32_t j) {
    return (float)similarity(a, i, j, length_of(a, i) * length_of(a, j));
}

void rerank_session(const rerank_articles *a, int n, const int32_t *item, int events,
                    const int32_t *event, const float *strength, double weight, float *boost) {
    double total = 0;
    for (int e = 0; e < events; e++) total += (double)strength[e];
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int e = 0; e < events; e++)
            sum += (double)strength[e] * (double)rerank_similarity(a, item[i], event[e]);
        boost[i] = total > 0 ? (float)(weight * sum / total) : 0;
    }
}

double rerank_sameness(const rerank_articles *a, const int32_t *item, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) sum += (double)rerank_similarity(a, item[i], item[j]);
    return n < 2 ? 0 : sum / (0.5 * n * (n - 1));
}

/* ---- balance of categories ---- */

/* One category's term of KL: p ln(p / ((1 - e) q + e p)). */
static double term(double p, double q, double epsilon) {
    return p > 0 ? p * log(p / ((1 - epsilon) * q + epsilon * p)) : 0;
}

double rerank_imbalance(const rerank_articles *a, const float *taste, double epsilon,
                        const int32_t *item, int n, arena scratch) {
    int *count = take(&scratch, int, a->categories);
    double sum = 0;
    for (int i = 0; i < n; i++) count[a->category[item[i]]]++;
    for (int g = 0; g < a->categories; g++)
        sum += term((double)taste[g], n > 0 ? (double)count[g] / n : 0, epsilon);
    return sum;
}

/* ---- the list ---- */

typedef struct competitor {
    int at;
    int32_t item;
    double rel, length, nearest; /* nearest: max sim to the places filled */
    bool gone;
} competitor;

typedef struct table { /* filling it */
    const rerank_articles *a;
    const rerank_candidates *c;
    rerank_params p;
    competitor *all;
    int n, filled, news;
    double low, range;
    int *in_category; /* [categories] of the list; NULL = no calibration */
    double *imbalance; /* [categories] KL after one more of the category */
    rerank_place *to;
} table;

static bool skipped(const rerank_candidates *c, int32_t item) {
    int64_t low = 0, high = c->skips;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (c->skip[middle] < item) low = middle + 1;
        else high = middle;
    }
    return low < c->skips && c->skip[low] == item;
}

static void admit(table *t, arena *scratch) {
    const rerank_candidates *c = t->c;
    double high = -INFINITY;
    t->low = INFINITY;
    t->all = take(scratch, competitor, c->n);
    for (int i = 0; i < c->n; i++) {
        int32_t item = c->item[i];
        assert(item >= 0 && item < t->a->n);
        if ((c->allowed && !c->allowed[item]) || skipped(c, item)) continue;
        double score = (double)c->score[i];
        t->low = fmin(t->low, score);
        high = fmax(high, score);
        t->all[t->n++] = (competitor){.at = i, .item = item};
    }
    t->range = high > t->low ? high - t->low : 1;
    for (int i = 0; i < t->n; i++) {
        competitor *x = &t->all[i];
        double score = (double)c->score[x->at];
        x->rel = high > t->low ? (score - t->low) / t->range : 1;
        if (t->p.diversity > 0) x->length = length_of(t->a, x->item);
    }
}

/* KL of the list with one more of each category, for all categories at once. */
static void weigh_categories(table *t) {
    double sum = 0, n = t->filled + 1, e = t->p.epsilon;
    for (int g = 0; g < t->a->categories; g++)
        sum += term((double)t->c->taste[g], t->in_category[g] / n, e);
    for (int g = 0; g < t->a->categories; g++)
        t->imbalance[g] = sum - term((double)t->c->taste[g], t->in_category[g] / n, e) +
                          term((double)t->c->taste[g], (t->in_category[g] + 1) / n, e);
}

static double value(const table *t, const competitor *x) {
    double c = t->in_category ? t->p.calibration : 0, d = t->p.diversity;
    double boost = t->c->boost ? (double)t->c->boost[x->at] : 0;
    double one = (1 - c) * ((1 - d) * (x->rel + boost) - d * x->nearest);
    return c > 0 ? one - c * t->imbalance[t->a->category[x->item]] : one;
}

/* value() on the scale of the scores, less the score itself. */
static double moved(const table *t, const competitor *x) {
    double c = t->in_category ? t->p.calibration : 0;
    double share = fmax((1 - c) * (1 - t->p.diversity), 1e-3); /* of rel in value() */
    return t->range * (value(t, x) / share - x->rel);
}

/* Takes those out of the competition that would exceed the most of their group. */
static void close_group(table *t, const int32_t *group, int most, int32_t item) {
    if (!group || most == 0 || group[item] < 0) return;
    int n = 0;
    for (int r = 0; r < t->filled; r++) n += group[t->to[r].item] == group[item];
    if (n < most) return;
    for (int i = 0; i < t->n; i++)
        if (group[t->all[i].item] == group[item]) t->all[i].gone = true;
}

static void place(table *t, competitor *x) {
    t->to[t->filled++] = (rerank_place){x->at, x->item, (float)moved(t, x)};
    x->gone = true;
    t->news += t->a->is_new && t->a->is_new[x->item];
    if (t->in_category) t->in_category[t->a->category[x->item]]++;
    close_group(t, t->a->product, t->p.most_product, x->item);
    close_group(t, t->a->category, t->p.most_category, x->item);
    close_group(t, t->a->type, t->p.most_type, x->item);
    if (t->p.diversity <= 0) return;
    for (int i = 0; i < t->n; i++) {
        competitor *y = &t->all[i];
        if (!y->gone)
            y->nearest =
                fmax(y->nearest, similarity(t->a, y->item, x->item, y->length * x->length));
    }
}

/* The best competitor, of the new articles alone where only_new is set; NULL when there is none. */
static competitor *best(table *t, bool only_new) {
    competitor *top = NULL;
    double most = 0;
    for (int i = 0; i < t->n; i++) {
        competitor *x = &t->all[i];
        if (x->gone || (only_new && !t->a->is_new[x->item])) continue;
        double v = value(t, x);
        if (top && (v < most || (v == most && x->item > top->item))) continue;
        top = x;
        most = v;
    }
    return top;
}

int rerank_list(const rerank_articles *a, const rerank_candidates *c, rerank_params p,
                rerank_place *to, arena scratch) {
    assert(!rerank_check(p));
    table t = {.a = a, .c = c, .p = p, .to = to};
    admit(&t, &scratch);
    if (c->taste && a->category && p.calibration > 0) {
        t.in_category = take(&scratch, int, a->categories);
        t.imbalance = take(&scratch, double, a->categories);
    }
    while (t.filled < p.k) {
        /* 1e-9: 0.3 of 10 places are three, whatever 0.3 is in binary */
        int news = a->is_new ? (int)floor(p.new_share * (t.filled + 1) + 1e-9) : 0;
        if (t.in_category) weigh_categories(&t);
        competitor *x = t.news < news ? best(&t, true) : NULL;
        if (!x) x = best(&t, false);
        if (!x) break;
        place(&t, x);
    }
    return t.filled;
}
