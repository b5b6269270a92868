/* paths: hand-counted sessions, flow that is conserved, sequences, patterns against all choices. */
#include "lab.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/behaviour/paths.h"
#include "models/behaviour/pattern.h"

#define S INT64_C(1000000)

/* a b b c | a c | b of two users (the first has two sessions); ten seconds between events. */
static const int64_t first[] = {0, 4, 6, 7};
static const uint8_t token[] = {0, 1, 1, 2, 0, 2, 1};
static const int64_t seconds[] = {0, 10 * S, 20 * S, 40 * S, 0, 10 * S, 0};
static const int32_t user[] = {0, 0, 1};
static const paths_log hand = {3, 3, first, token, seconds, user};

static int64_t edge(const paths_graph *g, int step, int from, int to) {
    return g->edge[((int64_t)step * g->events + from) * (g->events + 1) + to];
}

CHECK(paths_of_sessions_counted_by_hand) {
    lab t;
    paths_graph g;
    lab_open(&t, 2);
    paths_params p = PATHS_DEFAULTS;
    p.depth = 3;
    paths_count(&g, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    check(g.paths == 3 && g.at[0] == 2 && g.at[1] == 1 && g.at[3] == 0);
    check(edge(&g, 0, 0, 1) == 1 && edge(&g, 0, 0, 2) == 1 && edge(&g, 0, 1, 3) == 1);
    check(edge(&g, 1, 1, 2) == 1 && edge(&g, 1, 2, 3) == 1 && edge(&g, 2, 2, 3) == 1);
    check(g.at[3 * 4 + 3] == 3); /* all are over by then */
    check_near(paths_median(&g, 1, 1, 2), 30, 6); /* from the first b; a bucket is 2^(1/4) */
    check(isnan(paths_median(&g, 0, 1, 3)));
    p.anchor = 2, p.backwards = true; /* c <- b <- a | c <- a */
    paths_count(&g, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    check(g.paths == 2 && g.at[2] == 2 && edge(&g, 0, 2, 1) == 1 && edge(&g, 0, 2, 0) == 1);
    check(edge(&g, 1, 1, 0) == 1 && edge(&g, 1, 0, 3) == 1);
    p.anchor = 1, p.backwards = false;
    paths_count(&g, &hand, p, t.threads, &t.s.keep, t.s.scratch);
    check(g.paths == 2 && edge(&g, 0, 1, 2) == 1 && edge(&g, 0, 1, 3) == 1);
    check(paths_check((paths_params){.depth = 0, .anchor = -1}, 3) != NULL);
    check(paths_check((paths_params){.depth = 2, .anchor = -1, .backwards = true}, 3) != NULL);
    lab_close(&t);
}

/* a b | a b | a b of two users: three times the same edge, two of them by the first user. */
CHECK(paths_count_a_user_once_an_edge) {
    static const int64_t begins[] = {0, 2, 4, 6}, time[6] = {0};
    static const uint8_t what[] = {0, 1, 0, 1, 0, 1};
    static const int32_t who[] = {0, 0, 1};
    lab t;
    paths_graph g;
    lab_open(&t, 1);
    paths_log log = {2, 3, begins, what, time, who};
    paths_count(&g, &log, (paths_params)PATHS_DEFAULTS, t.threads, &t.s.keep, t.s.scratch);
    check(edge(&g, 0, 0, 1) == 3 && g.users[1] == 2); /* from a to b at step 0 */
    lab_close(&t);
}

static paths_log random_log(scope *s, int64_t sessions, int events) {
    int64_t *at = take(&s->keep, int64_t, sessions + 1), n = 0;
    int64_t *time = take(&s->keep, int64_t, sessions * 12);
    uint8_t *what = take(&s->keep, uint8_t, sessions * 12);
    int32_t *who = take(&s->keep, int32_t, sessions);
    rng r = rng_open(5, 6);
    for (int64_t k = 0; k < sessions; k++) {
        int64_t clock = rng_below(&r, 100) * S;
        who[k] = (int32_t)(k == 0 ? 0 : who[k - 1] + rng_below(&r, 2));
        for (int64_t i = rng_below(&r, 12); i > 0; i--) {
            time[n] = clock += rng_below(&r, 500) * S;
            what[n++] = (uint8_t)rng_below(&r, events);
        }
        at[k + 1] = n;
    }
    return (paths_log){events, sessions, at, what, time, who};
}

CHECK(paths_conserve_flow_and_threads_agree) {
    lab t, t8;
    paths_graph g, h;
    lab_open(&t, 1);
    lab_open(&t8, 8);
    paths_log log = random_log(&t.s, 20000, 7);
    paths_params p = PATHS_DEFAULTS;
    paths_count(&g, &log, p, t.threads, &t.s.keep, t.s.scratch);
    paths_count(&h, &log, p, t8.threads, &t8.s.keep, t8.s.scratch);
    int64_t cells = (int64_t)p.depth * 7 * 8;
    check(memcmp(g.edge, h.edge, (size_t)cells * sizeof *g.edge) == 0);
    check(memcmp(g.users, h.users, (size_t)cells * sizeof *g.users) == 0);
    check(memcmp(g.times, h.times, (size_t)(cells * FUNNEL_BUCKETS) * sizeof *g.times) == 0);
    for (int k = 0; k <= p.depth; k++) {
        int64_t all = 0;
        for (int a = 0; a <= 7; a++) all += g.at[k * 8 + a];
        check(all == g.paths); /* a column of the step matrix sums to 1 */
        for (int a = 0; a < 7 && k < p.depth; a++) {
            int64_t out = 0;
            for (int b = 0; b <= 7; b++) out += edge(&g, k, a, b);
            check(out == g.at[k * 8 + a]);
        }
        for (int b = 0; b < 7 && k > 0; b++) {
            int64_t in = 0;
            for (int a = 0; a < 7; a++) in += edge(&g, k - 1, a, b);
            check(in == g.at[k * 8 + b]);
        }
    }
    for (int64_t i = 0; i < cells; i++) check(g.users[i] <= g.edge[i]);
    lab_close(&t);
    lab_close(&t8);
}

CHECK(sequences_end_at_the_goal) {
    lab t;
    sequence_list l;
    lab_open(&t, 2);
    /* goal c: a b | a | b; of these the first two reach it */
    sequences_count(&l, &hand, 2, 3, 0, t.threads, &t.s.keep, t.s.scratch);
    check(l.sessions == 3 && l.converted == 2 && l.n == 1);
    check(l.list[0].n == 2 && l.list[0].token[0] == 0 && l.list[0].token[1] == 1);
    check(l.list[0].sessions == 1 && l.list[0].converted == 1);
    sequences_count(&l, &hand, -1, 3, 0, t.threads, &t.s.keep, t.s.scratch);
    check(l.n == 4 && l.list[0].sessions == 2); /* a c twice; a b, b c, a b c */
    check(l.list[0].token[0] == 0 && l.list[0].token[1] == 2 && l.list[3].n == 3);
    sequences_count(&l, &hand, -1, 3, 0.5, t.threads, &t.s.keep, t.s.scratch);
    check(l.n == 1);
    sequences_count(&l, &hand, -1, 1, 0, t.threads, &t.s.keep, t.s.scratch);
    check(l.list[0].sessions == 1); /* a _ c is two apart in the first session */
    lab_close(&t);
}

/* ---- patterns ---- */

static const char *const names[] = {"view", "cart", "buy"};

static bool has(const char *said, const char *events, const int64_t *at) {
    pattern p;
    err e = {0};
    uint8_t what[16], room[32];
    int64_t n = (int64_t)strlen(events), time[16];
    for (int64_t i = 0; i < n; i++) {
        what[i] = (uint8_t)(strchr("vcb", events[i]) - "vcb");
        time[i] = (at ? at[i] : i) * S;
    }
    check_ok(pattern_compile(&p, slice_of(said), names, 3, &e), &e);
    return pattern_match(&p, what, time, n, room);
}

CHECK(pattern_of_sessions_by_hand) {
    check(has("(?view)(?cart)", "vcb", NULL) && !has("(?view)(?buy)", "vcb", NULL));
    check(has("(?view).*(?buy)", "vcb", NULL) && has("(?1).(?3)", "vcb", NULL));
    check(!has("(?1).(?3)", "vb", NULL) && has("(?1).*(?3)", "vb", NULL));
    check(has(".*(?buy)", "vvb", NULL) && has(".", "v", NULL) && !has(".", "", NULL));
    check(has("(?view)(?view)", "vv", NULL) && !has("(?view).*(?view)", "vc", NULL));
    const int64_t late[] = {0, 10, 700}, twice[] = {0, 10, 700, 705};
    check(!has("(?1)(?t<600)(?3)", "vcb", late) && has("(?1)(?t>=600)(?3)", "vcb", late));
    check(has("(?cart)(?t<=690)(?buy)", "vcb", late) && !has("(?cart)(?t<690)(?buy)", "vcb", late));
    check(has("(?1)(?t<600)(?3)", "vcvb", twice) && has("(?1)(?t>600)(?3)", "vcvb", twice));
    check(has("(?1)(?t<=0)(?2)", "vc", (const int64_t[]){5, 5}));
}

CHECK(pattern_refuses_what_it_does_not_understand) {
    static const char *const wrong[][2] = {
        {"(?view", "from character 1"},       {"view", "from character 1"},
        {"(?view)(?t<5)", "not understood"},  {"(?t<5)(?view)", "from character 1"},
        {"(?veiw)", "did you mean 'view'?"},  {"(?9)", "none of the 3 events"},
        {"", "not understood"},               {"(?view)*", "from character 8"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        pattern p;
        err e = {0};
        check(!pattern_compile(&p, slice_of(wrong[i][0]), names, 3, &e));
        check(e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), wrong[i][1]);
    }
}

/* Every choice of events, tried. */
static bool all_choices(const pattern *p, int item, int64_t before, const uint8_t *what,
                        const int64_t *time, int64_t n) {
    if (item == p->n) return true;
    const pattern_item *it = &p->item[item];
    for (int64_t k = before + 1; k < n; k++) {
        int64_t waited = before >= 0 ? time[k] - time[before] : 0;
        bool fits = it->token < 0 || what[k] == it->token;
        if (item > 0 && !it->far && k != before + 1) break;
        if (it->when == PATTERN_BELOW) fits &= waited < it->apart;
        if (it->when == PATTERN_AT_MOST) fits &= waited <= it->apart;
        if (it->when == PATTERN_ABOVE) fits &= waited > it->apart;
        if (it->when == PATTERN_AT_LEAST) fits &= waited >= it->apart;
        if (fits && all_choices(p, item + 1, k, what, time, n)) return true;
    }
    return false;
}

CHECK(pattern_equals_all_choices) {
    static const char *const parts[] = {"(?1)", "(?2)", "(?3)", ".", ".*", "(?t<4)", "(?t>3)",
                                        "(?t<=2)", "(?t>=5)"};
    rng r = rng_open(3, 3);
    int wrong = 0, yes = 0, tried = 0;
    for (int round = 0; round < 20000; round++) {
        char said[100] = "";
        uint8_t what[12], room[24];
        int64_t time[12], n = rng_below(&r, 10), clock = 0;
        for (int64_t k = rng_below(&r, 6); k >= 0; k--)
            strcat(said, parts[rng_below(&r, sizeof parts / sizeof *parts)]);
        for (int64_t i = 0; i < n; i++)
            what[i] = (uint8_t)rng_below(&r, 3), time[i] = clock += rng_below(&r, 4) * S;
        pattern p;
        err e = {0};
        if (!pattern_compile(&p, slice_of(said), names, 3, &e)) continue;
        bool wanted = all_choices(&p, 0, -1, what, time, n);
        tried++, yes += wanted;
        bool is = pattern_match(&p, what, time, n, room);
        if (is != wanted && wrong++ == 0) print_error("%s: %d, wanted %d\n", said, is, wanted);
    }
    check(wrong == 0 && tried > 5000 && yes > 1000);
}
