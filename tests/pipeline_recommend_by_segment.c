/* recommend_by_segment: segments as of each cut-off, popularity by segment by hand. */
#include "desk.h"

#include <string.h>

#include "pipeline/prelude.h"
#include "pipeline/recommend_by_segment.h"

enum { CUT = 18100, PEOPLE = 60, ALL = 62, LOYAL_DAYS = 20 };

/* Even customers buy dear articles often, odd ones bought cheap ones twice, long ago. 60 buys
 * nothing before day CUT + 7, 61 first buys on CUT + 1. */
static void open_shop(desk *p, const char *name, int threads) {
    desk_open(p, threads, name, (windows){17800, CUT, CUT + 7, CUT + 14});
    text t = {0};
    text_addf(&t, "CREATE TABLE customers AS SELECT i::INTEGER AS customer FROM range(%d) r(i); "
                  "CREATE TABLE transactions AS SELECT customer, DATE '1970-01-01' + day AS day, "
                  "article, quantity, price::DECIMAL(18,6) AS price, price::DECIMAL(18,6) AS "
                  "revenue FROM (VALUES (61, %d, 0, 1, 100)", ALL, CUT + 1);
    for (int i = 0; i < PEOPLE; i++)
        for (int j = 0; j < (i % 2 ? 2 : LOYAL_DAYS); j++)
            text_addf(&t, ",(%d, %d, %d, 1, %d)", i,
                      i % 2 ? 17850 + i + 9 * j : CUT - 1 - i % 5 - (5 + i % 3) * j, i % 2,
                      i % 2 ? 10 + i % 7 : 100 + i % 9);
    text_addf(&t, ") v(customer, day, article, quantity, price)");
    check_ok(db_run(p->w.d, text_slice(&t), &p->e), &p->e);
    text_free(&t);
}

static recommend_by_segment open_segments(desk *p) {
    recommend_by_segment b;
    recommend_data d = {.customers = ALL};
    recommend_calendar c = {2, {CUT, CUT + 7}};
    check_ok(recommend_by_segment_open(&b, &p->w, &d, &c, &p->s, &p->e), &p->e);
    return b;
}

CHECK(by_segment_knows_the_planted_kinds_and_nothing_of_the_future) {
    desk p;
    open_shop(&p, "by-segment", 2);
    recommend_by_segment b = open_segments(&p);
    bool odd[BY_SEGMENT_K] = {false}, even[BY_SEGMENT_K] = {false};
    check(b.segments >= 2 && b.segments <= BY_SEGMENT_K && b.formed == CUT);
    for (int i = 0; i < PEOPLE; i++) {
        check(b.of[0][i] < b.segments);
        (i % 2 ? odd : even)[b.of[0][i]] = true;
    }
    for (int g = 0; g < BY_SEGMENT_K; g++) check(!(odd[g] && even[g]));
    check(even[0]); /* the richest first */
    check(b.of[0][60] == BY_SEGMENT_K && b.of[0][61] == BY_SEGMENT_K);
    check(b.of[1][60] == BY_SEGMENT_K && b.of[1][61] < BY_SEGMENT_K);
    /* what is bought from the first cut-off on changes the second alone */
    check_ok(db_runf(p.w.d, &p.e,
                     "INSERT INTO transactions SELECT i::INTEGER, DATE '1970-01-01' + %d, 1, 1, "
                     "9999::DECIMAL(18,6), 9999::DECIMAL(18,6) FROM range(1, 61) r(i)", CUT),
             &p.e);
    recommend_by_segment after = open_segments(&p);
    check(memcmp(after.of[0], b.of[0], ALL) == 0);
    check(memcmp(after.of[1], b.of[1], ALL) != 0 && after.of[1][60] < BY_SEGMENT_K);
    desk_close(&p);
}

CHECK(by_segment_is_the_same_on_one_thread_and_two) {
    desk p, q;
    open_shop(&p, "by-segment-1", 1);
    open_shop(&q, "by-segment-2", 2);
    recommend_by_segment one = open_segments(&p), two = open_segments(&q);
    check(one.segments == two.segments);
    for (int i = 0; i < 2; i++) check(memcmp(one.of[i], two.of[i], ALL) == 0);
    for (int g = 0; g < one.segments; g++) check(slice_compare(one.names[g], two.names[g]) == 0);
    desk_close(&p);
    desk_close(&q);
}

CHECK(by_segment_refuses_too_few_customers) {
    desk p;
    open_shop(&p, "by-segment-few", 1);
    recommend_by_segment b;
    recommend_data d = {.customers = ALL};
    recommend_calendar c = {1, {17860}}; /* customers 1, 3, 5, 7 and 9 alone have bought */
    check(!recommend_by_segment_open(&b, &p.w, &d, &c, &p.s, &p.e));
    check(p.e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(p.e.text), "5 customers have bought before 2018-11-25");
    desk_close(&p);
}

/* Without decay: segment 0 buys article 0 three times; segment 1 article 1 twice, 2 once; what is
 * bought on the cut-off is not known. Six purchases of all, spread 3 2 1, are mixed into each:
 * (3 0 0) + (3 2 1) = 6 2 1, (0 2 1) + (3 2 1) = 3 4 2. Customer 3 has an age and no segment. */
CHECK(by_segment_popularity_by_hand) {
    enum { W = RECOMMEND_WIDTH, K = BY_SEGMENT_K };
    static const int32_t customer[] = {0, 0, 1, 2, 2, 2, 2}, article[] = {0, 0, 0, 1, 1, 2, 2};
    static const int32_t day[] = {90, 91, 92, 90, 91, 92, 100};
    static const float weight[] = {1, 1, 1, 1, 1, 1, 1};
    static uint8_t of[] = {0, 0, 1, K};
    int32_t band[] = {-1, 4, -1, 2}, who[] = {1, 2, 3};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    recommend_data d = {.customers = 4, .articles = 3, .n = 7, .customer = customer,
                        .article = article, .day = day, .weight = weight, .band = band};
    recommend_fit m = {.d = &d, .cutoff = 100};
    m.popular_ids = take(&s.keep, int32_t, (RECOMMEND_BANDS + 1) * W);
    m.popular_scores = take(&s.keep, float, (RECOMMEND_BANDS + 1) * W);
    m.popular_ids[2 * W] = 2;
    m.popular_scores[2 * W] = 0.5f;
    recommend_week week = {.units = {.n = 3, .customers = who}};
    recommend_by_segment b = {.trust = 6, .n = 1, .of = {of}, .keep = &s.keep};
    check_ok(recommend_by_segment_visit(&b, &m, &week, s.scratch, &e), &e);
    check(b.done == 1);
    const hybrid_source *got = &b.popular[0];
    check(got->list[0] == 0 && got->list[1] == 1 && got->list[2] == K + 2);
    static const int32_t ids[] = {0, 1, 2, 1, 0, 2};
    static const float scores[] = {6, 2, 1, 4, 3, 2};
    for (int i = 0; i < 6; i++) {
        check(got->ids[i / 3 * W + i % 3] == ids[i]);
        check_near((double)got->scores[i / 3 * W + i % 3], (double)scores[i], 1e-6); /* floats */
    }
    check(got->ids[3] == -1 && got->ids[(K + 2) * W] == 2);
    check_near((double)got->scores[(K + 2) * W], 0.5, 0);
    scope_close(&s);
}
