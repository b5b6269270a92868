/* tuner: the trials of a study: asks for a point, fits it, gives it up early, writes it down.
 *
 * A task says what is chosen (a space), and scores a point: a value for each of its units (users,
 * series, rows), whose mean is the score. The known point, that of the parameters in use, is the
 * first trial (of a grid, which has its own points, none); the sampler asks for the others. While
 * it fits, a task may report what it has so far at the rungs of asha.h; what the journal has of all
 * trials, in its order, decides whether it goes on, so that a study that was stopped and resumed
 * decides as one that was not.
 *
 * One trial at a time, the trials are a function of the seed and of the task alone. With more at a
 * time each has its share of the threads, and what is asked for depends on who ends first. */
#ifndef PIPELINE_TUNER_H
#define PIPELINE_TUNER_H

#include "base/pool.h"
#include "models/metrics.h"
#include "pipeline/tune_journal.h"
#include "pipeline/work.h"

typedef enum tuner_part { TUNER_VALID, TUNER_TEST } tuner_part;

typedef struct tuner_trial tuner_trial;

typedef struct tuner_task {
    const char *study, *metric, *unit; /* names; "users" */
    const space *s;
    bool maximise;
    const double *known; /* [s->n] */
    int64_t least;       /* steps of the first rung; 0: no trial is given up early */
    void *what;
    int64_t units[2]; /* by part; TUNER_TEST may have none */
    int64_t rows;     /* of the table, that take part */
    /* Name of the model of the point. */
    const char *(*model)(void *what, const double *point);
    /* Words for a command that takes the parameters of the point, in s. */
    const char *(*words)(void *what, const double *point, scope *s);
    /* Fills unit[units[part]], NaN where there is no score; all of them: the model refuses the
     * point. t is NULL when the point is to be scored whole. s is for this call alone. */
    bool (*score)(void *what, const double *point, tuner_part part, tuner_trial *t, pool *threads,
                  scope *s, double *unit, err *e);
} tuner_task;

/* For tasks: the next step at which a report is wanted, INT64_MAX for none. */
int64_t tuner_next(const tuner_trial *t);
/* What a point has after `step` steps of its `whole`; false: stop here, the trial has ended. */
bool tuner_report(tuner_trial *t, int64_t step, int64_t whole, double score, err *e);
bool tuner_gave_up(const tuner_trial *t); /* the last report said so; t NULL: no */
double tuner_mean(const double *unit, int64_t n); /* of those that are not NaN */

typedef struct tuner_params {
    sampler how;
    int64_t trials;    /* of the study, all together */
    double budget_s;   /* no trial begins and none goes on after so many seconds; 0: any */
    int parallel;      /* trials at a time */
    pool *threads;     /* for one at a time */
    double (*clock)(void); /* seconds; NULL: no budget */
    progress progress;
} tuner_params;

enum { TUNER_TRIALS = 10000 };

typedef struct tuner {
    tuner_task task;
    tuner_params p;
    journal *j;
    int64_t begun, done;  /* trials of this run */
    int64_t steps, whole; /* taken by this run, and what whole trials would have taken */
    bool out_of_time, out_of_points;
    double seconds;
} tuner;

/* Refuses more than TUNER_TRIALS trials and a grid that is larger than the trials. */
bool tuner_run(tuner *t, tuner_task task, tuner_params p, journal *j, err *e);

/* Number of the best trial: -1 when none has a score. */
int64_t tuner_best(const tuner *t);

/* What the known and the best point score on a part, and their difference by a paired bootstrap
 * over the units that both have. */
typedef struct tuner_judged {
    int64_t n; /* units; 0: not looked at */
    metrics_interval known, best, difference;
} tuner_judged;

/* Scores both anew, by part. */
bool tuner_judge(const tuner *t, tuner_judged to[2], err *e);

/* Into an open object: "study", "metric", "trials", "best", and "validation" and "test". */
void tuner_put(const tuner *t, const tuner_judged judged[2], js *out);
/* Members of an object for a point. */
void tuner_put_point(js *out, const space *s, const double *point);

#endif
