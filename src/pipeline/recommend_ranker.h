/* recommend_ranker: trees that order the candidates, learned on the weeks before those scored.
 *
 * Groups are customers in a week with at least one bought article among their candidates; rows are
 * recommend_frame's. LambdaRank is fitted on all training weeks but the last, stopped by MAP@12 on
 * the last, and fitted again on all with that number of trees; the number that tuning found is used
 * by later fits. A shop with too few such groups has no ranker: its blend is served. */
#ifndef PIPELINE_RECOMMEND_RANKER_H
#define PIPELINE_RECOMMEND_RANKER_H

#include "models/boost.h"
#include "pipeline/recommend_exam.h"
#include "pipeline/recommend_frame.h"
#include "pipeline/recommend_weeks.h"
#include "pipeline/tuner.h"

enum {
    RECOMMEND_LEAST_GROUPS = 300, /* with a positive, for a ranker to be tried */
    RECOMMEND_TRAIN_UNITS = 8000, /* of a training week: every n-th customer who buys */
};

/* A walk that collects rows in its first weeks, fits the ranker, and orders the lists of the weeks
 * after them:
 *
 *     recommend_ranking k = {.w = w, .train = n_train, .s = s};
 *     recommend_walk walk = {…, .visit = recommend_ranking_visit, .what = &k};
 *     recommend_walk_weeks(&walk, &calendar, weeks, s, e)   // then k.ids */
typedef struct recommend_ranking_week {
    recommend_frame f; /* of the customers with a bought article among their candidates */
    float *label;      /* [f.rows] */
    int32_t *group;    /* [groups] rows of each of them */
    int64_t groups;
} recommend_ranking_week;

typedef struct recommend_ranking {
    work *w;
    scope *s;
    int train; /* weeks to learn from, at the head of the calendar: the last growth.weeks of them */
    int trees; /* wanted; 0 = as many as the last of these weeks asks for */
    recommend_growth growth;
    bool keep; /* the weeks after them are kept as rows, and nothing is fitted or ordered */
    bool beside; /* order the weeks also by a ranker of the default growth */
    /* what comes of it */
    bool tried, trained; /* the fit was tried; there is a ranker */
    trees ranker;
    int64_t groups; /* learned from */
    int n_ids;
    int32_t *ids[64]; /* [units of a week, RECOMMEND_K] of each week scored */
    trees usual;          /* with beside: the ranker of the default growth */
    int32_t *usual_ids[64];
    /* rows of the weeks so far: those to learn from, then those kept */
    int seen;
    recommend_ranking_week week[RECOMMEND_TRAIN_MOST + 2 * RECOMMEND_MOST_WEEKS];
} recommend_ranking;

bool recommend_ranking_visit(void *what, const recommend_fit *m, const recommend_week *week,
                             arena scratch, err *e);

/* Fits on what was collected; k->trained says whether there was enough. */
bool recommend_ranking_fit(recommend_ranking *k, arena scratch, err *e);

/* The same with any growth, of the first `groups` customers of each week and one in `thin` of the
 * candidates that they did not buy. With trees 0 their number is what the last week asks for,
 * learning on those before it; `once` leaves it at that fit, a fast one. With reports, that fit and
 * one of a number of trees that is given tell at the rungs of asha.h, in trees, what the trees so
 * far are worth (score), and end where they are given up: then the trees are those so far. */
typedef struct recommend_ranking_fitted {
    recommend_growth growth;
    int trees;
    int64_t groups;
    int thin; /* >= 1 */
    bool once;
    int end; /* the weeks to learn from are those before this one; 0 = k->train */
    tuner_trial *reports; /* NULL: none */
    double (*score)(void *what, const trees *ranker, arena scratch);
    void *what;
} recommend_ranking_fitted;
bool recommend_ranking_fit_by(const recommend_ranking *k, recommend_ranking_fitted *how, trees *to,
                              pool *threads, arena *keep, arena scratch, err *e);

/* AP@12 of each unit of x, ordered by a ranker: ap[x->n]. Its first week is k->week[first]. */
void recommend_ranking_ap(const recommend_ranking *k, int first, const recommend_exam *x,
                          const trees *ranker, pool *threads, double *ap, arena scratch);

/* Everything that serving needs, as of the end: data, sources fitted on all days with the tuned
 * parameters and, when they say so, the ranker. In s->keep. */
bool recommend_fit_served(recommend_fit *m, recommend_data *d, work *w, scope *s, err *e);

#endif
