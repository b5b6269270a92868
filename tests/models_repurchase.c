/* models_repurchase: buying again by hand, look by look and planted; trends and small groups. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/recommend/popular.h"
#include "models/recommend/repurchase.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 64 << 20, &e), &e);
}

static repurchase_model fit(repurchase_events ev, repurchase_params p, scope *s) {
    err e = {0};
    repurchase_model m;
    check_ok(repurchase_fit(&m, ev, p, &s->keep, s->scratch, &e), &e);
    return m;
}

/* Looks at days 93, 86, 79, … (as_of 100, H 7). */
CHECK(repurchase_by_hand) {
    scope s;
    open_scope(&s);
    /* customer 0 bought item 5 on days 80 (twice), 90 and 100 (not known); customer 1 on day 95 */
    int32_t customer[] = {0, 0, 1, 0, 0}, item[] = {5, 5, 5, 5, 5}, day[] = {90, 80, 95, 80, 100};
    int32_t category[] = {0, 0, 0, 0, 0};
    repurchase_params p = {.days = 7, .prior = 2, .as_of = 100, .categories = 2};
    repurchase_model m = fit((repurchase_events){5, customer, item, day, category}, p, &s);
    /* from 86: gap 6, one day of purchase, bought again on 90; from 93: gap 3, two, not again.
     * From 79 nothing was known; day 95 is after the last look. */
    int first = repurchase_cell(6, 1), second = repurchase_cell(3, 2);
    check(first == 2 * 5 && second == 1 * 5 + 1);
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < REPURCHASE_CELLS; i++) {
            int64_t at = row * REPURCHASE_CELLS + i;
            check(m.seen[at] == (row != 1 && (i == first || i == second)));
            check(m.again[at] == (row != 1 && i == first));
        }
    check_near(m.overall, 0.5, 1e-15);
    check_near(repurchase_score(&m, -1, 6, 1), (1 + 2 * 0.5) / 3, 1e-15);
    check_near(repurchase_score(&m, 0, 6, 1), (1 + 2 * (2.0 / 3)) / 3, 1e-15);
    check_near(repurchase_score(&m, 1, 6, 1), 2.0 / 3, 1e-15); /* knows nothing: as all */
    check_near(repurchase_score(&m, 0, 3, 2), (0 + 2 * (1.0 / 3)) / 3, 1e-15);
    check_near(repurchase_score(&m, 7, 100, 9), 0.5, 1e-15); /* never seen: overall */
    /* one purchase long ago: 700 looks, those of 2,048 days and more in the last cell */
    day[0] = 100 - 4900 - 1;
    m = fit((repurchase_events){1, customer, item, day, NULL}, p, &s);
    int64_t looks = 0, last = 2 * REPURCHASE_CELLS + repurchase_cell(2048, 1);
    for (int i = 0; i < REPURCHASE_CELLS; i++) looks += m.seen[2 * REPURCHASE_CELLS + i];
    check(looks == 700 && m.seen[last] == 407); /* gaps 1, 8, …; 2,052 = 1 + 7 * 293 is the first */
    check(repurchase_cell(0, 0) == 0 && repurchase_cell(1 << 30, 99) == REPURCHASE_CELLS - 1);
    scope_close(&s);
}

/* The definition, day by day. */
static void look_by_look(repurchase_events ev, repurchase_params p, int customers, int items,
                         int64_t *seen, int64_t *again) {
    for (int32_t t = p.as_of - p.days; t > p.as_of - 2000; t -= p.days)
        for (int c = 0; c < customers; c++)
            for (int i = 0; i < items; i++) {
                int32_t last = INT32_MIN, count = 0;
                bool bought = false;
                for (int64_t at = 0; at < ev.n; at++) {
                    if (ev.customer[at] != c || ev.item[at] != i) continue;
                    bool repeated = false; /* an earlier line of the same day */
                    for (int64_t b = 0; b < at; b++)
                        repeated = repeated || (ev.customer[b] == c && ev.item[b] == i &&
                                                ev.day[b] == ev.day[at]);
                    if (ev.day[at] < t && !repeated) count++;
                    if (ev.day[at] < t && ev.day[at] > last) last = ev.day[at];
                    bought = bought || (ev.day[at] >= t && ev.day[at] < t + p.days);
                }
                if (count == 0) continue;
                seen[repurchase_cell(t - last, count)]++;
                again[repurchase_cell(t - last, count)] += bought;
            }
}

CHECK(repurchase_counts_equal_the_definition) {
    enum { N = 260, CUSTOMERS = 6, ITEMS = 3 };
    scope s;
    open_scope(&s);
    rng r = rng_open(21, 0);
    int32_t customer[N], item[N], day[N];
    for (int i = 0; i < N; i++) {
        customer[i] = (int32_t)rng_below(&r, CUSTOMERS);
        item[i] = (int32_t)rng_below(&r, ITEMS);
        day[i] = (int32_t)rng_below(&r, 900) - 200; /* days before 1970 count as others */
    }
    repurchase_events ev = {N, customer, item, day, NULL};
    for (int days = 1; days <= 30; days += 7) {
        repurchase_params p = {.days = days, .prior = 1, .as_of = 650};
        repurchase_model m = fit(ev, p, &s);
        int64_t seen[REPURCHASE_CELLS] = {0}, again[REPURCHASE_CELLS] = {0};
        look_by_look(ev, p, CUSTOMERS, ITEMS, seen, again);
        check(memcmp(seen, m.seen, sizeof seen) == 0);
        check(memcmp(again, m.again, sizeof again) == 0);
        check(seen[repurchase_cell(8, 5)] > 0 && again[repurchase_cell(8, 5)] > 0);
    }
    scope_close(&s);
}

/* Tights are bought again every day with 1 in 25, coats never: the rates say so, the future and the
 * order of the lines change nothing. */
CHECK(repurchase_finds_planted_rates_and_reads_no_future) {
    enum { CUSTOMERS = 400, DAYS = 400 };
    scope s;
    open_scope(&s);
    rng r = rng_open(22, 0);
    int64_t n = 0, most = CUSTOMERS * 60;
    int32_t *v[4];
    for (int i = 0; i < 4; i++) v[i] = take(&s.keep, int32_t, most);
    for (int32_t c = 0; c < CUSTOMERS; c++)
        for (int32_t d = 0; d < DAYS; d++)
            for (int32_t kind = 0; kind < 2; kind++) {
                if (d > 0 && (kind == 1 || rng_below(&r, 25) > 0)) continue;
                check(n < most);
                v[0][n] = c, v[1][n] = kind, v[2][n] = d, v[3][n++] = 1 - kind;
            }
    repurchase_events ev = {n, v[0], v[1], v[2], v[3]};
    repurchase_params p = {.days = 7, .prior = 50, .as_of = 350, .categories = 2};
    repurchase_model m = fit(ev, p, &s);
    /* 1 - (24/25)^7 = .249; some 3,000 looks a cell: four standard errors are .03 */
    double wanted = 1 - pow(24.0 / 25, 7);
    check_near(repurchase_score(&m, 1, 5, 5), wanted, 0.03);
    check_near(repurchase_score(&m, 1, 20, 5), wanted, 0.03);
    check(repurchase_score(&m, 0, 20, 1) < 0.02 && repurchase_score(&m, 0, 200, 1) < 0.01);
    double *rates = take_copy(&s.keep, double, m.rate, 3 * REPURCHASE_CELLS);
    int64_t known = 0;
    for (int64_t i = n - 1; i >= 0; i--) { /* backwards, without the future */
        if (v[2][i] >= p.as_of) continue;
        for (int f = 0; f < 4; f++) v[f][most - 1 - known] = v[f][i];
        known++;
    }
    int64_t at = most - known;
    check(known < n);
    m = fit((repurchase_events){known, v[0] + at, v[1] + at, v[2] + at, v[3] + at}, p, &s);
    check(memcmp(rates, m.rate, sizeof *rates * 3 * REPURCHASE_CELLS) == 0);
    scope_close(&s);
}

CHECK(repurchase_of_nothing_is_zero_and_nonsense_is_refused) {
    scope s;
    open_scope(&s);
    err e = {0};
    repurchase_model m = fit((repurchase_events){0}, REPURCHASE_DEFAULTS, &s);
    check(m.overall == 0 && repurchase_score(&m, 3, 10, 1) == 0);
    check(!repurchase_fit(&m, (repurchase_events){0}, (repurchase_params){.days = 0, .prior = 1},
                          &s.keep, s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "1..365");
    check(strstr(repurchase_check((repurchase_params){.days = 7}), "prior"));
    scope_close(&s);
}

CHECK(popularity_trend_compares_two_weeks) {
    scope s;
    open_scope(&s);
    /* as_of 100: last week 93…99, before 86…92; day 85 and day 100 are in neither */
    int32_t item[] = {0, 0, 0, 1, 1, 2, 2, 0}, day[] = {93, 99, 92, 86, 92, 85, 100, 85};
    float weight[] = {1, 4, 1, 1, 1, 9, 9, 9};
    popular_trend_params p = POPULAR_TREND_DEFAULTS;
    p.as_of = 100;
    double *t = popular_trend((popular_events){8, item, day, weight, NULL}, 4, p, &s.keep,
                              s.scratch);
    check_near(t[0], (5 + 10.0) / (1 + 10.0), 1e-15);
    check_near(t[1], 10.0 / 12, 1e-15);
    check(t[2] == 1 && t[3] == 1);
    scope_close(&s);
}

CHECK(popularity_of_a_small_group_leans_on_all) {
    scope s;
    open_scope(&s);
    /* by channel: 0 sold item 0 once, 1 sold item 1 three times */
    int32_t item[] = {0, 1, 1, 1}, group[] = {0, 1, 1, 1};
    double *g = popular_fit((popular_events){4, item, NULL, NULL, group}, 2,
                            (popular_params){.groups = 2}, &s.keep);
    popular_mix(g, 2, 2, 8);
    check_near(g[0], 1 + 8 * 0.25, 1e-15); /* 8 purchases, a quarter of which are of item 0 */
    check_near(g[1], 8 * 0.75, 1e-15);
    check_near(g[3], 3 + 8 * 0.75, 1e-15);
    check(g[4] == 1 && g[5] == 3);
    scope_close(&s);
}
