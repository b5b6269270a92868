/* gmm: Gaussian mixtures by expectation-maximisation, with four kinds of covariance. */
#include "models/segment/gmm.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/segment/gmm_parts.h"

const char *const gmm_kinds[GMM_KINDS + 1] = {"full", "tied", "diag", "spherical", NULL};

/* A fit under way. */
typedef struct fit {
    gmm_model *m;
    gmm_params p;
    gmm_run r;
    double *whole, *variance; /* covariance of all rows, as one component's; its diagonal [d] */
    double *middle;           /* [d] mean of all rows */
    int64_t *taken;           /* [heals] rows on which components were set anew */
    bool *collapsed;          /* [k] */
} fit;

const char *gmm_check(gmm_params p, int64_t n, int d) {
    if (p.k < 1 || p.k > GMM_MOST) return "k must be 1 to 1024";
    if (d < 1 || d > GMM_WIDEST) return "rows must have 1 to 256 columns";
    if (n < p.k) return "there are fewer rows than components";
    if ((int)p.kind < 0 || p.kind >= GMM_KINDS) return "kind must be a kind of covariance";
    if (!(p.ridge > 0) || !isfinite(p.ridge)) return "ridge must be above 0";
    if (!(p.tolerance >= 0)) return "tolerance must not be negative";
    if (p.max_iterations < 0) return "max_iterations must not be negative";
    if (p.heals < 0 || p.heals > 1000) return "heals must be 0 to 1000";
    if (p.starts < 1 || p.starts > 1000) return "starts must be 1 to 1000";
    return NULL;
}

static double mass_of(const kmeans_data *data) {
    double sum = 0;
    for (int64_t i = 0; data->weight && i < data->n; i++) sum += data->weight[i];
    return data->weight ? sum : (double)data->n;
}

/* ---- starts ---- */

static void set_means(fit *f, const double *mean, int k) {
    gmm_run *r = &f->r;
    r->k = f->m->k = k;
    for (int c = 0; c < k; c++)
        for (int j = 0; j < r->d; j++) r->mean[(int64_t)c * r->wide + j] = mean[j];
}

/* An M step from responsibilities that are given: moments around one point, then around means. */
static void settle(fit *f, gmm_source source, int k, const double *around) {
    gmm_run *r = &f->r;
    r->source = source;
    r->want_moments = true;
    set_means(f, around, k);
    for (int round = 0; round < 2; round++) {
        gmm_run_pass(r, NULL);
        gmm_update(f->m, r);
        for (int c = 0; c < k; c++)
            memcpy(r->mean + (int64_t)c * r->wide, f->m->mean + (int64_t)c * r->d,
                   (size_t)r->d * sizeof(double));
    }
}

/* Mean and covariance of all rows. */
static void measure_whole(fit *f) {
    int d = f->r.d;
    settle(f, GMM_ALL, 1, f->middle);
    memcpy(f->middle, f->m->mean, (size_t)d * sizeof(double));
    memcpy(f->whole, f->m->covariance, (size_t)gmm_cell(f->p.kind, d) * sizeof(double));
    for (int i = 0; i < d; i++)
        f->variance[i] = f->whole[gmm_has_corners(f->p.kind) ? (int64_t)i * (d + 1)
                                  : f->p.kind == GMM_DIAG    ? i
                                                             : 0];
}

/* Labels of K-Means, or of the nearest of given means. */
static bool label_rows(fit *f, pool *threads, arena memory, int32_t *label, arena scratch, err *e) {
    const kmeans_data *data = f->r.data;
    kmeans_params p = KMEANS_DEFAULTS;
    kmeans_model m;
    p.k = f->p.k;
    p.seed = f->p.seed;
    p.starts = f->p.starts;
    if (f->p.means) {
        m = (kmeans_model){.k = p.k, .d = data->d, .origin = f->middle};
        m.centres = take_copy(&memory, double, f->p.means, (int64_t)p.k * data->d);
        kmeans_assign(&m, data, threads, label, scratch);
        return true;
    }
    if (!kmeans_fit(&m, data, p, threads, &memory, scratch, e)) return false;
    memcpy(label, m.label, (size_t)data->n * sizeof *label);
    return true;
}

static bool start(fit *f, pool *threads, arena scratch, err *e) {
    gmm_run *r = &f->r;
    r->share = f->p.share;
    r->share_k = f->p.k;
    r->label = f->p.label;
    if (!r->share && !r->label) {
        int32_t *label = take(&scratch, int32_t, r->n);
        arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
        if (!label_rows(f, threads, memory, label, scratch, e)) return false;
        r->label = label;
    }
    settle(f, r->share ? GMM_SHARES : GMM_LABELS, f->p.k, f->middle);
    r->source = GMM_MODEL;
    return true;
}

/* ---- collapsed components ---- */

/* Sets component c on the row that is explained worst without it; false when no row is left. */
static bool set_anew(fit *f, int c) {
    gmm_model *m = f->m;
    gmm_run *r = &f->r;
    int64_t cell = gmm_cell(m->kind, m->d);
    m->weight[c] = 0;
    gmm_run_load(r, m);
    r->want_moments = false;
    r->want_worst = true;
    gmm_run_pass(r, NULL);
    r->want_moments = true;
    r->want_worst = false;
    int64_t row = gmm_run_worst(r);
    if (row < 0) return false;
    f->taken[r->n_taken++] = row;
    for (int j = 0; j < m->d; j++)
        m->mean[(int64_t)c * m->d + j] = (double)r->data->x[row * m->d + j];
    if (m->kind != GMM_TIED) {
        for (int64_t i = 0; i < cell; i++) m->covariance[c * cell + i] = f->whole[i] / m->k;
        gmm_factor(m, c, f->variance);
    }
    double others = 0;
    for (int i = 0; i < m->k; i++) others += m->weight[i];
    for (int i = 0; i < m->k; i++) m->weight[i] *= (1 - 1.0 / m->k) / others;
    m->weight[c] = 1.0 / m->k;
    return true;
}

static void drop(fit *f, int c) {
    gmm_model *m = f->m;
    int64_t cell = gmm_cell(m->kind, m->d);
    size_t behind = (size_t)(m->k - c - 1), number = sizeof(double);
    double all = 0;
    memmove(m->weight + c, m->weight + c + 1, behind * number);
    memmove(m->mean + (int64_t)c * m->d, m->mean + (int64_t)(c + 1) * m->d,
            behind * (size_t)m->d * number);
    if (m->kind != GMM_TIED) {
        size_t bytes = behind * (size_t)cell * number;
        memmove(m->covariance + c * cell, m->covariance + (c + 1) * cell, bytes);
        memmove(m->factor + c * cell, m->factor + (c + 1) * cell, bytes);
    }
    m->k--;
    m->dropped++;
    for (int i = 0; i < m->k; i++) all += m->weight[i];
    for (int i = 0; i < m->k; i++) m->weight[i] /= all;
}

/* Factors of all components; marks those that collapsed and returns the lightest of them, or -1. */
static int find_collapsed(fit *f) {
    static const double least[GMM_KINDS] = {[GMM_TIED] = 0.5, [GMM_DIAG] = 2, [GMM_SPHERICAL] = 2};
    gmm_model *m = f->m;
    double rows = m->kind == GMM_FULL ? m->d + 1 : least[m->kind];
    int lightest = -1;
    if (m->kind == GMM_TIED) gmm_factor(m, 0, f->variance);
    for (int c = 0; c < m->k; c++) {
        bool sound = m->kind == GMM_TIED || gmm_factor(m, c, f->variance);
        f->collapsed[c] = m->k > 1 && (!sound || m->weight[c] * (double)f->r.n < rows);
        if (f->collapsed[c] && (lightest < 0 || m->weight[c] < m->weight[lightest])) lightest = c;
    }
    return lightest;
}

/* After each M step: true when a component was set anew or dropped. */
static bool heal(fit *f) {
    int lightest = find_collapsed(f), healed = 0;
    if (lightest < 0) return false;
    for (int c = 0; c < f->m->k && f->m->heals < f->p.heals; c++)
        if (f->collapsed[c] && set_anew(f, c)) f->m->heals++, healed++;
    if (healed == 0) drop(f, lightest);
    return true;
}

/* ---- the fit ---- */

static void iterate(fit *f) {
    gmm_model *m = f->m;
    double before = -INFINITY;
    heal(f);
    while (m->iterations < f->p.max_iterations) {
        gmm_run_load(&f->r, m);
        double now = gmm_run_pass(&f->r, NULL) / m->mass;
        int dropped = m->dropped;
        gmm_update(m, &f->r);
        bool healed = heal(f);
        if (m->dropped == dropped) m->iterations++; /* at most k - 1 are not counted */
        if (!healed && fabs(now - before) < f->p.tolerance) {
            m->converged = true;
            break;
        }
        before = healed ? -INFINITY : now;
    }
}

static void open_fit(fit *f, const kmeans_data *data, arena *keep, arena *memory) {
    int64_t k = f->p.k, d = data->d, cell = gmm_cell(f->p.kind, data->d);
    *f->m = (gmm_model){.kind = f->p.kind, .k = f->p.k, .d = data->d, .mass = mass_of(data)};
    f->m->weight = take(keep, double, k);
    f->m->mean = take(keep, double, k * d);
    f->m->covariance = take(keep, double, f->p.kind == GMM_TIED ? cell : k * cell);
    f->m->factor = take(keep, double, f->p.kind == GMM_TIED ? cell : k * cell);
    f->whole = take(memory, double, cell);
    f->variance = take(memory, double, d);
    f->middle = take(memory, double, d);
    f->taken = take(memory, int64_t, f->p.heals);
    f->collapsed = take(memory, bool, k);
    f->r.ridge = f->p.ridge;
    f->r.taken = f->taken;
}

bool gmm_fit(gmm_model *m, const kmeans_data *data, gmm_params p, pool *threads, arena *keep,
             arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = gmm_check(p, data->n, data->d);
    if (why) return refuse(e, "Gaussian mixture: %s", why);
    fit f = {.m = m, .p = p};
    int64_t bad;
    f.r = gmm_run_open(data, p.k, p.kind, threads, &scratch, &bad);
    if (bad >= 0)
        return refuse(e, "Gaussian mixture: row %lld of the table has a value that is no finite "
                         "number", (long long)bad + 1);
    open_fit(&f, data, keep, &scratch);
    if (!(m->mass > 0)) return refuse(e, "Gaussian mixture: all rows have weight 0");
    measure_whole(&f);
    if (!start(&f, threads, scratch, e)) return false;
    iterate(&f);
    gmm_run_load(&f.r, m);
    f.r.want_moments = false;
    m->log_likelihood = gmm_run_pass(&f.r, &m->entropy);
    return true;
}

double gmm_assign(const gmm_model *m, const kmeans_data *data, pool *threads, const gmm_rows *rows,
                  double *entropy, arena scratch) {
    int64_t bad;
    assert(data->d == m->d);
    gmm_run r = gmm_run_open(data, m->k, m->kind, threads, &scratch, &bad);
    assert(bad < 0);
    gmm_run_load(&r, m);
    r.rows = rows;
    return gmm_run_pass(&r, entropy);
}

int64_t gmm_parameters(const gmm_model *m) {
    int64_t d = m->d, k = m->k;
    static const int by_kind[GMM_KINDS] = {[GMM_FULL] = 1, [GMM_DIAG] = 1, [GMM_SPHERICAL] = 1};
    int64_t cell = gmm_has_corners(m->kind) ? d * (d + 1) / 2 : gmm_cell(m->kind, m->d);
    return (by_kind[m->kind] ? k : 1) * cell + k * d + k - 1;
}

double gmm_bic(const gmm_model *m) {
    return -2 * m->log_likelihood + (double)gmm_parameters(m) * log(m->mass);
}

double gmm_icl(const gmm_model *m) { return gmm_bic(m) + 2 * m->entropy; }
