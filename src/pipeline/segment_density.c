/* segment_density: the customers by density: groups of any shape, and those who are in none. */
#include "pipeline/segment_density.h"

#include <math.h>
#include <string.h>

#include "pipeline/segment_axes.h"

enum { ROWS = 50000, AXES = 5, SHARE = 100, DRAWS = 10 }; /* SHARE: least part of a cluster */
static const double VALID = 0.05;              /* less is no gap between clusters */

/* The customers looked at, with their places on the axes. */
static void look(segment_density *x, const segmentation *m, const work *w,
                 const segment_block *b, scope *s) {
    arena scratch = s->scratch;
    int d = x->turn.d;
    int64_t n = b->n < ROWS ? b->n : ROWS;
    float *rows = take(&s->keep, float, n *d);
    const float *all = segment_axes_of(&x->turn, m, w, b, &scratch);
    x->customer = take(&s->keep, int32_t, n);
    x->money = take(&s->keep, double, n);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = i * b->n / n;
        x->customer[i] = b->customer[from];
        x->money[i] = b->rfm.money[from];
        memcpy(rows + i * d, all + from * d, sizeof *rows * (size_t)d);
    }
    x->rows = (hdbscan_data){rows, n, d};
}

static bool fits(const hdbscan_trial *t, int64_t n) {
    return t->min_cluster_size * SHARE >= n && t->noise * 2 <= n && t->k >= 2 &&
           t->k <= SEGMENT_DENSITY_MOST && t->validity >= VALID;
}

/* The trial whose size is nearest to a share of the rows (by the logarithm), the first if equal. */
static int nearest(const segment_density *x, double share) {
    int best = 0;
    double wanted = log(share * (double)x->rows.n), least = INFINITY;
    for (int i = 0; i < x->tried; i++) {
        double apart = fabs(log((double)x->trials[i].min_cluster_size) - wanted);
        if (apart < least) least = apart, best = i;
    }
    return best;
}

/* The trial of the choice, or -1: no least size finds what people can use. */
static int choose(segment_density *x, double share, arena *keep) {
    int best = -1;
    const hdbscan_trial *t = x->trials;
    for (int i = 0; i < x->tried; i++)
        if (fits(&t[i], x->rows.n) && (best < 0 || t[i].validity > t[best].validity)) best = i;
    int wished = share > 0 ? nearest(x, share) : -1;
    if (wished >= 0 && fits(&t[wished], x->rows.n)) {
        x->why = arena_text(keep,
                            "Clusters of %lld or more (%.1f %% of the customers), the share that "
                            "foretold best who buys next: %d clusters, %.0f %% in none.",
                            (long long)t[wished].min_cluster_size, 100 * share, t[wished].k,
                            100 * (double)t[wished].noise / (double)x->rows.n);
        return wished;
    }
    long long first = t[0].min_cluster_size, last = t[x->tried - 1].min_cluster_size;
    if (best < 0)
        x->why = arena_text(keep,
                            "Of least sizes from %lld to %lld, none of 1 %% of the customers or "
                            "more makes 2 to %d clusters with a gap between them that hold half of "
                            "them: by density these customers are one cloud or scattered.",
                            first, last, SEGMENT_DENSITY_MOST);
    else
        x->why = arena_text(keep,
                            "Of least sizes from %lld to %lld, %lld makes the most valid clusters "
                            "(relative validity %.2f) of those of 1 %% of the customers or more "
                            "that leave at most half of them in none: %d clusters, %.0f %% in "
                            "none.",
                            first, last, (long long)t[best].min_cluster_size, t[best].validity,
                            t[best].k, 100 * (double)t[best].noise / (double)x->rows.n);
    return best;
}

/* number [k] of the labels by the mean money of their customers, ties to the smaller label. */
static void number_by_money(const segment_density *x, const int32_t *label, int k,
                            int32_t *number, arena scratch) {
    double *mean = take(&scratch, double, k);
    int64_t *count = take(&scratch, int64_t, k);
    for (int64_t i = 0; i < x->rows.n; i++) {
        if (label[i] < 0) continue;
        mean[label[i]] += x->money[i];
        count[label[i]]++;
    }
    for (int c = 0; c < k; c++) mean[c] /= (double)(count[c] ? count[c] : 1);
    for (int c = 0; c < k; c++) {
        number[c] = 0;
        for (int o = 0; o < k; o++)
            number[c] += mean[o] > mean[c] || (mean[o] == mean[c] && o < c);
    }
}

/* ---- what step 07 chose ---- */

const char *const density_selects[2] = {"eom", "leaf"};

density_wish density_wish_tuned(const js_node *best) {
    hdbscan_params p = HDBSCAN_DEFAULTS;
    density_wish wish = {p.neighbours, p.select, 0};
    const js_node *of = js_get(best, "density");
    int64_t neighbours;
    slice select;
    if (js_int(js_get(of, "neighbours"), &neighbours) && neighbours >= 1 && neighbours <= 1000)
        wish.neighbours = (int)neighbours;
    if (js_text(js_get(of, "select"), &select))
        wish.select = slice_is(select, density_selects[HDBSCAN_LEAF]) ? HDBSCAN_LEAF : HDBSCAN_EOM;
    js_real(js_get(of, "share"), &wish.share);
    return wish;
}

void density_wish_put(js *out, const char *key, density_wish wish) {
    js_object(out, key);
    js_put_int(out, "neighbours", wish.neighbours);
    js_put_word(out, "select", density_selects[wish.select]);
    js_put_real(out, "share", wish.share);
    js_end(out);
}

/* ---- the fit ---- */

bool segment_density_fit(segment_density *x, const segmentation *m, const work *w,
                         const segment_block *b, scope *s, err *e) {
    density_wish wish = density_wish_tuned(work_tuned(w, s, "segment"));
    return segment_density_fit_by(x, wish, m, w, b, s, e);
}

bool segment_density_fit_by(segment_density *x, density_wish wish, const segmentation *m,
                            const work *w, const segment_block *b, scope *s, err *e) {
    int64_t least[HDBSCAN_GRID];
    *x = (segment_density){.params = HDBSCAN_DEFAULTS};
    x->params.neighbours = wish.neighbours;
    x->params.select = wish.select;
    if (!segment_axes_fit(&x->turn, m, w, b, 0.95, AXES, s, e)) return false;
    look(x, m, w, b, s);
    if (!hdbscan_grow(&x->tree, &x->rows, x->params.neighbours, w->threads, &s->keep, s->scratch,
                      e))
        return false;
    x->params.max_cluster_size = x->rows.n / 2; /* more tell nobody apart */
    x->tried = hdbscan_grid(x->rows.n, least);
    hdbscan_sweep(&x->tree, x->params, least, x->tried, x->trials, s->scratch);
    int best = choose(x, wish.share, &s->keep);
    if (best < 0) return true;
    x->params.min_cluster_size = least[best];
    x->model = hdbscan_cut(&x->tree, x->params, &s->keep, s->scratch);
    x->stock = hdbscan_stock_of(&x->tree, &x->rows, false, w->threads, &s->keep, s->scratch);
    x->k = x->model.k;
    x->number = take(&s->keep, int32_t, x->k);
    number_by_money(x, x->model.label, x->k, x->number, s->scratch);
    return true;
}

/* The row looked at of each customer who is as it was, -1 = none; returns how many are not. */
static int64_t match(const segment_density *x, const segment_block *b, const float *at,
                     int64_t *row) {
    size_t d = (size_t)x->rows.d;
    int64_t j = 0, fresh = 0;
    for (int64_t i = 0; i < b->n; i++) {
        while (j < x->rows.n && x->customer[j] < b->customer[i]) j++;
        bool known = j < x->rows.n && x->customer[j] == b->customer[i];
        known = known && memcmp(at + (size_t)i * d, x->rows.x + (size_t)j * d,
                                sizeof *at * d) == 0;
        row[i] = known ? j : -1;
        fresh += !known;
    }
    return fresh;
}

void segment_density_assign(const segment_density *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *label, double *strength,
                            double *outlier, scope *s) {
    arena scratch = s->scratch;
    int d = x->turn.d;
    for (int64_t i = 0; i < b->n; i++) label[i] = -1;
    for (int64_t i = 0; i < b->n && outlier; i++) outlier[i] = (double)NAN;
    if (x->k == 0 || b->n == 0) return;
    const float *at = segment_axes_of(&x->turn, m, w, b, &scratch);
    int64_t *row = take(&scratch, int64_t, b->n), n = match(x, b, at, row), next = 0;
    float *fresh = take(&scratch, float, n *d);
    int32_t *found = take(&scratch, int32_t, n);
    double *sure = take(&scratch, double, n);
    for (int64_t i = 0; i < b->n; i++)
        if (row[i] < 0) memcpy(fresh + next++ * d, at + i * d, sizeof *fresh * (size_t)d);
    hdbscan_data data = {fresh, n, d};
    if (n > 0) hdbscan_predict(&x->model, &x->stock, &data, w->threads, found, sure, scratch);
    next = 0;
    for (int64_t i = 0; i < b->n; i++) {
        int32_t c = row[i] < 0 ? found[next] : x->model.label[row[i]];
        label[i] = c < 0 ? -1 : x->number[c];
        if (strength) strength[i] = row[i] < 0 ? sure[next] : x->model.strength[row[i]];
        if (outlier && row[i] >= 0) outlier[i] = x->model.outlier[row[i]];
        next += row[i] < 0;
    }
}

void segment_density_groups(const segment_density *x, const segmentation *m, const work *w,
                            const segment_block *b, int32_t *group, scope *s) {
    segment_density_assign(x, m, w, b, group, NULL, NULL, s);
    for (int64_t i = 0; i < b->n; i++)
        if (group[i] < 0) group[i] = x->k;
}

bool segment_density_stability(segment_density *x, const work *w, scope *s, err *e) {
    if (x->k == 0) return true;
    arena scratch = s->scratch;
    double *overlap = take(&scratch, double, x->k);
    if (!hdbscan_stability(&x->stability, overlap, &x->model, &x->rows, DRAWS, w->seed, w->threads,
                           scratch, e))
        return false;
    x->overlap = take(&s->keep, double, x->k);
    for (int c = 0; c < x->k; c++) x->overlap[x->number[c]] = overlap[c];
    return true;
}

hdbscan_model segment_density_cut(const segment_density *x, int64_t least, int32_t **number,
                                  arena *keep, arena scratch) {
    hdbscan_params p = x->params;
    p.min_cluster_size = least;
    hdbscan_model m = hdbscan_cut(&x->tree, p, keep, scratch);
    *number = take(keep, int32_t, m.k);
    number_by_money(x, m.label, m.k, *number, scratch);
    return m;
}
