/* trend: which items sell more, or less, than a while ago, judged with shrinkage. */
#include "models/insight/trend.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/interval.h"

#define ITEMS_PER_CHUNK 1024
#define LEAST_STRENGTH  0.5
#define MOST_STRENGTH   1e5 /* beyond it the prior is a point for any catalogue */

typedef struct counts {
    double y0, y1, ratio; /* units and e1 / e0; ratio 0 = not on sale in both windows */
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
    return (counts){.y0 = fmax(y[0], 0), .y1 = fmax(y[1], 0),
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
    int sign;
    double s = p->strength, whole = lgamma_r(s, &sign);
    for (int64_t at = from; at < to; at++) {
        counts c = j->of[j->order[at]];
        if (!counts_for_prior(c)) continue;
        double a = s * prior_mean(p->mu, c.ratio), b = s - a, phi = phi_of(c, p);
        double y0 = c.y0 / phi, y1 = c.y1 / phi;
        sum += lgamma_r(a + y1, &sign) - lgamma_r(a, &sign) + lgamma_r(b + y0, &sign) -
               lgamma_r(b, &sign) + whole - lgamma_r(s + y0 + y1, &sign);
    }
    return sum;
}

static double likelihood_at(const job *j, int64_t from, int64_t to, trend_prior p, bool strength,
                            double x) {
    *(strength ? &p.strength : &p.mu) = strength ? exp(x) : x;
    return likelihood(j, from, to, &p);
}

/* Golden section for the larger likelihood; walks ln s (or mu) between low and high. */
static double climb(const job *j, int64_t from, int64_t to, trend_prior p, bool strength,
                    double low, double high) {
    const double golden = 0.6180339887498949;
    double x[2] = {high - golden * (high - low), low + golden * (high - low)}, f[2];
    for (int i = 0; i < 2; i++) f[i] = likelihood_at(j, from, to, p, strength, x[i]);
    while (high - low > 2e-3) { /* 0.2 % of s or of growth: far inside the error of any fit */
        int worse = f[0] < f[1] ? 0 : 1, better = 1 - worse;
        if (worse == 0) low = x[0];
        else high = x[1];
        x[worse] = x[better], f[worse] = f[better];
        x[better] = worse == 0 ? low + golden * (high - low) : high - golden * (high - low);
        f[better] = likelihood_at(j, from, to, p, strength, x[better]);
    }
    return 0.5 * (low + high);
}

static trend_prior fit_prior(const job *j, int64_t from, int64_t to) {
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
    double centre = p.mu;
    for (int round = 0; round < 2; round++) {
        p.strength = exp(climb(j, from, to, p, true, log(LEAST_STRENGTH), log(MOST_STRENGTH)));
        p.mu = climb(j, from, to, p, false, centre - 2.0, centre + 2.0);
    }
    return p;
}

static void fit_category(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    job *j = what;
    j->out->prior[chunk] = fit_prior(j, j->first[chunk], j->first[chunk + 1]);
}

void trend_posterior(trend_item *out, double y0, double y1, double ratio, double mu,
                     double strength) {
    double m = prior_mean(mu, ratio), a = strength * m + y1, b = strength * (1.0 - m) + y0;
    const double at[3] = {0.05, 0.5, 0.95};
    double g[3];
    for (int i = 0; i < 3; i++) {
        /* from the smaller tail, so that p / (1 - p) keeps its digits at both ends */
        double up = beta_quantile(at[i], a, b);
        double odds = up < 0.5 ? up / (1.0 - up) : 0.0;
        if (up >= 0.5) {
            double down = beta_quantile(1.0 - at[i], b, a);
            odds = (1.0 - down) / down;
        }
        g[i] = odds / ratio;
    }
    double below = beta_below(ratio / (1.0 + ratio), a, b);
    out->low = g[0], out->growth = g[1], out->high = g[2];
    out->lfsr = fmin(below, 1.0 - below);
}

/* The chance that the direction of `one` is wrong when nothing is known of its category. */
static double doubt_alone(const trend_item *one, double y0, double y1, double ratio, double s) {
    double m = prior_mean(0.0, ratio);
    double below = beta_below(ratio / (1.0 + ratio), s * m + y1, s * (1.0 - m) + y0);
    return one->growth >= 1.0 ? below : 1.0 - below;
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
        if (!(c.ratio > 0)) continue;
        one->raw = (c.y1 + 0.5) / (c.y0 + 0.5) / c.ratio;
        double phi = phi_of(c, p), strength = p->strength * j->p.strength;
        trend_posterior(one, c.y0 / phi, c.y1 / phi, c.ratio, p->mu, strength);
        double alone = doubt_alone(one, c.y0 / phi, c.y1 / phi, c.ratio, strength);
        one->lfsr = fmin(0.5, fmax(one->lfsr, alone));
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
    job j = {.items = items, .p = p, .out = out, .of = of, .first = first, .order = order};
    out->all = fit_prior(&j, 0, items->n);
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
