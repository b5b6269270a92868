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

/* ---- repurchase ---- */

static bool fit_repurchase(const recommender_task *t, void **model, arena *keep, arena scratch,
                           err *e) {
    const recommender_data *d = t->data;
    int64_t users = d->by_user.rows, n = d->seq_at[users];
    if (!d->seq_day) return refuse(e, "the model repurchase needs a column time");
    int32_t *customer = take(&scratch, int32_t, n);
    for (int64_t u = 0; u < users; u++)
        for (int64_t i = d->seq_at[u]; i < d->seq_at[u + 1]; i++) customer[i] = (int32_t)u;
    repurchase_params p = t->p->again;
    p.as_of = d->as_of;
    p.categories = 0;
    repurchase_model *m = take(keep, repurchase_model, 1);
    *model = m;
    return repurchase_fit(m, (repurchase_events){n, customer, d->seq_item, d->seq_day, NULL}, p,
                          keep, scratch, e);
}

/* An item that the user asked has, with its days of purchase. */
typedef struct owned {
    int32_t item, days, last;
} owned;

/* The items of a user, each once; a sequence ascends in days. */
static int64_t find_owned(const recommender_data *d, int64_t user, owned *to) {
    int64_t n = 0;
    for (int64_t i = d->seq_at[user]; i < d->seq_at[user + 1]; i++) {
        int64_t at = 0;
        while (at < n && to[at].item != d->seq_item[i]) at++;
        if (at == n) to[n++] = (owned){d->seq_item[i], 0, INT32_MIN};
        to[at].days += to[at].last != d->seq_day[i];
        to[at].last = d->seq_day[i];
    }
    return n;
}

/* What was bought before, the likeliest to be bought again first; equal chances: the newest. */
static void list_repurchase(const recommender_task *t, const void *model,
                            const recommender_ask *ask, int32_t *ids, float *scores,
                            arena scratch) {
    const recommender_data *d = t->data;
    for (int64_t i = 0; i < ask->n; i++, ids += ask->width, scores += ask->width) {
        arena one = scratch;
        int64_t user = ask->users[i], most = d->seq_at[user + 1] - d->seq_at[user];
        owned *own = take(&one, owned, most);
        double *chance = take(&one, double, most), *last = take(&one, double, most);
        int64_t n = find_owned(d, user, own);
        int32_t *order = order_count(n, &one);
        for (int64_t j = 0; j < n; j++) {
            chance[j] = repurchase_score(model, -1, d->as_of - own[j].last, own[j].days);
            last[j] = own[j].last;
        }
        order_down(order, n, last, one);
        order_down(order, n, chance, one);
        int to = 0;
        for (int64_t j = 0; j < n && to < ask->width; j++) {
            int32_t item = own[order[j]].item;
            if (ask->skip && sparse_has(ask->skip, i, item)) continue;
            ids[to] = item;
            scores[to++] = (float)chance[order[j]];
        }
        if (to < ask->width) ids[to] = -1;
    }
}

static const knob repurchase_knobs[] = {
    {"repurchase.days", KNOB_INT, KNOB_AT(again.days), 1, 365, 0, {0}, true},
};

const recommender recommender_repurchase = {"repurchase", "what one has, by the chance of again",
                                            KNOBS(repurchase_knobs), fit_repurchase,
                                            list_repurchase};
