/* slopes: the price slope of each article by itself, and drawn toward its category. */
#include "models/insight/slopes.h"

#include <math.h>

#include "base/order.h"

enum { ROUNDS = 60 };

const char *const slope_words[SLOPE_VERDICTS] = {
    NULL,
    "fewer than eight weeks",
    "fewer than three prices 3 % apart",
    "sold at its lowest or at its highest price only",
};

/* Rows of one article that say something, and room for their shares. */
typedef struct own_rows {
    int64_t n;
    double *units, *x, *offset, *share;
    double total, sold_x; /* units; sum of units · x */
} own_rows;

/* Shares under slope b; returns ln sum exp(b x + offset). */
static double shares_of(const own_rows *r, double b, double *mean, double *variance) {
    double most = -INFINITY, sum = 0.0;
    for (int64_t i = 0; i < r->n; i++) most = fmax(most, b * r->x[i] + r->offset[i]);
    for (int64_t i = 0; i < r->n; i++)
        sum += r->share[i] = exp(b * r->x[i] + r->offset[i] - most);
    *mean = *variance = 0.0;
    for (int64_t i = 0; i < r->n; i++) *mean += (r->share[i] /= sum) * r->x[i];
    for (int64_t i = 0; i < r->n; i++)
        *variance += r->share[i] * (r->x[i] - *mean) * (r->x[i] - *mean);
    return most + log(sum);
}

/* Distinct prices: ascending, a new point where one lies 3 % above the point before. */
static int32_t count_points(const own_rows *r, arena scratch) {
    int32_t *index = order_count(r->n, &scratch), points = 0;
    double last = -INFINITY;
    order_up(index, r->n, r->x, scratch);
    for (int64_t i = 0; i < r->n; i++)
        if (r->x[index[i]] - last >= log(1.0 + SLOPE_APART)) last = r->x[index[i]], points++;
    return points;
}

/* True when units lie on both sides of some price: else the slope has no end. */
static bool has_middle(const own_rows *r) {
    double low = INFINITY, high = -INFINITY, sold_low = INFINITY, sold_high = -INFINITY;
    for (int64_t i = 0; i < r->n; i++) {
        low = fmin(low, r->x[i]), high = fmax(high, r->x[i]);
        if (!(r->units[i] > 0)) continue;
        sold_low = fmin(sold_low, r->x[i]), sold_high = fmax(sold_high, r->x[i]);
    }
    return sold_low < high && sold_high > low;
}

static void solve(slope *out, const own_rows *r) {
    double b = 0.0, mean, variance, pearson = 0.0;
    double level = b * r->sold_x - r->total * shares_of(r, b, &mean, &variance);
    for (int round = 0; round < ROUNDS; round++) {
        double step = (r->sold_x / r->total - mean) / variance;
        step = fmax(-5.0, fmin(5.0, step));
        double next = -INFINITY, tried = b;
        for (int half = 0; half < 40; half++, step *= 0.5) {
            tried = b + step;
            next = tried * r->sold_x - r->total * shares_of(r, tried, &mean, &variance);
            if (next >= level) break;
        }
        double moved = fabs(tried - b);
        b = tried, level = next;
        if (moved < 1e-10 * (1.0 + fabs(b))) break;
    }
    for (int64_t i = 0; i < r->n; i++) {
        double expected = r->total * r->share[i], left = r->units[i] - expected;
        if (expected > 0) pearson += left * left / expected;
    }
    out->own = b;
    out->own_se = sqrt(fmax(1.0, pearson / (double)(r->n - 2)) / (r->total * variance));
}

static void fit_one(slope *out, own_rows *r, arena scratch) {
    out->weeks = (int32_t)r->n, out->units = r->total;
    out->points = count_points(r, scratch);
    out->own = out->own_se = NAN;
    out->verdict = r->n < SLOPE_WEEKS             ? SLOPE_FEW_WEEKS
                   : out->points < SLOPE_POINTS ? SLOPE_FEW_POINTS
                   : !has_middle(r)               ? SLOPE_ONE_END
                                                  : SLOPE_OWN;
    if (out->verdict == SLOPE_OWN) solve(out, r);
}

void slopes_fit(slope *out, const slope_rows *r, arena scratch) {
    own_rows own = {.units = take(&scratch, double, r->n), .x = take(&scratch, double, r->n),
                    .offset = take(&scratch, double, r->n),
                    .share = take(&scratch, double, r->n)};
    for (int32_t a = 0; a < r->articles; a++)
        out[a] = (slope){.verdict = SLOPE_FEW_WEEKS, .own = NAN, .own_se = NAN};
    for (int64_t i = 0; i < r->n;) {
        int32_t a = r->article[i];
        own.n = 0, own.total = own.sold_x = 0.0;
        for (; i < r->n && r->article[i] == a; i++) {
            if (!isfinite(r->offset[i])) continue;
            own.units[own.n] = r->units[i], own.x[own.n] = r->x[i];
            own.offset[own.n++] = r->offset[i];
            own.total += r->units[i], own.sold_x += r->units[i] * r->x[i];
        }
        fit_one(&out[a], &own, scratch);
    }
}

/* Moments: what the articles of a category differ beyond their standard errors. */
static double spread_of(const slope *s, int32_t n, const int32_t *group, int32_t groups,
                        arena scratch) {
    double *w = take(&scratch, double, groups), *w2 = take(&scratch, double, groups),
           *wb = take(&scratch, double, groups), q = 0.0, free = 0.0, under = 0.0;
    for (int32_t i = 0; i < n; i++) {
        if (s[i].verdict != SLOPE_OWN) continue;
        double one = 1.0 / (s[i].own_se * s[i].own_se);
        w[group[i]] += one, w2[group[i]] += one * one, wb[group[i]] += one * s[i].own;
        free += 1.0;
    }
    for (int32_t i = 0; i < n; i++) {
        if (s[i].verdict != SLOPE_OWN) continue;
        double off = (s[i].own - wb[group[i]] / w[group[i]]) / s[i].own_se;
        q += off * off;
    }
    for (int32_t g = 0; g < groups; g++)
        if (w[g] > 0) free -= 1.0, under += w[g] - w2[g] / w[g];
    return under > 0 ? fmax(0.0, (q - free) / under) : 0.0;
}

double slopes_shrink(slope *s, int32_t n, const int32_t *group, int32_t groups, const double *mean,
                     const double *mean_se, arena scratch) {
    double tau2 = spread_of(s, n, group, groups, scratch);
    for (int32_t i = 0; i < n; i++) {
        bool own = s[i].verdict == SLOPE_OWN;
        double m = mean[group[i]], v = mean_se[group[i]] * mean_se[group[i]];
        double w = own ? tau2 / (tau2 + s[i].own_se * s[i].own_se) : 0.0;
        double inside = own ? w * s[i].own_se * s[i].own_se : tau2;
        s[i].weight = w;
        s[i].value = own ? w * s[i].own + (1.0 - w) * m : m;
        s[i].se = sqrt(inside + (1.0 - w) * (1.0 - w) * v);
    }
    return tau2;
}
