/* trend: which items sell more, or less, than a while ago, judged with shrinkage. */
#include "models/insight/trend.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/insight/golden.h"
#include "models/insight/posterior.h"

#define ITEMS_PER_CHUNK 1024
#define LEAST_STRENGTH  0.5
#define MOST_FITTED     1024 /* items a likelihood sums over; more are taken evenly */
#define MOST_STRENGTH   1e5 /* beyond it the prior is a point for any catalogue */

typedef struct counts {
    double y0, y1, e0, e1, ratio; /* units, exposures, e1 / e0; 0 = not on sale in both windows */
    double weekly;        /* units a week on sale */
    double silence;       /* units to be expected since the last sale */
    bool ended;
} counts;

typedef struct job {
    const trend_items *items;
    trend_params p;
    trend_model *out;
    counts *of;               /* [n] */
    const int64_t *first;     /* [categories + 1] into order */
    const int64_t *order;     /* [n] items by category */
    posterior_grid grid;
} job;

const char *const trend_call_words[TREND_CALLS] = {"steady", "rising", "declining", "new",
                                                   "ended"};

const char *trend_check(trend_params p) {
    if (!(p.strength > 0)) return "strength must be positive";
    if (!(p.rising >= 1) || !(p.declining > 0 && p.declining <= 1))
        return "rising must be at least 1 and declining in (0, 1]";
    if (!(p.sure > 0 && p.sure <= 0.5)) return "sure must be in (0, 0.5]";
    if (!(p.ended >= 0 && p.ended <= 0.5)) return "ended must be in [0, 0.5]";
    if (p.least_items < 2) return "a prior needs at least 2 items";
    return NULL;
}

static double exposure_of(const trend_items *t, int64_t i, int week) {
    return t->exposure ? t->exposure[i * 2 * t->weeks + week] : 1.0;
}

/* Weeks at the end without a sale, in units of the rate before them. */
static double silence_of(const trend_items *t, int64_t i) {
    int w = 2 * t->weeks;
    double units = 0.0, before = 0.0, since = 0.0;
    while (w > 0 && t->units[i * 2 * t->weeks + w - 1] <= 0) since += exposure_of(t, i, --w);
    while (w > 0) units += t->units[i * 2 * t->weeks + --w], before += exposure_of(t, i, w);
    return units > 0 && before > 0 ? units / before * since : 0.0;
}

static counts count_item(const trend_items *t, int64_t i) {
    double y[2] = {0}, e[2] = {0};
    int weeks = 0;
    for (int w = 0; w < 2 * t->weeks; w++) {
        y[w >= t->weeks] += t->units[i * 2 * t->weeks + w];
        e[w >= t->weeks] += exposure_of(t, i, w);
        weeks += exposure_of(t, i, w) > 0;
    }
    /* more returns than sales: none */
    return (counts){.y0 = fmax(y[0], 0), .y1 = fmax(y[1], 0), .e0 = e[0], .e1 = e[1],
                    .ratio = e[0] > 0 && e[1] > 0 ? e[1] / e[0] : 0.0,
                    .weekly = weeks ? fmax(y[0] + y[1], 0) / weeks : 0.0,
                    .silence = silence_of(t, i)};
}

/* Sums over items and pairs of neighbouring weeks in a window: Pearson's statistic of the pair's
 * units around the share of the exposures, its expectation for Poisson counts, and that times the
 * weekly units. Neighbours, because a drift through the window is growth and no noise. */
typedef struct spread {
    double statistic, pairs, rate;
} spread;

static void add_window(spread *s, const trend_items *t, int64_t i, int half) {
    const int32_t *y = t->units + i * 2 * t->weeks;
    for (int w = half * t->weeks; w + 1 < (half + 1) * t->weeks; w++) {
        double e[2] = {exposure_of(t, i, w), exposure_of(t, i, w + 1)};
        double both = fmax(y[w], 0) + fmax(y[w + 1], 0);
        if (!(e[0] > 0) || !(e[1] > 0) || !(both > 0)) continue;
        double share = e[1] / (e[0] + e[1]), off = fmax(y[w + 1], 0) - both * share;
        s->statistic += off * off / (both * share * (1.0 - share));
        s->pairs += 1.0, s->rate += both / 2.0;
    }
}

static void find_dispersion(const job *j, int64_t from, int64_t to, trend_prior *p) {
    spread s = {0};
    for (int64_t at = from; at < to; at++) {
        int64_t i = j->order[at];
        for (int half = 0; half < 2 && !j->of[i].ended; half++) add_window(&s, j->items, i, half);
    }
    p->dispersion = s.pairs > 0 ? fmax(1.0, s.statistic / s.pairs) : 1.0;
    p->bunching = s.rate > 0 ? fmax(0.0, (s.statistic - s.pairs) / s.rate) : 0.0;
}

static double phi_of(counts c, const trend_prior *p) { return 1.0 + p->bunching * c.weekly; }

static bool has_ended(counts c, const trend_prior *p, double chance) {
    return exp(-c.silence / phi_of(c, p)) < chance;
}

/* Finds the dispersion and, with it, the items that ended; the first look takes phi for 1. */
static void mark_ended(const job *j, int64_t from, int64_t to, trend_prior *p) {
    for (int round = 0; round < 2; round++) {
        for (int64_t at = from; at < to; at++) {
            counts *c = &j->of[j->order[at]];
            c->ended = has_ended(*c, p, j->p.ended);
        }
        if (round == 0) find_dispersion(j, from, to, p);
    }
}

static bool counts_for_prior(counts c) { return c.ratio > 0 && c.y0 + c.y1 > 0 && !c.ended; }

static double prior_mean(double mu, double ratio) { return 1.0 / (1.0 + exp(-mu) / ratio); }

/* Beta-binomial log likelihood without the binomial coefficients. */
static double likelihood(const job *j, int64_t from, int64_t to, const trend_prior *p) {
    double sum = 0.0;
    double s = p->strength, whole = golden_log_gamma(s);
    for (int64_t at = from; at < to; at += (to - from - 1) / MOST_FITTED + 1) {
        counts c = j->of[j->order[at]];
        if (!counts_for_prior(c)) continue;
        double a = s * prior_mean(p->mu, c.ratio), b = s - a, phi = phi_of(c, p);
        double y0 = c.y0 / phi, y1 = c.y1 / phi;
        if (y1 > 0) sum += golden_log_gamma(a + y1) - golden_log_gamma(a);
        if (y0 > 0) sum += golden_log_gamma(b + y0) - golden_log_gamma(b);
        sum += whole - golden_log_gamma(s + y0 + y1);
    }
    return sum;
}

typedef struct likely {
    const job *j;
    int64_t from, to;
    trend_prior p;
} likely;

static double by_strength(const void *what, double x) {
    likely l = *(const likely *)what;
    l.p.strength = exp(x);
    return likelihood(l.j, l.from, l.to, &l.p);
}

static double by_growth(const void *what, double x) {
    likely l = *(const likely *)what;
    l.p.mu = x;
    return likelihood(l.j, l.from, l.to, &l.p);
}

/* 0.5 % of s or of growth: far inside the error of any fit */
static double climb(likely *l, bool strength, double low, double high) {
    return golden_largest(strength ? by_strength : by_growth, l, low, high, 5e-3);
}

static outlook_prior fit_level(const job *j, int64_t from, int64_t to, const trend_prior *p,
                               arena scratch) {
    int64_t step = (to - from - 1) / MOST_FITTED + 1, n = 0;
    double *y = take(&scratch, double, MOST_FITTED), *e = take(&scratch, double, MOST_FITTED);
    for (int64_t at = from; at < to; at += step) {
        counts c = j->of[j->order[at]];
        if (!counts_for_prior(c)) continue;
        double phi = phi_of(c, p);
        y[n] = (c.y0 + c.y1) / phi, e[n++] = (c.e0 + c.e1) / phi;
    }
    return outlook_fit(y, e, n);
}

static trend_prior fit_prior(const job *j, int64_t from, int64_t to, arena scratch) {
    trend_prior p = {.strength = 20.0};
    double y1 = 0.5, expected = 0.5;
    mark_ended(j, from, to, &p);
    for (int64_t at = from; at < to; at++) {
        counts c = j->of[j->order[at]];
        if (!counts_for_prior(c)) continue;
        p.items++;
        y1 += c.y1, expected += c.y0 * c.ratio;
    }
    if (p.items < 2) return p;
    p.mu = log(y1 / expected);
    likely l = {j, from, to, p};
    l.p.strength = exp(climb(&l, true, log(LEAST_STRENGTH), log(MOST_STRENGTH)));
    l.p.mu = climb(&l, false, p.mu - 2.0, p.mu + 2.0);
    double s = log(l.p.strength); /* the second round looks near the first */
    l.p.strength = exp(climb(&l, true, fmax(s - 1.0, log(LEAST_STRENGTH)),
                             fmin(s + 1.0, log(MOST_STRENGTH))));
    l.p.mu = climb(&l, false, l.p.mu - 0.25, l.p.mu + 0.25);
    l.p.level = fit_level(j, from, to, &p, scratch);
    return l.p;
}

static void fit_all(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    (void)chunk;
    j->out->all = fit_prior(j, 0, j->items->n, scratch);
}

static void fit_category(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    j->out->prior[chunk] = fit_prior(j, j->first[chunk], j->first[chunk + 1], scratch);
}

/* The posterior by the category's prior; the doubt also by one that knows nothing of it. */
static void judge(const job *j, trend_item *one, double y0, double y1, double ratio,
                  const trend_prior *p) {
    double s = p->strength * j->p.strength, m = prior_mean(p->mu, ratio);
    double alone = prior_mean(0.0, ratio);
    posterior by = posterior_of(&j->grid, s * m + y1, s * (1.0 - m) + y0, ratio);
    double below = posterior_below(&j->grid, s * alone + y1, s * (1.0 - alone) + y0, ratio);
    double doubt = by.growth >= 1.0 ? below : 1.0 - below;
    one->growth = by.growth, one->low = by.low, one->high = by.high;
    one->lfsr = fmin(0.5, fmax(fmin(by.below, 1.0 - by.below), doubt));
}

/* The rate of both windows together, shrunk toward the category. */
static void put_rate(trend_item *one, counts c, const trend_prior *p) {
    double phi = phi_of(c, p), e = c.e0 + c.e1;
    if (!(e > 0)) return;
    one->size = p->level.shape + (c.y0 + c.y1) / phi;
    one->rate = outlook_rate(p->level, (c.y0 + c.y1) / phi, e / phi);
}

double trend_foretell(const trend_item *one, double exposure) {
    return one->size > 0 ? outlook_median(one->rate * exposure, one->size) : 0.0;
}

static void judge_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    job *j = what;
    int64_t end = (chunk + 1) * ITEMS_PER_CHUNK;
    if (end > j->items->n) end = j->items->n;
    for (int64_t i = chunk * ITEMS_PER_CHUNK; i < end; i++) {
        counts c = j->of[i];
        trend_item *one = &j->out->item[i];
        const trend_prior *p = &j->out->prior[j->items->category[i]];
        c.ended = has_ended(c, p, j->p.ended);
        *one = (trend_item){.previous = (int64_t)c.y0, .recent = (int64_t)c.y1,
                            .call = c.ended ? TREND_ENDED : TREND_NEW};
        put_rate(one, c, p);
        if (!(c.ratio > 0)) continue;
        one->raw = (c.y1 + 0.5) / (c.y0 + 0.5) / c.ratio;
        double phi = phi_of(c, p);
        judge(j, one, c.y0 / phi, c.y1 / phi, c.ratio, p);
        one->rate *= (c.e0 + c.e1) * one->growth / (c.e0 + one->growth * c.e1);
        bool sure = one->lfsr < j->p.sure && c.y0 + c.y1 > 0;
        one->call = sure && one->growth >= j->p.rising     ? TREND_RISING
                    : sure && one->growth <= j->p.declining ? TREND_DECLINING
                                                            : TREND_STEADY;
        if (c.ended) one->call = TREND_ENDED;
    }
}

void trend_fit(trend_model *out, const trend_items *items, trend_params p, pool *threads,
               arena *keep) {
    assert(!trend_check(p) && items->weeks >= 1 && items->categories >= 1);
    out->prior = take(keep, trend_prior, items->categories);
    out->item = take(keep, trend_item, items->n);
    counts *of = take(keep, counts, items->n);
    int64_t *first = take(keep, int64_t, items->categories + 2);
    int64_t *order = take(keep, int64_t, items->n);
    for (int64_t i = 0; i < items->n; i++) {
        assert(items->category[i] >= 0 && items->category[i] < items->categories);
        of[i] = count_item(items, i);
        first[items->category[i] + 2]++;
    }
    for (int c = 2; c < items->categories + 2; c++) first[c] += first[c - 1];
    for (int64_t i = 0; i < items->n; i++) order[first[items->category[i] + 1]++] = i;
    job j = {.items = items, .p = p, .out = out, .of = of, .first = first, .order = order,
             .grid = posterior_open()};
    pool_for(threads, 1, fit_all, &j); /* first: both mark which items have ended */
    pool_for(threads, items->categories, fit_category, &j);
    for (int c = 0; c < items->categories; c++) {
        if (out->prior[c].items >= p.least_items) continue;
        int64_t own = out->prior[c].items;
        out->prior[c] = out->all;
        out->prior[c].items = own, out->prior[c].borrowed = true;
    }
    pool_for(threads, (items->n + ITEMS_PER_CHUNK - 1) / ITEMS_PER_CHUNK, judge_chunk, &j);
}

int64_t trend_ranking(const trend_item *item, int64_t n, trend_call which, int32_t *order,
                      arena scratch) {
    double *key = take(&scratch, double, n);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        key[i] = which == TREND_DECLINING ? -item[i].high : item[i].low;
        if (item[i].call == which) order[count++] = (int32_t)i;
    }
    order_down(order, count, key, scratch);
    return count;
}
