/* affinity: time of the best 20 partners of each article, beside DuckDB's count of the pairs alone.
 *
 *     make build/release/bench/affinity && build/release/bench/affinity MILLIONS
 *
 * Baskets of 1 to 6 of 100,000 articles, popular ones by a power law. The engine counts a tenth. */
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "data/db.h"
#include "models/insight/affinity.h"

#include "lib/clock.h"

enum { ITEMS = 100000 };

static void make(affinity_data *d, int64_t lines, arena *keep) {
    int64_t baskets = 0, n = 0, *first = take(keep, int64_t, lines + 1);
    int32_t *item = take(keep, int32_t, lines + 8);
    rng r = rng_open(3, 1);
    while (n < lines) {
        int size = 1 + (int)rng_below(&r, 6);
        int64_t begin = n;
        for (int i = 0; i < size; i++) {
            double u = rng_uniform(&r);
            int32_t x = (int32_t)(ITEMS * u * u * u);
            bool seen = false;
            for (int64_t k = begin; k < n; k++) seen |= item[k] == x;
            if (!seen) item[n++] = x;
        }
        first[++baskets] = n;
    }
    *d = (affinity_data){.items = ITEMS, .baskets = baskets, .first = first, .item = item};
}

static bool put(db *d, const affinity_data *a, int64_t baskets, scope *s, err *e) {
    static const char *const names[] = {"basket", "item"};
    static const column_type types[] = {COLUMN_I64, COLUMN_I32};
    arena keep = s->keep;
    columns c = columns_new(&keep, 2, names, types, a->first[baskets]);
    for (int64_t b = 0; b < baskets; b++)
        for (int64_t i = a->first[b]; i < a->first[b + 1]; i++)
            c.at[0].i64[i] = b, c.at[1].i32[i] = a->item[i];
    return db_put(d, "lines", &c, e);
}

static double by_us(const affinity_data *a, int threads, int64_t *rules, scope *s, err *e) {
    arena keep = s->keep;
    affinity_list l;
    pool *p = pool_open(threads, 64 << 20, e);
    double start = clock_wall();
    affinity_together(&l, a, AFFINITY_DEFAULTS, p, &keep, s->scratch);
    double took = clock_wall() - start;
    *rules = l.first[a->items];
    pool_close(p);
    return took;
}

int main(int argc, char **argv) {
    int64_t lines = (argc > 1 ? atoll(argv[1]) : 30) * 1000000, rules;
    scope s;
    err e = {0};
    db *d;
    columns c;
    affinity_data a, tenth;
    if (!scope_open(&s, (size_t)4 << 30, (size_t)4 << 30, &e)) return 1;
    make(&a, lines, &s.keep);
    for (int threads = 1; threads <= 2; threads++) {
        double took = by_us(&a, threads, &rules, &s, &e);
        printf("%lld million lines, %d articles, %d threads: %.2f s, %lld pairs kept\n",
               (long long)(lines / 1000000), ITEMS, threads, took, (long long)rules);
    }
    tenth = a, tenth.baskets = a.baskets / 10;
    double ours = by_us(&tenth, 2, &rules, &s, &e);
    if (!db_open(&d, (db_params){2, 6144, "build/bench-spill"}, &e) ||
        !put(d, &a, tenth.baskets, &s, &e))
        return 1;
    double start = clock_wall();
    if (!db_query(d, &s.keep, &c, &e,
                  "SELECT count(*) AS n FROM (SELECT a.item, b.item, count(*) AS n FROM lines a "
                  "JOIN lines b USING (basket) WHERE a.item <> b.item GROUP BY ALL)"))
        return 1;
    double theirs = clock_wall() - start;
    printf("a tenth, 2 threads: %.2f s with ranking, DuckDB's pair counts %.2f s: %.1f times as "
           "fast\n", ours, theirs, theirs / ours);
    db_close(d);
    scope_close(&s);
    return 0;
}
