/* parzen: the density of some points of a space: a mixture of products, a kernel for each point. */
#include "models/tune/parzen.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"
#include "models/normal.h"

enum { YOUNG = 25 };
#define HALF_LOG_2PI 0.91893853320467274178

static double scaled(const space_param *p, double x) { return p->log ? log(x) : x; }

/* Widths of m points from their neighbours, and which kernels are alike. */
static void set_widths(parzen_param *to, int m, arena scratch) {
    double range = to->high - to->low, least = range / fmin(100, 2 + m);
    int32_t *by = order_count(m, &scratch);
    order_up(by, m, to->centre, scratch);
    for (int i = 0; i < m; i++) {
        double here = to->centre[by[i]];
        double left = here - (i > 0 ? to->centre[by[i - 1]] : to->low);
        double right = (i + 1 < m ? to->centre[by[i + 1]] : to->high) - here;
        double width = fmax(left, right);
        if (m > 1 && i == 0) width = right;
        if (m > 1 && i + 1 == m) width = left;
        to->width[by[i]] = fmin(fmax(width, least), range);
        to->alike[by[i]] = by[i];
        if (i == 0 || to->centre[by[i - 1]] != here) continue;
        if (to->width[by[i - 1]] == to->width[by[i]]) to->alike[by[i]] = to->alike[by[i - 1]];
    }
    to->alike[m] = m;
}

static void set_numbers(parzen_param *to, int which, const double *const *points, int m,
                        arena *keep, arena scratch) {
    const space_param *p = to->p;
    double half = space_step(p) / 2;
    to->low = scaled(p, p->low - half);
    to->high = scaled(p, p->high + half);
    to->width = take(keep, double, m + 1);
    to->alike = take(keep, int32_t, m + 1);
    to->log_mass = take(keep, double, m + 1);
    for (int k = 0; k < m; k++) to->centre[k] = scaled(p, points[k][which]);
    set_widths(to, m, scratch);
    to->centre[m] = (to->low + to->high) / 2;
    to->width[m] = to->high - to->low;
    to->inverse = take(keep, double, m + 1);
    to->log_scale = take(keep, double, m + 1);
    double last = 0, log_last = 0; /* most widths are the least */
    for (int k = 0; k <= m && to->low < to->high; k++) { /* a range of one value: all are 0 */
        double c = to->centre[k], w = to->width[k];
        if (w != last) last = w, log_last = log(w);
        to->log_mass[k] = normal_log_mass((to->low - c) / w, (to->high - c) / w);
        to->inverse[k] = 1 / w;
        to->log_scale[k] = -HALF_LOG_2PI - log_last - to->log_mass[k];
    }
}

static void set_weights(parzen *f, int m) {
    double sum = 0;
    for (int k = 0; k <= m; k++) {
        int old = m - YOUNG; /* so many fade, in even steps from 1 / m to 1 */
        double w = k < old ? 1.0 / m + (old > 1 ? (1 - 1.0 / m) * k / (old - 1) : 0) : 1;
        f->log_weight[k] = w;
        sum += w;
    }
    for (int k = 0; k <= m; k++) f->log_weight[k] = log(f->log_weight[k] / sum);
}

parzen parzen_make(const space *s, const int *which, int n, const double *const *points, int m,
                   arena *keep, arena scratch) {
    parzen f = {.n = n, .kernels = m + 1, .log_weight = take(keep, double, m + 1),
                .at = take(keep, parzen_param, n)};
    set_weights(&f, m);
    for (int j = 0; j < n; j++) {
        parzen_param *to = &f.at[j];
        to->p = &s->at[which[j]];
        to->centre = take(keep, double, m + 1);
        if (to->p->kind != SPACE_WORD) {
            set_numbers(to, which[j], points, m, keep, scratch);
            continue;
        }
        for (int k = 0; k < m; k++) to->centre[k] = points[k][which[j]];
        to->centre[m] = -1;
    }
    return f;
}

/* ---- drawing ---- */

static double draw_word(const parzen_param *at, int k, int m, rng *r) {
    double own = at->centre[k], each = 1.0 / (m + 1);
    if (own < 0) return (double)rng_below(r, at->p->n);
    double u = rng_uniform(r) * (1 + each * at->p->n);
    return u < 1 ? own : fmin(floor((u - 1) / each), at->p->n - 1);
}

static double draw_number(const parzen_param *at, int k, rng *r) {
    double c = at->centre[k], w = at->width[k];
    if (w == 0) return at->p->low;
    double from = erfc((c - at->low) / w * M_SQRT1_2) / 2;
    double to = 1 - erfc((at->high - c) / w * M_SQRT1_2) / 2;
    double u = fmin(fmax(from + rng_uniform(r) * (to - from), 1e-300), 1 - 1e-16);
    double x = fmin(fmax(c + w * normal_quantile(u), at->low), at->high);
    return space_round(at->p, at->p->log ? exp(x) : x);
}

void parzen_draw(const parzen *f, rng *r, double *x) {
    double u = rng_uniform(r);
    int k = 0;
    while (k + 1 < f->kernels && (u -= exp(f->log_weight[k])) >= 0) k++;
    for (int j = 0; j < f->n; j++)
        x[j] = f->at[j].p->kind == SPACE_WORD ? draw_word(&f->at[j], k, f->kernels - 1, r)
                                              : draw_number(&f->at[j], k, r);
}

/* ---- densities ---- */

static void word_terms(const parzen_param *at, int kernels, double x, double *to) {
    double each = 1.0 / kernels, all = 1 + each * at->p->n;
    double own = log((1 + each) / all), other = log(each / all);
    for (int k = 0; k < kernels; k++) to[k] = at->centre[k] == x ? own : other;
    to[kernels - 1] = -log(at->p->n);
}

/* Adds the ln of the density at x. */
static void add_density(const parzen_param *at, int kernels, double x, double *restrict to) {
    const double *centre = at->centre, *inverse = at->inverse, *scale = at->log_scale;
    double here = scaled(at->p, x);
    for (int k = 0; k < kernels; k++) {
        double z = (here - centre[k]) * inverse[k];
        to[k] += scale[k] - z * z / 2;
    }
}

/* Where cells are alike, their mass under kernels of one width depends on how many cells they are
 * from the centre alone: ln of it, NaN = not reckoned yet, for the least width, which most have. */
typedef struct cells {
    double *log_mass; /* NULL: they are not alike, or too many */
    int n;
    double width;
} cells;

enum { CELLS_MOST = 4096 };

static cells cells_of(const parzen_param *at, int kernels, arena *keep) {
    cells c = {.width = INFINITY};
    double step = space_step(at->p), all = step > 0 ? (at->high - at->low) / step : INFINITY;
    if (at->p->log || all > CELLS_MOST) return c;
    for (int k = 0; k + 1 < kernels; k++) c.width = fmin(c.width, at->width[k]);
    c.n = (int)ceil(all) + 1;
    c.log_mass = take_raw(keep, double, c.n);
    for (int i = 0; i < c.n; i++) c.log_mass[i] = NAN;
    return c;
}

/* ln of the mass of the cell of x. */
static void cell_terms(const parzen_param *at, int kernels, double x, const cells *known,
                       double *to) {
    double step = space_step(at->p), half = step / 2;
    double low = fmax(scaled(at->p, x - half), at->low);
    double high = fmin(scaled(at->p, x + half), at->high);
    for (int k = 0; k < kernels; k++) {
        double c = at->centre[k], w = at->width[k];
        if (at->alike[k] != k) continue;
        /* the prior's centre may lie between two cells */
        bool alike = known->log_mass && w == known->width && k + 1 < kernels;
        double one = NAN, *mass = alike ? &known->log_mass[lrint(fabs(x - c) / step)] : &one;
        if (isnan(*mass)) *mass = normal_log_mass((low - c) / w, (high - c) / w);
        to[k] = *mass - at->log_mass[k];
    }
    for (int k = 0; k < kernels; k++) to[k] = to[at->alike[k]];
}

static double log_sum(const double *x, int n) {
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
    for (int i = 0; i < n; i++) sum += x[i] > top - 40 ? exp(x[i] - top) : 0; /* e^-40: rounding */
    return top + log(sum);
}

void parzen_log(const parzen *f, const double *x, int many, double *to, arena scratch) {
    int kernels = f->kernels;
    double *sum = take_raw(&scratch, double, (int64_t)many * kernels);
    double *term = take_raw(&scratch, double, kernels);
    for (int i = 0; i < many; i++)
        for (int k = 0; k < kernels; k++) sum[i * kernels + k] = f->log_weight[k];
    for (int j = 0; j < f->n; j++) {
        const parzen_param *at = &f->at[j];
        bool stepped = at->p->kind != SPACE_WORD && space_step(at->p) > 0;
        arena own = scratch;
        cells known = {0};
        if (stepped) known = cells_of(at, kernels, &own);
        for (int i = 0; i < many; i++) {
            double here = x[i * f->n + j];
            if (at->p->kind != SPACE_WORD && !stepped) {
                add_density(at, kernels, here, sum + i * kernels);
                continue;
            }
            bool seen = false; /* values come back where there are steps or words */
            for (int b = 0; b < i && !seen; b++) seen = x[b * f->n + j] == here;
            if (seen) continue;
            if (at->p->kind == SPACE_WORD) word_terms(at, kernels, here, term);
            else cell_terms(at, kernels, here, &known, term);
            for (int b = i; b < many; b++) {
                if (x[b * f->n + j] != here) continue;
                double *to_b = sum + b * kernels;
                for (int k = 0; k < kernels; k++) to_b[k] += term[k];
            }
        }
    }
    for (int i = 0; i < many; i++) to[i] = log_sum(sum + i * kernels, kernels);
}
