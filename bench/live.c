/* live: lists made at request time: how long one takes, and what a source more is worth.
 *
 *     live OUT            time of lists of a served run's customers
 *     live OUT LATER      and, of the visits in LATER (a run of the same shop that knows more days)
 *                         after OUT's end: is the last new article of a visit among the 12 first of
 *                         the list made from the articles before it? By the weight
 *                         of visits alike, over that of all other sources together. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "data/db.h"
#include "models/metrics.h"
#include "pipeline/live.h"

enum { K = 12, CALLS = 4000, EVENTS = 200 };

static const live_filter any = {.category = -1, .price_min = NAN, .price_max = NAN};

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Customers spread over all that bought; events are other customers' purchases. */
static void time_lists(const bundle *b, const char *name, bool known, int events, scope *s) {
    const bundle_log *h = &b->recommend.history;
    double *took = take(&s->keep, double, CALLS);
    int64_t pairs = h->at[b->customers];
    live_item *items = take(&s->keep, live_item, 2 * LIVE_WIDTH);
    for (int i = 0; i < CALLS && pairs > 0; i++) {
        int64_t customer = (int64_t)i * b->customers / CALLS;
        double from = now_us();
        live_profile p = {0};
        for (int e = 0; e < events; e++)
            live_add(&p, h->item[((int64_t)i * 7919 + e * 104729) % pairs], 1);
        if (known) live_add_history(b, customer, &p);
        live_rank(b, &p, &any, 2 * LIVE_WIDTH, items, s->scratch);
        took[i] = now_us() - from;
    }
    qsort(took, CALLS, sizeof *took, by_size);
    printf("%-32s p50 %6.0f us  p90 %6.0f  p99 %6.0f  most %6.0f\n", name, took[CALLS / 2],
           took[CALLS * 9 / 10], took[CALLS * 99 / 100], took[CALLS - 1]);
}

/* ---- visits after the end ---- */

typedef struct visits {
    columns c;
    const int64_t *session;
} visits;

static bool read_visits(visits *v, const bundle *b, const char *later, scope *s, err *e) {
    db *d;
    if (!db_open(&d, (db_params){1, 2048, "build/tests-tmp/live-spill"}, e)) return false;
    scope_defer(s, db_close, d);
    bool done = db_query(d, &s->keep, &v->c, e,
                    "SELECT e.session, a.article_id, coalesce(c.customer_id, '') AS customer_id "
                    "FROM read_parquet('%s/03_datasets/f_events.parquet') e "
                    "JOIN read_parquet('%s/02_clean/articles.parquet') a ON a.article = e.article "
                    "LEFT JOIN read_parquet('%s/02_clean/customers.parquet') c "
                    "ON c.customer = e.customer WHERE e.time >= DATE '%s' ORDER BY session, seq",
                    later, later, later, day_text(&s->keep, b->end[0]));
    if (done) v->session = columns_i64(&v->c, "session");
    return done;
}

/* The distinct articles of one visit, in the order of their first view; -1 = unknown. */
static int articles_of(const visits *v, const bundle *b, int64_t from, int64_t to, int32_t *of) {
    const slice *id = columns_text(&v->c, "article_id");
    int n = 0;
    for (int64_t i = from; i < to && n < EVENTS; i++) {
        int32_t article = (int32_t)bundle_article(b, id[i]);
        bool there = article < 0;
        for (int j = 0; j < n && !there; j++) there = of[j] == article;
        if (!there) of[n++] = article;
    }
    return n;
}

/* The stored list on a scale of 0..1, `mix` times the best score, as an answer to a session adds
 * it. Returns how many there are then; in the order of their scores. */
static int mix_stored(const bundle *b, int64_t customer, double mix, live_item *items, int n) {
    const bundle_recommend *r = &b->recommend;
    const int32_t *list = r->items + customer * r->k;
    const float *score = r->scores + customer * r->k;
    int64_t k = 0;
    float top = n > 0 ? items[0].score : 1;
    while (k < r->k && list[k] >= 0) k++;
    for (int64_t i = 0; i < k && n < 3 * LIVE_WIDTH; i++) {
        float range = score[0] - score[k - 1];
        int at = 0;
        while (at < n && items[at].article != list[i]) at++;
        if (at == n) items[n++] = (live_item){.article = list[i]};
        items[at].score += (float)mix * top * (range > 0 ? (score[i] - score[k - 1]) / range : 1);
    }
    for (int i = 1; i < n; i++) {
        live_item one = items[i];
        int j = i;
        for (; j > 0 && items[j - 1].score < one.score; j--) items[j] = items[j - 1];
        items[j] = one;
    }
    return n;
}

/* 1 / place of the visit's last new article; 0 beyond K; -1: nothing to find. mix below 0: the
 * customer is a stranger. */
static double find_last(const bundle *b, const visits *v, int64_t from, int64_t to, double mix,
                        scope *s) {
    int32_t of[EVENTS];
    int n = articles_of(v, b, from, to, of), place = 0;
    if (n < 2 || !(b->recommend.trend[of[n - 1]] > 0)) return -1;
    live_profile p = {0};
    live_item items[3 * LIVE_WIDTH];
    int64_t customer = bundle_customer(b, columns_text(&v->c, "customer_id")[from]);
    for (int i = n - 2; i >= 0; i--) live_add(&p, of[i], 1);
    if (mix >= 0 && customer >= 0) live_add_history(b, customer, &p);
    int found = live_rank(b, &p, &any, 2 * LIVE_WIDTH, items, s->scratch);
    if (mix > 0 && customer >= 0) found = mix_stored(b, customer, mix, items, found);
    for (int i = 0; i < found && place < K; i++) {
        bool seen = false;
        for (int j = 0; j < n - 1; j++) seen = seen || of[j] == items[i].article;
        if (seen) continue;
        place++;
        if (items[i].article == of[n - 1]) return 1.0 / place;
    }
    return 0;
}

static void try_weights(const bundle *b, const visits *v, const char *name, const float *weight,
                        double mix, scope *s) {
    bundle with = *b;
    with.recommend.weight = weight;
    double hits = 0, rank = 0, asked = 0;
    for (int64_t from = 0, to; from < v->c.rows; from = to) {
        for (to = from + 1; to < v->c.rows && v->session[to] == v->session[from];) to++;
        double is = find_last(&with, v, from, to, mix, s);
        if (is < 0) continue;
        asked++;
        hits += is > 0;
        rank += is;
    }
    printf("%-32s HR@12 %.4f  MRR@12 %.4f  (%.0f visits)\n", name, hits / asked, rank / asked,
           asked);
}

static bool run(const char *out, const char *later, scope *s, err *e) {
    bundle *b;
    visits v;
    static const float tried[] = {0, 0.25f, 0.5f, 1, 2, 4};
    if (!bundle_open(&b, out, e)) return false;
    scope_defer(s, bundle_close, b);
    printf("%lld customers, %lld articles, %lld visits to compare with\n",
           (long long)b->customers, (long long)b->articles,
           (long long)b->recommend.sessions.sessions);
    time_lists(b, "unknown, nothing done", false, 0, s);
    time_lists(b, "unknown, 5 events", false, 5, s);
    time_lists(b, "customer", true, 0, s);
    time_lists(b, "customer, 5 events", true, 5, s);
    float sum = 0;
    for (int i = 0; i < RECOMMEND_SOURCES; i++) sum += b->recommend.weight[i];
    printf("visits alike count %.2f times all others\n",
           (double)(b->recommend.weight[BUNDLE_SESSION] / sum));
    if (!later) return true;
    if (!read_visits(&v, b, later, s, e)) return false;
    static const double mixed[] = {-1, 0, 0.1, 0.25, 0.5};
    for (size_t m = 0; m < sizeof mixed / sizeof mixed[0]; m++) {
        double known = mixed[m];
        if (known < 0) printf("strangers\n");
        else printf("customers, their stored list mixed in at %.2f\n", known);
        for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
            float weight[BUNDLE_LIVE];
            for (int j = 0; j < BUNDLE_LIVE; j++) weight[j] = b->recommend.weight[j];
            weight[BUNDLE_SESSION] = tried[i] * sum;
            try_weights(b, &v, arena_text(&s->keep, "visits alike %.2f", (double)tried[i]), weight,
                        known, s);
        }
        float alone[BUNDLE_LIVE] = {[BUNDLE_SESSION] = 1};
        try_weights(b, &v, "visits alike alone", alone, known, s);
        float popular[BUNDLE_LIVE] = {[RECOMMEND_POPULAR] = 1};
        try_weights(b, &v, "popularity alone", popular, known, s);
    }
    return true;
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    if (argc < 2 || argc > 3) return fprintf(stderr, "live OUT [LATER]\n"), 2;
    if (!scope_open(&s, (size_t)4 << 30, (size_t)2 << 20, &e) ||
        !run(argv[1], argc == 3 ? argv[2] : NULL, &s, &e))
        return fprintf(stderr, "%s\n", e.text), 1;
    scope_close(&s);
    return 0;
}
