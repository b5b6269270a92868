/* elasticity: how units answer to price, with fixed effects. */
#include "models/insight/elasticity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/insight/normal.h"

typedef struct job {
    const elasticity_data *d;
    elasticity_params p;
    pool *threads;
    within w;
    within_column *columns; /* y or z, then x */
} job;

static bool has_prices(const double *x, int64_t n, int wanted) {
    double seen[8];
    int found = 0;
    assert(wanted <= 8);
    for (int64_t i = 0; i < n && found < wanted; i++) {
        int at = 0;
        while (at < found && seen[at] != x[i]) at++;
        if (at == found) seen[found++] = x[i];
    }
    return found >= wanted;
}

static double offset_of(const elasticity_data *d, int64_t i) {
    return d->offset ? d->offset[i] : 0.0;
}

static bool settled(const job *j, const within_column *c, int columns, elasticity_fit *out,
                    err *e) {
    for (int i = 0; i < columns; i++) {
        if (!c[i].settled)
            return fail(e, "the fixed effects did not settle in %d rounds", j->p.rounds);
        if (c[i].rounds > out->rounds && !j->p.poisson) out->rounds = c[i].rounds;
    }
    return true;
}

/* The effects are what centring takes out of y - x beta. */
static bool find_effects(elasticity_fit *out, const job *j, const double *y, arena *keep,
                         arena scratch, err *e) {
    const elasticity_data *d = j->d;
    within_column rest = within_column_of(&j->w, y, &scratch);
    double sum = 0.0, weights = 0.0;
    for (int64_t i = 0; i < d->n; i++) {
        rest.x[i] -= offset_of(d, i);
        for (int c = 0; c < d->k; c++) rest.x[i] -= out->beta[c] * d->x[c * d->n + i];
        double weight = j->w.weight ? j->w.weight[i] : 1.0;
        sum += weight * rest.x[i], weights += weight;
    }
    if (d->effects == 0) {
        out->intercept = sum / weights;
        return true;
    }
    for (int f = 0; f < d->effects; f++)
        out->value[f] = rest.value[f] = take(keep, double, d->levels[f]);
    within_centre(&j->w, &rest, 1, j->threads);
    for (int f = 0; f < d->effects; f++)
        for (int32_t l = 0; l < d->levels[f]; l++)
            if (!(j->w.total[f][l] > 0)) out->value[f][l] = -INFINITY;
    return settled(j, &rest, 1, out, e);
}

static bool least_squares(elasticity_fit *out, const job *j, arena *keep, arena scratch, err *e) {
    const elasticity_data *d = j->d;
    int k = d->k;
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS], ssr = 0.0, around = 0.0;
    const within_column *y = j->columns, *x = j->columns + 1;
    for (int64_t i = 0; i < d->n; i++) y->x[i] -= offset_of(d, i);
    within_centre(&j->w, j->columns, k + 1, j->threads);
    if (!settled(j, j->columns, k + 1, out, e) ||
        !normal_solve(&j->w, j->columns, k, out->beta, a, e))
        return false;
    double *residual = take(&scratch, double, d->n);
    for (int64_t i = 0; i < d->n; i++) {
        residual[i] = y->x[i];
        for (int c = 0; c < k; c++) residual[i] -= out->beta[c] * x[c].x[i];
        ssr += residual[i] * residual[i];
        around += y->x[i] * y->x[i];
    }
    out->r2 = y->spread > 0 ? 1.0 - ssr / y->spread : 0.0;
    out->r2_within = around > 0 ? 1.0 - ssr / around : 0.0;
    double sigma2 = ssr / (double)(d->n - k - out->absorbed);
    for (int i = 0; i < k; i++) out->se[i] = sqrt(sigma2 * a[i * k + i]);
    if (d->cluster) normal_cluster(out, &j->w, j->columns, a, residual, d, scratch);
    return find_effects(out, j, d->y, keep, scratch, e);
}

/* ---- Poisson ---- */

static double deviance_of(const double *y, const double *mu, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += 2.0 * ((y[i] > 0 ? y[i] * log(y[i] / mu[i]) : 0.0) - (y[i] - mu[i]));
    return sum;
}

/* One round: z from mu, centred by weights mu, solved; then mu and the deviance of the new fit. */
static bool reweigh(elasticity_fit *out, job *j, double *mu, double *z, double *a,
                    double *deviance, err *e) {
    const elasticity_data *d = j->d;
    within_weigh(&j->w);
    for (int64_t i = 0; i < d->n; i++)
        z[i] = log(mu[i]) - offset_of(d, i) + (d->y[i] - mu[i]) / mu[i];
    memcpy(j->columns[0].x, z, (size_t)d->n * sizeof *z);
    for (int c = 0; c < d->k; c++)
        memcpy(j->columns[c + 1].x, d->x + c * d->n, (size_t)d->n * sizeof *z);
    within_centre(&j->w, j->columns, d->k + 1, j->threads);
    if (!settled(j, j->columns, d->k + 1, out, e) ||
        !normal_solve(&j->w, j->columns, d->k, out->beta, a, e))
        return false;
    for (int64_t i = 0; i < d->n; i++) {
        double left = j->columns[0].x[i]; /* residual of z */
        for (int c = 0; c < d->k; c++) left -= out->beta[c] * j->columns[c + 1].x[i];
        mu[i] = exp(fmin(z[i] - left + offset_of(d, i), 700.0));
    }
    *deviance = deviance_of(d->y, mu, d->n);
    return true;
}

static bool poisson(elasticity_fit *out, job *j, arena *keep, arena scratch, err *e) {
    const elasticity_data *d = j->d;
    int k = d->k;
    double *mu = take(&scratch, double, d->n), *z = take(&scratch, double, d->n), mean = 0.0;
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS], deviance = INFINITY, before;
    for (int64_t i = 0; i < d->n; i++) mean += d->y[i] / (double)d->n;
    for (int64_t i = 0; i < d->n; i++) mu[i] = 0.5 * (d->y[i] + mean);
    double least = 1e-6 * fmax(1.0, mean * (double)d->n); /* rows without noise: rounding */
    j->w.weight = mu;
    do {
        before = deviance;
        if (!reweigh(out, j, mu, z, a, &deviance, e)) return false;
        out->rounds++;
    } while (fabs(before - deviance) > 1e-9 * fmax(deviance, least) && out->rounds < 200);
    if (out->rounds == 200 || !isfinite(deviance))
        return fail(e, "the Poisson fit did not settle in 200 rounds; drop levels that never sell");
    double *flat = take(&scratch, double, d->n), *residual = take(&scratch, double, d->n);
    for (int64_t i = 0; i < d->n; i++) flat[i] = mean, residual[i] = d->y[i] - mu[i];
    out->r2 = 1.0 - deviance / deviance_of(d->y, flat, d->n);
    double pearson = 0.0; /* of counts that come in bunches it is above 1 */
    for (int64_t i = 0; i < d->n; i++) pearson += residual[i] * residual[i] / mu[i];
    for (int i = 0; i < k; i++)
        out->se[i] = sqrt(pearson / (double)(d->n - k - out->absorbed) * a[i * k + i]);
    if (d->cluster) normal_cluster(out, &j->w, j->columns, a, residual, d, scratch);
    within_weigh(&j->w);
    for (int64_t i = 0; i < d->n; i++) z[i] = log(mu[i]);
    return find_effects(out, j, z, keep, scratch, e);
}

/* Copies the rows of levels that sell at all; leaving out one level may empty another. */
static elasticity_data sellable(const elasticity_data *d, arena *to, arena scratch) {
    uint8_t *out = take(&scratch, uint8_t, d->n);
    int64_t left = d->n, before = -1;
    while (left != before) {
        before = left;
        for (int f = 0; f < d->effects; f++) {
            double *sold = take(&scratch, double, d->levels[f]);
            for (int64_t i = 0; i < d->n; i++)
                if (!out[i]) sold[d->effect[f][i]] += d->y[i];
            for (int64_t i = 0; i < d->n; i++) out[i] |= !(sold[d->effect[f][i]] > 0);
        }
        left = 0;
        for (int64_t i = 0; i < d->n; i++) left += !out[i];
    }
    if (left == d->n) return *d;
    elasticity_data r = *d;
    double *y = take(to, double, left), *x = take(to, double, left * d->k);
    double *offset = take(to, double, left);
    int32_t *codes[ELASTICITY_EFFECTS + 1];
    for (int f = 0; f <= d->effects; f++) codes[f] = take(to, int32_t, left);
    int64_t at = 0;
    for (int64_t i = 0; i < d->n; i++) {
        if (out[i]) continue;
        y[at] = d->y[i], offset[at] = offset_of(d, i);
        for (int c = 0; c < d->k; c++) x[c * left + at] = d->x[c * d->n + i];
        for (int f = 0; f < d->effects; f++) codes[f][at] = d->effect[f][i];
        codes[d->effects][at++] = d->cluster ? d->cluster[i] : 0;
    }
    r.n = left, r.y = y, r.x = x, r.offset = offset;
    for (int f = 0; f < d->effects; f++) r.effect[f] = codes[f];
    if (d->cluster) r.cluster = codes[d->effects];
    return r;
}

bool elasticity_run(elasticity_fit *out, const elasticity_data *all, elasticity_params p,
                    pool *threads, arena *keep, arena scratch, err *e) {
    assert(all->k >= 0 && all->k <= ELASTICITY_COLUMNS && all->effects <= ELASTICITY_EFFECTS);
    assert(arena_apart(keep, &scratch));
    elasticity_data used = *all;
    if (p.poisson) {
        arena rest = arena_split(&scratch, arena_left(&scratch) / 2);
        used = sellable(all, &scratch, rest);
    }
    const elasticity_data *d = &used;
    *out = (elasticity_fit){.k = d->k, .n = d->n};
    for (int i = 0; i < d->k; i++) out->se_cluster[i] = NAN;
    if (d->k > 0 && !has_prices(d->x, d->n, p.price_points))
        return refuse(e, "an elasticity needs at least %d different prices; these rows have fewer",
                      p.price_points);
    job j = {.d = d, .p = p, .threads = threads,
             .w = {.n = d->n, .effects = d->effects, .tolerance = p.tolerance, .rounds = p.rounds}};
    for (int f = 0; f < d->effects; f++)
        j.w.effect[f] = d->effect[f], j.w.levels[f] = d->levels[f];
    within_open(&j.w, &scratch);
    out->absorbed = within_absorbed(&j.w);
    if (d->n <= d->k + out->absorbed)
        return refuse(e, "%lld rows are too few for %lld coefficients and effects: use fewer "
                      "effects or more rows", (long long)d->n, (long long)(d->k + out->absorbed));
    j.columns = take(&scratch, within_column, d->k + 1);
    for (int c = 0; c <= d->k; c++)
        j.columns[c] = within_column_of(&j.w, c ? d->x + (c - 1) * d->n : d->y, &scratch);
    return p.poisson ? poisson(out, &j, keep, scratch, e)
                     : least_squares(out, &j, keep, scratch, e);
}

elasticity_pool elasticity_shrink(int n, const double *beta, const double *se, double *post,
                                  double *post_se) {
    elasticity_pool out = {0};
    double w = 0.0, w2 = 0.0, wb = 0.0, q = 0.0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(beta[i]) || !(se[i] > 0)) continue;
        double one = 1.0 / (se[i] * se[i]);
        w += one, w2 += one * one, wb += one * beta[i], out.used++;
    }
    if (out.used == 0) return out;
    for (int i = 0; i < n; i++)
        if (isfinite(beta[i]) && se[i] > 0)
            q += (beta[i] - wb / w) * (beta[i] - wb / w) / (se[i] * se[i]);
    if (out.used > 1) out.tau2 = fmax(0.0, (q - (out.used - 1)) / (w - w2 / w));
    w = wb = 0.0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(beta[i]) || !(se[i] > 0)) continue;
        double one = 1.0 / (se[i] * se[i] + out.tau2);
        w += one, wb += one * beta[i];
    }
    out.mean = wb / w, out.mean_se = sqrt(1.0 / w);
    for (int i = 0; i < n; i++) {
        bool known = isfinite(beta[i]) && se[i] > 0;
        double own = known ? out.tau2 / (out.tau2 + se[i] * se[i]) : 0.0; /* weight of the data */
        double inside = known ? own * se[i] * se[i] : out.tau2;
        post[i] = known ? own * beta[i] + (1.0 - own) * out.mean : out.mean;
        post_se[i] = sqrt(inside + (1.0 - own) * (1.0 - own) / w);
    }
    return out;
}
