/* ensemble: several models of one series, weighed by how well they did on its own past. */
#include "models/forecast/ensemble.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/forecast/conformal.h"
#include "models/forecast/forecaster_models.h"

enum {
    LEAST_PAST = 8,     /* values before an origin */
    LONGEST_ETS = 24,   /* season: longer ones have too many states to estimate */
    LONGEST_ARIMA = 60, /* and longer ones take seconds a series */
};

static const forecaster_kind of_all[] = {FORECASTER_ETS, FORECASTER_ARIMA, FORECASTER_DOTM,
                                         FORECASTER_DAMPED};
static const forecaster_kind of_rare[] = {FORECASTER_SBA, FORECASTER_TSB, FORECASTER_IMAPA,
                                          FORECASTER_MEAN};

typedef struct job {
    const double *y;
    int n, window, origins; /* values; steps of an origin */
    const forecaster_params *p;
    bool rare;              /* squared errors: what is asked for is the mean, not the median */
    int members;
    forecaster_member *member; /* [members] */
    band *past;             /* [members, origins] */
    double *wrong;          /* [members, origins] sums of errors */
    bool *failed;           /* [members] */
} job;

static void add(job *j, forecaster_kind kind, int season) {
    assert(j->members < FORECASTER_MEMBERS);
    for (int i = 0; i < j->members; i++)
        if (j->member[i].kind == kind && j->member[i].season == season) return;
    j->member[j->members++] = (forecaster_member){.kind = kind, .season = season};
}

static void add_season(job *j, int season) {
    if (j->rare) {
        for (int i = 0; i < 4; i++) add(j, of_rare[i], 1);
    } else {
        for (int i = 0; i < 4; i++) {
            bool without = (of_all[i] == FORECASTER_ETS && season > LONGEST_ETS) ||
                           (of_all[i] == FORECASTER_ARIMA && season > LONGEST_ARIMA);
            if (!without) add(j, of_all[i], season);
        }
    }
    if (season > 1) add(j, FORECASTER_SNAIVE, season);
}

static bool run_member(const job *j, int n, forecaster_member *m, band *to, arena scratch) {
    forecaster_params p = *j->p;
    err unused = {0};
    p.kind = m->kind;
    p.season = p.ets.season = m->season;
    return forecaster_single(j->y, n, &p, to, m->model, scratch, &unused) && forecaster_finite(to);
}

/* Origins that leave enough to learn from: two seasons, and twice what is forecast. */
static void plan_origins(job *j, int steps) {
    int least = 2 * j->p->season > LEAST_PAST ? 2 * j->p->season : LEAST_PAST;
    j->window = steps < j->n / 4 ? steps : j->n / 4;
    while (j->window > 0 && j->origins < j->p->origins) {
        int past = j->n - (j->origins + 1) * j->window;
        if (past < least || past < 2 * j->window) break;
        j->origins++;
    }
}

static void try_member(job *j, int i, arena scratch) {
    forecaster_member *m = &j->member[i];
    for (int o = 0; o < j->origins && !j->failed[i]; o++) {
        int n = j->n - (o + 1) * j->window;
        band *b = &j->past[i * j->origins + o];
        j->failed[i] = !run_member(j, n, m, b, scratch);
        for (int h = 0; h < j->window; h++) {
            double u = fabs(j->y[n + h] - b->mean[h]);
            j->wrong[i * j->origins + o] += j->rare ? u * u : u;
        }
    }
}

/* Mean errors of all members over the origins but `without` (-1: over all). */
static void set_errors(const job *j, int without) {
    int used = j->origins - (without >= 0);
    for (int i = 0; i < j->members; i++) {
        double sum = 0;
        for (int o = 0; o < j->origins; o++)
            if (o != without) sum += j->wrong[i * j->origins + o];
        double mean = used ? sum / (used * j->window) : 0;
        j->member[i].error = j->rare ? sqrt(mean) : mean;
    }
}

/* Makes the weights add up to 1; false when there are none. */
static bool share(const job *j) {
    double sum = 0;
    for (int i = 0; i < j->members; i++) sum += j->member[i].weight;
    for (int i = 0; i < j->members && sum > 0; i++) j->member[i].weight /= sum;
    return sum > 0;
}

static bool weigh(const job *j) {
    double least = INFINITY;
    for (int i = 0; i < j->members; i++)
        if (!j->failed[i]) least = fmin(least, j->member[i].error);
    double floor = 1e-9 * least + 1e-100; /* errors of 0 weigh as much as each other */
    for (int i = 0; i < j->members; i++) {
        forecaster_member *m = &j->member[i];
        double times = (m->error + floor) / (least + floor);
        m->weight = j->failed[i] || times > j->p->slack ? 0 : 1 / (times * times);
    }
    return share(j);
}

/* Per step and bound the weighted mean of the bands part[apart * i]. */
static void combine(const job *j, const band *part, int apart, band *to) {
    int bounds = to->steps * to->n_levels;
    memset(to->mean, 0, sizeof(double) * (size_t)to->steps);
    for (int k = 0; k < bounds; k++) to->low[k] = to->high[k] = 0;
    to->total_sd = 0;
    for (int i = 0; i < j->members; i++) {
        const band *b = &part[i * apart];
        double w = j->member[i].weight;
        if (w == 0) continue;
        for (int h = 0; h < to->steps; h++) to->mean[h] += w * b->mean[h];
        for (int k = 0; k < bounds; k++) to->low[k] += w * b->low[k], to->high[k] += w * b->high[k];
        to->total_sd += w * b->total_sd;
    }
}

/* Each origin by the weights of the others: its own would flatter it. */
static void score_origins(const job *j, int steps, const band *like, arena scratch) {
    int of_origin = like->n_levels * steps;
    for (int i = 0; i < j->p->origins * of_origin; i++) j->p->scores[i] = NAN;
    if (j->origins == 0) return;
    band b = band_new(&scratch, j->window, like->levels, like->n_levels);
    for (int o = 0; o < j->origins; o++) {
        double *to = j->p->scores + (int64_t)o * of_origin;
        set_errors(j, o);
        if (!weigh(j)) return;
        combine(j, j->past + o, j->origins, &b);
        const double *y = j->y + j->n - (o + 1) * j->window;
        for (int l = 0; l < like->n_levels; l++)
            for (int h = 0; h < j->window; h++)
                to[l * steps + h] = conformal_score_of(y[h], b.mean[h], b.low[l * j->window + h],
                                                       b.high[l * j->window + h]);
    }
}

/* "auto: " and the name of the member with the largest weight. */
static void name_heaviest(const job *j, forecaster_told *told) {
    const forecaster_member *best = &j->member[0];
    for (int i = 1; i < j->members; i++)
        if (j->member[i].weight > best->weight) best = &j->member[i];
    char *to = stpcpy(told->model, "auto: ");
    size_t room = FORECASTER_NAME - 7, n = strlen(best->model);
    memcpy(to, best->model, n < room ? n : room);
    to[n < room ? n : room] = 0;
}

bool ensemble_run(const double *y, int n, const forecaster_params *p, band *to,
                  forecaster_told *told, arena scratch) {
    job j = {.y = y, .n = n, .p = p, .member = told->member};
    told->demand = croston_classify(y, n, NULL, NULL);
    for (int t = 0; t < n; t++)
        if (y[t] < 0) told->demand = CROSTON_SMOOTH;
    j.rare = forecaster_rare((int)told->demand);
    plan_origins(&j, to->steps);
    add_season(&j, p->season);
    for (int i = 0; i < FORECASTER_MORE && p->more[i] > 0; i++) add_season(&j, p->more[i]);
    if (p->season > 1 && !j.rare) add(&j, FORECASTER_MSTL, p->season); /* all of them at once */
    if (p->season > LONGEST_ETS) add_season(&j, 1); /* such a season may be too weak to help */
    j.wrong = take(&scratch, double, j.members *j.origins);
    j.failed = take(&scratch, bool, j.members);
    j.past = take(&scratch, band, j.members *j.origins);
    for (int i = 0; i < j.members * j.origins; i++)
        j.past[i] = band_new(&scratch, j.window, to->levels, to->n_levels);
    band *now = take(&scratch, band, j.members);
    for (int i = 0; i < j.members; i++) {
        now[i] = band_new(&scratch, to->steps, to->levels, to->n_levels);
        try_member(&j, i, scratch);
    }
    told->origins = j.origins, told->members = j.members;
    if (p->scores) score_origins(&j, to->steps, to, scratch);
    set_errors(&j, -1);
    if (!weigh(&j)) return false;
    for (int i = 0; i < j.members; i++) {
        forecaster_member *m = &j.member[i];
        if (m->weight > 0 && !run_member(&j, n, m, &now[i], scratch)) m->weight = 0;
    }
    if (!share(&j)) return false;
    combine(&j, now, 1, to);
    name_heaviest(&j, told);
    return true;
}
