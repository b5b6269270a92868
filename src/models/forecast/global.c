/* global: one model of all series of a panel: boosted trees on what was known at each origin. */
#include "models/forecast/global.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/conformal.h"

#define LARGEST      1e100
#define LEAST_MEAN   0.01 /* over the scale: what is less counts as this for the dispersion */
#define LEAST_WEIGHT 0.01 /* of a row, where the mean is 1 */
enum { LEAST_KNOWN = 4, STOP = 30, LEAST_CARRY = 20, CHUNK = 64 };

const char *global_check(const global_panel *p, global_params q) {
    if (p->n < 1) return "the panel has no series";
    if (q.steps < 1) return "steps ahead must be at least 1";
    if (q.n_levels > GLOBAL_LEVELS) return "at most 8 levels of intervals";
    if (q.rows < 1000) return "a fit takes at least 1,000 rows";
    for (int l = 0; l < q.n_levels; l++)
        if (!(q.levels[l] > 0 && q.levels[l] < 1)) return "levels must lie between 0 and 1";
    for (int i = 0; i < p->n; i++) {
        const global_series *one = &p->one[i];
        if (one->n < 1) return "a series has no value";
        if (one->start < 0 || one->start + one->n + q.steps > p->places)
            return "a series is not on the clock of the panel";
        for (int t = 0; t < one->n; t++)
            if (!(fabs(one->y[t]) <= LARGEST)) return "a value is not within -1e100 to 1e100";
    }
    if (global_shape_of(p, q, NULL).cols > GLOBAL_COLUMNS) return "there are over 256 columns";
    return NULL;
}

/* ---- the rows of a fit ---- */

typedef struct origin {
    int series, o; /* values known */
} origin;

typedef struct job {
    const global_panel *p;
    global_params q;
    global_shape shape;
    pool *threads;
    int held;          /* last values of each series that are not learnt from */
    bool stop;         /* rows of the held values instead */
    int64_t origins;
    origin *at;        /* [origins] */
    int64_t *first;    /* [origins + 1] row */
    float *x, *label, *weight;
} job;

/* Steps of origin o that have a value to learn from (or to stop by). */
static int steps_of(const job *j, int series, int o) {
    int n = j->p->one[series].n, cut = n - j->held, end = j->stop ? n : cut;
    int steps = end - o < j->q.steps ? end - o : j->q.steps;
    if (j->stop && o > cut) return 0;
    return steps > 0 ? steps : 0;
}

static int first_step(const job *j, int series, int o) {
    int cut = j->p->one[series].n - j->held;
    return j->stop && cut > o ? cut - o + 1 : 1;
}

static int64_t count(const job *j, int apart, origin *at, int64_t *first) {
    int64_t rows = 0, origins = 0;
    for (int i = 0; i < j->p->n; i++) {
        int n = j->p->one[i].n, least = j->stop || n > 2 * LEAST_KNOWN ? LEAST_KNOWN : 1;
        for (int o = n - 1; o >= least; o--) {
            if ((n - 1 - o) % apart) continue;
            int from = first_step(j, i, o), to = steps_of(j, i, o);
            if (to < from) continue;
            if (at) at[origins] = (origin){i, o}, first[origins] = rows;
            origins++;
            rows += to - from + 1;
        }
    }
    if (first) first[origins] = rows;
    return at ? rows : origins;
}

static void fill(const job *j, int64_t k) {
    const origin *at = &j->at[k];
    const global_series *one = &j->p->one[at->series];
    double scale = global_scale(&j->shape, one, at->o);
    int64_t row = j->first[k];
    int last = steps_of(j, at->series, at->o);
    for (int h = first_step(j, at->series, at->o); h <= last; h++, row++) {
        global_row(&j->shape, one, at->o, h, scale, j->x + row * j->shape.cols);
        double y = one->y[at->o + h - 1] / scale;
        j->label[row] = (float)fmin(fmax(y, -1000), 1000);
        j->weight[row] = (float)fmax(fmin(scale, 1e30), 1e-30);
    }
}

static void fill_chunk(void *what, int64_t chunk, arena scratch) {
    const job *j = what;
    (void)scratch;
    for (int64_t k = chunk * CHUNK; k < (chunk + 1) * CHUNK && k < j->origins; k++) fill(j, k);
}

/* Rows of the panel, as many as allowed; 0 origins: there is nothing to learn from. */
static boost_data build(job *j, arena *keep) {
    int apart = 1;
    int64_t rows = 0;
    for (;; apart *= 2) {
        arena rest = *keep;
        j->origins = count(j, apart, NULL, NULL);
        j->at = take(&rest, origin, j->origins);
        j->first = take(&rest, int64_t, j->origins + 1);
        rows = count(j, apart, j->at, j->first);
        if (rows > j->q.rows && apart < 1 << 20) continue;
        *keep = rest;
        break;
    }
    j->x = take_raw(keep, float, rows *j->shape.cols);
    j->label = take_raw(keep, float, rows);
    j->weight = take_raw(keep, float, rows);
    pool_for(j->threads, (j->origins + CHUNK - 1) / CHUNK, fill_chunk, j);
    boost_data d = {.rows = rows, .cols = j->shape.cols, .x = j->x, .label = j->label,
                    .weight = j->weight};
    double sum = 0; /* weights of about 1, and every series has a say */
    for (int64_t r = 0; r < rows; r++) sum += j->weight[r];
    for (int64_t r = 0; r < rows; r++)
        j->weight[r] = (float)fmax(j->weight[r] * (double)rows / sum, LEAST_WEIGHT);
    if (j->p->attributes == 0) return d;
    int32_t *category = take(keep, int32_t, j->p->attributes);
    for (int k = 0; k < j->p->attributes; k++) category[k] = j->shape.first_category + k;
    d.category = category, d.categories = j->p->attributes;
    return d;
}

/* ---- fitting ---- */

static boost_params boost_of(const global_model *m, bool bound) {
    boost_params b = BOOST_DEFAULTS;
    global_params q = m->p;
    b.objective = bound ? BOOST_QUANTILE : m->positive ? BOOST_TWEEDIE : BOOST_L2;
    b.trees = bound ? q.bound_trees : q.trees;
    b.leaves = q.leaves, b.min_rows = q.min_rows, b.rate = q.rate, b.power = q.power;
    b.feature_share = q.feature_share, b.early_stop = STOP, b.seed = q.seed;
    return b;
}

/* Tweedie's dispersion by Pearson's statistic: (y - mean)^2 / mean^power, by the rows' weights. */
static double dispersion_of(const job *held, const trees *m, arena scratch) {
    int64_t rows = held->first[held->origins];
    double *score = take_raw(&scratch, double, rows), sum = 0, weights = 0;
    trees_score(m, held->x, rows, score, NULL);
    for (int64_t r = 0; r < rows; r++) {
        double mean = fmax(trees_answer(m, score[r]), LEAST_MEAN), u = held->label[r] - mean;
        double w = held->weight[r];
        sum += w * u * u / pow(mean, held->q.power), weights += w;
    }
    return sum / weights;
}

double global_variance(const global_model *m, double scale, double mean) {
    return m->dispersion * scale * scale * pow(fmax(mean / scale, 0), m->p.power);
}

/* How errors of one origin add up: of the held values, by the model that did not see them. */
static double carry_of(const job *held, const trees *m, arena scratch) {
    double sums = 0, squares = 0;
    int n = 0;
    int64_t rows = held->first[held->origins];
    double *score = take_raw(&scratch, double, rows);
    trees_score(m, held->x, rows, score, NULL);
    for (int64_t k = 0; k < held->origins; k++) {
        double sum = 0;
        int64_t steps = held->first[k + 1] - held->first[k];
        if (steps < held->q.steps) continue;
        n++;
        for (int64_t r = held->first[k]; r < held->first[k + 1]; r++) {
            double u = held->label[r] - trees_answer(m, score[r]);
            sum += u, squares += u * u;
        }
        sums += sum * sum;
    }
    double most = held->q.steps;
    return n < LEAST_CARRY || squares == 0 ? fmin(2, most) : fmin(fmax(sums / squares, 1), most);
}

/* Bounds of level l by data, into m->bound. */
static bool fit_bounds(global_model *m, const boost_data *d, int l, int threads, arena *keep,
                       arena scratch, err *e) {
    boost_params b = boost_of(m, true);
    double share = m->p.levels[l];
    b.quantile = 0.5 - share / 2;
    if (!boost_fit(&m->bound[2 * l], d, NULL, b, threads, keep, scratch, e)) return false;
    b.quantile = 0.5 + share / 2;
    return boost_fit(&m->bound[2 * l + 1], d, NULL, b, threads, keep, scratch, e);
}

/* How far the held values were from the mean, in half-widths of the bounds of each level. */
static void fit_factors(global_model *m, const job *held, const trees *mean, arena *keep,
                        arena scratch) {
    int64_t rows = held->first[held->origins];
    double *f = take_raw(&scratch, double, rows), *low = take_raw(&scratch, double, rows);
    double *high = take_raw(&scratch, double, rows);
    conformal_score *score = take_raw(&scratch, conformal_score, rows);
    trees_score(mean, held->x, rows, f, held->threads);
    for (int l = 0; l < m->p.n_levels; l++) {
        trees_score(&m->bound[2 * l], held->x, rows, low, held->threads);
        trees_score(&m->bound[2 * l + 1], held->x, rows, high, held->threads);
        for (int64_t r = 0; r < rows; r++) {
            double y = trees_answer(mean, f[r]);
            int step = (int)held->x[r * held->shape.cols] - 1;
            score[r] = (conformal_score){
                0, step, conformal_score_of(held->label[r], y, fmin(low[r], y), fmax(high[r], y)),
                1};
        }
        conformal_fit(&m->factor[l], score, rows, m->p.levels[l], 1, m->p.steps, keep, scratch);
    }
}

/* Tweedie has no answer to labels that are all 0. */
static bool all_zero(const boost_data *d) {
    for (int64_t r = 0; r < d->rows; r++)
        if (d->label[r] != 0) return false;
    return true;
}

/* What a fit without the last values says of them: the number of trees that does best, how errors
 * add up, and how wide bounds must be. */
static bool look_back(global_model *m, job *all, boost_params *b, arena *keep, arena scratch,
                      err *e) {
    job before = *all, held = *all;
    int threads = pool_threads(all->threads);
    before.held = held.held = all->q.steps;
    held.stop = true;
    m->carry = fmin(2, all->q.steps), m->dispersion = 1;
    arena own = arena_split(&scratch, arena_left(&scratch) / 2);
    boost_data train = build(&before, &own), valid = build(&held, &own);
    if (train.rows < 4 * b->min_rows || valid.rows == 0 || all_zero(&train)) {
        b->trees = b->trees / 4 + 1;
        return true;
    }
    trees t;
    if (!boost_fit(&t, &train, &valid, *b, threads, &own, scratch, e)) return false;
    m->carry = carry_of(&held, &t, scratch);
    m->dispersion = dispersion_of(&held, &t, scratch);
    b->trees = t.n > 0 ? t.n : 1;
    for (int l = 0; l < m->p.n_levels; l++)
        if (!fit_bounds(m, &train, l, threads, &own, scratch, e)) return false;
    fit_factors(m, &held, &t, keep, scratch);
    return true;
}

static bool any_negative(const global_panel *p) {
    for (int i = 0; i < p->n; i++)
        for (int t = 0; t < p->one[i].n; t++)
            if (p->one[i].y[t] < 0) return true;
    return false;
}

bool global_fit(global_model *m, const global_panel *p, global_params q, pool *threads,
                arena *keep, arena scratch, err *e) {
    const char *why = global_check(p, q);
    if (why) return refuse(e, "%s", why);
    *m = (global_model){.p = q, .positive = !any_negative(p), .pooled = global_pool(p, keep)};
    job j = {.p = p, .q = q, .threads = threads, .shape = global_shape_of(p, q, m->pooled)};
    m->cols = j.shape.cols;
    m->column = global_columns(&j.shape, keep);
    boost_params mean = boost_of(m, false);
    if (!look_back(m, &j, &mean, keep, scratch, e)) return false;
    arena rows = arena_split(&scratch, arena_left(&scratch) / 2);
    boost_data d = build(&j, &rows);
    if (d.rows == 0)
        return refuse(e, "no series has two values, so there is nothing to learn from");
    m->rows = d.rows;
    if (all_zero(&d)) mean.objective = BOOST_L2;
    if (!boost_fit(&m->mean, &d, NULL, mean, pool_threads(threads), keep, scratch, e)) return false;
    m->trees = m->mean.n;
    for (int l = 0; l < q.n_levels; l++)
        if (!fit_bounds(m, &d, l, pool_threads(threads), keep, scratch, e)) return false;
    return true;
}

/* ---- forecasting ---- */

static double answer(const global_model *m, const trees *t, double score, double scale) {
    double y = scale * trees_answer(t, score);
    return m->positive ? fmax(y, 0) : y;
}

static void total_deviation(const global_model *m, band *b) {
    double sum = 0;
    if (b->n_levels == 0) return;
    double z = normal_quantile(0.5 + b->levels[0] / 2);
    for (int h = 0; h < b->steps; h++) {
        double sd = (b->high[h] - b->low[h]) / (2 * z);
        sum += sd * sd;
    }
    b->total_sd = sqrt(m->carry * sum);
}

/* A bound does not cross the mean, and a higher level holds the lower ones. */
static void nest(band *b) {
    for (int l = 0; l < b->n_levels; l++)
        for (int h = 0; h < b->steps; h++) {
            int64_t at = (int64_t)l * b->steps + h;
            double low = b->mean[h], high = b->mean[h];
            for (int k = 0; k < l; k++)
                if (b->levels[k] < b->levels[l]) {
                    low = fmin(low, b->low[(int64_t)k * b->steps + h]);
                    high = fmax(high, b->high[(int64_t)k * b->steps + h]);
                }
            b->low[at] = fmin(b->low[at], low), b->high[at] = fmax(b->high[at], high);
        }
}

typedef struct ahead {
    const global_model *m;
    global_shape shape;
    band *to;
} ahead;

static void forecast_one(void *what, int64_t i, arena scratch) {
    const ahead *a = what;
    const global_series *one = &a->shape.p->one[i];
    band *b = &a->to[i];
    int steps = a->m->p.steps, cols = a->shape.cols;
    float *x = take_raw(&scratch, float, (int64_t)steps *cols);
    double *score = take_raw(&scratch, double, steps);
    double scale = global_scale(&a->shape, one, one->n);
    for (int h = 1; h <= steps; h++)
        global_row(&a->shape, one, one->n, h, scale, x + (int64_t)(h - 1) * cols);
    trees_score(&a->m->mean, x, steps, score, NULL);
    for (int h = 0; h < steps; h++)
        b->mean[h] = answer(a->m, &a->m->mean, score[h], scale);
    for (int k = 0; k < 2 * b->n_levels; k++) {
        const trees *t = &a->m->bound[k];
        double *to = (k % 2 ? b->high : b->low) + (int64_t)(k / 2) * steps;
        trees_score(t, x, steps, score, NULL);
        for (int h = 0; h < steps; h++) to[h] = answer(a->m, t, score[h], scale);
    }
    nest(b);
    conformal_apply(a->m->factor, 0, b);
    if (a->m->positive) band_not_negative(b);
    total_deviation(a->m, b);
}

void global_forecast(const global_model *m, const global_panel *p, band *to, pool *threads,
                     arena scratch) {
    ahead a = {m, global_shape_of(p, m->p, global_pool(p, &scratch)), to};
    assert(a.shape.cols == m->cols);
    pool_for(threads, p->n, forecast_one, &a);
}
