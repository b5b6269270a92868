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

static bool leaves_out(const elasticity_fit *f, const job *j) {
    return j->d->cluster && j->d->k > 0 && f->clusters <= j->p.jackknife;
}

static bool least_squares(elasticity_fit *out, job *j, arena *keep, arena scratch, err *e) {
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
    if (leaves_out(out, j)) {
        for (int64_t i = 0; i < d->n; i++) residual[i] = d->y[i] - offset_of(d, i);
        normal_jackknife(out, &j->w, j->columns, residual, d, j->threads, scratch);
    }
    return find_effects(out, j, d->y, keep, scratch, e);
}

/* ---- Poisson ---- */

enum { CHUNK = 1 << 15 }; /* rows */

/* The fit on its way: eta and mu of each row, and ln y, 0 where y is. */
typedef struct poisson_state {
    const job *j;
    const double *beta;
    double *eta, *mu, *log_y; /* [n] */
    double *part;             /* [chunks] of the deviance */
    int64_t chunks;
} poisson_state;

static double deviance_of(double y, double log_y, double eta, double mu) {
    return 2.0 * (y * (log_y - eta) - (y - mu));
}

static int64_t chunk_end(const poisson_state *s, int64_t chunk) {
    return chunk + 1 < s->chunks ? (chunk + 1) * CHUNK : s->j->d->n;
}

static double log_of_units(double y) { return y > 0 ? log(y) : 0.0; }

static void start_rows(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    poisson_state *s = what; /* mu is there */
    for (int64_t i = chunk * CHUNK; i < chunk_end(s, chunk); i++) {
        s->eta[i] = log(s->mu[i]);
        s->log_y[i] = log_of_units(s->j->d->y[i]);
    }
}

/* The columns anew: z, then x. */
static void fill_rows(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    poisson_state *s = what;
    const elasticity_data *d = s->j->d;
    int64_t from = chunk * CHUNK, to = chunk_end(s, chunk);
    double *z = s->j->columns[0].x;
    for (int64_t i = from; i < to; i++)
        z[i] = s->eta[i] - offset_of(d, i) + (d->y[i] - s->mu[i]) / s->mu[i];
    for (int c = 0; c < d->k; c++)
        memcpy(s->j->columns[c + 1].x + from, d->x + c * d->n + from,
               (size_t)(to - from) * sizeof *z);
}

/* eta = z - residual of z; mu and the deviance with it. */
static void move_rows(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    poisson_state *s = what;
    const elasticity_data *d = s->j->d;
    const within_column *column = s->j->columns;
    double sum = 0.0;
    for (int64_t i = chunk * CHUNK; i < chunk_end(s, chunk); i++) {
        double left = column[0].x[i];
        for (int c = 0; c < d->k; c++) left -= s->beta[c] * column[c + 1].x[i];
        double eta = s->eta[i] + (d->y[i] - s->mu[i]) / s->mu[i] - left;
        s->eta[i] = fmin(eta, 700.0);
        s->mu[i] = exp(s->eta[i]);
        sum += deviance_of(d->y[i], s->log_y[i], s->eta[i], s->mu[i]);
    }
    s->part[chunk] = sum;
}

/* One round: z from mu, centred by weights mu, solved; then mu and the deviance of the new fit. */
static bool reweigh(elasticity_fit *out, job *j, poisson_state *s, double *a, double *deviance,
                    err *e) {
    int k = j->d->k;
    within_weigh(&j->w);
    pool_for(j->threads, s->chunks, fill_rows, s);
    within_centre(&j->w, j->columns, k + 1, j->threads);
    if (!settled(j, j->columns, k + 1, out, e) ||
        !normal_solve(&j->w, j->columns, k, out->beta, a, e))
        return false;
    pool_for(j->threads, s->chunks, move_rows, s);
    *deviance = 0.0;
    for (int64_t c = 0; c < s->chunks; c++) *deviance += s->part[c];
    return true;
}

static poisson_state poisson_open(const job *j, const double *beta, double mean, arena *keep) {
    int64_t n = j->d->n;
    poisson_state s = {.j = j, .beta = beta, .chunks = n / CHUNK + 1};
    s.eta = take_raw(keep, double, n), s.mu = take_raw(keep, double, n);
    s.log_y = take_raw(keep, double, n), s.part = take(keep, double, s.chunks);
    for (int64_t i = 0; i < n; i++) s.mu[i] = 0.5 * (j->d->y[i] + mean);
    pool_for(j->threads, s.chunks, start_rows, &s);
    return s;
}

static bool poisson(elasticity_fit *out, job *j, arena *keep, arena scratch, err *e) {
    const elasticity_data *d = j->d;
    int k = d->k;
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS], deviance = INFINITY, before, mean = 0.0;
    for (int64_t i = 0; i < d->n; i++) mean += d->y[i] / (double)d->n;
    poisson_state s = poisson_open(j, out->beta, mean, &scratch);
    double least = 1e-6 * fmax(1.0, mean * (double)d->n); /* rows without noise: rounding */
    j->w.weight = s.mu;
    do {
        before = deviance;
        if (!reweigh(out, j, &s, a, &deviance, e)) return false;
        out->rounds++;
    } while (fabs(before - deviance) > 1e-9 * fmax(deviance, least) && out->rounds < 200);
    if (out->rounds == 200 || !isfinite(deviance))
        return fail(e, "the Poisson fit did not settle in 200 rounds; drop levels that never sell");
    double *residual = take_raw(&scratch, double, d->n), flat = 0.0, pearson = 0.0;
    for (int64_t i = 0; i < d->n; i++) {
        residual[i] = d->y[i] - s.mu[i];
        flat += deviance_of(d->y[i], s.log_y[i], log(mean), mean);
        pearson += residual[i] * residual[i] / s.mu[i]; /* of counts in bunches it is above n */
    }
    out->r2 = 1.0 - deviance / flat;
    for (int i = 0; i < k; i++)
        out->se[i] = sqrt(pearson / (double)(d->n - k - out->absorbed) * a[i * k + i]);
    if (d->cluster) normal_cluster(out, &j->w, j->columns, a, residual, d, scratch);
    within_weigh(&j->w);
    if (leaves_out(out, j)) {
        pool_for(j->threads, s.chunks, fill_rows, &s);
        memcpy(residual, j->columns[0].x, (size_t)d->n * sizeof *residual);
        normal_jackknife(out, &j->w, j->columns, residual, d, j->threads, scratch);
    }
    return find_effects(out, j, s.eta, keep, scratch, e);
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
    for (int i = 0; i < d->k; i++) out->se_cluster[i] = out->se_jackknife[i] = NAN;
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

/* Mean and its error under tau²; returns the sum of squares around it in units of their errors. */
static double pool_under(elasticity_pool *out, int n, const double *beta, const double *se,
                         double tau2) {
    double w = 0.0, wb = 0.0, squares = 0.0;
    out->used = 0, out->tau2 = tau2;
    for (int i = 0; i < n; i++) {
        if (!isfinite(beta[i]) || !(se[i] > 0)) continue;
        double one = 1.0 / (se[i] * se[i] + tau2);
        w += one, wb += one * beta[i], out->used++;
    }
    out->mean = wb / w, out->mean_se = sqrt(1.0 / w);
    for (int i = 0; i < n; i++) {
        double off = beta[i] - out->mean;
        if (isfinite(beta[i]) && se[i] > 0) squares += off * off / (se[i] * se[i] + tau2);
    }
    return squares;
}

elasticity_pool elasticity_shrink(int n, const double *beta, const double *se, double *post,
                                  double *post_se) {
    elasticity_pool out = {0};
    double low = 0.0, high = 1.0, squares = pool_under(&out, n, beta, se, 0.0);
    if (out.used == 0) return (elasticity_pool){0};
    if (squares > out.used - 1) { /* falls as tau² grows */
        while (pool_under(&out, n, beta, se, high) > out.used - 1) low = high, high *= 2.0;
        for (int i = 0; i < 60; i++) { /* halves to the last digit */
            double middle = (low + high) / 2.0;
            if (pool_under(&out, n, beta, se, middle) > out.used - 1) low = middle;
            else high = middle;
        }
    }
    double w = 1.0 / (out.mean_se * out.mean_se);
    for (int i = 0; i < n; i++) {
        bool known = isfinite(beta[i]) && se[i] > 0;
        double own = known ? out.tau2 / (out.tau2 + se[i] * se[i]) : 0.0; /* weight of the data */
        double inside = known ? own * se[i] * se[i] : out.tau2;
        post[i] = known ? own * beta[i] + (1.0 - own) * out.mean : out.mean;
        post_se[i] = sqrt(inside + (1.0 - own) * (1.0 - own) / w);
    }
    return out;
}
