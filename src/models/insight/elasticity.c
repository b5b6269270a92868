/* elasticity: how units answer to price: log-log least squares with fixed effects. */
#include "models/insight/elasticity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* One column on its way through the projections. */
typedef struct column {
    double *x;         /* [n] centred within the effects when done */
    double *x1, *x2;   /* [n] room for two more rounds */
    double *sums;      /* [most levels] room for one effect */
    double *value[ELASTICITY_EFFECTS]; /* what was taken away, or NULL */
    double total;      /* sum of squares around the mean, before */
    int rounds;
    bool settled;
} column;

typedef struct job {
    const elasticity_data *d;
    elasticity_params p;
    const int64_t *rows[ELASTICITY_EFFECTS]; /* [levels] rows of each level */
    column *columns;
} job;

static double mean_of(const double *x, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    return n ? sum / (double)n : 0.0;
}

static double dot(const double *a, const double *b, int64_t n) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Takes the mean of each level of effect f out of x; sums has room for the levels. */
static void project(const job *j, int f, double *x, double *sums, double *value) {
    const int32_t *level = j->d->effect[f];
    int32_t levels = j->d->levels[f];
    memset(sums, 0, (size_t)levels * sizeof *sums);
    for (int64_t i = 0; i < j->d->n; i++) sums[level[i]] += x[i];
    for (int32_t l = 0; l < levels; l++) {
        sums[l] = j->rows[f][l] ? sums[l] / (double)j->rows[f][l] : 0.0;
        if (value) value[l] += sums[l];
    }
    for (int64_t i = 0; i < j->d->n; i++) x[i] -= sums[level[i]];
}

static void project_all(const job *j, column *c, double *x, double *sums) {
    for (int f = 0; f < j->d->effects; f++) project(j, f, x, sums, c->value[f]);
}

/* x2 - coefficient (x2 - x1): the limit of a sequence whose differences shrink geometrically. */
static void accelerate(double *x0, const double *x1, const double *x2, int64_t n) {
    double over = 0.0, under = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double second = (x2[i] - x1[i]) - (x1[i] - x0[i]);
        over += (x2[i] - x1[i]) * second;
        under += second * second;
    }
    double coefficient = under > 0 ? over / under : 0.0;
    for (int64_t i = 0; i < n; i++) x0[i] = x2[i] - coefficient * (x2[i] - x1[i]);
}

static double moved(const double *a, const double *b, int64_t n) {
    double most = 0.0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

static column column_of(const elasticity_data *d, const double *values, arena *scratch) {
    int64_t levels = 1;
    for (int f = 0; f < d->effects; f++)
        if (d->levels[f] > levels) levels = d->levels[f];
    int64_t room = d->effects > 1 ? d->n : 1; /* one effect needs one projection */
    return (column){.x = take_copy(scratch, double, values, d->n),
                    .x1 = take(scratch, double, room),
                    .x2 = take(scratch, double, room),
                    .sums = take(scratch, double, levels)};
}

/* Columns that need the effects' values (value[0] set) go without acceleration, which would lose
 * them. */
static void centre(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    job *j = what;
    column *c = &j->columns[chunk];
    int64_t n = j->d->n;
    double *x1 = c->x1, *x2 = c->x2, *sums = c->sums;
    double mean = mean_of(c->x, n);
    for (int64_t i = 0; i < n; i++) c->total += (c->x[i] - mean) * (c->x[i] - mean);
    c->settled = true;
    if (j->d->effects == 0) {
        for (int64_t i = 0; i < n; i++) c->x[i] -= mean;
        return;
    }
    double enough = j->p.tolerance * sqrt(c->total / (double)n);
    size_t bytes = (size_t)n * sizeof *x1;
    bool fast = !c->value[0];
    project_all(j, c, c->x, sums);
    c->rounds = 1;
    if (j->d->effects == 1) return;
    for (; c->rounds < j->p.rounds; c->rounds += fast ? 2 : 1) {
        memcpy(x1, c->x, bytes);
        project_all(j, c, x1, sums);
        if (moved(x1, c->x, n) <= enough) {
            memcpy(c->x, x1, bytes);
            return;
        }
        if (fast) {
            memcpy(x2, x1, bytes);
            project_all(j, c, x2, sums);
            accelerate(c->x, x1, x2, n);
        } else {
            memcpy(c->x, x1, bytes);
        }
    }
    c->settled = false;
}

/* Inverse of a symmetric positive definite a[k,k] by Cholesky, in place. Returns -1, or the number
 * of the first column that the earlier ones explain (its pivot is under 1e-9 of its square sum,
 * some ten times the rounding of a column of a million rows). */
static int invert(int k, double *a) {
    double l[ELASTICITY_COLUMNS][ELASTICITY_COLUMNS] = {{0}}, inverse[ELASTICITY_COLUMNS];
    for (int i = 0; i < k; i++)
        for (int c = 0; c <= i; c++) {
            double rest = a[i * k + c];
            for (int m = 0; m < c; m++) rest -= l[i][m] * l[c][m];
            if (c < i) l[i][c] = rest / l[c][c];
            else if (!(rest > 1e-9 * a[i * k + i])) return i;
            else l[i][i] = sqrt(rest);
        }
    for (int c = 0; c < k; c++) { /* column c: L L' x = unit vector */
        for (int i = 0; i < k; i++) {
            double rest = i == c;
            for (int m = 0; m < i; m++) rest -= l[i][m] * inverse[m];
            inverse[i] = rest / l[i][i];
        }
        for (int i = k - 1; i >= 0; i--) {
            for (int m = i + 1; m < k; m++) inverse[i] -= l[m][i] * inverse[m];
            inverse[i] /= l[i][i];
        }
        for (int i = 0; i < k; i++) a[i * k + c] = inverse[i];
    }
    return -1;
}

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

/* True when every level of the effect lies in one cluster. */
static bool nested(const elasticity_data *d, int f, arena scratch) {
    int32_t *in = take(&scratch, int32_t, d->levels[f]);
    for (int64_t i = 0; i < d->n; i++) {
        int32_t *home = &in[d->effect[f][i]];
        if (*home && *home != d->cluster[i] + 1) return false;
        *home = d->cluster[i] + 1;
    }
    return true;
}

static int64_t levels_present(const job *j, int f) {
    int64_t present = 0;
    for (int32_t l = 0; l < j->d->levels[f]; l++) present += j->rows[f][l] > 0;
    return present;
}

/* Sandwich of the clusters' scores around the inverse; scores has [clusters, k]. */
static void cluster_errors(elasticity_fit *out, const job *j, const double *inverse,
                           const double *residual, arena scratch) {
    const elasticity_data *d = j->d;
    int k = d->k;
    double *scores = take(&scratch, double, (int64_t)d->clusters * k), meat[256] = {0};
    uint8_t *seen = take(&scratch, uint8_t, d->clusters);
    for (int c = 0; c < k; c++)
        for (int64_t i = 0; i < d->n; i++)
            scores[(int64_t)d->cluster[i] * k + c] += j->columns[c + 1].x[i] * residual[i];
    for (int64_t i = 0; i < d->n; i++) seen[d->cluster[i]] = 1;
    for (int32_t g = 0; g < d->clusters; g++) {
        out->clusters += seen[g];
        const double *s = scores + (int64_t)g * k;
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) meat[a * k + b] += s[a] * s[b];
    }
    int64_t counted = k + (d->effects == 0), kept = 0;
    for (int f = 0; f < d->effects; f++) {
        if (nested(d, f, scratch)) continue;
        counted += levels_present(j, f) - (kept++ > 0);
    }
    double groups = (double)out->clusters, n = (double)d->n;
    double adjust = groups / (groups - 1.0) * (n - 1.0) / (n - (double)counted);
    for (int c = 0; c < k; c++) {
        double variance = 0.0;
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++)
                variance += inverse[c * k + a] * meat[a * k + b] * inverse[b * k + c];
        out->se_cluster[c] = out->clusters > 1 ? sqrt(adjust * variance) : NAN;
    }
}

/* Least squares on the centred columns: y is column 0, x follows. */
static bool solve(elasticity_fit *out, const job *j, arena scratch, err *e) {
    const elasticity_data *d = j->d;
    int k = d->k;
    double a[ELASTICITY_COLUMNS * ELASTICITY_COLUMNS], b[ELASTICITY_COLUMNS];
    const column *y = &j->columns[0], *x = j->columns + 1;
    for (int i = 0; i < k; i++) {
        b[i] = dot(x[i].x, y->x, d->n);
        for (int c = 0; c <= i; c++) a[i * k + c] = a[c * k + i] = dot(x[i].x, x[c].x, d->n);
        if (!(a[i * k + i] > 1e-12 * x[i].total)) /* rounding of a column that is all effect */
            return refuse(e, "column %d%s does not vary within the fixed effects; use fewer", i,
                          i == 0 ? " (the price)" : "");
    }
    int bad = invert(k, a);
    if (bad >= 0) return refuse(e, "column %d is explained by the columns before it: drop it", bad);
    double *residual = take(&scratch, double, d->n), ssr = 0.0;
    for (int i = 0; i < k; i++)
        for (int c = 0; c < k; c++) out->beta[i] += a[i * k + c] * b[c];
    for (int64_t i = 0; i < d->n; i++) {
        residual[i] = y->x[i];
        for (int c = 0; c < k; c++) residual[i] -= out->beta[c] * x[c].x[i];
        ssr += residual[i] * residual[i];
    }
    double within = dot(y->x, y->x, d->n);
    out->r2 = y->total > 0 ? 1.0 - ssr / y->total : 0.0;
    out->r2_within = within > 0 ? 1.0 - ssr / within : 0.0;
    double sigma2 = ssr / (double)(d->n - k - out->absorbed);
    for (int i = 0; i < k; i++) {
        out->se[i] = sqrt(sigma2 * a[i * k + i]);
        out->se_cluster[i] = NAN;
    }
    if (d->cluster) cluster_errors(out, j, a, residual, scratch);
    return true;
}

/* The effects are what the projections take out of y - x beta. */
static bool find_effects(elasticity_fit *out, job *j, pool *threads, arena *keep, arena scratch) {
    const elasticity_data *d = j->d;
    column rest = column_of(d, d->y, &scratch);
    for (int c = 0; c < d->k; c++)
        for (int64_t i = 0; i < d->n; i++) rest.x[i] -= out->beta[c] * d->x[c * d->n + i];
    if (d->effects == 0) {
        out->intercept = mean_of(rest.x, d->n);
        return true;
    }
    for (int f = 0; f < d->effects; f++)
        out->value[f] = rest.value[f] = take(keep, double, d->levels[f]);
    column *before = j->columns;
    j->columns = &rest;
    pool_for(threads, 1, centre, j);
    j->columns = before;
    return rest.settled;
}

bool elasticity_run(elasticity_fit *out, const elasticity_data *d, elasticity_params p,
                    pool *threads, arena *keep, arena scratch, err *e) {
    assert(d->k >= 1 && d->k <= ELASTICITY_COLUMNS && d->effects <= ELASTICITY_EFFECTS);
    assert(arena_apart(keep, &scratch));
    *out = (elasticity_fit){.k = d->k, .n = d->n};
    if (!has_prices(d->x, d->n, p.price_points))
        return refuse(e, "an elasticity needs at least %d different prices; these rows have fewer",
                      p.price_points);
    job j = {.d = d, .p = p};
    out->absorbed = d->effects == 0;
    for (int f = 0; f < d->effects; f++) {
        int64_t *rows = take(&scratch, int64_t, d->levels[f]);
        for (int64_t i = 0; i < d->n; i++) rows[d->effect[f][i]]++;
        j.rows[f] = rows;
        out->absorbed += levels_present(&j, f) - (f > 0);
    }
    if (d->n <= d->k + out->absorbed)
        return refuse(e, "%lld rows are too few for %lld coefficients and effects: use fewer "
                      "effects or more rows", (long long)d->n, (long long)(d->k + out->absorbed));
    j.columns = take(&scratch, column, d->k + 1);
    for (int c = 0; c <= d->k; c++)
        j.columns[c] = column_of(d, c ? d->x + (c - 1) * d->n : d->y, &scratch);
    pool_for(threads, d->k + 1, centre, &j);
    bool settled = true;
    for (int c = 0; c <= d->k; c++) {
        settled &= j.columns[c].settled;
        if (j.columns[c].rounds > out->rounds) out->rounds = j.columns[c].rounds;
    }
    if (!solve(out, &j, scratch, e)) return false;
    settled &= find_effects(out, &j, threads, keep, scratch);
    return settled || fail(e, "the fixed effects did not settle in %d rounds", p.rounds);
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
        double within = known ? own * se[i] * se[i] : out.tau2;
        post[i] = known ? own * beta[i] + (1.0 - own) * out.mean : out.mean;
        post_se[i] = sqrt(within + (1.0 - own) * (1.0 - own) / w);
    }
    return out;
}
