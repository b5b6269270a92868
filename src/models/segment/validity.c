/* validity: how well a clustering holds together: silhouette, Calinski–Harabasz, Davies–Bouldin,
 * and agreement of two clusterings (adjusted Rand, Jaccard). */
#include "models/segment/validity.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 64, ROWS = 4096 }; /* rows a chunk, of pairs and of single rows */

typedef struct silhouette {
    const float *x;
    int64_t n;
    int d, k;
    const int32_t *label;
    const int64_t *count; /* [k] */
    double *part;         /* [chunks] */
} silhouette;

static double distance(const float *a, const float *b, int d) {
    double sum = 0;
    for (int j = 0; j < d; j++) {
        double gap = (double)a[j] - (double)b[j];
        sum += gap * gap;
    }
    return sqrt(sum);
}

static double silhouette_row(const silhouette *s, int64_t i, double *sum) {
    int own = s->label[i];
    if (s->count[own] < 2) return 0;
    memset(sum, 0, (size_t)s->k * sizeof *sum);
    for (int64_t o = 0; o < s->n; o++)
        sum[s->label[o]] += distance(s->x + i * s->d, s->x + o * s->d, s->d);
    double a = sum[own] / (double)(s->count[own] - 1), b = INFINITY;
    for (int c = 0; c < s->k; c++)
        if (c != own && s->count[c] > 0) b = fmin(b, sum[c] / (double)s->count[c]);
    double most = fmax(a, b);
    return most > 0 ? (b - a) / most : 0;
}

static void silhouette_chunk(void *what, int64_t chunk, arena scratch) {
    const silhouette *s = what;
    double *sum = take(&scratch, double, s->k), total = 0;
    int64_t last = (chunk + 1) * CHUNK < s->n ? (chunk + 1) * CHUNK : s->n;
    for (int64_t i = chunk * CHUNK; i < last; i++) total += silhouette_row(s, i, sum);
    s->part[chunk] = total;
}

/* Rows of each cluster, [k]; *present = clusters that have any. */
static int64_t *count_of(const int32_t *label, int64_t n, int k, int *present, arena *scratch) {
    int64_t *count = take(scratch, int64_t, k);
    for (int64_t i = 0; i < n; i++) count[label[i]]++;
    *present = 0;
    for (int c = 0; c < k; c++) *present += count[c] > 0;
    return count;
}

double validity_silhouette(const float *x, int64_t n, int d, const int32_t *label, int k,
                           pool *threads, arena scratch) {
    int present;
    silhouette s = {.x = x, .n = n, .d = d, .k = k, .label = label};
    s.count = count_of(label, n, k, &present, &scratch);
    if (present < 2) return (double)NAN;
    int64_t chunks = (n + CHUNK - 1) / CHUNK;
    s.part = take(&scratch, double, chunks);
    pool_for(threads, chunks, silhouette_chunk, &s);
    double sum = 0;
    for (int64_t c = 0; c < chunks; c++) sum += s.part[c];
    return sum / (double)n;
}

/* Means of the clusters, [k, d]. */
static double *means_of(const float *x, int64_t n, int d, const int32_t *label, int k,
                        const int64_t *count, arena *scratch) {
    double *mean = take(scratch, double, (int64_t)k * d);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < d; j++) mean[(int64_t)label[i] * d + j] += (double)x[i * d + j];
    for (int c = 0; c < k; c++)
        for (int j = 0; j < d && count[c] > 0; j++) mean[(int64_t)c * d + j] /= (double)count[c];
    return mean;
}

static double gap_squared(const float *x, const double *mean, int d) {
    double sum = 0;
    for (int j = 0; j < d; j++) {
        double gap = (double)x[j] - mean[j];
        sum += gap * gap;
    }
    return sum;
}

typedef struct simplified {
    silhouette s;
    const double *mean; /* [k, d] */
} simplified;

static void simplified_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const simplified *p = what;
    const silhouette *s = &p->s;
    double total = 0;
    int64_t last = (chunk + 1) * ROWS < s->n ? (chunk + 1) * ROWS : s->n;
    for (int64_t i = chunk * ROWS; i < last; i++) {
        double a = 0, b = INFINITY;
        if (s->count[s->label[i]] < 2) continue;
        for (int c = 0; c < s->k; c++) {
            if (s->count[c] == 0) continue;
            double square = gap_squared(s->x + i * s->d, p->mean + (int64_t)c * s->d, s->d);
            if (c == s->label[i]) a = square;
            else b = fmin(b, square);
        }
        double most = fmax(a, b);
        total += most > 0 ? (sqrt(b) - sqrt(a)) / sqrt(most) : 0;
    }
    s->part[chunk] = total;
}

double validity_simplified(const float *x, int64_t n, int d, const int32_t *label, int k,
                           pool *threads, arena scratch) {
    int present;
    int64_t *count = count_of(label, n, k, &present, &scratch), chunks = (n + ROWS - 1) / ROWS;
    if (present < 2) return (double)NAN;
    simplified p = {.s = {x, n, d, k, label, count, take(&scratch, double, chunks)},
                    .mean = means_of(x, n, d, label, k, count, &scratch)};
    pool_for(threads, chunks, simplified_chunk, &p);
    double sum = 0;
    for (int64_t c = 0; c < chunks; c++) sum += p.s.part[c];
    return sum / (double)n;
}

double validity_calinski(const float *x, int64_t n, int d, const int32_t *label, int k,
                         arena scratch) {
    int present;
    int64_t *count = count_of(label, n, k, &present, &scratch);
    if (present < 2) return (double)NAN;
    double *mean = means_of(x, n, d, label, k, count, &scratch);
    double *all = take(&scratch, double, d), within = 0, between = 0;
    for (int c = 0; c < k; c++)
        for (int j = 0; j < d; j++)
            all[j] += mean[(int64_t)c * d + j] * (double)count[c] / (double)n;
    for (int64_t i = 0; i < n; i++)
        within += gap_squared(x + i * d, mean + (int64_t)label[i] * d, d);
    for (int c = 0; c < k; c++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            double gap = mean[(int64_t)c * d + j] - all[j];
            sum += gap * gap;
        }
        between += sum * (double)count[c];
    }
    if (!(within > 0)) return INFINITY;
    return between / (present - 1) / (within / (double)(n - present));
}

double validity_davies(const float *x, int64_t n, int d, const int32_t *label, int k,
                       arena scratch) {
    int present;
    int64_t *count = count_of(label, n, k, &present, &scratch);
    if (present < 2) return (double)NAN;
    double *mean = means_of(x, n, d, label, k, count, &scratch);
    double *spread = take(&scratch, double, k), sum = 0;
    for (int64_t i = 0; i < n; i++)
        spread[label[i]] += sqrt(gap_squared(x + i * d, mean + (int64_t)label[i] * d, d)) /
                            (double)count[label[i]];
    for (int a = 0; a < k; a++) {
        double worst = 0;
        for (int b = 0; b < k && count[a] > 0; b++) {
            if (b == a || count[b] == 0) continue;
            double apart = 0;
            for (int j = 0; j < d; j++) {
                double gap = mean[(int64_t)a * d + j] - mean[(int64_t)b * d + j];
                apart += gap * gap;
            }
            worst = fmax(worst, (spread[a] + spread[b]) / sqrt(apart));
        }
        sum += worst;
    }
    return sum / present;
}

/* Rows by cluster of a and of b, [ka, kb]; the sums of both sides. */
static int64_t *cross(const int32_t *a, int ka, const int32_t *b, int kb, int64_t n, int64_t *rows,
                      int64_t *cols, arena *scratch) {
    int64_t *cell = take(scratch, int64_t, (int64_t)ka * kb);
    for (int64_t i = 0; i < n; i++) {
        cell[(int64_t)a[i] * kb + b[i]]++;
        rows[a[i]]++;
        cols[b[i]]++;
    }
    return cell;
}

static double pairs(int64_t n) { return (double)n * (double)(n - 1) / 2; }

double validity_ari(const int32_t *a, int ka, const int32_t *b, int kb, int64_t n, arena scratch) {
    int64_t *rows = take(&scratch, int64_t, ka), *cols = take(&scratch, int64_t, kb);
    int64_t *cell = cross(a, ka, b, kb, n, rows, cols, &scratch);
    double both = 0, in_a = 0, in_b = 0;
    for (int64_t i = 0; i < (int64_t)ka * kb; i++) both += pairs(cell[i]);
    for (int i = 0; i < ka; i++) in_a += pairs(rows[i]);
    for (int i = 0; i < kb; i++) in_b += pairs(cols[i]);
    double chance = n > 1 ? in_a * in_b / pairs(n) : 0, most = (in_a + in_b) / 2;
    return most == chance ? 1 : (both - chance) / (most - chance);
}

void validity_jaccard(const int32_t *a, int ka, const int32_t *b, int kb, int64_t n, double *out,
                      arena scratch) {
    int64_t *rows = take(&scratch, int64_t, ka), *cols = take(&scratch, int64_t, kb);
    int64_t *cell = cross(a, ka, b, kb, n, rows, cols, &scratch);
    for (int i = 0; i < ka; i++) {
        out[i] = 0;
        for (int j = 0; j < kb; j++) {
            int64_t common = cell[(int64_t)i * kb + j], either = rows[i] + cols[j] - common;
            if (either > 0) out[i] = fmax(out[i], (double)common / (double)either);
        }
    }
}
