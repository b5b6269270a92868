/* session: what comes next in a session, from the sessions that resemble it (VMIS-kNN).
 *
 * A query is the items of a session, the newest last; the newest `last` of them count, item number
 * x from the end (0 = newest) with pi(x) = decay^x, an item that occurs again at its newest place.
 *
 *     r(n) = sum over the query's items in session n of pi(x)
 *     score(i) = sum over the k sessions of highest r of r(n) lambda(x_n) near^|place of i - place
 *                of the match, less 1| length(n)^-length_power ln(1 + N / h_i)
 *
 * x_n is the newest query item that n has, lambda(x) = 1 - x / last, h_i the sessions that
 * have i, N all sessions; near = 1 takes no heed of places. Each item looks at its `recent` newest
 * sessions only, and of the sessions met the `recent` newest are compared. Ties: of sessions the
 * newer, of items the smaller number. Nothing is hashed: a work holds one slot for each session and
 * each item, stamped with the number of the query, so a query costs what it touches.
 * Sources: Kersbergen, Sprangers, Schelter, "Serenade: low-latency session-based recommendation"
 * (2022); Garg, Gupta, Malhotra, Vig, Shroff, "Sequence and time aware neighborhood" (2019).
 *
 *     session_work w = session_work_open(&m, &keep);   // one for each thread, used again
 *     session_query(&m, n, items, rule, ids, scores, &w, scratch); */
#ifndef MODELS_RECOMMEND_SESSION_H
#define MODELS_RECOMMEND_SESSION_H

#include "base/arena.h"

typedef struct session_params {
    int recent; /* m: newest sessions of an item that are looked at, 1..100000 */
    int k;      /* sessions that vote, 1..recent */
    int last;   /* items of the query that count, 1..1000 */
    float decay;        /* (0, 1] */
    float near;         /* (0, 1] */
    float length_power; /* >= 0 */
    float rarity;       /* power of ln(1 + N / h), >= 0 */
} session_params;

#define SESSION_DEFAULTS                                                                           \
    ((session_params){.recent = 1000, .k = 200, .last = 10, .decay = 0.8f, .near = 0.8f,           \
                      .rarity = 0.5f})

typedef struct session_model {
    session_params p;
    int64_t sessions, items;
    int64_t *at;      /* [sessions + 1] */
    int32_t *item;    /* [at[sessions]] items of each session, the oldest first */
    int64_t *item_at; /* [items + 1] */
    int32_t *item_session; /* [item_at[items]] its newest sessions, the newest first, each once */
    float *rarity;         /* [items] ln(1 + N / h)^rarity */
} session_model;

typedef struct session_rule {
    int k;                  /* places of the list */
    const int32_t *skip;    /* [skips] ascending: not to be listed */
    int64_t skips;
    const uint8_t *allowed; /* [items] 1 = may be listed; NULL = all */
    int64_t self;           /* a session that does not vote; -1 = all do */
} session_rule;

typedef struct session_work {
    uint32_t stamp;
    uint32_t *session_stamp, *item_stamp; /* [sessions], [items] */
    int32_t *session_slot, *item_slot;
} session_work;

/* NULL, or what is wrong with the parameters. */
const char *session_check(session_params p);

/* Sessions come in the order of time, the oldest first: at[sessions + 1], item[at[sessions]].
 * The model borrows both arrays; its index lives in keep. Refuses bad parameters. */
bool session_fit(session_model *m, int64_t sessions, int64_t items, const int64_t *at,
                 const int32_t *item, session_params p, arena *keep, arena scratch, err *e);

session_work session_work_open(const session_model *m, arena *keep);

/* Fills ids[rule.k] and scores[rule.k], best first, -1 and 0 behind the last; items of the query
 * may be listed unless rule.skip says otherwise. Returns how many. items[n] all inside the model.
 * w NULL: slots are made in scratch for this query alone, where a thread can keep none.
 * scratch: 64 bytes a session compared and an item of the k that vote. */
int session_query(const session_model *m, int64_t n, const int32_t *items, session_rule rule,
                  int32_t *ids, float *scores, session_work *w, arena scratch);

#endif
