/* funnel quick: the short ways of funnels give the levels and chains of the plain passes. */
#include "lab.h"

#include <string.h>

#include "base/random.h"
#include "models/behaviour/funnel.h"

enum { UNITS = 3000, NAMES = 7, MOST = 45000 };

/* Units of a few to 90 events of seven names, one of 5,000 and one of 34,000; in every third unit
 * some of equal time, a few units so far away that sums of times do not fit. */
typedef struct made {
    funnel_events v;
    bitmap tied;
    uint32_t by_code[256];
} made;

static void make(made *m, uint64_t seed, arena *keep) {
    rng r = rng_open(seed, 1);
    int64_t *first = take(keep, int64_t, UNITS + 1), n = 0;
    int64_t *time = take(keep, int64_t, UNITS * 90 + MOST);
    uint8_t *code = take(keep, uint8_t, UNITS * 90 + MOST);
    m->tied = bitmap_open(UNITS, keep);
    for (int64_t u = 0; u < UNITS; u++) {
        int64_t t = u % 500 == 7 ? -(INT64_C(1) << 62) : 0;
        int64_t events = u == 40 ? 5000 : u == 42 ? 34000 : rng_below(&r, u % 3 ? 12 : 90);
        bool ties = u % 3 == 1;
        for (first[u] = n; events > 0; events--, n++) {
            t += ties ? rng_below(&r, 3) : 1 + rng_below(&r, 9);
            time[n] = t, code[n] = (uint8_t)rng_below(&r, NAMES);
            if (n > first[u] && time[n] == time[n - 1]) bitmap_set(&m->tied, u);
        }
    }
    first[UNITS] = n;
    m->v = (funnel_events){.units = UNITS, .n = n, .first = first, .time = time, .code = code,
                           .by_code = m->by_code, .tied = &m->tied};
}

/* Names to steps, each step one name or two; now and then a name that serves two steps. */
static funnel_params random_params(made *m, rng *r, int order) {
    funnel_params p = {.steps = 1 + (int)rng_below(r, 5), .order = (funnel_order)order,
                       .window = rng_below(r, 4) ? 1 + rng_below(r, 60) : 0};
    bool loose = order == FUNNEL_LOOSE;
    memset(m->by_code, 0, sizeof m->by_code);
    for (int k = 0; k < p.steps; k++) m->by_code[k] = 1u << k;
    if (rng_below(r, 2)) m->by_code[5] = 1u << rng_below(r, p.steps);
    if (rng_below(r, 8) == 0) m->by_code[0] |= 1u << (p.steps - 1);
    if (p.steps == 2 && rng_below(r, 3) == 0) /* all that serves serves both */
        m->by_code[0] = 3, m->by_code[1] = m->by_code[5] = 0;
    for (int k = 1; k < p.steps && order != FUNNEL_ANY && rng_below(r, 2); k++)
        p.gap[k] = rng_below(r, 2) ? 0 : rng_below(r, 20);
    p.strictly_after = loose && rng_below(r, 3) == 0;
    if (loose && rng_below(r, 3) == 0) { /* gaps that often fail, and nothing else */
        for (int k = 1; k < p.steps; k++) p.gap[k] = 2 + rng_below(r, 12);
        return p;
    }
    if (loose && rng_below(r, 2)) p.optional = (uint32_t)rng_below(r, 1 << p.steps) & ~1u;
    if (m->by_code[0] & (m->by_code[0] - 1)) p.optional = 0;
    for (int from = 1; loose && from < p.steps && rng_below(r, 2); from++)
        if (!((p.optional >> (from - 1) | p.optional >> from) & 1)) {
            p.exclude[p.excludes].from = from, p.exclude[p.excludes].to = from + 1;
            m->by_code[6] = 1u << (FUNNEL_STEPS + p.excludes++);
            if (!p.optional && rng_below(r, 8) == 0) m->by_code[p.steps - 1] |= m->by_code[6];
        }
    return p;
}

static void check_twins(const made *m, const funnel_params *p, pool *threads, scope *s) {
    arena keep = s->keep;
    funnel_outcome plain, quick;
    funnel_events v = m->v;
    uint32_t *serves = take(&keep, uint32_t, v.n);
    for (int64_t i = 0; i < v.n; i++) serves[i] = m->by_code[v.code[i]];
    funnel_run_plain(&plain, &v, p, threads, &keep);
    for (int way = 0; way < 3; way++) { /* with and without what is known of ties, and bits */
        v = m->v;
        if (way == 1) v.tied = NULL;
        if (way == 2) v.serves = serves;
        funnel_run(&quick, &v, p, threads, &keep);
        for (int64_t u = 0; u < v.units; u++)
            if (plain.level[u] != quick.level[u] ||
                memcmp(plain.chain + u * p->steps, quick.chain + u * p->steps,
                       (size_t)p->steps * sizeof *plain.chain) != 0) {
                print_error("order %d, way %d, unit %d: level %d, quick %d\n", (int)p->order, way,
                            (int)u, plain.level[u], quick.level[u]);
                check(false);
            }
    }
}

CHECK(funnel_quick_gives_what_the_plain_passes_give) {
    lab l;
    lab_open(&l, 2);
    made *m = take(&l.s.keep, made, 1);
    make(m, 8, &l.s.keep);
    rng r = rng_open(9, 4);
    for (int order = FUNNEL_LOOSE; order <= FUNNEL_ANY; order++)
        for (int round = 0; round < (order == FUNNEL_LOOSE ? 30 : 10); round++) {
            funnel_params p = random_params(m, &r, order);
            check(funnel_check(&p) == NULL);
            check_twins(m, &p, l.threads, &l.s);
        }
    lab_close(&l);
}

/* On one, two and eight threads the same chains, attempts and counts, byte for byte. */
CHECK(funnel_quick_on_any_threads) {
    enum { WAYS = 3 };
    static const int threads[WAYS] = {1, 2, 8};
    lab l[WAYS];
    made *m = NULL;
    funnel_outcome run[WAYS], attempts[WAYS];
    funnel_table t[WAYS];
    funnel_params p = {.steps = 3, .window = 40};
    for (int i = 0; i < WAYS; i++) {
        lab_open(&l[i], threads[i]);
        scope *s = &l[i].s;
        if (!m) {
            m = take(&s->keep, made, 1);
            make(m, 12, &s->keep);
            for (int k = 0; k < 3; k++) m->by_code[k] = 1u << k;
        }
        int32_t *of = take(&s->keep, int32_t, m->v.n);
        for (int64_t e = 0; e < m->v.n; e++) of[e] = (int32_t)(e % 5) - 1;
        funnel_run(&run[i], &m->v, &p, l[i].threads, &s->keep);
        funnel_attempts(&attempts[i], &m->v, &p, l[i].threads, &s->keep);
        funnel_count(&t[i], &run[i], &m->v, funnel_group(&run[i], of, &s->keep), 4, l[i].threads,
                     &s->keep, s->scratch);
        check(memcmp(run[i].level, run[0].level, UNITS) == 0);
        check(memcmp(run[i].chain, run[0].chain, UNITS * 3 * sizeof *run->chain) == 0);
        check(attempts[i].units == attempts[0].units && attempts[0].units > UNITS);
        check(memcmp(attempts[i].level, attempts[0].level, (size_t)attempts[0].units) == 0);
        check(memcmp(attempts[i].chain, attempts[0].chain,
                     (size_t)attempts[0].units * 3 * sizeof *run->chain) == 0);
        check(memcmp(t[i].counts, t[0].counts, 12 * sizeof *t->counts) == 0);
        check(memcmp(t[i].times, t[0].times, 12 * FUNNEL_BUCKETS * sizeof *t->times) == 0);
        check(t[i].counts[0] > 0 && t[i].counts[11] > 0);
    }
    for (int i = 0; i < WAYS; i++) lab_close(&l[i]);
}
