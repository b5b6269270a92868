/* recommend_weeks: weekly cut-offs: sources fitted on the days before each, and who buys then.
 *
 *     end            the day after the last one known
 *     test           cut-offs end - 7, end - 14, … as many as the test period has whole weeks
 *     valid          as many before them
 *     train          those before them that the ranker learns from (recommend_growth)
 *
 * The target of a cut-off is the 7 days from it on. A walk goes from the oldest cut-off to the
 * newest: factors begin where the week before ended, so that a few iterations do. Nothing on or
 * after a cut-off is read for its sources. */
#ifndef PIPELINE_RECOMMEND_WEEKS_H
#define PIPELINE_RECOMMEND_WEEKS_H

#include "pipeline/recommend_models.h"

enum {
    RECOMMEND_TARGET_DAYS = 7,
    RECOMMEND_MOST_WEEKS = 4,  /* scored */
    RECOMMEND_TRAIN_MOST = 6, /* of the ranker; growth.weeks says how many */
    RECOMMEND_WARM_STEPS = 3,  /* iterations of factors from one week to the next */
    RECOMMEND_LEAST_HISTORY = 28, /* days before the first cut-off of a walk */
    RECOMMEND_ACTIVE_DAYS = 28,
};

/* Cut-offs, oldest first. */
typedef struct recommend_calendar {
    int n;
    int32_t cutoff[64];
} recommend_calendar;

/* Whole weeks of the test period, 1 … RECOMMEND_MOST_WEEKS. */
int recommend_test_weeks(windows days);

/* `n` weekly cut-offs, the last `skip` weeks before `end` left out; those with less than
 * RECOMMEND_LEAST_HISTORY days of history are not there. */
recommend_calendar recommend_cutoffs(windows days, int n, int skip);

/* Customers who buy in the 7 days from `from` on, and every source's candidates for them. */
typedef struct recommend_week {
    int32_t from;
    int64_t n_active; /* articles that may be recommended */
    recommend_units units;
    hybrid_problem lists; /* users = units */
    uint8_t *segment;     /* [units.n] recommend_segment */
    const float *surprise; /* [articles] -log2 of the share of purchases of the last active_days */
} recommend_week;

typedef enum recommend_segment {
    RECOMMEND_ACTIVE, /* bought in the RECOMMEND_ACTIVE_DAYS before the cut-off */
    RECOMMEND_LAPSED, /* bought before them only */
    RECOMMEND_NEW,    /* never bought before */
    RECOMMEND_SEGMENTS
} recommend_segment;
extern const char *const recommend_segments[RECOMMEND_SEGMENTS];

/* Of every customer, [d->customers] in keep. */
uint8_t *recommend_segments_of(const recommend_data *d, int32_t cutoff, arena *keep);

/* Called for each cut-off while its sources are there; m dies with the call. */
typedef bool recommend_visit(void *what, const recommend_fit *m, const recommend_week *week,
                             arena scratch, err *e);

typedef struct recommend_walk {
    const recommend_data *d;
    recommend_params p;
    int64_t most; /* units of a week: every n-th customer who buys beyond it */
    int first;          /* weeks at the head that are only visited: what weeks[] says of them is */
    int64_t most_first; /* gone after the visit; their own limit of units */
    recommend_visit *visit; /* NULL = none */
    void *what;
    recommend_sweep *sweep; /* of the factors of the first cut-off, that begin from nothing */
    void *swept;            /* its what */
    pool *threads;
} recommend_walk;

/* weeks[cutoffs->n] and what they point to live in s->keep. */
bool recommend_walk_weeks(const recommend_walk *w, const recommend_calendar *c,
                          recommend_week *weeks, scope *s, err *e);

#endif
