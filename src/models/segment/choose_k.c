/* choose_k: how many clusters: those that come back under resampling, by what most criteria say. */
#include "models/segment/choose_k.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/dbcv.h"
#include "models/segment/validity.h"

/* Up to p.rows rows, one from each of as many equal stretches, with their labels. */
static float *pick_rows(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                        int64_t *n, int32_t **label, arena *keep) {
    rng random = rng_open(p.seed, 7);
    *n = data->n < p.rows ? data->n : p.rows;
    float *x = take(keep, float, *n * data->d);
    *label = take(keep, int32_t, *n);
    for (int64_t i = 0; i < *n; i++) {
        double place = ((double)i + rng_uniform(&random)) / (double)*n;
        int64_t row = *n == data->n ? i : (int64_t)(place * (double)data->n);
        if (row >= data->n) row = data->n - 1;
        memcpy(x + i * data->d, data->x + row * data->d, (size_t)data->d * sizeof *x);
        (*label)[i] = m->label[row];
    }
    return x;
}

/* One bootstrap: its agreement with `label`; adds the overlaps of the clusters. */
static double one_round(const kmeans_data *some, const int32_t *label, int k, uint64_t seed,
                        int round, pool *threads, double *overlap, arena memory, arena scratch) {
    rng random = rng_open(seed, 100 + (uint64_t)round);
    float *x = take(&memory, float, some->n * some->d);
    int32_t *again = take(&memory, int32_t, some->n);
    double *best = take(&memory, double, k);
    for (int64_t i = 0; i < some->n; i++)
        memcpy(x + i * some->d, some->x + rng_below(&random, some->n) * some->d,
               (size_t)some->d * sizeof *x);
    kmeans_model m;
    kmeans_params p = KMEANS_DEFAULTS;
    err e = {0};
    p.k = k;
    p.swaps = 0; /* many fits of resampled rows: each as good as its starts */
    p.seed = seed + (uint64_t)round;
    bool done = kmeans_fit(&m, &(kmeans_data){x, some->n, some->d, NULL}, p, threads, &memory,
                           scratch, &e);
    assert(done); /* rows and k were good enough for the model that is judged */
    kmeans_assign(&m, some, threads, again, scratch);
    validity_jaccard(label, k, again, k, some->n, best, scratch);
    for (int c = 0; c < k; c++) overlap[c] += best[c];
    return done ? validity_ari(label, k, again, k, some->n, scratch) : 0;
}

choose_k_trial choose_k_judge(const kmeans_model *m, const kmeans_data *data, choose_k_params p,
                              pool *threads, arena *keep, arena scratch) {
    choose_k_trial t = {.k = m->k, .overlap = take(keep, double, m->k)};
    t.gap = t.gap_s = t.bic = t.icl = (double)NAN;
    kmeans_data some = {.d = data->d};
    int32_t *label;
    double all = 0, least = INFINITY;
    some.x = pick_rows(m, data, p, &some.n, &label, &scratch);
    t.silhouette = validity_silhouette(some.x, some.n, some.d, label, m->k, threads, scratch);
    t.dbcv = dbcv_score(&(dbcv_data){some.x, some.n, some.d, label, m->k}, DBCV_DEFAULTS, threads,
                        NULL, scratch).value;
    t.simplified = validity_simplified(data->x, data->n, data->d, m->label, m->k, threads, scratch);
    t.calinski = validity_calinski(data->x, data->n, data->d, m->label, m->k, scratch);
    t.davies = validity_davies(data->x, data->n, data->d, m->label, m->k, scratch);
    for (int c = 0; c < m->k; c++) {
        all += m->mass[c];
        least = fmin(least, m->mass[c]);
    }
    t.smallest = least / all;
    arena memory = arena_split(&scratch, arena_left(&scratch) / 2);
    for (int r = 0; r < p.rounds; r++)
        t.stability += one_round(&some, label, m->k, p.seed, r, threads, t.overlap, memory,
                                 scratch) / p.rounds;
    for (int c = 0; c < m->k; c++) t.overlap[c] /= p.rounds;
    return t;
}

const char *choose_k_objection(const choose_k_trial *t) {
    double least = INFINITY;
    for (int c = 0; c < t->k; c++) least = fmin(least, t->overlap[c]);
    if (!(t->stability >= CHOOSE_K_STABLE)) return "not stable";
    if (!(least >= CHOOSE_K_STABLE)) return "not stable in each of its clusters";
    if (!(t->smallest >= CHOOSE_K_SMALLEST)) return "split into clusters under 1 % of the rows";
    return NULL;
}

typedef struct criterion {
    size_t at; /* in a trial */
    bool small; /* is good */
} criterion;

static const criterion criteria[] = {
    {offsetof(choose_k_trial, silhouette), false}, {offsetof(choose_k_trial, simplified), false},
    {offsetof(choose_k_trial, calinski), false},   {offsetof(choose_k_trial, davies), true},
    {offsetof(choose_k_trial, stability), false},  {offsetof(choose_k_trial, gap), false},
    {offsetof(choose_k_trial, bic), true},         {offsetof(choose_k_trial, icl), true},
};
enum { CRITERIA = sizeof criteria / sizeof criteria[0] };

/* Value of a criterion, large is good; NaN: not computed. */
static double value_of(const choose_k_trial *t, const criterion *c) {
    double v;
    memcpy(&v, (const char *)t + c->at, sizeof v);
    return c->small ? -v : v;
}

/* Mean rank of each trial over the criteria that all have; equal values share the mean place. */
static void fill_ranks(choose_k_trial *trials, int n) {
    int used = 0;
    for (int i = 0; i < n; i++) trials[i].rank = 0;
    for (int c = 0; c < CRITERIA; c++) {
        bool all = true;
        for (int i = 0; i < n; i++) all = all && !isnan(value_of(&trials[i], &criteria[c]));
        if (!all) continue;
        used++;
        for (int i = 0; i < n; i++) {
            double own = value_of(&trials[i], &criteria[c]), place = 0.5;
            for (int o = 0; o < n; o++) {
                double other = value_of(&trials[o], &criteria[c]);
                place += other > own ? 1 : other == own ? 0.5 : 0;
            }
            trials[i].rank += place;
        }
    }
    for (int i = 0; i < n && used > 0; i++) trials[i].rank /= used;
}

int choose_k_pick(choose_k_trial *trials, int n, bool *stable) {
    int best = -1, firmest = 0;
    fill_ranks(trials, n);
    for (int i = 0; i < n; i++) {
        if (trials[i].stability > trials[firmest].stability) firmest = i;
        if (choose_k_objection(&trials[i])) continue;
        if (best < 0 || trials[i].rank < trials[best].rank) best = i;
    }
    *stable = best >= 0;
    return best >= 0 ? best : firmest;
}

/* "k = 2, 5 and 7 are", of the trials that `why` fits (NULL: defensible), but `but`; "" = none. */
static char *list_of(const choose_k_trial *trials, int n, const char *why, int but, arena *keep) {
    int last = -1, count = 0;
    char *list = arena_text(keep, "%s", "");
    for (int i = 0; i < n; i++) {
        const char *own = choose_k_objection(&trials[i]);
        if (i != but && (why ? own && strcmp(own, why) == 0 : !own)) last = i, count++;
    }
    for (int i = 0, done = 0; i <= last; i++) {
        const char *own = choose_k_objection(&trials[i]);
        if (i == but || !(why ? own && strcmp(own, why) == 0 : !own)) continue;
        list = arena_text(keep, "%s%s%d", list, done == 0 ? "" : i == last ? " and " : ", ",
                          trials[i].k);
        done++;
    }
    if (count == 0) return list;
    return arena_text(keep, "k = %s %s", list, count == 1 ? "is" : "are");
}

char *choose_k_verdict(const choose_k_trial *trials, int n, arena *keep) {
    int best = -1;
    char *text = NULL;
    for (int i = 0; i < n; i++)
        if (!choose_k_objection(&trials[i]) && (best < 0 || trials[i].rank < trials[best].rank))
            best = i;
    if (best < 0) text = arena_text(keep, "no k of %d to %d is defensible", trials[0].k,
                                    trials[n - 1].k);
    else {
        const char *more = list_of(trials, n, NULL, best, keep);
        text = arena_text(keep, "k = %d is defensible and has the best mean rank over the criteria",
                          trials[best].k);
        if (*more) text = arena_text(keep, "%s, %s defensible too", text, more);
    }
    for (int i = 0; i < n; i++) { /* each objection once, where it first comes */
        const char *why = choose_k_objection(&trials[i]);
        bool said = !why;
        for (int o = 0; o < i && !said; o++) {
            const char *other = choose_k_objection(&trials[o]);
            said = other && strcmp(other, why) == 0;
        }
        if (!said)
            text = arena_text(keep, "%s; %s %s", text, list_of(trials, n, why, -1, keep), why);
    }
    return arena_text(keep, "%s.", text);
}
