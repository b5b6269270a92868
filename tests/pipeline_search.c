/* search: exact against scoring everything, filters and variants, and through the bundle's file. */
#include "desk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/store.h"
#include "pipeline/encoder_file.h"
#include "pipeline/search.h"

enum { ARTICLES = 700, WIDE = 48, WITH = 600, KINDS = 5 };

typedef struct planted {
    search_index x;
    slice *texts;
    float *v; /* [WITH, WIDE] centred, of length 1; of articles 0, 1, …, WITH - 1 */
    float mean[WIDE];
    int32_t category[ARTICLES], product[ARTICLES], article[WITH];
} planted;

static void unit(float *v) {
    double length = 0;
    for (int i = 0; i < WIDE; i++) length += (double)v[i] * (double)v[i];
    for (int i = 0; i < WIDE; i++) v[i] /= (float)sqrt(length);
}

/* Texts of three words out of 40, one of them rare; random vectors; products of four articles. */
static planted *plant(desk *d) {
    planted *p = take(&d->s.keep, planted, 1);
    p->texts = take(&d->s.keep, slice, ARTICLES);
    p->v = take(&d->s.keep, float, WITH * WIDE);
    p->x = (search_index){.has = true, .articles = ARTICLES, .wide = WIDE, .mean = p->mean,
                          .article = p->article, .row = take(&d->s.keep, int32_t, ARTICLES)};
    for (int a = 0; a < ARTICLES; a++) {
        rng r = rng_open(9, (uint64_t)a);
        int one = (int)rng_below(&r, 40), two = (int)rng_below(&r, 40);
        p->texts[a] = slice_of(arena_text(&d->s.keep, "word%d word%d rare%d", one, two, a / 3));
        p->category[a] = a % KINDS;
        p->product[a] = a / 4;
        p->x.row[a] = a < WITH ? a : -1;
        if (a >= WITH) continue;
        p->article[a] = a;
        for (int i = 0; i < WIDE; i++) p->v[a * WIDE + i] = (float)rng_normal(&r);
        unit(p->v + a * WIDE);
    }
    for (int i = 0; i < WIDE; i++) p->mean[i] = 0.01f * (float)i;
    tfidf_params words = TFIDF_DEFAULTS;
    words.min_df = 1;
    check_ok(tfidf_fit(&p->x.words, p->texts, ARTICLES, words, &d->s.keep, d->s.scratch, &d->e),
             &d->e);
    sparse rows = tfidf_rows(&p->x.words, p->texts, ARTICLES, d->w.threads, &d->s.keep);
    p->x.by_term = sparse_transpose(&rows, &d->s.keep);
    p->x.near = topk_open(p->v, WITH, WIDE, NULL, &d->s.keep, d->s.scratch);
    return p;
}

/* The score of one article from its text and vector alone. */
static double score_of(desk *d, const planted *p, slice query, const float *vector, int a) {
    slice two[2] = {query, p->texts[a]};
    sparse x = tfidf_rows(&p->x.words, two, 2, d->w.threads, &d->s.keep);
    double words = 0, meaning = 0;
    for (int64_t i = x.at[0]; i < x.at[1]; i++)
        words += (double)x.value[i] * (double)sparse_get(&x, 1, x.col[i]);
    if (vector && a < WITH) {
        float q[WIDE];
        for (int i = 0; i < WIDE; i++) q[i] = vector[i] - p->mean[i];
        unit(q);
        for (int i = 0; i < WIDE; i++) meaning += (double)q[i] * (double)p->v[a * WIDE + i];
    }
    return words > 0 ? words + meaning : meaning > (double)SEARCH_NEAR ? meaning : -9;
}

static void agrees(desk *d, const planted *p, slice query, const float *vector, int32_t wanted,
                   int max_variants) {
    enum { K = 20 };
    search_found found[K];
    search_rule rule = {K, p->category, wanted, p->product, max_variants};
    int64_t n = search_ask(&p->x, query, vector, &rule, found, d->s.scratch);
    double score[ARTICLES];
    for (int a = 0; a < ARTICLES; a++)
        score[a] = wanted >= 0 && p->category[a] != wanted ? -9 : score_of(d, p, query, vector, a);
    for (int64_t i = 0; i < n; i++) { /* the best that is left each time, as long as variants may */
        int best = -1;
        for (int a = 0; a < ARTICLES; a++) {
            int same = 0;
            for (int64_t j = 0; j < i; j++) same += p->product[found[j].article] == p->product[a];
            if (score[a] > -9 && same < max_variants && (best < 0 || score[a] > score[best]))
                best = a;
        }
        check(best >= 0);
        /* float sums of 48 products and of a few words; ties within that may swap */
        check_near((double)found[i].score, score[best], 1e-5);
        check_near(score[found[i].article], score[best], 1e-5);
        score[found[i].article] = -9;
    }
    if (n == K) return;
    for (int a = 0; a < ARTICLES; a++) { /* nothing was left out but variants */
        int same = 0;
        for (int64_t j = 0; j < n; j++) same += p->product[found[j].article] == p->product[a];
        check(score[a] <= -9 || same >= max_variants);
    }
}

CHECK(search_lists_what_scoring_all_articles_lists) {
    desk d;
    desk_open(&d, 2, "search-exact", (windows){0});
    planted *p = plant(&d);
    for (int trial = 0; trial < 12; trial++) {
        rng r = rng_open(4, (uint64_t)trial);
        float vector[WIDE];
        for (int i = 0; i < WIDE; i++) vector[i] = (float)rng_normal(&r);
        unit(vector);
        slice query = slice_of(arena_text(&d.s.keep, "a Word%d and rare%d word%d", trial,
                                          11 * trial, trial + 20));
        agrees(&d, p, query, trial % 3 == 2 ? NULL : vector, trial % 4 == 3 ? trial % KINDS : -1,
               1 + trial % 2 * 3);
    }
    agrees(&d, p, SLICE(""), NULL, -1, 1);
    agrees(&d, p, SLICE("nothing that is known"), NULL, -1, 1);
    desk_close(&d);
}

CHECK(search_names_the_words_and_keeps_to_one_variant) {
    desk d;
    desk_open(&d, 1, "search-words", (windows){0});
    planted *p = plant(&d);
    search_found found[10];
    search_rule rule = {10, p->category, -1, p->product, 1};
    int64_t n = search_ask(&p->x, SLICE("RARE5 thing"), NULL, &rule, found, d.s.scratch);
    /* rare5 is in 15, 16 and 17: products 3, 4 and 4 */
    check(n == 2 && p->product[found[0].article] != p->product[found[1].article]);
    check(found[0].n_words == 1 && slice_is(found[0].word[0], "rare5"));
    rule.max_variants = 5;
    check(search_ask(&p->x, SLICE("rare5"), NULL, &rule, found, d.s.scratch) == 3);
    rule.wanted = 16 % KINDS;
    check(search_ask(&p->x, SLICE("rare5"), NULL, &rule, found, d.s.scratch) == 1);
    check(found[0].article == 16);
    desk_close(&d);
}

static void publish(desk *d) {
    js *report = take(&d->s.keep, js, 1);
    js_open(report, &d->s);
    js_object(report, NULL);
    desk_sql(d, "CREATE TABLE articles AS SELECT * FROM (VALUES "
                "(0, 'Ada dress', 'Dress', 'A light frock for hot summer days.'), "
                "(1, 'Bo jumper', 'Sweater', 'A thick woollen pullover for cold weather.'), "
                "(2, 'Cy trunks', 'Swimwear', 'Quick-drying shorts with a mesh lining.')) "
                "AS t(article, name, type, description);\n"
                "CREATE TABLE b_articles AS SELECT article, lower(name || ' ' || type || ' ' || "
                "description) AS text, 10 - article AS units FROM articles");
    check_ok(search_publish(&d->w, d->f, &d->s, report, &d->e), &d->e);
}

CHECK(search_is_published_by_words_alone_without_an_encoder) {
    desk d;
    desk_open(&d, 2, "search-published", (windows){0});
    d.w.encoder = "none";
    publish(&d);
    const store *m = store_open(&d.s, folder_path(d.f, "search.atm"), "search", &d.e);
    check_ok(m != NULL, &d.e);
    check(store_texts(m, "encoder") == 0 && store_texts(m, "term") > 10);
    check(store_get(m, "vectors", STORE_F32, NULL, NULL) == NULL);
    desk_close(&d);
}

CHECK(search_vectors_are_centred_and_of_length_one) {
    desk d;
    desk_open(&d, 2, "search-vectors", (windows){0});
    if (!check_weights("gte-small")) {
        desk_close(&d);
        skip("no encoder's weights here (tools/setup.sh --weights)");
    }
    publish(&d);
    int64_t rows = 0, wide = 0;
    const store *m = store_open(&d.s, folder_path(d.f, "search.atm"), "search", &d.e);
    check_ok(m != NULL, &d.e);
    const float *v = store_get(m, "vectors", STORE_F32, &rows, &wide);
    check(v != NULL && rows == 3 && wide == 384);
    check_text(store_text(m, "encoder", 0), "gte-small");
    for (int64_t i = 0; i < rows; i++) {
        double length = 0;
        for (const float *x = v + i * wide; x < v + (i + 1) * wide; x++)
            length += (double)*x * (double)*x;
        check_near(length, 1, 1e-5); /* floats of a sum of 384 squares */
    }
    desk_close(&d);
}
