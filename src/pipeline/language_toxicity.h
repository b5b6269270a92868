/* language_toxicity: toxicity of the shop's reviews: what is looked at first, and false alarms.
 *
 * toxicity.json:
 * {"schema": "atelier.toxicity/1", "head": "ready", "maker": "gte-small int8" or "words",
 *  "note": words or null, "thresholds": {"review", "block"}, "reviews": n, "unread": n,
 *  "to_review": n, "to_block": n,
 *  "false_alarms_per_10000": {"value", "low", "high", "on": words},
 *  "queue": [{"review", "article", "day", "probability", "level", "text", "words": [...]}]}
 * to_review counts reviews between both cuts, to_block those above the upper one; the queue holds
 * both, worst first, 200 at most. False alarms are those of the head on clean reviews that it had
 * not seen when it was made (Wilson's interval; null when nobody asked): this shop's nobody has
 * labelled.
 * Table review_toxicity: review, probability, level (none, review, block), one row a review that is
 * read. A review is read when it is in English, or too short to tell, and has a word. */
#ifndef PIPELINE_LANGUAGE_TOXICITY_H
#define PIPELINE_LANGUAGE_TOXICITY_H

#include "pipeline/language_data.h"
#include "pipeline/review_vectors.h"
#include "pipeline/toxicity_file.h"

typedef struct toxicity_found {
    int64_t n, unread, count[3]; /* texts; not read; by level */
    slice *plain;                /* [n] without HTML */
    const char **note;           /* [n] NULL = read, else why not */
    double *probability;         /* [n] */
    uint8_t *level;              /* [n] toxicity_level */
    slice *why; /* [n, TOXICITY_WHY] words, p NULL = no more; for levels above none */
} toxicity_found;

/* Texts made plain and their language told, in s->keep; nothing is scored yet. */
toxicity_found language_toxicity_plain(const slice *texts, int64_t n, pool *threads, scope *s);

/* Scores what is read; vectors [n, wide] or NULL, then the model of words serves. */
void language_toxicity_score(const toxicity_file *head, const float *vectors, toxicity_found *f,
                             pool *threads, scope *s);

/* The words of text i by commas. */
slice language_toxicity_words(const toxicity_found *f, int64_t i, arena *keep);

/* Members thresholds, texts, unread, to_review, to_block and false_alarms_per_10000. */
void language_toxicity_counts(const toxicity_model *m, const toxicity_found *f, js *out);

bool language_toxicity_insight(work *w, folder *f, scope *s, const language_data *d,
                               const review_vectors *v, js *report, err *e);

#endif
