/* topic_study: units, main topics, the number of topics and words of texts with planted topics. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/language/lsa.h"
#include "models/language/topic_number.h"
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

/* ---- units and main topics ---- */

CHECK(topic_units_are_sentences_or_texts) {
    fixture f;
    open_fixture(&f, 1);
    char *long_one = take_raw(&f.s.keep, char, 3000);
    for (int i = 0; i < 3000; i++) long_one[i] = i % 2 ? '.' : 'a';
    slice texts[4] = {SLICE("Soft. Warm but thin!"), {"", 0}, SLICE("One"), {long_one, 3000}};
    topic_units u = topic_units_of(texts, 4, true, &f.s.keep);
    check(u.n == 3 + 1 + 1000); /* 1,500 sentences of the last: 1,000 are read */
    static const int32_t owner[5] = {0, 0, 0, 2, 3};
    for (int i = 0; i < 5; i++) check(u.owner[i] == owner[i]);
    check(u.owner[u.n - 1] == 3);
    check_text(u.text[1], "Warm");
    u = topic_units_of(texts, 4, false, &f.s.keep);
    check(u.n == 3 && u.owner[1] == 2 && u.owner[2] == 3);
    check_text(u.text[0], "Soft. Warm but thin!");
    close_fixture(&f);
}

CHECK(topic_mains_are_what_a_hand_counts) {
    fixture f;
    open_fixture(&f, 1);
    /* text 0: topic 2 twice although less near each; text 1: none; text 2: a tie of 0 and 1, the
     * smaller; text 3: one unit each, the nearer; text 4: a negative similarity is still a topic */
    int32_t owner[9] = {0, 0, 0, 1, 2, 2, 3, 3, 4}, topic[9] = {1, 2, 2, -1, 1, 0, 0, 2, 1};
    float near[9] = {.9f, .1f, .2f, 0, .5f, .5f, .25f, .75f, -.5f}, best[5];
    topic_units u = {9, NULL, owner};
    int32_t main[5];
    topic_mains(&u, topic, near, 3, 5, main, best, f.s.scratch);
    static const int32_t wanted[5] = {2, -1, 0, 2, 1};
    static const float at[5] = {.2f, 0, .5f, .75f, -.5f};
    for (int i = 0; i < 5; i++) {
        check(main[i] == wanted[i]);
        check_near((double)best[i], (double)at[i], 0);
    }
    close_fixture(&f);
}

/* ---- words that go together ---- */

CHECK(coherence_choose_leaves_what_goes_together) {
    fixture f;
    open_fixture(&f, 1);
    /* a, b, c in texts 0 to 3; d in 4 and 5 with c; e alone in 6 */
    int32_t row[17], col[17], n = 0;
    for (int32_t i = 0; i < 4; i++)
        for (int32_t j = 0; j < 3; j++) row[n] = i, col[n++] = j;
    for (int32_t i = 4; i < 6; i++) {
        row[n] = i, col[n++] = 2;
        row[n] = i, col[n++] = 3;
    }
    row[n] = 6, col[n++] = 4;
    sparse x = sparse_from_triples(7, 5, n, row, col, NULL, &f.s.keep, f.s.scratch);
    int32_t words[10] = {4, 3, 0, 1, 2, 0, 1, -1, -1, -1};
    double weight[10] = {9, 8, 7, 6, 5, 4, 3};
    coherence_choose(&x, words, weight, 2, 5, 3, f.s.scratch);
    static const int32_t wanted[10] = {0, 1, 2, -1, -1, 0, 1, -1, -1, -1};
    static const double weighs[10] = {7, 6, 5, 0, 0, 4, 3, 0, 0, 0};
    for (int i = 0; i < 10; i++) {
        check(words[i] == wanted[i]);
        check_near(weight[i], weighs[i], 0);
    }
    /* two of three: a with b is 1 (always together), c goes with both less */
    int32_t three[3] = {2, 1, 0};
    double of_three[3] = {3, 2, 1};
    coherence_choose(&x, three, of_three, 1, 3, 2, f.s.scratch);
    check(three[0] == 1 && three[1] == 0 && three[2] == -1);
    close_fixture(&f);
}

/* ---- the number of topics ---- */

CHECK(topic_rand_is_what_a_hand_computes) {
    fixture f;
    open_fixture(&f, 1);
    static const int32_t a[6] = {0, 0, 0, 1, 1, 1}, b[6] = {0, 0, 1, 1, 2, 2};
    static const int32_t c[6] = {2, 2, 2, 0, 0, 0}, one[6] = {0};
    /* pairs: cells 2,1,1,2 -> 2; rows 3,3 -> 6; columns 2,2,2 -> 3; of 15: (2 - 1.2)/(4.5 - 1.2) */
    check_near(topic_rand(a, b, 6, 3, f.s.scratch), 0.8 / 3.3, 1e-12);
    check_near(topic_rand(a, c, 6, 3, f.s.scratch), 1, 1e-12);
    check_near(topic_rand(one, one, 6, 3, f.s.scratch), 1, 0);
    check_near(topic_rand(a, one, 6, 3, f.s.scratch), 0, 1e-12);
    close_fixture(&f);
}

enum { WIDE = 24 };

/* n unit rows around k random directions of one size. */
static float *plant(int64_t n, int k, double noise, arena *keep) {
    rng r = rng_open(11, (uint64_t)k);
    float *x = take(keep, float, n * WIDE);
    double *centre = take(keep, double, (int64_t)k * WIDE);
    for (int i = 0; i < k * WIDE; i++) centre[i] = rng_normal(&r);
    for (int64_t i = 0; i < n; i++) {
        double square = 0, v[WIDE];
        for (int j = 0; j < WIDE; j++) {
            v[j] = centre[i % k * WIDE + j] + noise * rng_normal(&r);
            square += v[j] * v[j];
        }
        for (int j = 0; j < WIDE; j++) x[i * WIDE + j] = (float)(v[j] / sqrt(square));
    }
    return x;
}

CHECK(topic_number_is_the_planted_one) {
    static const int planted[] = {3, 8, 12, 16};
    for (int i = 0; i < 4; i++) {
        fixture f;
        int k;
        double agree;
        open_fixture(&f, 2);
        topic_number_data d = {plant(900, planted[i], .6, &f.s.keep), 900, WIDE};
        check_ok(topic_number(&d, 2, 20, 1, f.threads, &k, &agree, f.s.scratch, &f.e), &f.e);
        check(k == planted[i]);
        check(agree > .95); /* .98 or more was seen: halves of such topics agree */
        close_fixture(&f);
    }
}

CHECK(topic_number_keeps_to_what_there_is) {
    fixture f;
    int k;
    double agree;
    open_fixture(&f, 1);
    topic_number_data d = {plant(200, 12, .3, &f.s.keep), 200, WIDE};
    check_ok(topic_number(&d, 2, 20, 1, f.threads, &k, &agree, f.s.scratch, &f.e), &f.e);
    check(k >= 2 && k <= 5); /* 40 rows a topic */
    check_ok(topic_number(&d, 4, 20, 1, f.threads, &k, &agree, f.s.scratch, &f.e), &f.e);
    check(k >= 4 && k <= 5);
    d.n = 50;
    check_ok(topic_number(&d, 3, 20, 1, f.threads, &k, &agree, f.s.scratch, &f.e), &f.e);
    check(k == 3 && agree == 0);
    close_fixture(&f);
}

CHECK(topic_number_threads_give_the_same_bytes) {
    int k[3];
    double agree[3];
    static const int threads[3] = {1, 2, 8};
    for (int i = 0; i < 3; i++) {
        fixture f;
        open_fixture(&f, threads[i]);
        topic_number_data d = {plant(600, 6, 1.2, &f.s.keep), 600, WIDE};
        check_ok(topic_number(&d, 2, 12, 1, f.threads, &k[i], &agree[i], f.s.scratch, &f.e), &f.e);
        check(k[i] == k[0] && memcmp(&agree[i], &agree[0], sizeof agree[0]) == 0);
        close_fixture(&f);
    }
}

/* ---- from texts to topics ---- */

enum { TOPICS = 4, OWN = 6, TEXTS = 600 };
static const char *const own[TOPICS][OWN] = {
    {"sleeve", "waist", "length", "shoulder", "hem", "collar"},
    {"cotton", "wool", "linen", "silk", "fabric", "weave"},
    {"parcel", "courier", "delivery", "box", "shipping", "tracking"},
    {"price", "money", "sale", "discount", "bargain", "cost"},
};

/* Two sentences a text, of two of the topics, four words of its own each and one of all. */
static void say(fixture *f, slice *texts, int32_t (*truth)[2]) {
    static const char *const all[] = {"nice", "thing", "day", "today"};
    for (int i = 0; i < TEXTS; i++) {
        rng r = rng_open(5, (uint64_t)i);
        text t = {0};
        truth[i][0] = (int32_t)rng_below(&r, TOPICS);
        truth[i][1] = (int32_t)((truth[i][0] + 1 + rng_below(&r, TOPICS - 1)) % TOPICS);
        for (int s = 0; s < 2; s++) {
            const char *const *w = own[truth[i][s]];
            for (int j = 0; j < 4; j++) text_addf(&t, "%s ", w[rng_below(&r, OWN)]);
            text_addf(&t, "of the %s. ", all[rng_below(&r, 4)]);
        }
        texts[i] = slice_of(arena_text(&f->s.keep, "%.*s", (int)t.n, t.p));
        text_free(&t);
    }
}

static void study(fixture *f, const slice *texts, int k, topic_units *u, topic_study *out) {
    tfidf_params words = TFIDF_DEFAULTS;
    lsa_params lp = LSA_DEFAULTS;
    topics_params p = TOPICS_DEFAULTS;
    tfidf_model *terms = take(&f->s.keep, tfidf_model, 1);
    lsa_model *lsa = take(&f->s.keep, lsa_model, 1);
    lp.wide = 16;
    words.max_n = 1;
    *u = topic_units_of(texts, TEXTS, true, &f->s.keep);
    check_ok(tfidf_fit(terms, u->text, u->n, words, &f->s.keep, f->s.scratch, &f->e), &f->e);
    sparse x = tfidf_rows(terms, u->text, u->n, f->threads, &f->s.keep);
    check_ok(lsa_fit(lsa, &x, lp, f->threads, &f->s.keep, f->s.scratch, &f->e), &f->e);
    topic_study_data d = {.texts = texts, .n = TEXTS, .units = u, .wide = 16,
                          .vectors = lsa_rows(lsa, &x, f->threads, &f->s.keep)};
    p.k = k;
    check_ok(topic_study_fit(out, &d, p, f->threads, &f->s.keep, f->s.scratch, &f->e), &f->e);
}

CHECK(topic_study_finds_planted_topics_with_words_texts_and_quotes) {
    fixture f;
    topic_units u;
    topic_study out;
    static slice texts[TEXTS];
    static int32_t truth[TEXTS][2];
    open_fixture(&f, 2);
    say(&f, texts, truth);
    study(&f, texts, 0, &u, &out);
    check(out.model.k == TOPICS); /* chosen */
    check(out.agreement > .9);
    int32_t is[TOPICS] = {-1, -1, -1, -1}; /* planted topic of each found one, by its best word */
    for (int t = 0; t < TOPICS; t++) {
        int hits[TOPICS] = {0}, have = 0;
        for (int i = 0; i < out.words.m && out.words.word[t * out.words.m + i] >= 0; i++, have++)
            for (int p = 0; p < TOPICS; p++)
                for (int j = 0; j < OWN; j++)
                    hits[p] += slice_is(out.counts.model.term[out.words.word[t * out.words.m + i]],
                                        own[p][j]);
        for (int p = 0; p < TOPICS; p++)
            if (hits[p] == OWN) is[t] = p;
        check(is[t] >= 0 && have >= OWN && have <= TOPIC_WORDS);
        check_has(slice_of(topic_label(&out.counts.model, &out.words, t, &f.s.keep)), ", ");
    }
    int64_t speak[TOPICS] = {0}, mains[TOPICS] = {0}, right = 0;
    for (int i = 0; i < TEXTS; i++) {
        for (int t = 0; t < TOPICS; t++) {
            speak[t] += out.in[i * TOPICS + t];
            right += out.in[i * TOPICS + t] == (truth[i][0] == is[t] || truth[i][1] == is[t]);
        }
        check(out.main[i] >= 0 && out.in[i * TOPICS + out.main[i]]);
        mains[out.main[i]]++;
        check(out.outlier[i] == ((double)out.similarity[i] < out.model.edge[out.main[i]]));
    }
    check(right > 99 * TEXTS * TOPICS / 100);
    for (int t = 0; t < TOPICS; t++) {
        check(out.texts[t] == speak[t] && out.mains[t] == mains[t]);
        for (int q = 0; q < TOPIC_QUOTES; q++) {
            int64_t unit = out.quote[t * TOPIC_QUOTES + q];
            check(unit >= 0 && out.model.label[unit] == t);
            for (int64_t i = 0; q == 0 && i < u.n; i++) /* nothing is nearer than the first */
                check(out.model.label[i] != t ||
                      out.model.similarity[i] <= out.model.similarity[unit]);
            for (int r = 0; r < q; r++)
                check(slice_compare(u.text[out.quote[t * TOPIC_QUOTES + r]], u.text[unit]) != 0);
        }
    }
    close_fixture(&f);
}

CHECK(topic_study_threads_give_the_same_bytes) {
    static const int threads[3] = {1, 2, 8};
    static slice texts[TEXTS];
    static int32_t truth[TEXTS][2];
    fixture f[3];
    topic_study out[3];
    for (int i = 0; i < 3; i++) {
        topic_units u;
        open_fixture(&f[i], threads[i]);
        say(&f[i], texts, truth);
        study(&f[i], texts, 7, &u, &out[i]);
        check(memcmp(out[i].main, out[0].main, TEXTS * sizeof(int32_t)) == 0);
        check(memcmp(out[i].similarity, out[0].similarity, TEXTS * sizeof(float)) == 0);
        check(memcmp(out[i].quote, out[0].quote, 7 * TOPIC_QUOTES * sizeof(int64_t)) == 0);
        check(memcmp(out[i].words.word, out[0].words.word,
                     (size_t)(7 * out[0].words.m) * sizeof(int32_t)) == 0);
    }
    for (int i = 0; i < 3; i++) close_fixture(&f[i]);
}
