/* recommender_tune: a model's parameters chosen by what they find of held-out answers.
 *
 * The score of a try is the mean NDCG@k over the users asked. From the parameters given, one knob
 * after the other is tried at the values of its table, the others held; a value is taken when it
 * scores higher than all before it (ties: the earlier). Knobs are gone through until a round
 * changes nothing, TUNE_ROUNDS at most, after the first only beside the values in use.
 *
 * `hybrid` first chooses the parameters of each of its models, then weights: it starts from the
 * best model alone and tries each weight of a grid in turn. So a blend never scores below its best
 * part on the answers it was chosen by.
 *
 * Everything is a function of data, exam and parameters: the same numbers for any threads. The
 * caller holds the answers apart from data; nothing else is looked at. */
#ifndef MODELS_RECOMMEND_RECOMMENDER_TUNE_H
#define MODELS_RECOMMEND_RECOMMENDER_TUNE_H

#include "models/recommend/recommender.h"

enum { TUNE_ROUNDS = 3, TUNE_USERS = 20000 };

typedef struct tune_exam {
    const sparse *truth;  /* [users, items] answers */
    int64_t n;            /* users asked: all with answers, or an even sample of TUNE_USERS */
    const int32_t *users; /* [n] ascending */
    int k;
} tune_exam;

typedef struct tune_trial {
    const recommender *model; /* the model, or the part whose weight was tried */
    const knob *knob;         /* NULL: the weight of model in the blend, or the start */
    bool start;               /* the parameters as they were */
    bool taken;
    double value, score;
} tune_trial;

typedef struct tune_log {
    int n, most; /* trials beyond most are not written down */
    tune_trial *at;
} tune_log;

/* truth is borrowed. */
tune_exam tune_exam_of(const sparse *truth, int k, arena *keep);

/* Mean NDCG@k of lists[exam->n, width]. */
double tune_score(const tune_exam *exam, const int32_t *lists, int width);

/* Changes *p. task->p is not read. Refuses what the model's fit refuses at the start; a value that
 * fit refuses is no choice. */
bool recommender_tune(const recommender *r, const recommender_task *task, const tune_exam *exam,
                      recommender_params *p, tune_log *log, arena scratch, err *e);

#endif
