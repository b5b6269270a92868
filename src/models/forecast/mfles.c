/* mfles: median, waves, trend and level found in turns, each on what the others leave. */
#include "models/forecast/mfles.h"

#include <math.h>
#include <string.h>

#include "base/kernels.h"
#include "base/order.h"
#include "models/forecast/mfles_line.h"

enum { ROUNDS = 7, LEAST = 4, ORIGINS = 3 };
#define MOST_WIDE  10.0
#define LEARN      0.9  /* of waves and bending lines */
#define ROUGH      0.7  /* spread above which lines are repeated medians */
#define LEVEL_WINS 1e-4 /* what the level must win of the mean square error */
#define TURN       6.283185307179586

typedef struct fit {
    int n;
    double *x;      /* [n] scaled values */
    double *sum;    /* [n] of all parts so far */
    double *left;   /* [n] x - sum at the start of a part */
    double *part;   /* [n] the one that is tried */
    double *level;  /* [n] of the last round */
    double mse;
    double trend[2]; /* at the last but one value and at the last */
    double explained; /* by the first line; NAN: it was not taken */
    bool rough;
} fit;

static double mean_of(const double *x, int n) {
    double sum = 0;
    for (int t = 0; t < n; t++) sum += x[t];
    return sum / n;
}

static double variance_of(const double *x, int n) {
    double mean = mean_of(x, n), sum = 0;
    for (int t = 0; t < n; t++) sum += (x[t] - mean) * (x[t] - mean);
    return sum / n;
}

static void look(fit *f) {
    for (int t = 0; t < f->n; t++) f->left[t] = f->x[t] - f->sum[t];
}

/* Keeps f->part where the error falls by more than `wins` of it. */
static bool keep_part(fit *f, double wins) {
    double sum = 0;
    for (int t = 0; t < f->n; t++) {
        double u = f->left[t] - f->part[t];
        sum += u * u;
    }
    double mse = sum / f->n;
    if (!(f->mse > mse + wins * f->mse)) return false;
    f->mse = mse;
    for (int t = 0; t < f->n; t++) f->sum[t] += f->part[t];
    look(f);
    return true;
}

/* ---- waves ---- */

typedef struct waves {
    int season, width;
    double *column; /* [width, n] cosines and sines, without those that repeat others */
    double *gram;   /* [width, width] */
} waves;

static int pairs_of(int season) { return season < 10 ? 5 : season < 70 ? 10 : 15; }

static waves new_waves(int season, int n, arena *keep) {
    int pairs = pairs_of(season);
    waves v = {.season = season, .column = take(keep, double, (int64_t)(2 * pairs + 1) * n)};
    for (int k = 1; k <= pairs && 2 * k <= season; k++) {
        for (int sine = 0; sine < 2 - (2 * k == season); sine++, v.width++)
            for (int t = 0; t < n; t++) {
                double turn = TURN * (double)((int64_t)k * (t + 1) % season) / season;
                v.column[(int64_t)v.width * n + t] = sine ? sin(turn) : cos(turn);
            }
    }
    if (pairs >= season) { /* a whole number of turns from value to value: a constant */
        for (int t = 0; t < n; t++) v.column[(int64_t)v.width * n + t] = 1;
        v.width++;
    }
    v.gram = take(keep, double, v.width *v.width);
    for (int i = 0; i < v.width; i++)
        for (int j = 0; j < v.width; j++)
            for (int t = 0; t < n; t++)
                v.gram[i * v.width + j] += v.column[(int64_t)i * n + t] *
                                           v.column[(int64_t)j * n + t];
    return v;
}

/* Least squares of what is left; nothing where the system cannot be solved. */
static void add_waves(fit *f, const waves *v, double *seasonal, int cycle, arena scratch) {
    double *a = take_copy(&scratch, double, v->gram, v->width * v->width);
    double *b = take(&scratch, double, v->width);
    for (int i = 0; i < v->width; i++) {
        a[i * v->width + i] *= 1 + 1e-10; /* shorter histories than a season have no one answer */
        for (int t = 0; t < f->n; t++) b[i] += v->column[(int64_t)i * f->n + t] * f->left[t];
    }
    if (!kernels_plain.solve_spd_d(v->width, a, v->width, b)) return;
    for (int t = 0; t < f->n; t++) {
        f->part[t] = 0;
        for (int i = 0; i < v->width; i++)
            f->part[t] += LEARN * b[i] * v->column[(int64_t)i * f->n + t];
    }
    if (!keep_part(f, 0)) return;
    for (int t = 0; t < cycle; t++) { /* the last season of the sample, again and again */
        int at = f->n - v->season + t % v->season;
        if (at >= 0) seasonal[t] += f->part[at];
    }
}

/* ---- trend and level ---- */

static void least_squares(const double *y, int n, double *to) {
    double top = 0, bottom = 0, mean = mean_of(y, n);
    for (int t = 0; t < n; t++) {
        double at = t - (n - 1) / 2.0;
        top += at * y[t], bottom += at * at;
    }
    for (int t = 0; t < n; t++) to[t] = mean + top / bottom * (t - (n - 1) / 2.0);
}

static void add_trend(fit *f, int round, arena scratch) {
    int n = f->n, bends = n / 10 < MFLES_BENDS ? n / 10 : MFLES_BENDS;
    double before = variance_of(f->left, n) * n, wrong = 0;
    if (f->rough) mfles_siegel(f->left, n, f->part, scratch);
    else if (round == 1) least_squares(f->left, n, f->part);
    else mfles_bends(f->left, n, bends, f->part, scratch);
    if (!f->rough && round > 1)
        for (int t = 0; t < n; t++) f->part[t] *= LEARN;
    for (int t = 0; t < n; t++) wrong += (f->left[t] - f->part[t]) * (f->left[t] - f->part[t]);
    if (!keep_part(f, 0)) return;
    f->trend[0] += f->part[n - 2], f->trend[1] += f->part[n - 1];
    if (round == 1) f->explained = before > 0 ? 1 - wrong / before : 0;
}

static bool add_level(fit *f) {
    for (int t = 0; t < f->n; t++)
        f->part[t] = t < 2 ? f->left[t] : (f->left[t] + f->left[t - 1]) / 2;
    double last = f->part[f->n - 1];
    if (!keep_part(f, LEVEL_WINS)) return false;
    f->trend[0] += last, f->trend[1] += last;
    return true;
}

/* ---- all of it ---- */

static void scale_values(mfles_model *m, const double *y, bool season, double *x) {
    double least = y[0];
    for (int t = 1; t < m->n; t++) least = fmin(least, y[t]);
    m->log = season && least > 0, m->scale = 1;
    for (int t = 0; t < m->n; t++) x[t] = m->log ? log(y[t]) : y[t];
    if (m->log) return;
    double most = 0; /* squares of values up to 1e100 stay finite */
    for (int t = 0; t < m->n; t++) most = fmax(most, fabs(y[t]));
    for (int t = 0; t < m->n && most > 0; t++) x[t] /= most;
    double mean = mean_of(x, m->n), deviation = sqrt(variance_of(x, m->n));
    m->mean = mean * most, m->scale = deviation * most;
    for (int t = 0; t < m->n; t++) x[t] = deviation > 0 ? (x[t] - mean) / deviation : 0;
}

static bool is_rough(const double *left, int n, bool logs) {
    double variance = variance_of(left, n), mean = mean_of(left, n);
    if (logs) return sqrt(exp(log(10) * variance - 1)) > ROUGH;
    return (mean != 0 ? sqrt(variance) / mean : sqrt(variance)) > ROUGH;
}

static double median_of(const double *x, int n, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, x, scratch);
    return n % 2 ? x[order[n / 2]] : (x[order[n / 2 - 1]] + x[order[n / 2]]) / 2;
}

void mfles_fit(mfles_model *m, const double *y, int n, mfles_params p, arena *keep, arena scratch) {
    int seasons = 0, list[MFLES_SEASONS];
    for (int k = 0; k < MFLES_SEASONS; k++)
        if (p.season[k] > 1 && p.season[k] <= n) list[seasons++] = p.season[k];
    *m = (mfles_model){.n = n, .cycle = seasons ? list[seasons - 1] : 1};
    m->seasonal = take(keep, double, m->cycle), m->rest = take(keep, double, n);
    fit f = {.n = n, .x = take(&scratch, double, n), .sum = take(&scratch, double, n),
             .left = take(&scratch, double, n), .part = take(&scratch, double, n),
             .explained = NAN};
    scale_values(m, y, seasons > 0, f.x);
    m->constant = n < LEAST || !(variance_of(f.x, n) > 1e-24);
    if (m->constant) {
        m->log = false, m->mean = y[n - 1], m->scale = 0;
        return;
    }
    waves v[MFLES_SEASONS];
    for (int k = 0; k < seasons; k++) v[k] = new_waves(list[k], n, &scratch);
    double start = f.trend[0] = f.trend[1] = median_of(f.x, n, scratch);
    for (int t = 0; t < n; t++) f.sum[t] = start;
    look(&f);
    f.mse = 0;
    for (int t = 0; t < n; t++) f.mse += f.left[t] * f.left[t] / n;
    for (int round = 0; round < ROUNDS; round++) {
        if (seasons > 0) add_waves(&f, &v[round % seasons], m->seasonal, m->cycle, scratch);
        if (round == 0) f.rough = is_rough(f.left, n, m->log);
        if (round % 2) add_trend(&f, round, scratch);
        if (round < ROUNDS - 1) continue;
        memcpy(m->rest, f.left, sizeof *m->rest * (size_t)n);
        m->smoothed = add_level(&f);
    }
    m->level = f.trend[1];
    m->slope = (f.trend[1] - f.trend[0]) * (isnan(f.explained) ? 1 : fmax(f.explained, 0));
}

/* Error of the level h steps after value t. */
static double miss(const mfles_model *m, int t, int h) {
    double level = m->smoothed ? (m->rest[t] + m->rest[t - 1]) / 2 : 0;
    return m->rest[t + h] - level;
}

/* sd[h] of the level's errors, never falling; returns that of their weighted sum over all steps.
 * Steps that half of the history does not hold have the last one's, as a random walk goes on. */
static double spread(const mfles_model *m, int steps, const double *weight, double *sd) {
    int known = steps < m->n / 2 ? steps : m->n / 2;
    double least = 0, sums = 0;
    int count = 0;
    for (int h = 1; h <= steps; h++) {
        double sum = 0;
        for (int t = 1; h <= known && t + h < m->n; t++) sum += miss(m, t, h) * miss(m, t, h);
        if (h <= known && m->n - 1 - h > 0) least = fmax(least, sqrt(sum / (m->n - 1 - h)));
        sd[h - 1] = h <= known ? least : least * (m->smoothed ? sqrt((double)h / known) : 1);
    }
    for (int t = 1; t + known < m->n; t++, count++) {
        double sum = 0;
        for (int h = 1; h <= known; h++)
            sum += weight[h - 1] * miss(m, t, h); /* break: it is squared */
        sums += sum * sum;
    }
    double all = 0;
    for (int h = known; h < steps; h++) all += weight[h] * sd[h];
    return count ? sqrt(sums / count) + all : all;
}

void mfles_forecast(const mfles_model *m, band *to, arena scratch) {
    double *sd = take(&scratch, double, to->steps), *weight = take(&scratch, double, to->steps);
    for (int h = 0; h < to->steps; h++) {
        double x = m->level + m->slope * (h + 1) + m->seasonal[h % m->cycle];
        to->mean[h] = m->log ? exp(x) : m->mean + m->scale * x;
        weight[h] = m->log ? to->mean[h] : m->scale;
    }
    if (m->constant) {
        for (int h = 0; h < to->steps; h++) to->mean[h] = m->mean, band_normal(to, h, 0);
        to->total_sd = 0;
        return;
    }
    to->total_sd = spread(m, to->steps, weight, sd);
    for (int h = 0; h < to->steps; h++) {
        band_normal(to, h, m->scale * sd[h]);
        for (int l = 0; l < to->n_levels && m->log; l++) {
            double z = normal_quantile(0.5 + to->levels[l] / 2), mean = to->mean[h];
            to->low[l * to->steps + h] = mean * exp(-z * sd[h]);
            to->high[l * to->steps + h] = mean * exp(z * sd[h]);
        }
    }
}

double mfles_widening(const double *y, int n, mfles_params p, int steps, arena scratch) {
    static const double one[] = {0.6826894921370859}; /* bounds of one deviation */
    int window = steps < n / 4 ? steps : n / 4, longest = 4, used = 0;
    double sum = 0;
    for (int k = 0; k < MFLES_SEASONS; k++) longest = p.season[k] > longest ? p.season[k] : longest;
    for (int o = 1; o <= ORIGINS && window > 0 && n - o * window >= 2 * longest; o++) {
        arena keep = arena_split(&scratch, arena_left(&scratch) / 4), own = scratch;
        int past = n - o * window;
        mfles_model m;
        band b = band_new(&keep, window, one, 1);
        mfles_fit(&m, y, past, p, &keep, own);
        mfles_forecast(&m, &b, own);
        for (int h = 0; h < window; h++) {
            double off = y[past + h] - b.mean[h];
            double half = off > 0 ? b.high[h] - b.mean[h] : b.mean[h] - b.low[h];
            if (!(half > 0)) continue;
            sum += off * off / (half * half);
            used++;
        }
    }
    return used ? fmin(fmax(sqrt(sum / used), 1), MOST_WIDE) : 1;
}
