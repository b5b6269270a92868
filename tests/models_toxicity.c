/* toxicity: disguised words undone, scores and cuts by hand, planted insults found again. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "models/language/masked.h"
#include "models/language/toxicity.h"

static slice mask(const char *from, scope *s) {
    slice f = slice_of(from);
    char *out = take(&s->keep, char, masked_room(f.n));
    return (slice){out, masked_text(f, out)};
}

CHECK(toxicity_masked_text_undoes_disguises) {
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"You are an idiot!", "you are an idiot"},
        {"1d10t", "idiot"},
        {"5tup!d m0r0n", "stupid moron"},
        {"st@rry $tupid", "starry stupid"},
        {"s|lly s+upid ba(kward", "silly stupid backward"}, /* each sign that stands inside words */
        {"stuuuupid", "stuupid stupid"},
        {"baaaaad", "baad bad"},
        {"good wool", "good wool"},
        {"i d i o t", "idiot diot"},
        {"a f o o l", "afool fool"},
        {"f o o l", "fool"},
        {"so i d i o t it is", "so idiot diot it is"},
        {"m 0 r o n", "moron"},
        {"a 5 5 c", "a 5 5 c"},       /* sizes: as many digits as letters */
        {"i.d.i.o.t", "idiot"},
        {"i-d-i-o-t", "idiot"},
        {"id-iot", "id iot idiot"},
        {"stu.pid", "stu pid stupid"},
        {"well-made", "well made wellmade"},
        {"don't", "dont"},
        {"id*ot", "id*ot"},
        {"**so** nice", "so nice"},
        {"*****", ""},
        {"id\xE2\x80\x8Bi\xE2\x80\x8Bot", "idiot"},                   /* zero-width space */
        {"idi\xC2\xAD" "ot", "idiot"},                                   /* soft hyphen */
        {"\xD1\x96" "di\xD0\xBEt", "idiot"},                             /* Cyrillic i, o */
        {"\xCE\xB9" "d\xCE\xB9\xCE\xBFt", "idiot"},                      /* Greek iota, omicron */
        {"\xEF\xBC\xA9\xEF\xBC\xA4\xEF\xBC\xA9ot", "idiot"},          /* full width */
        {"\xF0\x9D\x90\x82\xF0\x9D\x90\xAE\xF0\x9D\x90\xAD", "cut"},  /* mathematical bold */
        {"\xE2\x93\x98" "diot", "idiot"},                                /* circled i */
        {"\xC3\xAF" "d\xC3\xAF\xC3\xB6t", "idiot"},                      /* accents */
        {"i\xCC\xB6" "diot", "idiot"},                                   /* struck through */
        {"size 10, 34 waist", "size 10 34 waist"},
        {"", ""},
        {"!!! ...", ""},
        {"idiot \xF0\x9F\x98\x8D", "idiot \xF0\x9F\x98\x8D"}, /* no word: tf-idf passes it over */
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(mask(cases[i].from, &s), cases[i].to);
    /* a letter held down for long is still the word */
    char *drawn = take(&s.keep, char, 300);
    memset(drawn, 'u', 250);
    memcpy(drawn, "st", 2);
    memcpy(drawn + 250, "pid", 3);
    check_text(mask(drawn, &s), "stuupid stupid");
    scope_close(&s);
}

CHECK(toxicity_masked_text_stays_in_its_room) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    static const char bytes[] = "aaab.- *01!@$|i\xD0\xBE\xE2\x93\x98\xEF\xBC\xA9\xFF\xF0\x9D";
    for (int i = 0; i < 3000; i++) {
        rng r = rng_open(12, (uint64_t)i);
        size_t n = (size_t)rng_below(&r, 400);
        char *from = take(&s.keep, char, n), *out = take(&s.keep, char, masked_room(n) + 1);
        for (size_t k = 0; k < n; k++) from[k] = bytes[rng_below(&r, sizeof bytes - 1)];
        out[masked_room(n)] = '#';
        check(masked_text((slice){from, n}, out) <= 4 * n + 128 && out[masked_room(n)] == '#');
        scope_rewind(&s);
    }
    scope_close(&s);
}

/* ---- a head by hand ---- */

enum { IDIOT, STUPID, DRESS, IGIOT, TERMS };

/* Weights 3, 2, -1, 1; a bias of -2: P("idiot") = 1 / (1 + e^-1). */
static toxicity_model by_hand(arena *keep) {
    static const char *const terms[TERMS] = {"idiot", "stupid", "dress", "igiot"};
    static const double weights[TERMS] = {3, 2, -1, 1};
    toxicity_model m = {.review = 0.6, .block = 0.9};
    m.words = (tfidf_model){.p = TOXICITY_DEFAULTS.words, .texts = 100, .terms = TERMS,
                            .term = take(keep, slice, TERMS), .df = take(keep, int64_t, TERMS)};
    for (int t = 0; t < TERMS; t++) m.words.term[t] = slice_of(terms[t]), m.words.df[t] = t + 5;
    toxicity_open(&m, keep);
    m.line = (linear_model){.classes = 2, .outputs = 1, .features = TERMS,
                            .weight = take_copy(keep, double, weights, TERMS),
                            .bias = take(keep, double, 1)};
    m.line.bias[0] = -2;
    return m;
}

static double logistic(double z) { return 1 / (1 + exp(-z)); }

CHECK(toxicity_scores_words_and_what_hides_them) {
    const struct {
        const char *text;
        double z;
        toxicity_level level;
    } cases[] = {
        {"nothing known", -2, TOXICITY_NONE},
        {"idiot", 1, TOXICITY_REVIEW},
        {"Idiot, idiot!", -2 + 3 * (1 + log(2)), TOXICITY_BLOCK},
        {"stupid dress", -1, TOXICITY_NONE},
        {"you stupid idiot", 3, TOXICITY_BLOCK},
        {"1d10t", 1, TOXICITY_REVIEW},
        {"i d i o t", 1, TOXICITY_REVIEW},
        {"i*iot", 1, TOXICITY_REVIEW},        /* of idiot and igiot the heavier */
        {"you *****", -2, TOXICITY_NONE},
        {"the dress* and stupid*", -1, TOXICITY_NONE}, /* footnotes */
        {"dr*ss", -2, TOXICITY_NONE},         /* dress does not raise the score */
        {"dress dr3ss", -3, TOXICITY_NONE},   /* masked it says dress twice, which is less */
        {"", -2, TOXICITY_NONE},
    };
    enum { N = sizeof cases / sizeof cases[0] };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(1, 8 << 20, &e);
    toxicity_model m = by_hand(&s.keep);
    slice texts[N];
    for (int i = 0; i < N; i++) texts[i] = slice_of(cases[i].text);
    double *p = toxicity_score(&m, texts, NULL, N, threads, &s.keep, s.scratch);
    for (int i = 0; i < N; i++) {
        check_near(p[i], logistic(cases[i].z), 1e-6); /* values of rows are floats */
        check(toxicity_level_of(&m, p[i]) == cases[i].level);
    }
    slice words[TOXICITY_WHY];
    check(toxicity_why(&m, SLICE("a stupid dress, 1d10t! stupid"), words, s.scratch) == 2);
    check_text(words[0], "idiot");
    check_text(words[1], "stupid");
    check(toxicity_why(&m, SLICE("a dress"), words, s.scratch) == 0);
    /* a text is read up to its limit: what comes after does not count */
    char *lengthy = take(&s.keep, char, TFIDF_TEXT_LIMIT + 7);
    memset(lengthy, 'x', TFIDF_TEXT_LIMIT + 7);
    memcpy(lengthy + TFIDF_TEXT_LIMIT, " idiot ", 7);
    slice cut = {lengthy, TFIDF_TEXT_LIMIT + 7};
    check_near(toxicity_score(&m, &cut, NULL, 1, threads, &s.keep, s.scratch)[0], logistic(-2),
               1e-6);
    pool_close(threads);
    scope_close(&s);
}

CHECK(toxicity_judge_counts_what_the_cuts_do) {
    /* P: .731 review, .881 (z 2) review, .953 block, .119, .269 (idiot dress - stays none) */
    static const struct {
        const char *text;
        int32_t label;
        uint8_t clean;
    } rows[] = {
        {"idiot", 1, 0},        {"stupid idiot", 1, 0}, {"hello", 1, 0},
        {"stupid", 0, 0},       {"idiot!", 0, 0},       {"nice", 0, 0},
        {"idiot stupid", 0, 1}, {"a dress", 0, 1},      {"idiot, idiot.", 0, 1}, {"fine", 0, 1}};
    enum { N = sizeof rows / sizeof rows[0] };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(1, 8 << 20, &e);
    toxicity_model m = by_hand(&s.keep);
    slice texts[N];
    int32_t label[N];
    uint8_t clean[N];
    for (int i = 0; i < N; i++)
        texts[i] = slice_of(rows[i].text), label[i] = rows[i].label, clean[i] = rows[i].clean;
    toxicity_data d = {texts, label, clean, N, NULL, 0};
    toxicity_held h = toxicity_judge(&m, &d, threads, s.scratch);
    check(h.toxic == 3 && h.others == 3 && h.clean == 4);
    check(h.toxic_review == 2 && h.toxic_block == 1);
    check(h.others_review == 1 && h.others_block == 0);
    check(h.clean_review == 2 && h.clean_block == 2);
    /* toxic z: 1, 3, -2; others: 0, 1, -2. Of nine pairs won: 1 > 0, 1 = 1 (1/2), 1 > -2; three;
     * -2 < 0, -2 < 1, -2 = -2 (1/2): 6 / 9 */
    check_near(h.auc, 6.0 / 9, 1e-12);
    pool_close(threads);
    scope_close(&s);
}

/* ---- planted ---- */

enum { ROWS = 3000, SPACE = 8 };

typedef struct planted_texts {
    slice text[ROWS];
    int32_t label[ROWS];
    uint8_t clean[ROWS];
    float vector[ROWS * SPACE];
} planted_texts;

/* One text in three insults by idiot, moron or stupid; of the others half are clean, and of those
 * 4 in 100 say stupid too. The vector says the label of every second text. */
static planted_texts *plant(scope *s, uint64_t seed) {
    static const char *const insult[] = {"idiot", "moron", "stupid"};
    planted_texts *t = take(&s->keep, planted_texts, 1);
    for (int i = 0; i < ROWS; i++) {
        rng r = rng_open(seed, (uint64_t)i);
        double u = rng_uniform(&r);
        t->label[i] = u < 1.0 / 3;
        t->clean[i] = u > 2.0 / 3;
        const char *says = t->label[i] ? insult[rng_below(&r, 3)]
                           : t->clean[i] && rng_uniform(&r) < 0.04 ? "stupid" : "dear";
        t->text[i] = slice_of(arena_text(&s->keep, "w%lld you %s of w%lld and n%d",
                                         (long long)rng_below(&r, 40), says,
                                         (long long)rng_below(&r, 40), i));
        float *v = t->vector + i * SPACE;
        for (int j = 0; j < SPACE; j++) v[j] = (float)rng_uniform(&r) / 8;
        v[0] = i % 2 ? 0 : t->label[i] ? 0.9f : -0.9f;
    }
    return t;
}

static toxicity_data data_of(const planted_texts *t, bool vectors) {
    return (toxicity_data){t->text, t->label, t->clean, ROWS, vectors ? t->vector : NULL,
                           vectors ? SPACE : 0};
}

CHECK(toxicity_learns_insults_and_keeps_to_its_rates) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 512 << 20, &e), &e);
    pool *threads = pool_open(2, 32 << 20, &e);
    planted_texts *fit = plant(&s, 5), *new = plant(&s, 6);
    for (int vectors = 0; vectors < 2; vectors++) {
        toxicity_data d = data_of(fit, vectors), unseen = data_of(new, vectors);
        toxicity_model strict, lax;
        toxicity_params p = TOXICITY_DEFAULTS;
        p.review_rate = p.block_rate = 0.005; /* below the share of clean texts that say stupid */
        check_ok(toxicity_fit(&strict, &d, p, threads, &s.keep, s.scratch, &e), &e);
        p.review_rate = 0.2;
        check_ok(toxicity_fit(&lax, &d, p, threads, &s.keep, s.scratch, &e), &e);
        toxicity_held h = toxicity_judge(&strict, &unseen, threads, s.scratch);
        /* 5 expected of a thousand clean ones; 4 standard errors of 2.2 above */
        check(h.clean > 900 && h.clean_review <= 14);
        check(h.auc > 0.99 && h.others_review == 0); /* dear is never said to be toxic */
        /* idiot and moron, two in three, are far from stupid, which the clean say too */
        check((double)h.toxic_review > 0.6 * (double)h.toxic);
        check(strict.review > 0.5 && strict.block >= strict.review);
        h = toxicity_judge(&lax, &unseen, threads, s.scratch);
        check(lax.review == 0.5 && lax.block > 0.5); /* 4 % are within 20 % */
        check((double)h.toxic_review > 0.95 * (double)h.toxic);
        /* 40 expected that say stupid; of those every second one is told apart by its vector */
        check(h.clean_review > (vectors ? 8 : 20) && h.clean_review < (vectors ? 40 : 65));
    }
    pool_close(threads);
    scope_close(&s);
}

CHECK(toxicity_fits_and_scores_alike_on_any_threads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 512 << 20, 512 << 20, &e), &e);
    planted_texts *fit = plant(&s, 5);
    toxicity_data d = data_of(fit, true);
    toxicity_params p = TOXICITY_DEFAULTS;
    p.folds = 2;
    toxicity_model first = {0};
    double *one = NULL;
    for (int t = 0; t < 3; t++) {
        toxicity_model m;
        pool *threads = pool_open((const int[]){1, 2, 8}[t], 16 << 20, &e);
        check_ok(toxicity_fit(&m, &d, p, threads, &s.keep, s.scratch, &e), &e);
        double *q = toxicity_score(&m, d.texts, d.vectors, d.n, threads, &s.keep, s.scratch);
        pool_close(threads);
        if (t == 0) first = m, one = q;
        check(m.review == first.review && m.block == first.block);
        check(memcmp(m.line.weight, first.line.weight,
                     (size_t)m.line.features * sizeof *m.line.weight) == 0);
        check(memcmp(q, one, ROWS * sizeof *q) == 0);
    }
    scope_close(&s);
}

CHECK(toxicity_refuses_parameters_that_make_no_sense) {
    toxicity_params p = TOXICITY_DEFAULTS;
    check(toxicity_check(p) == NULL);
    p.folds = 1;
    check_text(slice_of(toxicity_check(p)), "folds must be 2 … 10");
    p = TOXICITY_DEFAULTS;
    p.vector_weight = 0;
    check_text(slice_of(toxicity_check(p)), "vector_weight must be > 0");
    p = TOXICITY_DEFAULTS;
    p.review_rate = 1;
    check_text(slice_of(toxicity_check(p)), "rates of false alarms must be at least 0, below 1");
    p = TOXICITY_DEFAULTS;
    p.block_rate = NAN;
    check(toxicity_check(p) != NULL);
    scope s;
    err e = {0};
    toxicity_model m;
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(1, 8 << 20, &e);
    static const slice texts[2] = {{"one", 3}, {"two", 3}};
    static const int32_t label[2] = {0, 1};
    toxicity_data d = {texts, label, NULL, 2, NULL, 0};
    check(!toxicity_fit(&m, &d, TOXICITY_DEFAULTS, threads, &s.keep, s.scratch, &e));
    check(e.kind == ERR_ASKED_WRONG);
    pool_close(threads);
    scope_close(&s);
}
