/* sentiment_tune: the strength of the penalty and the weight of the vectors, by held-out log loss.
 *
 * A fifth of the texts, by a hash of the text, is held out; every combination is fitted on the rest
 * and scored there. The score is the log loss after the best temperature: a proper score, which
 * asks for honest probabilities, and without the temperature would only ask how cautious the
 * penalty makes them. Ties go to the combination named first. */
#ifndef MODELS_LANGUAGE_SENTIMENT_TUNE_H
#define MODELS_LANGUAGE_SENTIMENT_TUNE_H

#include "models/language/sentiment.h"

enum { SENTIMENT_TRIALS = 16 };

typedef struct sentiment_trial {
    double c, vector_weight; /* vector_weight 0 without vectors */
    double log_loss, temperature;
} sentiment_trial;

typedef struct sentiment_tuned {
    sentiment_trial trial[SENTIMENT_TRIALS];
    int n, best;
    int64_t fitted_on, judged_on; /* texts */
} sentiment_tuned;

/* Puts the best c and vector_weight into p. With fewer than 50 rows of a class it leaves p alone
 * and tells of no trials (n = 0). */
bool sentiment_tune(const sentiment_data *d, sentiment_params *p, pool *threads,
                    sentiment_tuned *told, arena scratch, err *e);

#endif
