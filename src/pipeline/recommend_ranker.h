/* recommend_ranker: trees that order the candidates, learned on the weeks before those scored.
 *
 * Groups are customers in a week with at least one bought article among their candidates; rows are
 * recommend_frame's. LambdaRank is fitted on all training weeks but the last, stopped by MAP@12 on
 * the last, and fitted again on all with that number of trees; the number that tuning found is used
 * by later fits. A shop with too few such groups has no ranker: its blend is served. */
#ifndef PIPELINE_RECOMMEND_RANKER_H
#define PIPELINE_RECOMMEND_RANKER_H

#include "models/boost.h"
#include "pipeline/recommend_frame.h"
#include "pipeline/recommend_weeks.h"

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
typedef struct recommend_ranking {
    work *w;
    scope *s;
    int train; /* weeks to learn from, at the head of the calendar */
    int trees; /* wanted; 0 = as many as the last of these weeks asks for */
    /* what comes of it */
    bool tried, trained; /* the fit was tried; there is a ranker */
    trees ranker;
    int64_t groups; /* learned from */
    int n_ids;
    int32_t *ids[64]; /* [units of a week, RECOMMEND_K] of each week scored */
    /* rows of the weeks so far */
    int seen;
    struct {
        recommend_frame f;
        float *label;
        int32_t *group;
        int64_t groups;
    } week[RECOMMEND_TRAIN_WEEKS * 2];
} recommend_ranking;

bool recommend_ranking_visit(void *what, const recommend_fit *m, const recommend_week *week,
                             arena scratch, err *e);

/* Fits on what was collected; k->trained says whether there was enough. */
bool recommend_ranking_fit(recommend_ranking *k, arena scratch, err *e);

/* Everything that serving needs, as of the end: data, sources fitted on all days with the tuned
 * parameters and, when they say so, the ranker. In s->keep. */
bool recommend_fit_served(recommend_fit *m, recommend_data *d, work *w, scope *s, err *e);

#endif
