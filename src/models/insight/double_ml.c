/* double_ml: the elasticity left over when controls have explained both price and units. */
#include "models/insight/double_ml.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/random.h"

typedef struct job {
    const elasticity_data *d;
    int k;                 /* controls */
    const double *y, *x;   /* [n] centred */
    const double *control; /* [k, n] centred, of unit spread */
    const uint8_t *fold;   /* [n] */
} job;

static void put_folds(uint8_t *fold, const elasticity_data *d, uint64_t seed, arena scratch) {
    int32_t *order = take(&scratch, int32_t, d->clusters);
    uint8_t *of = take(&scratch, uint8_t, d->clusters);
    rng r = rng_open(seed, 0);
    for (int32_t g = 0; g < d->clusters; g++) order[g] = g;
    rng_shuffle(&r, order, d->clusters);
    for (int32_t g = 0; g < d->clusters; g++) of[order[g]] = (uint8_t)(g % DOUBLE_ML_FOLDS);
    for (int64_t i = 0; i < d->n; i++) fold[i] = of[d->cluster[i]];
}

/* Ridge coefficients of y and of x on the controls, from the rows of the other folds. */
static bool regress(const job *j, int fold, double *of_y, double *of_x) {
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS], again[ELASTICITY_COLUMNS *
                                                            ELASTICITY_COLUMNS];
    int64_t n = j->d->n;
    int k = j->k;
    for (int r = 0; r < k; r++) {
        const double *zr = j->control + r * n;
        for (int c = 0; c <= r; c++) {
            double sum = r == c ? DOUBLE_ML_RIDGE : 0.0;
            for (int64_t i = 0; i < n; i++)
                if (j->fold[i] != fold) sum += zr[i] * j->control[c * n + i];
            a[r * k + c] = a[c * k + r] = sum;
        }
        of_y[r] = of_x[r] = 0.0;
        for (int64_t i = 0; i < n; i++)
            if (j->fold[i] != fold) of_y[r] += zr[i] * j->y[i], of_x[r] += zr[i] * j->x[i];
    }
    memcpy(again, a, (size_t)(k * k) * sizeof *a);
    return kernels_plain.solve_spd_d(k, a, k, of_y) && kernels_plain.solve_spd_d(k, again, k, of_x);
}

/* u and v: what the controls leave of y and x, each row by the coefficients of the other folds. */
static bool take_controls(const job *j, double *u, double *v) {
    int64_t n = j->d->n;
    memcpy(u, j->y, (size_t)n * sizeof *u);
    memcpy(v, j->x, (size_t)n * sizeof *v);
    for (int fold = 0; fold < DOUBLE_ML_FOLDS && j->k > 0; fold++) {
        double of_y[ELASTICITY_COLUMNS], of_x[ELASTICITY_COLUMNS];
        if (!regress(j, fold, of_y, of_x)) return false;
        for (int c = 0; c < j->k; c++)
            for (int64_t i = 0; i < n; i++) {
                if (j->fold[i] != fold) continue;
                u[i] -= of_y[c] * j->control[c * n + i];
                v[i] -= of_x[c] * j->control[c * n + i];
            }
    }
    return true;
}

static void settle(double_ml *out, const job *j, const double *u, const double *v,
                   arena scratch) {
    const elasticity_data *d = j->d;
    double vu = 0.0, vv = 0.0, xx = 0.0, meat = 0.0;
    double *score = take(&scratch, double, d->clusters);
    for (int64_t i = 0; i < d->n; i++)
        vu += v[i] * u[i], vv += v[i] * v[i], xx += j->x[i] * j->x[i];
    out->value = vu / vv;
    out->explained = 1.0 - vv / xx;
    for (int64_t i = 0; i < d->n; i++)
        score[d->cluster[i]] += v[i] * (u[i] - out->value * v[i]);
    for (int32_t g = 0; g < d->clusters; g++) meat += score[g] * score[g];
    out->se = sqrt(meat) / vv;
}

/* Controls that vary within the effects, scaled; returns how many. */
static int scale(double *control, const within_column *column, int k, int64_t n) {
    int kept = 0;
    for (int c = 0; c < k; c++) {
        double squares = 0.0;
        for (int64_t i = 0; i < n; i++) squares += column[c].x[i] * column[c].x[i];
        if (!(squares > 1e-12 * column[c].spread)) continue; /* all effect: rounding is left */
        for (int64_t i = 0; i < n; i++)
            control[kept * n + i] = column[c].x[i] / sqrt(squares / (double)n);
        kept++;
    }
    return kept;
}

bool double_ml_run(double_ml *out, const elasticity_data *d, uint64_t seed, pool *threads,
                   arena scratch, err *e) {
    assert(d->k >= 1 && d->k <= ELASTICITY_COLUMNS && d->cluster);
    int64_t n = d->n;
    elasticity_params p = ELASTICITY_DEFAULTS;
    within w = {.n = n, .effects = d->effects, .tolerance = p.tolerance, .rounds = p.rounds};
    if (d->clusters < DOUBLE_ML_FOLDS)
        return refuse(e, "double ML needs %d clusters or more for its folds, here are %d",
                      DOUBLE_ML_FOLDS, d->clusters);
    for (int f = 0; f < d->effects; f++) w.effect[f] = d->effect[f], w.levels[f] = d->levels[f];
    within_open(&w, &scratch);
    within_column column[ELASTICITY_COLUMNS + 1];
    for (int c = 0; c <= d->k; c++)
        column[c] = within_column_of(&w, c ? d->x + (c - 1) * n : d->y, &scratch);
    within_centre(&w, column, d->k + 1, threads);
    for (int c = 0; c <= d->k; c++)
        if (!column[c].settled) return fail(e, "the fixed effects did not settle");
    double *control = take(&scratch, double, n * d->k), *u = take(&scratch, double, n),
           *v = take(&scratch, double, n), vv = 0.0;
    uint8_t *fold = take(&scratch, uint8_t, n);
    job j = {d, scale(control, column + 2, d->k - 1, n), column[0].x, column[1].x, control, fold};
    put_folds(fold, d, seed, scratch);
    if (!take_controls(&j, u, v)) return fail(e, "the controls of double ML do not solve");
    for (int64_t i = 0; i < n; i++) vv += v[i] * v[i];
    if (!(vv > 1e-9 * column[1].spread))
        return refuse(e, "the price does not vary beside the fixed effects and the controls");
    *out = (double_ml){.n = n};
    settle(out, &j, u, v, scratch);
    return true;
}
