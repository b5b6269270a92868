/* sessions and attempts: known answers. */
#include "check.h"

#include <string.h>

#include "models/behaviour/funnel.h"
#include "models/behaviour/sessions.h"

#define S   INT64_C(1000000)
#define MIN (60 * S)
#define DAY (86400 * S)

static int64_t cut(const int64_t *time, int n, sessions_params p, int64_t *session) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    int64_t first[] = {0, n / 2, n};
    sessions_events v = {2, n, first, time};
    pool *threads = pool_open(2, 1 << 16, &e);
    check(threads != NULL);
    int64_t found = sessions_cut(&v, p, threads, session);
    pool_close(threads);
    scope_close(&s);
    return found;
}

CHECK(sessions_split_after_more_than_the_gap) {
    /* two users; exactly half an hour does not split, a microsecond more does */
    int64_t time[] = {0, 30 * MIN, 60 * MIN + 1, DAY - 5 * MIN, DAY, DAY + 5 * MIN, 3 * DAY,
                      3 * DAY};
    int64_t session[12], wanted[] = {0, 0, 1, 2, 3, 3, 4, 4};
    check(cut(time, 8, SESSIONS_DEFAULTS, session) == 5);
    check(memcmp(session, wanted, sizeof wanted) == 0);
    int64_t night[] = {DAY - 5 * MIN, DAY + MIN, DAY - 5 * MIN, DAY - MIN};
    check(cut(night, 4, SESSIONS_DEFAULTS, session) == 2);
    check(cut(night, 4, (sessions_params){.gap = 30 * MIN, .midnight = true}, session) == 3);
    int64_t early[] = {-DAY, 5 * MIN - DAY, -DAY - 1, -DAY}; /* a day begins at its midnight */
    check(cut(early, 4, (sessions_params){.gap = 30 * MIN, .midnight = true}, session) == 3);
    int64_t bot[] = {0, 20 * MIN, 40 * MIN, 60 * MIN, 80 * MIN, 100 * MIN, 0, 1, 2, 3, 4, 5};
    check(cut(bot, 12, (sessions_params){.gap = 30 * MIN, .longest = 40 * MIN}, session) == 3);
    check(session[2] == 0 && session[3] == 1);
    check(sessions_check((sessions_params){0}) != NULL);
}

CHECK(sessions_are_the_same_on_any_threads) {
    enum { USERS = 30000, EACH = 7, N = USERS * EACH };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 32 << 20, 1 << 20, &e), &e);
    int64_t *first = take(&s.keep, int64_t, USERS + 1), *time = take(&s.keep, int64_t, N);
    int64_t *one = take(&s.keep, int64_t, N), *eight = take(&s.keep, int64_t, N), wanted = 0;
    for (int64_t u = 0, i = 0; u < USERS; u++)
        for (first[u + 1] = first[u] + EACH; i < first[u + 1]; i++) {
            int64_t wait = (u * 31 + i * 17) % 45 * MIN;
            time[i] = i == first[u] ? u * S : time[i - 1] + wait;
            wanted += i == first[u] || wait > 30 * MIN;
        }
    sessions_events v = {USERS, N, first, time};
    pool *a = pool_open(1, 1 << 16, &e), *b = pool_open(8, 1 << 16, &e);
    check(sessions_cut(&v, SESSIONS_DEFAULTS, a, one) == wanted);
    check(sessions_cut(&v, SESSIONS_DEFAULTS, b, eight) == wanted);
    int64_t number = -1; /* they are numbered as they come, over chunks of users too */
    for (int64_t u = 0; u < USERS; u++)
        for (int64_t i = first[u]; i < first[u + 1]; i++) {
            number += i == first[u] || time[i] - time[i - 1] > 30 * MIN;
            check(one[i] == number);
        }
    check(memcmp(one, eight, N * sizeof *one) == 0);
    pool_close(a), pool_close(b);
    scope_close(&s);
}

/* Users are cut into chunks of 8,192: what lies behind the last user is not looked at. */
CHECK(sessions_of_one_user_less_than_a_chunk) {
    enum { USERS = 8191 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    int64_t *first = take(&s.keep, int64_t, USERS + 2), *time = take(&s.keep, int64_t, USERS);
    int64_t *session = take(&s.keep, int64_t, USERS);
    for (int64_t u = 0; u <= USERS; u++) first[u] = u; /* and a 0 */
    sessions_events v = {USERS, USERS, first, time};
    pool *threads = pool_open(1, 1 << 16, &e);
    check(sessions_cut(&v, SESSIONS_DEFAULTS, threads, session) == USERS);
    for (int64_t u = 0; u < USERS; u++) check(session[u] == u);
    pool_close(threads);
    scope_close(&s);
}

/* ---- attempts ---- */

static int64_t chains[60]; /* of the attempts found last */

static int64_t attempts_of(const char *events, const int64_t *time, funnel_params p,
                           uint8_t *level) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    int64_t n = (int64_t)strlen(events), first[] = {0, n};
    uint32_t serves[20];
    for (int64_t i = 0; i < n; i++) {
        const char *at = strchr("vcp", events[i]);
        serves[i] = at                 ? 1u << (at - "vcp")
                    : events[i] == '!' ? 1u << FUNNEL_STEPS
                    : events[i] == '?' ? 2u << FUNNEL_STEPS
                                       : 0;
    }
    funnel_events v = {1, n, first, time, serves};
    funnel_outcome o;
    p.steps = 3;
    pool *threads = pool_open(1, 1 << 20, &e);
    check_ok(threads, &e);
    funnel_attempts(&o, &v, &p, threads, &s.keep);
    pool_close(threads);
    memcpy(level, o.level, (size_t)o.units);
    memcpy(chains, o.chain, (size_t)(o.units * p.steps) * sizeof *chains);
    int64_t units = o.units;
    scope_close(&s);
    return units;
}

CHECK(funnel_attempts_open_and_close) {
    static const int64_t steady[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint8_t level[10];
    check(attempts_of("vcpvvc", steady, (funnel_params){0}, level) == 2);
    check(level[0] == 3 && level[1] == 2); /* the view inside an open attempt opens none */
    static const int64_t wanted[] = {0, 1, 2, 3, 5, -1};
    check(memcmp(chains, wanted, sizeof wanted) == 0);
    check(attempts_of("vvv", (const int64_t[]){0, 5, 20}, (funnel_params){.window = 10},
                      level) == 2);
    check(attempts_of("vcvcp", (const int64_t[]){0, 1, 20, 21, 22}, (funnel_params){.window = 10},
                      level) == 2);
    check(level[0] == 2 && level[1] == 3);
    check(attempts_of("vc!vcp", steady, (funnel_params){.excludes = 1, .exclude = {{2, 3}}},
                      level) == 2);
    check(level[0] == 2 && level[1] == 3);
    check(attempts_of("cp", steady, (funnel_params){0}, level) == 0);
}

CHECK(funnel_attempts_end_by_gaps_and_at_their_exclusion) {
    funnel_params p = {.gap = {0, 5, 7}};
    uint8_t level[10];
    check(attempts_of("vcp", (const int64_t[]){10, 15, 22}, p, level) == 1 && level[0] == 3);
    check(attempts_of("vcp", (const int64_t[]){10, 15, 23}, p, level) == 1 && level[0] == 2);
    check(attempts_of("vcp", (const int64_t[]){10, 16, 17}, p, level) == 1 && level[0] == 1);
    p = (funnel_params){.strictly_after = true};
    check(attempts_of("vccp", (const int64_t[]){4, 4, 5, 6}, p, level) == 1 && level[0] == 3);
    check(attempts_of("vcp", (const int64_t[]){4, 5, 5}, p, level) == 1 && level[0] == 2);
    static const int64_t steady[] = {0, 1, 2, 3, 4, 5};
    p = (funnel_params){.excludes = 2, .exclude = {{1, 2}, {2, 3}}};
    check(attempts_of("v?cp", steady, p, level) == 1 && level[0] == 3);
    check(attempts_of("vc!p", steady, p, level) == 1 && level[0] == 3);
    check(attempts_of("vc?p", steady, p, level) == 1 && level[0] == 2);
    check(attempts_of("v!cp", steady, p, level) == 1 && level[0] == 1);
}
