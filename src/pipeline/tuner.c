/* tuner: the trials of a study: asks for a point, fits it, gives it up early, writes it down. */
#include "pipeline/tuner.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

#include "models/tune/asha.h"

/* What the workers of one run share, under its lock. */
typedef struct race {
    tuner *t;
    pthread_mutex_t lock;
    asha rungs;
    int *rung;      /* [TUNER_TRIALS] where each trial stands */
    bool *goes_on;  /* [TUNER_TRIALS] by its last report */
    int64_t seen;   /* reports of the journal that are in the rungs */
    int64_t running;
    double start;
    bool failed;
    err e; /* of the first worker that failed */
} race;

struct tuner_trial {
    race *r;
    int64_t number, step, whole;
    bool pruned, stopped;
};

double tuner_mean(const double *unit, int64_t n) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(unit[i])) sum += unit[i], count++;
    return count > 0 ? sum / (double)count : NAN;
}

/* ---- rungs ---- */

/* Reports that are in the journal go to the rungs in its order, whoever made them. */
static void climb(race *r) {
    const journal *j = r->t->j;
    for (; r->seen < j->reports; r->seen++) {
        const journal_report_row *row = &j->report[r->seen];
        if (row->number >= TUNER_TRIALS) continue;
        r->goes_on[row->number] =
            asha_report(&r->rungs, &r->rung[row->number], row->step, row->value);
    }
}

int64_t tuner_next(const tuner_trial *t) {
    if (!t || t->r->t->task.least == 0) return INT64_MAX;
    pthread_mutex_lock(&t->r->lock);
    int64_t next = asha_rung_end(&t->r->rungs, t->r->rung[t->number]);
    pthread_mutex_unlock(&t->r->lock);
    return next;
}

static bool over_budget(const race *r) {
    const tuner_params *p = &r->t->p;
    return p->clock && p->budget_s > 0 && p->clock() - r->start >= p->budget_s;
}

bool tuner_report(tuner_trial *t, int64_t step, int64_t whole, double score, err *e) {
    if (!t) return true;
    race *r = t->r;
    t->step = step;
    t->whole = whole;
    pthread_mutex_lock(&r->lock);
    bool written = journal_report(r->t->j, t->number, step, score, e);
    if (written) climb(r);
    t->pruned = written && step < whole && !r->goes_on[t->number];
    t->stopped = step < whole && over_budget(r);
    pthread_mutex_unlock(&r->lock);
    return written && !t->pruned && !t->stopped;
}

bool tuner_gave_up(const tuner_trial *t) { return t && (t->pruned || t->stopped); }

/* ---- trials ---- */

static int64_t finished(const journal *j) {
    int64_t n = 0;
    for (int64_t i = 0; i < j->n; i++)
        n += j->trial[i].state != TRIAL_RUNNING && j->trial[i].state != TRIAL_WAITING;
    return n;
}

/* Begins the next trial; false when there is none to begin. */
static bool begin(race *r, tuner_trial *trial, double *point, arena scratch, err *e) {
    tuner *t = r->t;
    *trial = (tuner_trial){.r = r, .number = -1};
    if (r->failed || t->out_of_points) return false;
    if (t->begun > 0 && over_budget(r)) return t->out_of_time = true, false;
    if (finished(t->j) + r->running >= t->p.trials || t->j->n >= TUNER_TRIALS) return false;
    bool known = t->j->n == 0 && t->p.how.kind != SAMPLER_GRID; /* a grid is all there is */
    bool begun = known ? journal_begin(t->j, t->task.known, &trial->number, e)
                       : journal_ask(t->j, t->p.how, &trial->number, point, scratch, e);
    if (!begun) return false;
    if (trial->number < 0) return t->out_of_points = true, false;
    for (int i = 0; known && i < t->task.s->n; i++) point[i] = t->task.known[i];
    climb(r);
    t->begun++;
    r->running++;
    return true;
}

static bool end(race *r, const tuner_trial *trial, double score, err *e) {
    tuner *t = r->t;
    trial_state state = trial->pruned ? TRIAL_PRUNED : TRIAL_COMPLETE;
    if (trial->pruned) score = t->j->trial[trial->number].score;
    if (trial->stopped) score = NAN;
    r->running--;
    t->done++;
    t->steps += trial->step;
    t->whole += trial->whole;
    if (t->p.progress.tick)
        t->p.progress.tick(t->p.progress.what, t->task.study, finished(t->j) + 1, t->p.trials);
    return journal_tell(t->j, trial->number, state, score, e);
}

/* One trial; false when there is none left, or with e. */
static bool try_one(race *r, pool *threads, scope *s, err *e) {
    const tuner_task *task = &r->t->task;
    tuner_trial trial;
    double *point = take(&s->keep, double, task->s->n);
    double *unit = take(&s->keep, double, task->units[TUNER_VALID]);
    pthread_mutex_lock(&r->lock);
    bool begun = begin(r, &trial, point, s->scratch, e);
    pthread_mutex_unlock(&r->lock);
    if (!begun || !task->score(task->what, point, TUNER_VALID, &trial, threads, s, unit, e))
        return false;
    double score = tuner_mean(unit, task->units[TUNER_VALID]);
    pthread_mutex_lock(&r->lock);
    bool told = end(r, &trial, score, e);
    pthread_mutex_unlock(&r->lock);
    return told;
}

static void close_pool(void *what) { pool_close(what); }

static bool work_on(race *r, err *e) {
    const tuner_params *p = &r->t->p;
    scope s, own;
    if (!scope_open(&own, 1 << 16, 0, e)) return false;
    pool *threads = p->threads;
    if (p->parallel > 1) {
        int share = pool_threads(p->threads) / p->parallel;
        threads = pool_open(share > 1 ? share : 1, (size_t)4 << 30, e);
        if (threads) scope_defer(&own, close_pool, threads);
    }
    bool done = threads && scope_open(&s, (size_t)8 << 30, (size_t)8 << 30, e);
    if (done) {
        while (try_one(r, threads, &s, e)) scope_rewind(&s);
        scope_close(&s);
    }
    scope_close(&own);
    return e->kind == ERR_NONE;
}

static void worker(void *what, int64_t chunk, arena scratch) {
    (void)chunk, (void)scratch;
    race *r = what;
    err e = {0};
    if (work_on(r, &e)) return;
    pthread_mutex_lock(&r->lock);
    if (!r->failed) r->e = e;
    r->failed = true;
    pthread_mutex_unlock(&r->lock);
}

static bool check(const tuner *t, err *e) {
    if (t->p.trials > TUNER_TRIALS)
        return refuse(e, "a study has at most %d trials", TUNER_TRIALS);
    if (t->p.how.kind != SAMPLER_GRID) return true;
    int64_t all = study_grid_size(t->task.s, t->p.how.grid, t->p.trials + 1);
    if (all <= t->p.trials) return true;
    return refuse(e, "the grid has more than %lld points: raise the trials, or take fewer values "
                  "of a parameter", (long long)t->p.trials);
}

bool tuner_run(tuner *t, tuner_task task, tuner_params p, journal *j, err *e) {
    *t = (tuner){.task = task, .p = p, .j = j};
    if (!check(t, e)) return false;
    scope s;
    if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
    race *r = take(&s.keep, race, 1);
    *r = (race){.t = t, .rungs = asha_open(task.least > 0 ? task.least : 1, ASHA_ETA,
                                           task.maximise, TUNER_TRIALS, &s.keep),
                .rung = take(&s.keep, int, TUNER_TRIALS),
                .goes_on = take(&s.keep, bool, TUNER_TRIALS),
                .start = p.clock ? p.clock() : 0};
    pthread_mutex_init(&r->lock, NULL);
    climb(r);
    if (p.parallel > 1) {
        pool *workers = pool_open(p.parallel, 1 << 16, &r->e);
        r->failed = !workers;
        if (workers) pool_for(workers, p.parallel, worker, r);
        if (workers) pool_close(workers);
    } else {
        worker(r, 0, (arena){0});
    }
    t->seconds = p.clock ? p.clock() - r->start : 0;
    if (r->failed) *e = r->e;
    bool done = !r->failed;
    pthread_mutex_destroy(&r->lock);
    scope_close(&s);
    return done;
}

int64_t tuner_best(const tuner *t) {
    study now = journal_study(t->j);
    return study_best(&now);
}
