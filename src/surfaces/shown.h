/* shown: the list of an answer: candidates gathered from stored and live lists, what each score is
 * made of, re-ranked and, where wished, with places given to chance.
 *
 * Contributions of an article add up to its score: the parts that are known, "re-ranking" for what
 * the balance of the list moved, and "rest". Candidates that a stored list does not hold follow
 * below its last one, in the order of their own scores. */
#ifndef SURFACES_SHOWN_H
#define SURFACES_SHOWN_H

#include "surfaces/view.h"
#include "surfaces/wish.h"

enum { SHOWN_PARTS = BUNDLE_LIVE + 1 };

typedef struct shown_item {
    int32_t article;
    uint8_t n;
    bool bought;
    float score, moved;
    float value[SHOWN_PARTS];
    slice name[SHOWN_PARTS];
    double propensity; /* 0 = not asked for */
} shown_item;

typedef struct shown {
    const bundle *b;
    const wish *w;
    int64_t customer;          /* -1 = not known */
    const int32_t *skip;       /* [skips] not to be shown, besides what was bought when wished */
    int skips;
    bitmap there;              /* articles that are in already */
    shown_item *item;          /* [most] */
    int n, most;
} shown;

/* An empty list that takes at most so many candidates. */
shown shown_open(const bundle *b, const wish *w, int64_t customer, int64_t most, arena *keep);

/* The customer's stored list. */
void shown_add_stored(shown *x);

/* A live list: below what is there already, or as it is in an empty list. */
void shown_add_live(shown *x, const live_item *items, int n);

/* What the customers of a segment buy of late: its row of bundle_bought. */
void shown_add_segment(shown *x, int64_t row);

/* Adds to each article that is in both lists, and the others of the stored list, `weight` times its
 * place on the stored list's scale of 0..1: what the customer usually likes beside the session. */
void shown_mix_stored(shown *x, float weight);

/* Popular articles below the rest until the list is full. */
void shown_fill(shown *x);

/* How many candidates a request needs: balance and chance need some to choose from. */
int64_t shown_needed(const wish *w);

/* Orders what was gathered, by wishes and by the events of a session (n of them; their strength is
 * how much they count), then draws. */
typedef struct shown_session {
    int n;
    const int32_t *article;
    const float *strength;
} shown_session;
void shown_arrange(shown *x, const shown_session *session, arena scratch);

/* "items" from offset on, "took_us"; then the exposure, when a log is kept. */
void shown_put(view *v, const shown *x);

#endif
