/* scale: columns made comparable before any distance: tails cut, centred, of like spread. */
#include "models/segment/scale.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"
#include "models/metrics.h"

const char *const scale_words[SCALE_KINDS] = {"standard", "robust", "rank"};

/* Known values of one column, ascending. */
typedef struct sorted {
    double *at;
    int64_t n;
} sorted;

static sorted sort_known(const double *value, int64_t n, arena *memory) {
    double *known = take(memory, double, n);
    sorted s = {take(memory, double, n), 0};
    for (int64_t i = 0; i < n; i++)
        if (isfinite(value[i])) known[s.n++] = value[i];
    int32_t *order = order_count(s.n, memory);
    order_up(order, s.n, known, *memory);
    for (int64_t i = 0; i < s.n; i++) s.at[i] = known[order[i]];
    return s;
}

/* Quantile of the normal distribution, p in (0, 1): bisection of its exact function. */
static double normal_at(double p) {
    double low = -9, high = 9;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p) low = middle;
        else high = middle;
    }
    return (low + high) / 2;
}

/* Knots at the values that stand at even ranks, and at the first and last; equal ones are one. */
static int rank_knots(sorted s, double *knot, double *value) {
    int n = 0, most = s.n < SCALE_KNOTS ? (int)s.n : SCALE_KNOTS;
    for (int i = 0; i < most; i++) {
        int64_t first = most > 1 ? i * (s.n - 1) / (most - 1) : 0, end = first;
        double x = s.at[first];
        if (n > 0 && x == knot[n - 1]) continue;
        while (first > 0 && s.at[first - 1] == x) first--;
        while (end < s.n && s.at[end] == x) end++;
        knot[n] = x;
        value[n++] = normal_at((double)(first + end) / 2 / (double)s.n);
    }
    return n;
}

/* t(x) of kept column j: straight between its knots. */
static double by_knots(const scale_model *m, int j, double x) {
    const double *knot = m->knot + (int64_t)j * SCALE_KNOTS;
    const double *value = m->value + (int64_t)j * SCALE_KNOTS;
    int low = 0, high = m->knots[j] - 1;
    if (high < 0) return x;
    if (x <= knot[0]) return value[0];
    if (x >= knot[high]) return value[high];
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (knot[middle] <= x) low = middle;
        else high = middle;
    }
    return value[low] + (value[high] - value[low]) * (x - knot[low]) / (knot[high] - knot[low]);
}

/* z of kept column j; a value that is not known becomes 0. */
static double z_of(const scale_model *m, int j, double value) {
    if (!isfinite(value)) return 0;
    return (by_knots(m, j, fmin(m->high[j], fmax(m->low[j], value))) - m->mean[j]) / m->sd[j];
}

/* Mean and standard deviation of t(x) into place j. */
static void moments(scale_model *m, int j, sorted s) {
    double sum = 0, squares = 0;
    m->mean[j] = 0;
    m->sd[j] = 1;
    for (int64_t i = 0; i < s.n; i++) sum += z_of(m, j, s.at[i]);
    m->mean[j] = sum / (double)s.n;
    for (int64_t i = 0; i < s.n; i++) {
        double gap = z_of(m, j, s.at[i]);
        squares += gap * gap;
    }
    m->sd[j] = sqrt(squares / (double)s.n);
}

/* Fits place j to one column; false when it does not vary. */
static bool fit_column(scale_model *m, int j, const double *x, int64_t n, scale_params p,
                       arena scratch) {
    sorted s = sort_known(x, n, &scratch);
    m->knots[j] = 0;
    if (s.n == 0) return false;
    m->low[j] = metrics_quantile(s.at, s.n, p.tail);
    m->high[j] = metrics_quantile(s.at, s.n, 1 - p.tail);
    for (int64_t i = 0; i < s.n; i++) s.at[i] = fmin(m->high[j], fmax(m->low[j], s.at[i]));
    moments(m, j, s);
    if (!(m->sd[j] > 1e-9 * (fabs(m->mean[j]) + 1e-9))) return false; /* rounding, no variation */
    if (p.kind == SCALE_RANK) {
        int64_t at = (int64_t)j * SCALE_KNOTS;
        m->knots[j] = rank_knots(s, m->knot + at, m->value + at);
        moments(m, j, s);
    } else if (p.kind == SCALE_ROBUST) {
        double middle = metrics_quantile(s.at, s.n, 0.75) - metrics_quantile(s.at, s.n, 0.25);
        m->mean[j] = metrics_quantile(s.at, s.n, 0.5);
        if (middle > 1e-9 * (fabs(m->mean[j]) + 1e-9)) m->sd[j] = middle / 1.349;
    }
    return m->sd[j] > 0;
}

/* Size of the correlation of two columns. */
static double correlation_size(const double *a, const double *b, int64_t n) {
    double ab = 0, aa = 0, bb = 0, ma = 0, mb = 0;
    for (int64_t i = 0; i < n; i++) { /* break: z has a mean of about 0 */
        ma += a[i] / (double)n; /* break: as above */
        mb += b[i] / (double)n; /* break: as above */
    }
    for (int64_t i = 0; i < n; i++) {
        ab += (a[i] - ma) * (b[i] - mb); /* break: only its size is asked for */
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
    }
    return fabs(ab) / sqrt(aa * bb);
}

scale_model scale_fit(const double *x, int64_t n, int cols, scale_params p, arena *keep,
                      arena scratch) {
    assert(arena_apart(keep, &scratch) && n >= 1 && p.tail >= 0 && p.tail <= 0.25);
    scale_model m = {.cols = cols, .from = take(keep, int, cols), .knots = take(keep, int, cols)};
    double **const parts[] = {&m.low, &m.high, &m.mean, &m.sd};
    for (int i = 0; i < 4; i++) *parts[i] = take(keep, double, cols);
    int64_t knots = p.kind == SCALE_RANK ? (int64_t)cols * SCALE_KNOTS : 0;
    m.knot = take(keep, double, knots);
    m.value = take(keep, double, knots);
    double *kept = take(&scratch, double, n * cols); /* kept columns, one after the other */
    for (int c = 0; c < cols; c++) {
        double *z = kept + (int64_t)m.d * n;
        for (int64_t i = 0; i < n; i++) z[i] = x[i * cols + c];
        if (!fit_column(&m, m.d, z, n, p, scratch)) continue;
        for (int64_t i = 0; i < n; i++) z[i] = z_of(&m, m.d, z[i]);
        bool again = false;
        for (int o = 0; o < m.d && !again && p.same < 1; o++)
            again = correlation_size(kept + (int64_t)o * n, z, n) > p.same;
        if (!again) m.from[m.d++] = c;
    }
    return m;
}

float *scale_apply(const scale_model *m, const double *x, int64_t n, arena *keep) {
    float *z = take_raw(keep, float, n * m->d);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < m->d; j++)
            z[i * m->d + j] = (float)z_of(m, j, x[i * m->cols + m->from[j]]);
    return z;
}

double *scale_apply_wide(const scale_model *m, const double *x, int64_t n, arena *keep) {
    double *z = take_raw(keep, double, n * m->d);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < m->d; j++) z[i * m->d + j] = z_of(m, j, x[i * m->cols + m->from[j]]);
    return z;
}
