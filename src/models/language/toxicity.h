/* toxicity: how likely a text insults or abuses somebody, and what to do about it.
 *
 * Features x: which words the text has (1 + ln count, no idf, no norm: an insult weighs alike in a
 * short and in a long text) beside vector_weight times its vector (length 1, or none), under a
 * logistic regression (linear.h). A text is scored as it stands and with its disguises undone
 * (masked.h; a word with asterisks becomes the term of the same length that raises the score most):
 *
 *     P = max(P(text), P(masked text))            P > block: block; P > review: review; else none
 *
 * Both cuts are chosen on scores out of fold (parts by a hash of the text; scores are those above,
 * disguises undone too), for stated rates of false alarms: `review` is at least 1/2 and flags at
 * most review_rate of the clean texts (those marked clean: what the shop's texts look like; with
 * none it is 1/2); `block` is at least review and flags at most block_rate of all texts that are
 * not toxic, the coarse ones among them. What the cuts do must be judged on texts that had no part
 * in the fit (toxicity_judge): the scores that chose them would flatter them.
 *
 *     toxicity_data d = {texts, label, clean, n, vectors, wide};
 *     toxicity_fit(&m, &d, TOXICITY_DEFAULTS, threads, &s.keep, s.scratch, e)
 *     m.held = toxicity_judge(&m, &unseen, threads, s.scratch);
 *     double *p = toxicity_score(&m, texts, vectors, n, threads, &s.keep, s.scratch);   // [n]
 *
 * Such a head knows words more than meaning: it misses abuse in civil words and can take a quoted
 * slur for an insult. Source of the task: Davidson, Warmsley, Macy, Weber, "Automated hate speech
 * detection and the problem of offensive language" (2017). */
#ifndef MODELS_LANGUAGE_TOXICITY_H
#define MODELS_LANGUAGE_TOXICITY_H

#include "models/language/linear.h"
#include "models/language/tfidf.h"

typedef struct toxicity_params {
    tfidf_params words;
    linear_params line;
    double vector_weight; /* > 0 */
    int folds;            /* 2 … 10 */
    double review_rate, block_rate;
} toxicity_params;

#define TOXICITY_DEFAULTS                                                                          \
    ((toxicity_params){{1, 1, 2, 5, 1.0, true, false}, {0.3, false, 100, 1e-4}, 3, 5, 5e-4, 0.01})

typedef struct toxicity_data {
    const slice *texts;   /* [n] */
    const int32_t *label; /* [n] 1 toxic, 0 not */
    const uint8_t *clean; /* [n] 1: a text as the shop gets them; NULL = no text is */
    int64_t n;
    const float *vectors; /* [n, wide] of length 1, or NULL */
    int32_t wide;
} toxicity_data;

typedef enum toxicity_level { TOXICITY_NONE, TOXICITY_REVIEW, TOXICITY_BLOCK } toxicity_level;
extern const char *const toxicity_level_names[3]; /* none, review, block */

/* What the model and its cuts do to texts that had no part in the fit; 0 texts: nobody asked. */
typedef struct toxicity_held {
    double auc;                        /* toxic against others that are not clean; 0: one is none */
    int64_t toxic, others, clean;      /* texts; others: neither toxic nor clean */
    int64_t toxic_review, toxic_block; /* of those: above the cut */
    int64_t others_review, others_block, clean_review, clean_block;
} toxicity_held;

typedef struct toxicity_model {
    tfidf_model words;
    linear_model line;
    double review, block;
    toxicity_held held;
} toxicity_model;

/* NULL, or the reason why the parameters make no sense. */
const char *toxicity_check(toxicity_params p);

/* The model lives in keep. Refused: bad parameters; as by tfidf_fit and linear_fit. */
bool toxicity_fit(toxicity_model *m, const toxicity_data *d, toxicity_params p, pool *threads,
                  arena *keep, arena scratch, err *e);

/* The caller keeps the answer in m->held. */
toxicity_held toxicity_judge(const toxicity_model *m, const toxicity_data *d, pool *threads,
                             arena scratch);

/* A model from its stored parts (all but the lookup and idf of words). */
void toxicity_open(toxicity_model *m, arena *keep);

/* P [n] in keep; vectors [n, m->line.wide], or NULL for a model without. Bytes of a text beyond
 * TFIDF_TEXT_LIMIT are not read. */
double *toxicity_score(const toxicity_model *m, const slice *texts, const float *vectors,
                       int64_t n, pool *threads, arena *keep, arena scratch);

toxicity_level toxicity_level_of(const toxicity_model *m, double probability);

/* The words that raise the score most, with disguises undone, best first: at most 5 into words (of
 * the model's vocabulary); returns how many. */
enum { TOXICITY_WHY = 5 };
int toxicity_why(const toxicity_model *m, slice from, slice words[TOXICITY_WHY], arena scratch);

#endif
