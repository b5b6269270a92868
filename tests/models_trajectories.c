/* trajectories: planted kinds of sessions come back, one kind stays one, goals do not leak. */
#include "lab.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/behaviour/trajectories.h"

enum { HOME, SEARCH, VIEW, CART, BUY, EVENTS, LONGEST = 400 };
#define S INT64_C(1000000)

/* Chances of the next event (the last: the session ends), from each event and from the start. The
 * comparers do no other things than the others do, but in turn. */
static const double searchers[EVENTS + 1][EVENTS] = {
    {0, .8, .1, 0, .1}, {0, .8, .1, 0, .1}, {0, .8, .1, 0, .1}, {0, .8, .1, 0, .1}, {0},
    {.5, .4, .1, 0, 0}};
static const double viewers[EVENTS + 1][EVENTS] = {
    {0, 0, .8, .1, .1}, {0, 0, .8, .1, .1}, {0, 0, .8, .1, .1}, {0, 0, .8, .1, .1}, {0},
    {.5, 0, .5, 0, 0}};
static const double comparers[EVENTS + 1][EVENTS] = {
    {0, .4, .5, 0, .1}, {0, .05, .85, 0, .1}, {0, .85, .05, 0, .1}, {0, .4, .5, 0, .1}, {0},
    {.5, .3, .2, 0, 0}};

typedef struct planted {
    paths_log log;
    uint8_t *kind;
} planted;

/* At random of `kinds` tables, and then with a chance of its own each buys. */
static planted plant(int64_t sessions, int kinds, scope *s) {
    static const double (*const tables[])[EVENTS] = {searchers, viewers, comparers};
    static const double buys[] = {0.1, 0.5, 0.02};
    int64_t *first = take(&s->keep, int64_t, sessions + 1);
    uint8_t *token = take(&s->keep, uint8_t, sessions * LONGEST);
    int64_t *time = take(&s->keep, int64_t, sessions * LONGEST), n = 0;
    int32_t *user = take(&s->keep, int32_t, sessions);
    planted p = {.kind = take(&s->keep, uint8_t, sessions)};
    rng r = rng_open(11, 4);
    for (int64_t k = 0; k < sessions; k++) {
        int kind = p.kind[k] = (uint8_t)rng_below(&r, kinds);
        for (int at = EVENTS, i = 0; i < LONGEST - 2; i++) {
            double luck = rng_uniform(&r);
            int to = 0;
            while (to < EVENTS - 1 && (luck -= tables[kind][at][to]) >= 0) to++;
            if (to == EVENTS - 1) break;
            token[n] = (uint8_t)to, time[n] = i * 10 * S, n++, at = to;
        }
        if (rng_uniform(&r) < buys[kind])
            token[n] = BUY, time[n] = 9000 * S, n++;
        user[k] = (int32_t)k;
        first[k + 1] = n;
    }
    p.log = (paths_log){EVENTS, sessions, first, token, time, user};
    return p;
}

CHECK(trajectories_find_planted_kinds) {
    lab t;
    trajectories m;
    lab_open(&t, 1);
    planted p = plant(25000, 3, &t.s); /* more than are fitted */
    trajectories_fit(&m, &p.log, BUY, TRAJECTORIES_KINDS, &t.s.keep, t.s.scratch);
    check(m.kinds == 3);
    check(isfinite(m.score[4]) && isnan(m.score[5])); /* two more were tried */
    check(m.score[0] < 0 && m.score[0] < m.score[2]);
    int64_t met[3][3] = {{0}}, right = 0, all = 0;
    for (int64_t k = 0; k < p.log.sessions; k++)
        if (m.kind[k] != TRAJECTORIES_NONE) met[p.kind[k]][m.kind[k]]++, all++;
    check(all == m.sessions);
    int own[3];
    for (int k = 0; k < 3; k++) {
        own[k] = 0;
        for (int j = 1; j < 3; j++)
            if (met[k][j] > met[k][own[k]]) own[k] = j;
        right += met[k][own[k]];
    }
    check(own[0] != own[1] && own[1] != own[2] && own[0] != own[2]);
    check((double)right > 0.85 * (double)all); /* a visit of one event may be of any kind */
    /* its moves, and the conversion, which has nothing to do with the fit */
    const double *move = m.move + (int64_t)own[1] * (EVENTS + 1) * (EVENTS + 1);
    check_near(move[VIEW * (EVENTS + 1) + VIEW], 0.8, 0.02); /* 4 standard errors */
    check_near(move[VIEW * (EVENTS + 1) + EVENTS], 0.1, 0.02); /* the end, bought or not */
    const trajectory_kind *of = &m.of[own[1]];
    check_near((double)of->converted / (double)of->sessions, 0.5, 0.05);
    of = &m.of[own[2]];
    check_near((double)of->converted / (double)of->sessions, 0.05, 0.04);
    check(of->seconds == 10 * (of->events - 1) && of->events >= 6 && of->events <= 8);
    check(m.of[0].sessions >= m.of[1].sessions && m.of[1].sessions >= m.of[2].sessions);
    int64_t counted = 0;
    for (int k = 0; k < 3; k++) counted += m.of[k].count[SEARCH];
    check(counted == m.count[SEARCH] && m.count[BUY] == 0);
    lab_close(&t);
}

CHECK(trajectories_of_one_kind_are_one) {
    lab t;
    trajectories m;
    lab_open(&t, 1);
    planted p = plant(3000, 1, &t.s);
    trajectories_fit(&m, &p.log, BUY, 6, &t.s.keep, t.s.scratch);
    check(m.kinds == 1 && isfinite(m.score[2]) && isnan(m.score[3]));
    trajectories_fit(&m, &p.log, -1, 1, &t.s.keep, t.s.scratch);
    check(m.kinds == 1 && m.of[0].converted == 0 && m.count[BUY] > 0); /* one event of all */
    lab_close(&t);
}

/* What is at the goal and after it changes nothing. */
CHECK(trajectories_do_not_look_at_the_goal) {
    lab t;
    trajectories m;
    lab_open(&t, 1);
    static const int64_t first[] = {0, 4, 5, 6, 8}, time[] = {0, 5 * S, 9 * S, 11 * S, 0, 0, 0, S};
    static const uint8_t token[] = {VIEW, VIEW, BUY, SEARCH, BUY, VIEW, VIEW, VIEW};
    static const int32_t user[] = {0, 1, 2, 3};
    paths_log log = {EVENTS, 4, first, token, time, user};
    trajectories_fit(&m, &log, BUY, 4, &t.s.keep, t.s.scratch);
    check(m.kinds == 1 && m.sessions == 3 && m.kind[1] == TRAJECTORIES_NONE);
    check(m.of[0].sessions == 3 && m.of[0].converted == 1 && m.of[0].count[VIEW] == 5);
    check(m.of[0].count[SEARCH] == 0 && m.of[0].events == 2);
    check_near(m.of[0].seconds, 1, 0);
    log.sessions = 0;
    trajectories_fit(&m, &log, BUY, 4, &t.s.keep, t.s.scratch);
    check(m.kinds == 0 && m.sessions == 0);
    lab_close(&t);
}
