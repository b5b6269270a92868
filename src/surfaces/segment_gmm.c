/* segment_gmm: the rows of a table by a Gaussian mixture, of a given size or by least BIC. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/segment/gmm.h"
#include "surfaces/segment_method.h"

enum { GRID_MOST = 10, STEPS = 60 }; /* components that auto tries; EM steps that are usual */

static gmm_params params_of(const segment_job *j) {
    gmm_params p = GMM_DEFAULTS;
    p.starts = (int)args_int(j->a, "starts");
    p.seed = j->b->seed;
    for (int i = 0; i < GMM_KINDS; i++)
        if (strcmp(args_text(j->a, "covariance"), gmm_kinds[i]) == 0) p.kind = (gmm_kind)i;
    return p;
}

static bool fit(const segment_job *j, gmm_params p, gmm_model *m, err *e) {
    kmeans_data data = {.x = j->x, .n = j->n, .d = j->d};
    if (j->n < p.k)
        return refuse(e, "%s: %d components need at least as many rows, and %lld take part: lower "
                         "--k", j->path, p.k, (long long)j->n);
    return gmm_fit(m, &data, p, j->b->threads, &j->s->keep, j->s->scratch, e);
}

static void put_fit(const gmm_model *m, int asked, js *out) {
    js_put_int(out, "k", m->k);
    js_put_int(out, "asked", asked);
    js_put_int(out, "parameters", gmm_parameters(m));
    js_put_real(out, "log_likelihood", m->log_likelihood);
    js_put_real(out, "bic", gmm_bic(m));
    js_put_real(out, "icl", gmm_icl(m));
    js_put_int(out, "iterations", m->iterations);
    js_put_bool(out, "converged", m->converged);
    js_put_int(out, "set_anew", m->heals);
    js_put_int(out, "dropped", m->dropped);
}

/* The mixture of 1 to 10 components with the least BIC; ties to the smaller. */
static bool choose(const segment_job *j, gmm_params p, gmm_model *best, int *asked, js *out,
                   err *e) {
    double least_icl = INFINITY;
    int by_icl = 1;
    gmm_model m;
    js_array(out, "trials");
    for (p.k = 1; p.k <= GRID_MOST && p.k <= j->n; p.k++) {
        if (!fit(j, p, &m, e)) return false;
        js_object(out, NULL);
        put_fit(&m, p.k, out);
        js_end(out);
        if (gmm_icl(&m) < least_icl) least_icl = gmm_icl(&m), by_icl = m.k;
        if (p.k == 1 || gmm_bic(&m) < gmm_bic(best)) *best = m, *asked = p.k;
    }
    js_end(out);
    js_put_int(out, "k_by_icl", by_icl);
    fprintf(stderr, "%d components by BIC", best->k);
    if (by_icl != best->k)
        fprintf(stderr, "; %d by ICL, which counts overlap against a mixture: of more than those "
                        "some are parts of one group", by_icl);
    fprintf(stderr, "\n");
    return true;
}

static bool asked_fit(const segment_job *j, gmm_model *m, int *asked, js *out, err *e) {
    const char *word = args_text(j->a, "k");
    gmm_params p = params_of(j);
    int64_t number;
    if (strcmp(word, "auto") == 0) return choose(j, p, m, asked, out, e);
    if (!slice_int(slice_of(word), &number) || number < 1 || number > GMM_MOST)
        return refuse(e, "--k must be auto or a number from 1 to %d, got '%s'", GMM_MOST, word);
    p.k = *asked = (int)number;
    return fit(j, p, m, e);
}

static void put_model(const segment_job *j, const gmm_model *m, int asked, js *out) {
    js_put_word(out, "covariance", gmm_kinds[m->kind]);
    put_fit(m, asked, out);
    js_array(out, "weights");
    for (int c = 0; c < m->k; c++) js_put_real(out, NULL, m->weight[c]);
    js_end(out);
    if (m->dropped > 0)
        fprintf(stderr, "%s: %d of %d components had too few rows of their own and were dropped\n",
                j->path, m->dropped, asked);
    if (!m->converged)
        fprintf(stderr, "%s: the mixture had not settled after %d steps\n", j->path, m->iterations);
}

static bool run(const segment_job *j, segment_found *found, js *out, err *e) {
    gmm_model m;
    int asked = 0;
    if (j->d > GMM_WIDEST)
        return refuse(e, "%s: %d columns are too many for a mixture, which takes %d: --pca auto "
                         "makes fewer of them", j->path, j->d, GMM_WIDEST);
    if (!asked_fit(j, &m, &asked, out, e)) return false;
    put_model(j, &m, asked, out);
    arena *keep = &j->s->keep;
    *found = (segment_found){.k = m.k, .label = take(keep, int32_t, j->n), .model.gmm = m};
    found->strength = take(keep, double, j->n);
    found->second = take(keep, int32_t, j->n);
    found->second_strength = take(keep, double, j->n);
    gmm_rows rows = {.label = found->label, .second = found->second, .strength = found->strength,
                     .backup = found->second_strength};
    gmm_assign(&m, &(kmeans_data){.x = j->x, .n = j->n, .d = j->d}, j->b->threads, &rows, NULL,
               j->s->scratch);
    return true;
}

/* Nanoseconds of a row and a component in a step, by d: measured at d = 2 … 64. */
static cost price(const segment_job *j, int d, double dimension) {
    int64_t k = 0;
    const char *word = args_text(j->a, "k");
    gmm_params p = params_of(j);
    cost sum = {0};
    (void)dimension;
    if (strcmp(word, "auto") != 0 && !slice_int(slice_of(word), &k)) return sum; /* refused later */
    double row = p.kind == GMM_FULL || p.kind == GMM_TIED ? 1.5 + 0.125 * d * d : 1.5 + 0.3 * d;
    for (int i = k > 0 ? (int)k : 1; i <= (k > 0 ? k : GRID_MOST); i++) {
        cost start = cost_kmeans(j->n, d, i, p.starts, KMEANS_DEFAULTS.sample);
        sum.bytes = start.bytes + (double)j->n * d * 4;
        sum.seconds += start.seconds + 1e-9 * row * STEPS * i * (double)j->n;
    }
    return sum;
}

const segment_method segment_gmm = {
    .name = "gmm", .options = "k starts covariance", .pca_most = 16, .price = price, .run = run};
