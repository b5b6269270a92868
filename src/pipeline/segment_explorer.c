/* segment_explorer: customers as points on two principal axes, and how k was chosen. */
#include <math.h>
#include <string.h>

#include "models/segment/pca.h"
#include "pipeline/segment_parts.h"
#include "pipeline/segment_words.h"

enum { ODDEST = 20, REASONS = 3 };

static int64_t row_of(const segment_present *p, int64_t i, int64_t n) { return i * p->b.n / n; }

static void put_axis(js *out, const char *key, const double *z, const segment_present *p,
                     int64_t n, int d, int axis) {
    js_array(out, key);
    for (int64_t i = 0; i < n; i++) {
        double value = axis < d ? z[row_of(p, i, n) * d + axis] : 0;
        js_put_fixed(out, NULL, value, 3);
    }
    js_end(out);
}

static void put_labels(js *out, const segment_present *p, int64_t n) {
    js_object(out, "labels");
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        if (p->methods[g].k == 0) continue;
        js_array(out, p->methods[g].name);
        for (int64_t i = 0; i < n; i++)
            js_put_int(out, NULL, p->methods[g].label[row_of(p, i, n)]);
        js_end(out);
    }
    js_end(out);
    js_object(out, "strength");
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        if (p->methods[g].k == 0 || !p->methods[g].strength) continue;
        js_array(out, p->methods[g].name);
        for (int64_t i = 0; i < n; i++)
            js_put_fixed(out, NULL, p->methods[g].strength[row_of(p, i, n)], 3);
        js_end(out);
    }
    js_end(out);
}

static void put_outlier(js *out, const segment_present *p, int64_t n) {
    const segment_method *m = &p->methods[SEGMENT_BY_HDBSCAN];
    if (m->k == 0) {
        js_put_null(out, "outlier");
        return;
    }
    js_array(out, "outlier");
    for (int64_t i = 0; i < n; i++) js_put_fixed(out, NULL, m->outlier[row_of(p, i, n)], 3);
    js_end(out);
}

/* ---- the customers who are like nobody ---- */

/* Mean and standard deviation of a feature over the customers who have it. */
static void moments(const segment_block *b, int j, double *mean, double *sd) {
    double sum = 0, square = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < b->n; i++)
        if (!isnan(b->features[i * b->cols + j])) sum += b->features[i * b->cols + j], count++;
    *mean = count ? sum / (double)count : 0;
    for (int64_t i = 0; i < b->n; i++) {
        double off = b->features[i * b->cols + j] - *mean;
        if (!isnan(off)) square += off * off;
    }
    *sd = count ? sqrt(square / (double)count) : 0;
}

/* The REASONS features in which a customer is furthest from the mean, in standard deviations. */
static void put_why(js *out, const segment_block *b, int64_t row, const double *mean,
                    const double *sd, arena scratch) {
    bool *told = take(&scratch, bool, b->bases);
    js_array(out, "why");
    for (int k = 0; k < REASONS; k++) {
        int best = -1;
        double far = 0;
        for (int j = 0; j < b->bases; j++) {
            double z = (b->features[row * b->cols + j] - mean[j]) / sd[j];
            if (!told[j] && sd[j] > 0 && fabs(z) > fabs(far)) best = j, far = z;
        }
        if (best < 0) break;
        told[best] = true;
        const segment_word *word = segment_word_of(b->names[best]);
        js_object(out, NULL);
        js_put_word(out, "feature", b->names[best]);
        js_put_word(out, "label", word ? word->label : b->names[best]);
        double value = b->features[row * b->cols + best];
        js_put_fixed(out, "value", segment_word_raw(word, value), 4);
        js_put_fixed(out, "z", far, 4);
        js_end(out);
    }
    js_end(out);
}

static void put_outliers(js *out, const segment_present *p, arena scratch) {
    const segment_block *b = &p->b;
    const double *score = p->methods[SEGMENT_BY_HDBSCAN].outlier;
    double *mean = take(&scratch, double, b->bases), *sd = take(&scratch, double, b->bases);
    int64_t top[ODDEST];
    int n = 0;
    for (int64_t i = 0; i < b->n; i++) { /* ties to the smaller customer */
        if (!(score[i] > 0) || (n == ODDEST && score[i] <= score[top[n - 1]])) continue;
        int at = n < ODDEST ? n++ : n - 1;
        for (; at > 0 && score[i] > score[top[at - 1]]; at--) top[at] = top[at - 1];
        top[at] = i;
    }
    for (int j = 0; j < b->bases; j++) moments(b, j, &mean[j], &sd[j]);
    js_array(out, "outliers");
    for (int k = 0; k < n; k++) {
        js_object(out, NULL);
        js_put_text(out, "customer_id", p->customer_id[top[k]]);
        js_put_fixed(out, "score", score[top[k]], 4);
        put_why(out, b, top[k], mean, sd, scratch);
        js_end(out);
    }
    js_end(out);
}

static bool put_projection(js *out, const segment_present *p, work *w, scope *s, err *e) {
    arena scratch = s->scratch;
    pca_model turn;
    int64_t cells = p->b.n * p->m.scale.d, n = segment_points(p);
    const float *view = segmentation_view(&p->m, &p->b, &scratch);
    double *x = take(&scratch, double, cells), variance = 0;
    for (int64_t i = 0; i < cells; i++) x[i] = (double)view[i];
    if (!pca_fit(&turn, x, p->b.n, p->m.scale.d, (pca_params){1, 2, false}, w->threads, &s->keep,
                 scratch, e))
        return false;
    double *z = pca_apply(&turn, x, p->b.n, w->threads, &scratch);
    for (int j = 0; j < turn.d; j++) variance += turn.variance[j];
    js_object(out, "projection");
    js_put_word(out, "method", "PCA");
    js_array(out, "explained");
    for (int j = 0; j < turn.d; j++)
        js_put_fixed(out, NULL, variance > 0 ? turn.kept * turn.variance[j] / variance : 0, 4);
    js_end(out);
    js_put_int(out, "rows", n);
    js_put_int(out, "of", p->b.n);
    js_array(out, "customer");
    for (int64_t i = 0; i < n; i++) js_put_int(out, NULL, p->b.customer[row_of(p, i, n)]);
    js_end(out);
    js_array(out, "customer_id");
    for (int64_t i = 0; i < n; i++) js_put_text(out, NULL, p->customer_id[row_of(p, i, n)]);
    js_end(out);
    put_axis(out, "x", z, p, n, turn.d, 0);
    put_axis(out, "y", z, p, n, turn.d, 1);
    put_labels(out, p, n);
    put_outlier(out, p, n);
    js_end(out);
    return true;
}

/* The trials of step 07 as they were. */
static void put_choice(js *out, const segment_present *p, const work *w, scope *s) {
    static const char *const criteria[] = {"silhouette", "calinski_harabasz", "davies_bouldin",
                                           "dbcv", "stability", "weakest", "smallest_share",
                                           "gap", "bic", "icl"};
    const js_node *trials = js_get(work_report(w, s, "07_tune", "tune.json", "segment"), "trials");
    slice why = SLICE("The default; the grid has not been run.");
    js_text(js_get(work_tuned(w, s, "segment"), "why"), &why);
    if (js_count(trials) == 0) return;
    js_object(out, "choose_k");
    js_put_word(out, "method", "kmeans");
    js_put_int(out, "chosen", p->m.clusters.k);
    js_put_text(out, "why", why);
    js_array(out, "rows");
    for (int i = 0; i < js_count(trials); i++) {
        const js_node *t = js_at(trials, i);
        int64_t k = 0;
        js_int(js_get(js_get(t, "parameters"), "k"), &k);
        js_object(out, NULL);
        js_put_int(out, "k", k);
        for (size_t c = 0; c < sizeof criteria / sizeof *criteria; c++) {
            double value = NAN;
            js_real(js_get(t, criteria[c]), &value);
            js_put_real(out, criteria[c], value);
        }
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

bool segment_put_explorer(js *out, const segment_present *p, work *w, scope *s, err *e) {
    put_choice(out, p, w, s);
    segment_put_sweep(out, p, s);
    if (p->density.k > 0) put_outliers(out, p, s->scratch);
    return put_projection(out, p, w, s, e);
}
