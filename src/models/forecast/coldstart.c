/* coldstart: the first weeks of an article, by how those like it began and by its first sales. */
#include "models/forecast/coldstart.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/demand.h"

#define LEAST_ALPHA 0.05
#define MOST_ALPHA  1000.0

const char *coldstart_check(const coldstart_item *items, int n, coldstart_params p) {
    if (n < 1) return "no article to learn from";
    if (p.ages < 1 || p.neighbours < 1) return "ages and neighbours must be at least 1";
    if (p.attributes < 0 || p.attributes > COLDSTART_ATTRIBUTES) return "at most 16 attributes";
    if (!(p.width > 0) || !(p.prior > 0)) return "width and prior must be above 0";
    for (int i = 0; i < n; i++)
        for (int k = 0; k < items[i].n; k++)
            if (!(items[i].y[k] >= 0 && items[i].y[k] <= 1e15))
                return "units must be between 0 and 1e15";
    return NULL;
}

static double exposure_of(const coldstart_item *one, int age) {
    return one->exposure ? one->exposure[age] : 1;
}

static double shape_at(const coldstart_model *m, int age) {
    return m->shape[age < m->p.ages ? age : m->p.ages - 1];
}

/* Units of the mean article at each age; an age that nobody reached has the one before. */
static void fit_shape(coldstart_model *m, arena scratch) {
    double *weeks = take(&scratch, double, m->p.ages);
    for (int i = 0; i < m->n; i++)
        for (int k = 0; k < m->item[i].n; k++) {
            int age = k < m->p.ages ? k : m->p.ages - 1;
            m->shape[age] += m->item[i].y[k];
            weeks[age] += exposure_of(&m->item[i], k);
        }
    for (int k = 0; k < m->p.ages; k++)
        m->shape[k] = weeks[k] > 0 ? m->shape[k] / weeks[k] : k > 0 ? m->shape[k - 1] : 0;
}

static double expected_of(const coldstart_model *m, const coldstart_item *one) {
    double sum = 0;
    for (int k = 0; k < one->n; k++) sum += shape_at(m, k) * exposure_of(one, k);
    return sum;
}

/* eta^2 of log((sold + 1) / (expected + 1)) by the classes of attribute j. */
static double explained(const coldstart_model *m, int j, arena scratch) {
    int classes = 0, known = 0;
    for (int i = 0; i < m->n; i++)
        if (m->item[i].attribute[j] >= classes) classes = m->item[i].attribute[j] + 1;
    double *sum = take(&scratch, double, classes), all = 0, squares = 0, between = 0;
    int *n = take(&scratch, int, classes), groups = 0;
    for (int i = 0; i < m->n; i++) {
        int a = m->item[i].attribute[j];
        if (a < 0) continue;
        double x = log((m->sold[i] + 1) / (m->expected[i] + 1));
        sum[a] += x, n[a]++, all += x, squares += x * x, known++;
    }
    for (int a = 0; a < classes; a++) {
        if (n[a] == 0) continue;
        groups++;
        between += sum[a] * sum[a] / n[a];
    }
    if (known <= groups) return 0; /* a class for each article explains nothing */
    between -= all * all / known, squares -= all * all / known;
    /* what so many classes explain by chance is taken off (adjusted R^2) */
    double share = squares > 0 ? between / squares : 0;
    return fmax(1 - (1 - share) * (known - 1) / (known - groups), 0);
}

static double distance(const coldstart_model *m, const coldstart_item *a,
                       const coldstart_item *b) {
    double d = 0;
    for (int j = 0; j < m->p.attributes; j++)
        if (a->attribute[j] < 0 || a->attribute[j] != b->attribute[j]) d += m->weight[j];
    if (!a->vector || !b->vector) return d;
    double dot = 0;
    for (int k = 0; k < m->p.dims; k++) dot += (double)a->vector[k] * b->vector[k];
    return d + fmax(1 - dot, 0);
}

typedef struct near {
    double d;
    int item;
} near;

static bool is_nearer(near a, near b) { return a.d < b.d || (a.d == b.d && a.item < b.item); }

double coldstart_level(const coldstart_model *m, const coldstart_item *one, int self,
                       arena scratch) {
    near *kept = take_raw(&scratch, near, m->p.neighbours); /* ascending */
    int n = 0;
    for (int i = 0; i < m->n; i++) {
        if (i == self) continue;
        near x = {distance(m, one, &m->item[i]), i};
        if (n == m->p.neighbours && !is_nearer(x, kept[n - 1])) continue;
        int at = n < m->p.neighbours ? n++ : n - 1;
        for (; at > 0 && is_nearer(x, kept[at - 1]); at--) kept[at] = kept[at - 1];
        kept[at] = x;
    }
    double sold = m->p.prior, expected = m->p.prior;
    for (int k = 0; k < n; k++) {
        double w = exp(-(kept[k].d - kept[0].d) / m->p.width);
        sold += w * m->sold[kept[k].item], expected += w * m->expected[kept[k].item];
    }
    return sold / expected;
}

/* ---- how much articles differ from their neighbours ---- */

typedef struct job {
    coldstart_model *m;
    double *level; /* [n] */
} job;

enum { CHUNK = 64 };

static void find_levels(void *what, int64_t chunk, arena scratch) {
    job *j = what;
    for (int64_t i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < j->m->n; i++)
        j->level[i] = coldstart_level(j->m, &j->m->item[i], (int)i, scratch);
}

/* Var(s) = e + e^2 / alpha for s of mean e: alpha by the moments of all articles together. */
static double fit_alpha(coldstart_model *m, const double *level) {
    double over = 0, squares = 0;
    for (int i = 0; i < m->n; i++) {
        double e = level[i] * m->expected[i], u = m->sold[i] - e;
        if (e <= 0) continue;
        over += (u * u - e) / (1 + e); /* weights 1 / (e + e^2), as if alpha were 1 */
        squares += e * e / (1 + e);
    }
    if (squares == 0) return 1;
    return fmin(fmax(over > 0 ? squares / over : MOST_ALPHA, LEAST_ALPHA), MOST_ALPHA);
}

void coldstart_fit(coldstart_model *m, const coldstart_item *items, int n, coldstart_params p,
                   pool *threads, arena *keep, arena scratch) {
    assert(coldstart_check(items, n, p) == NULL);
    *m = (coldstart_model){.p = p, .n = n, .item = items};
    m->shape = take(keep, double, p.ages);
    m->expected = take(keep, double, n);
    m->sold = take(keep, double, n);
    fit_shape(m, scratch);
    for (int i = 0; i < n; i++) {
        m->expected[i] = expected_of(m, &items[i]);
        for (int k = 0; k < items[i].n; k++) m->sold[i] += items[i].y[k];
    }
    for (int j = 0; j < p.attributes; j++) m->weight[j] = explained(m, j, scratch);
    job j = {m, take(&scratch, double, n)};
    pool_for(threads, (n + CHUNK - 1) / CHUNK, find_levels, &j);
    m->alpha = fit_alpha(m, j.level);
}

void coldstart_forecast(const coldstart_model *m, const coldstart_item *one, band *b,
                        arena scratch) {
    double level = coldstart_level(m, one, -1, scratch), sold = 0, ahead = 0;
    double known = level * expected_of(m, one);
    for (int k = 0; k < one->n; k++) sold += one->y[k];
    double a = m->alpha + sold, rate = a / (m->alpha + known);
    for (int h = 0; h < b->steps; h++) {
        int age = one->n + h;
        double mean = rate * level * shape_at(m, age) * exposure_of(one, age);
        demand d = demand_of(mean, mean + mean * mean / a);
        b->mean[h] = mean, ahead += mean;
        for (int l = 0; l < b->n_levels; l++) {
            int64_t at = (int64_t)l * b->steps + h;
            double q = 0.5 - b->levels[l] / 2;
            b->low[at] = (double)demand_quantile(&d, q);
            b->high[at] = (double)demand_quantile(&d, 1 - q);
        }
    }
    b->total_sd = sqrt(ahead + ahead * ahead / a);
}
