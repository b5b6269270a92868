/* recommender_sequence: adapters of the models that live on the order of what users took. */
#include "base/order.h"
#include "models/recommend/neighbours.h"
#include "models/recommend/recommender.h"

/* ---- transitions ---- */

static bool fit_transitions(const recommender_task *t, void **model, arena *keep, arena scratch,
                            err *e) {
    const recommender_data *d = t->data;
    transitions_data sequences = {d->by_user.rows, d->by_user.cols, d->seq_at, d->seq_item,
                                  d->seq_step};
    sparse *next = take(keep, sparse, 1);
    *model = next;
    return transitions_fit(next, &sequences, t->p->transitions, t->threads, keep, scratch, e);
}

static void list_transitions(const recommender_task *t, const void *model,
                             const recommender_ask *ask, int32_t *ids, float *scores,
                             arena scratch) {
    arena inner = arena_split(&scratch, arena_left(&scratch) / 2);
    sparse profile = recommender_profile(t, ask, t->p->past.transitions, &scratch, inner);
    neighbours_rule rule = {.k = ask->width, .skip = ask->skip};
    neighbours_sparse(&profile, model, rule, ids, scores, t->threads);
}

static const knob transitions_knobs[] = {
    {"transitions.recency", KNOB_REAL, KNOB_AT(past.transitions.recency), 1e-3, 1, 6,
     {0.1, 0.3, 0.5, 0.65, 0.8, 0.9}, false},
    {"transitions.half_life", KNOB_REAL, KNOB_AT(past.transitions.half_life), 0, 1e6, 4,
     {0, 7, 30, 90}, false, true},
    {"transitions.window", KNOB_INT, KNOB_AT(transitions.window), 1, 1000, 5, {1, 3, 5, 10, 20},
     true},
    {"transitions.decay", KNOB_REAL, KNOB_AT(transitions.decay), 1e-3, 1, 4, {0.3, 0.5, 0.7, 0.9},
     true},
    {"transitions.back", KNOB_REAL, KNOB_AT(transitions.back), 0, 1, 5, {0, 0.25, 0.5, 0.75, 1},
     true},
    {"transitions.together", KNOB_REAL, KNOB_AT(transitions.together), 0, 10, 0, {0}, true},
    {"transitions.shrink", KNOB_REAL, KNOB_AT(transitions.shrink), 0, 1e6, 4, {0, 0.3, 1, 3}, true},
    {"transitions.from", KNOB_REAL, KNOB_AT(transitions.from), 0, 2, 5, {0, 0.25, 0.5, 0.75, 1},
     true},
    {"transitions.to", KNOB_REAL, KNOB_AT(transitions.to), 0, 2, 4, {0, 0.25, 0.5, 0.75}, true},
    {"transitions.user_power", KNOB_REAL, KNOB_AT(transitions.user_power), 0, 2, 3,
     {0, 0.25, 0.5}, true},
    {"transitions.keep", KNOB_INT, KNOB_AT(transitions.keep), 1, 4096, 0, {0}, true},
};

const recommender recommender_transitions = {"transitions", "what others took next",
                                             KNOBS(transitions_knobs), fit_transitions,
                                             list_transitions};

/* ---- session ---- */

enum { USERS = 1024 };

typedef struct session_users {
    session_model m;
    int32_t *session_of; /* [users] */
} session_users;

/* True when what each user took is one step: nothing is newer than anything. */
static bool has_no_order(const recommender_data *d) {
    int32_t steps = d->seq_step ? 0 : 1;
    for (int64_t i = 0; d->seq_step && i < d->seq_at[d->by_user.rows]; i++)
        if (d->seq_step[i] > steps) steps = d->seq_step[i];
    return steps == 0;
}

/* Every user's history is a session; they are in the order of their last day, then of users. */
static bool fit_session(const recommender_task *t, void **model, arena *keep, arena scratch,
                        err *e) {
    const recommender_data *d = t->data;
    int64_t users = d->by_user.rows, n = d->seq_at[users];
    double *last = take(&scratch, double, users);
    for (int64_t u = 0; u < users; u++)
        if (d->seq_day && d->seq_at[u + 1] > d->seq_at[u])
            last[u] = d->seq_day[d->seq_at[u + 1] - 1];
    int32_t *order = order_count(users, &scratch), *item = take(&scratch, int32_t, n);
    order_up(order, users, last, scratch);
    int64_t *at = take(&scratch, int64_t, users + 1);
    session_users *m = take(keep, session_users, 1);
    m->session_of = take(keep, int32_t, users);
    for (int64_t s = 0; s < users; s++) {
        const int32_t *items;
        int64_t length = recommender_sequence(d, order[s], &items);
        for (int64_t i = 0; i < length; i++) item[at[s] + i] = items[i];
        at[s + 1] = at[s] + length;
        m->session_of[order[s]] = (int32_t)s;
    }
    *model = m;
    session_params p = t->p->session;
    if (has_no_order(d)) { /* all of a history counts, wherever it stands */
        p.last = 1000;
        p.decay = p.near = 1;
    }
    return session_fit(&m->m, users, d->by_user.cols, at, item, p, keep, scratch, e);
}

typedef struct ask_sessions {
    const recommender_data *d;
    const session_users *m;
    const recommender_ask *ask;
    int32_t *ids;
    float *scores;
} ask_sessions;

static void ask_chunk(void *what, int64_t chunk, arena scratch) {
    const ask_sessions *c = what;
    session_work w = session_work_open(&c->m->m, &scratch);
    int64_t end = (chunk + 1) * USERS < c->ask->n ? (chunk + 1) * USERS : c->ask->n;
    for (int64_t i = chunk * USERS; i < end; i++) {
        const int32_t *items;
        int64_t n = recommender_sequence(c->d, c->ask->users[i], &items);
        session_rule rule = {.k = c->ask->width, .self = c->m->session_of[c->ask->users[i]]};
        if (c->ask->skip) {
            rule.skip = c->ask->skip->col + c->ask->skip->at[i];
            rule.skips = sparse_degree(c->ask->skip, i);
        }
        session_query(&c->m->m, n, items, rule, c->ids + i * rule.k, c->scores + i * rule.k, &w,
                      scratch);
    }
}

static void list_session(const recommender_task *t, const void *model, const recommender_ask *ask,
                         int32_t *ids, float *scores, arena scratch) {
    (void)scratch;
    ask_sessions c = {t->data, model, ask, ids, scores};
    pool_for(t->threads, (ask->n + USERS - 1) / USERS, ask_chunk, &c);
}

static const knob session_knobs[] = {
    {"session.recent", KNOB_INT, KNOB_AT(session.recent), 1, 100000, 3, {300, 1000, 3000}, true},
    {"session.k", KNOB_INT, KNOB_AT(session.k), 1, 100000, 4, {50, 100, 200, 500}, true},
    {"session.last", KNOB_INT, KNOB_AT(session.last), 1, 1000, 0, {0}, true},
    {"session.decay", KNOB_REAL, KNOB_AT(session.decay), 1e-3, 1, 4, {0.5, 0.65, 0.8, 0.95}, true},
    {"session.near", KNOB_REAL, KNOB_AT(session.near), 1e-3, 1, 5, {0.4, 0.6, 0.8, 0.9, 1}, true},
    {"session.length_power", KNOB_REAL, KNOB_AT(session.length_power), 0, 2, 3, {0, 0.5, 1}, true},
    {"session.rarity", KNOB_REAL, KNOB_AT(session.rarity), 0, 4, 4, {0, 0.5, 1, 2}, true},
};

const recommender recommender_session = {"session", "what resembling sessions hold",
                                         KNOBS(session_knobs), fit_session, list_session};
