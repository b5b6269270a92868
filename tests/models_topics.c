/* topics: latent vectors, words, coherence and clusters of texts against planted truths and an
 * independent implementation (tests/oracles/topics.py). */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/language/lsa.h"
#include "models/language/sentences.h"
#include "models/language/topic_study.h"

typedef struct fixture {
    scope s;
    pool *threads;
    err e;
} fixture;

static void open_fixture(fixture *f, int threads) {
    memset(f, 0, sizeof *f);
    check_ok(scope_open(&f->s, 256 << 20, 256 << 20, &f->e), &f->e);
    f->threads = pool_open(threads, 16 << 20, &f->e);
    check(f->threads != NULL);
}

static void close_fixture(fixture *f) {
    pool_close(f->threads);
    scope_close(&f->s);
}

/* ---- lsa ---- */

enum { ROWS = 240, COLS = 90 };

/* The rule of the oracle. */
static sparse ruled(int64_t rows, arena *keep) {
    sparse x = {.rows = rows, .cols = COLS};
    x.at = take(keep, int64_t, rows + 1);
    x.col = take(keep, int32_t, rows * COLS);
    x.value = take(keep, float, rows * COLS);
    for (int64_t i = 0, at = 0; i < rows; i++) {
        for (int32_t j = 0; j < COLS; j++) {
            if ((7 * i + 11 * j + i * j) % 13 >= 2) continue;
            x.col[at] = j;
            x.value[at++] = (float)(1 + (3 * i + 5 * j) % 7 + 4 * (i % 3 == j % 3));
        }
        x.at[i + 1] = at;
    }
    return x;
}

static double product(const float *a, const float *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

CHECK(lsa_finds_the_singular_values_and_angles_of_the_oracle) {
    static const double singular[8] = {271.754307, 150.429115, 80.489149, 73.142752,
                                       62.333615,  62.026984,  61.655525, 61.085112};
    static const int pair[4][2] = {{0, 3}, {0, 1}, {5, 77}, {100, 239}};
    static const double cosine[4] = {0.491587, 0.422390, 0.695793, 0.780298};
    fixture f;
    lsa_model m;
    open_fixture(&f, 2);
    sparse x = ruled(ROWS, &f.s.keep);
    lsa_params p = LSA_DEFAULTS;
    p.wide = 8;
    p.passes = 30; /* the rule's singular values 5 to 9 lie close together */
    check_ok(lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    /* 1e-3 of 61 … 272: float products of 240 rows */
    for (int i = 0; i < 8; i++) check_near(m.singular[i], singular[i], 1e-3);
    float *v = lsa_rows(&m, &x, f.threads, &f.s.keep);
    for (int i = 0; i < 4; i++) /* 1e-4: float vectors of a subspace that is nearly converged */
        check_near(product(v + pair[i][0] * 8, v + pair[i][1] * 8, 8), cosine[i], 1e-4);
    for (int i = 0; i < ROWS; i++) check_near(product(v + i * 8, v + i * 8, 8), 1, 1e-5);
    for (int j = 0; j < 8; j++) { /* signs: the largest component is positive */
        float most = 0;
        for (int t = 0; t < COLS; t++)
            if (fabsf(m.basis[t * 8 + j]) > fabsf(most)) most = m.basis[t * 8 + j];
        check(most > 0);
    }
    close_fixture(&f);
}

CHECK(lsa_threads_give_the_same_bytes) {
    fixture f[3];
    lsa_model m[3];
    float *v[3];
    static const int threads[3] = {1, 2, 8};
    lsa_params p = LSA_DEFAULTS;
    p.wide = 16;
    for (int i = 0; i < 3; i++) {
        open_fixture(&f[i], threads[i]);
        sparse x = ruled(5000, &f[i].s.keep);
        check_ok(lsa_fit(&m[i], &x, p, f[i].threads, &f[i].s.keep, f[i].s.scratch, &f[i].e),
                 &f[i].e);
        v[i] = lsa_rows(&m[i], &x, f[i].threads, &f[i].s.keep);
        check(memcmp(m[i].singular, m[0].singular, 16 * sizeof(double)) == 0);
        check(memcmp(m[i].basis, m[0].basis, COLS * 16 * sizeof(float)) == 0);
        check(memcmp(v[i], v[0], 5000 * 16 * sizeof(float)) == 0);
    }
    for (int i = 0; i < 3; i++) close_fixture(&f[i]);
}

CHECK(lsa_of_few_directions_ends_in_zeros) {
    fixture f;
    lsa_model m;
    open_fixture(&f, 1);
    /* two directions: rows (3, 0, 0), (0, 0, 4), (0, 0, 3) -> singular values 5 and 3 */
    int32_t row[3] = {0, 1, 2}, col[3] = {0, 2, 2};
    float weight[3] = {3, 4, 3};
    sparse x = sparse_from_triples(4, 3, 3, row, col, weight, &f.s.keep, f.s.scratch);
    lsa_params p = LSA_DEFAULTS;
    p.wide = 4;
    check_ok(lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check_near(m.singular[0], 5, 1e-5);
    check_near(m.singular[1], 3, 1e-5);
    check(m.singular[2] == 0 && m.singular[3] == 0);
    float *v = lsa_rows(&m, &x, f.threads, &f.s.keep);
    check_near(v[1], 1, 1e-6);  /* the first row is the second direction */
    check_near(v[4], 1, 1e-6);
    check_near(v[8], 1, 1e-6);
    for (int j = 0; j < 4; j++) check(v[12 + j] == 0); /* a row without words */
    close_fixture(&f);
}

CHECK(lsa_refuses_what_makes_no_sense) {
    fixture f;
    lsa_model m;
    open_fixture(&f, 1);
    sparse x = ruled(9, &f.s.keep), none = {.rows = 0, .cols = 3};
    none.at = take(&f.s.keep, int64_t, 1);
    lsa_params p = LSA_DEFAULTS;
    p.wide = 0;
    check(!lsa_fit(&m, &x, p, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "wide must be 1 to 1024");
    f.e = (err){0};
    check(!lsa_fit(&m, &none, LSA_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "no text has a known word");
    f.e = (err){0};
    x.value[3] = NAN;
    check(!lsa_fit(&m, &x, LSA_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "no finite number");
    close_fixture(&f);
}

/* ---- sentences ---- */

CHECK(sentences_end_at_marks_and_at_but) {
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"Fits well but itches. Runs 3.5 cm long!", "Fits well|itches|Runs 3.5 cm long"},
        {"Buttons are but-toned; a butter tone...", "Buttons are but-toned|a butter tone"},
        {"But I love it", "But I love it"},
        {"Soft, BUT thin", "Soft|thin"},
        {"", ""},
        {" ?! . ;", ""},
        {"one\ntwo\r\nthree", "one|two|three"},
        {"- ok -, but", "ok -, but"},
        {"\xF0\x9F\x98\x8D!", "\xF0\x9F\x98\x8D"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        slice out[8];
        text all = {0};
        int64_t n = sentences_of(slice_of(cases[i].from), out, 8);
        check(n == sentences_of(slice_of(cases[i].from), NULL, 0));
        for (int64_t k = 0; k < n; k++)
            text_addf(&all, "%s%.*s", k > 0 ? "|" : "", (int)out[k].n, out[k].p);
        check_text(text_slice(&all), cases[i].to);
        text_free(&all);
    }
}

/* ---- coherence ---- */

CHECK(coherence_is_what_a_hand_computes) {
    fixture f;
    open_fixture(&f, 1);
    /* texts: ab, ab, a, c, and one without a word, which counts nowhere */
    int32_t row[6] = {0, 0, 1, 1, 2, 3}, col[6] = {0, 1, 0, 1, 0, 2};
    sparse x = sparse_from_triples(5, 3, 6, row, col, NULL, &f.s.keep, f.s.scratch);
    static const int32_t words[9] = {0, 1, -1, 0, 2, -1, 1, -1, -1};
    coherence c = coherence_of(&x, words, 3, 3, &f.s.keep, f.s.scratch);
    /* p_a 3/4, p_b 2/4, p_ab 2/4: ln(4/3) / ln 2; a and c are never together; one word: no pair */
    check_near(c.topic[0], log(4.0 / 3) / log(2), 1e-12);
    check_near(c.topic[1], -1, 0);
    check_near(c.topic[2], 0, 0);
    check_near(c.npmi, (log(4.0 / 3) / log(2) - 1) / 2, 1e-12);
    check_near(c.diversity, 3.0 / 5, 1e-12);
    close_fixture(&f);
}

/* ---- words ---- */

CHECK(topic_words_are_exclusive_fold_plurals_and_weigh_as_a_hand_does) {
    static const char *const from[] = {"The dress and dresses, soft", "a dress soft soft",
                                       "the boxes box box heel",      "box heel heels 42 42"};
    static const int32_t topic[4] = {0, 0, 1, 1}, owner[4] = {0, 0, 1, 1};
    fixture f;
    topic_counts c;
    slice texts[4];
    open_fixture(&f, 1);
    for (int i = 0; i < 4; i++) texts[i] = slice_of(from[i]);
    check_ok(topic_counts_make(&c, texts, 4, 1, &f.s.keep, f.s.scratch, &f.e), &f.e);
    sparse x = topic_counts_rows(&c, texts, 4, f.threads, &f.s.keep);
    sparse two = topic_counts_gather(&x, owner, 2, &f.s.keep);
    int32_t dress = tfidf_find(&c.model, SLICE("dress"));
    int32_t box = tfidf_find(&c.model, SLICE("box")), heel = tfidf_find(&c.model, SLICE("heel"));
    int32_t soft = tfidf_find(&c.model, SLICE("soft"));
    check(sparse_get(&x, 0, dress) == 2 && sparse_get(&x, 2, box) == 3);
    check(sparse_get(&two, 0, dress) == 3 && sparse_get(&two, 0, soft) == 3);
    check(sparse_get(&two, 1, box) == 4 && sparse_get(&two, 1, heel) == 3);
    topic_words w = topic_words_of(&c, &x, topic, 2, 3, &f.s.keep, f.s.scratch);
    /* topic 0: dress 3, soft 3; topic 1: box 4, heel 3; avg 6.5 words a topic */
    check(w.word[3] == heel && w.word[4] == box && w.word[5] == -1); /* box is the commoner */
    check_near(w.weight[3], sqrt(3.0 / 7) * log(1 + (6.5 - 3 + .5) / 3.5), 1e-12);
    check_near(w.weight[4], sqrt(4.0 / 7) * log(1 + (6.5 - 4 + .5) / 4.5), 1e-12);
    check(w.word[0] == (dress < soft ? dress : soft)); /* a tie: the smaller term */
    check_near(w.weight[0], sqrt(3.0 / 6) * log(1 + 4 / 3.5), 1e-12);
    check_near(w.diversity, 1, 0);
    static const int32_t mixed[4] = {0, 1, 0, 1}; /* all words in both: each is in one list */
    w = topic_words_of(&c, &x, mixed, 2, 4, &f.s.keep, f.s.scratch);
    check(w.diversity < 1);
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < i; j++) check(w.word[i] < 0 || w.word[i] != w.word[j]);
    close_fixture(&f);
}

CHECK(topic_words_know_stop_words_and_count_texts_that_are_not_empty) {
    static const char *const stop[] = {"about", "above", "yourself", "i'm", "here's", "don't"};
    static const char *const other[] = {"dress", "abou", "bout", "yourselfi", "", "s"};
    for (int i = 0; i < 6; i++) {
        check(topic_word_is_stop(slice_of(stop[i])));
        check(!topic_word_is_stop(slice_of(other[i])));
    }
    fixture f;
    topic_counts c;
    open_fixture(&f, 1);
    slice texts[] = {SLICE("soft wool"), SLICE(""), SLICE("soft"), SLICE("the")};
    check_ok(topic_counts_make(&c, texts, 4, 1, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check(c.texts == 3); /* what makes a word too rare is counted in them */
    close_fixture(&f);
}

/* ---- clusters ---- */

enum { WIDE = 24, PLANTED = 5 };

/* Rows around PLANTED random directions, moved by +-push along one more as stars would move them;
 * sizes fall: row i is of topic floor(5 sqrt(u)). Every 50th row is zeros. */
static void plant(int64_t n, double push, float *x, double *stars, int32_t *truth) {
    rng r = rng_open(7, 0);
    double centre[PLANTED + 1][WIDE];
    for (int t = 0; t <= PLANTED; t++)
        for (int j = 0; j < WIDE; j++) centre[t][j] = rng_normal(&r);
    for (int64_t i = 0; i < n; i++) {
        int t = (int)(PLANTED * (1 - sqrt(rng_uniform(&r))));
        double way = rng_uniform(&r) < .5 ? -1 : 1, square = 0, v[WIDE];
        for (int j = 0; j < WIDE; j++) {
            v[j] = centre[t][j] + push * way * centre[PLANTED][j] + .4 * rng_normal(&r);
            square += v[j] * v[j];
        }
        for (int j = 0; j < WIDE; j++)
            x[i * WIDE + j] = i % 50 == 0 ? 0 : (float)(v[j] / sqrt(square));
        stars[i] = i % 7 == 0 ? NAN : way;
        truth[i] = t;
    }
}

/* Share of rows whose cluster's commonest planted topic is theirs. */
static double purity(const topics_model *m, const int32_t *truth, int64_t n) {
    int64_t count[64][PLANTED] = {{0}}, good = 0, all = 0;
    for (int64_t i = 0; i < n; i++)
        if (m->label[i] >= 0) count[m->label[i]][truth[i]]++, all++;
    for (int t = 0; t < m->k; t++) {
        int64_t most = 0;
        for (int p = 0; p < PLANTED; p++) most = count[t][p] > most ? count[t][p] : most;
        good += most;
    }
    return (double)good / (double)all;
}

typedef struct planted {
    float *x;
    double *stars;
    int32_t *truth;
} planted;

static planted plant_in(fixture *f, int64_t n, double push) {
    planted p = {take(&f->s.keep, float, n * WIDE), take(&f->s.keep, double, n),
                 take(&f->s.keep, int32_t, n)};
    plant(n, push, p.x, p.stars, p.truth);
    return p;
}

CHECK(topics_find_planted_ones_although_stars_pull_harder) {
    enum { MANY = 3000 };
    fixture f;
    topics_model with, without;
    open_fixture(&f, 2);
    planted p = plant_in(&f, MANY, 3);
    topics_data d = {.vectors = p.x, .n = MANY, .wide = WIDE};
    topics_params tp = TOPICS_DEFAULTS;
    tp.k = PLANTED;
    tp.starts = 4;
    tp.dims = 10;
    check_ok(topics_fit(&without, &d, tp, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    d.aside = p.stars;
    check_ok(topics_fit(&with, &d, tp, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check(purity(&without, p.truth, MANY) < .9); /* .76: praise and blame part the clusters */
    check(purity(&with, p.truth, MANY) > .99);
    int64_t out = 0, all = 0;
    for (int64_t i = 0; i < MANY; i++) {
        check((i % 50 == 0) == (with.label[i] == -1));
        if (with.label[i] < 0) continue;
        all++;
        out += (double)with.similarity[i] < with.edge[with.label[i]];
    }
    check(all == MANY - MANY / 50);
    check(out >= all / 100 - PLANTED && out <= all / 100); /* below the 1st percentile of each */
    for (int t = 1; t < PLANTED; t++) check(with.size[t] <= with.size[t - 1]);
    /* new texts find the topic they would have had */
    int32_t *topic = take(&f.s.keep, int32_t, MANY);
    float *near = take(&f.s.keep, float, MANY);
    topics_assign(&with, p.x, MANY, f.threads, topic, near, f.s.scratch);
    check(memcmp(topic, with.label, MANY * sizeof *topic) == 0);
    check(memcmp(near, with.similarity, MANY * sizeof *near) == 0);
    close_fixture(&f);
}

/* Stars 4 + s beside texts (s, u, v, two small ones, 0) about a mean that is not nought: s varies
 * most and is put aside. What is left holds no linear trace of the stars, and the two directions
 * kept are u and v. The last number never varies: alone it has no inverse. */
CHECK(topics_space_keeps_nothing_of_the_stars_and_the_largest_of_the_rest) {
    enum { MANY = 600, SIX = 6 };
    static const double mean[SIX] = {1, -2, 3, 0.5, 0, 0}, sd[SIX] = {3, 1.5, 1, .05, .05, 0};
    fixture f;
    topics_model m;
    open_fixture(&f, 1);
    float *x = take(&f.s.keep, float, MANY * SIX);
    double *stars = take(&f.s.keep, double, MANY), size[2] = {0}, with[2] = {0}, middle[2] = {0};
    rng r = rng_open(3, 1);
    for (int i = 0; i < MANY; i++) {
        for (int j = 0; j < SIX; j++) x[i * SIX + j] = (float)(mean[j] + sd[j] * rng_normal(&r));
        stars[i] = 3 + (double)x[i * SIX] + .3 * rng_normal(&r);
    }
    topics_data d = {.vectors = x, .n = MANY, .wide = SIX, .aside = stars};
    topics_params tp = TOPICS_DEFAULTS;
    tp.k = tp.dims = 2;
    check_ok(topics_fit(&m, &d, tp, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    double star = 0;
    for (int i = 0; i < MANY; i++) star += stars[i] / MANY;
    for (int j = 0; j < 2; j++) {
        for (int i = 0; i < MANY; i++)
            for (int k = 0; k < SIX; k++)
                middle[j] += (double)x[i * SIX + k] * (double)m.turn[k * 2 + j] / MANY;
        for (int i = 0; i < MANY; i++) {
            double y = -middle[j];
            for (int k = 0; k < SIX; k++) y += (double)x[i * SIX + k] * (double)m.turn[k * 2 + j];
            size[j] += y * y / MANY, with[j] += y * (stars[i] - star) / MANY;
        }
        check_near(with[j], 0, 1e-5); /* of 9: floats */
        check_near(middle[j], (double)m.shift[j], 1e-5);
    }
    /* variances 2.25 and 1, each within four of its standard errors, 6 % */
    check_near(size[0], 2.25, 0.25 * 2.25);
    check_near(size[1], 1, 0.25);
    close_fixture(&f);
}

CHECK(topics_threads_give_the_same_bytes) {
    enum { MANY = 5000 };
    static const int threads[3] = {1, 2, 8};
    fixture f[3];
    topics_model m[3];
    for (int i = 0; i < 3; i++) {
        open_fixture(&f[i], threads[i]);
        planted p = plant_in(&f[i], MANY, 1);
        topics_data d = {.vectors = p.x, .n = MANY, .wide = WIDE, .aside = p.stars};
        topics_params tp = TOPICS_DEFAULTS;
        tp.k = 9;
        check_ok(topics_fit(&m[i], &d, tp, f[i].threads, &f[i].s.keep, f[i].s.scratch, &f[i].e),
                 &f[i].e);
        check(memcmp(m[i].label, m[0].label, MANY * sizeof(int32_t)) == 0);
        check(memcmp(m[i].similarity, m[0].similarity, MANY * sizeof(float)) == 0);
        check(memcmp(m[i].turn, m[0].turn, (size_t)(WIDE * m[0].dims) * sizeof(float)) == 0);
    }
    for (int i = 0; i < 3; i++) close_fixture(&f[i]);
}

CHECK(topics_grow_from_seeds_and_merge_what_is_near) {
    enum { MANY = 2000 };
    fixture f;
    topics_model m;
    open_fixture(&f, 1);
    planted p = plant_in(&f, MANY, 0);
    int64_t seed = 1; /* a row of the rarest topic is the seed */
    while (p.truth[seed] != PLANTED - 1 || seed % 50 == 0) seed++;
    topics_data d = {.vectors = p.x, .n = MANY, .wide = WIDE, .seeds = p.x + seed * WIDE,
                     .n_seeds = 1};
    topics_params tp = TOPICS_DEFAULTS;
    tp.k = PLANTED;
    tp.starts = 4;
    check_ok(topics_fit(&m, &d, tp, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check(m.seed[m.label[seed]] == 0);
    int seeded = 0;
    for (int t = 0; t < m.k; t++) seeded += m.seed[t] == 0;
    check(seeded == 1);
    /* 12 clusters of 5 planted topics: near ones become one, and no planted topic is lost */
    tp.k = 12;
    tp.merge = .5;
    d.n_seeds = 0;
    check_ok(topics_fit(&m, &d, tp, f.threads, &f.s.keep, f.s.scratch, &f.e), &f.e);
    check(m.k == PLANTED);
    check(purity(&m, p.truth, MANY) > .99);
    close_fixture(&f);
}

CHECK(topics_refuse_what_makes_no_sense) {
    fixture f;
    topics_model m;
    open_fixture(&f, 1);
    planted p = plant_in(&f, 100, 0);
    topics_data d = {.vectors = p.x, .n = 10, .wide = WIDE};
    check(!topics_fit(&m, &d, TOPICS_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "9 texts have words and vectors, fewer than the 20 topics");
    topics_params tp = TOPICS_DEFAULTS;
    tp.k = 1;
    check_has(slice_of(topics_check(tp)), "must be 2 to 1000");
    d.n = 100;
    d.n_seeds = 30;
    f.e = (err){0};
    check(!topics_fit(&m, &d, TOPICS_DEFAULTS, f.threads, &f.s.keep, f.s.scratch, &f.e));
    check_has(slice_of(f.e.text), "30 seeds for 20 topics");
    close_fixture(&f);
}

CHECK(topics_drift_is_seen_where_it_is) {
    static const int64_t a[4] = {400, 300, 200, 2}, b[4] = {410, 290, 202, 1};
    static const int64_t c[4] = {200, 300, 400, 2}, none[4] = {0};
    topics_drift still = topics_drift_of(a, b, 4), moved = topics_drift_of(a, c, 4);
    check(!still.moved && still.distance < .02);
    check(moved.moved);
    check_near(moved.distance, 200.0 / 902, 1e-12); /* half of 2 x 200 of 902 */
    /* chi-square of the cells 400/200, 300/300, 200/400 (the rare one aside): 133.33, 2 degrees */
    check_near(moved.z, (cbrt(133.3333333 / 2) - (1 - 1.0 / 9)) / sqrt(1.0 / 9), 1e-6);
    /* three rare cells are one of 12/3, expected 7.55 and 7.45: with 400/400 and 300/300 of 712 and
     * 703, three cells again */
    static const int64_t rare[5] = {400, 300, 4, 4, 4}, rarer[5] = {400, 300, 1, 1, 1};
    static const double cell[3][2] = {{400, 400}, {300, 300}, {12, 3}};
    double chi = 0;
    for (int i = 0; i < 3; i++) {
        double both = cell[i][0] + cell[i][1], x = both * 712 / 1415, y = both * 703 / 1415;
        chi += pow(cell[i][0] - x, 2) / x + pow(cell[i][1] - y, 2) / y;
    }
    check_near(topics_drift_of(rare, rarer, 5).z, (cbrt(chi / 2) - (1 - 1.0 / 9)) * 3, 1e-12);
    check(topics_drift_of(a, none, 4).distance == 0 && !topics_drift_of(none, a, 4).moved);
}
