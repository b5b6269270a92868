/* reviews in the pipeline: the encoder that the time budget allows, vectors of words, the cache. */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "encoder_folder.h"
#include "pipeline/review_vectors.h"

static const windows days = {0, 1, 2, 3};

CHECK(reviews_time_budget_chooses_the_encoder) {
    /* 60 s leave 40 s on two cores: 40 x 2 x 2,100 and 40 x 2 x 4,000 pieces */
    review_choice c = review_vectors_choose(168000, 60);
    check(c.cost == 0 && c.share == 1);
    check_near(c.seconds, 40, 1e-9); /* 1e-9: one division */
    c = review_vectors_choose(168001, 0);
    check(c.cost == 1 && c.share == 1);
    c = review_vectors_choose(320000, 60);
    check(c.cost == 1 && c.share == 1);
    c = review_vectors_choose(336000, 60);
    check(c.cost == 0);
    check_near(c.share, 0.5, 1e-9);
    c = review_vectors_choose(336000, 120);
    check(c.cost == 0 && c.share == 1);
}

CHECK(reviews_pieces_count_equal_texts_once) {
    scope s;
    err e = {0};
    const slice texts[5] = {SLICE("12345678"), SLICE("12345678"), SLICE(" \n"), {NULL, 0},
                            SLICE("1234")};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    check_near(review_vectors_pieces(texts, 5, s.scratch), (2 + 2) + (2 + 1), 0);
    scope_close(&s);
}

/* n texts of two kinds that share no word. */
static slice *two_kinds(int n, arena *keep) {
    static const char *const words[2] = {"soft wool warm coat", "thin silk cool dress"};
    slice *out = take(keep, slice, n);
    for (int i = 0; i < n; i++)
        out[i] = slice_of(arena_text(keep, "%s %s", words[i % 2],
                                     (const char *[]){"", "nice", "fine"}[i % 3]));
    return out;
}

static double product(const review_vectors *v, int64_t a, int64_t b) {
    double sum = 0;
    for (int k = 0; k < v->wide; k++)
        sum += (double)v->v[a * v->wide + k] * (double)v->v[b * v->wide + k];
    return sum;
}

CHECK(reviews_without_weights_have_vectors_of_words_and_say_so) {
    desk t;
    review_vectors v, again;
    desk_open(&t, 2, "reviews-words", days);
    slice *texts = two_kinds(60, &t.s.keep);
    texts[7] = SLICE(" ");
    texts[8] = SLICE("unheard");
    t.w.encoder = "none";
    check_ok(review_vectors_make(&t.w, &t.s, texts, 60, &v, &t.e), &t.e);
    check_text(slice_of(v.maker), "tf-idf + svd");
    check_has(slice_of(v.note), "word counts");
    check(v.wide == 128 && !v.encoder && !v.has[7] && !v.has[8] && v.has[0]);
    check_near(product(&v, 0, 0), 1, 1e-5);  /* 1e-5: floats; so below */
    check_near(product(&v, 0, 6), 1, 1e-5);  /* the same words */
    check(product(&v, 0, 2) > 0.7);          /* four of five words */
    check_near(product(&v, 0, 1), 0, 1e-4);  /* no word */
    check_near(product(&v, 7, 7), 0, 0);
    /* the second call reads what the first one kept */
    check_ok(review_vectors_make(&t.w, &t.s, texts, 60, &again, &t.e), &t.e);
    check(memcmp(v.v, again.v, 60 * 128 * sizeof *v.v) == 0);
    check(memcmp(v.has, again.has, 60) == 0);
    desk_close(&t);
}

CHECK(reviews_vectors_of_words_are_the_same_with_any_number_of_threads) {
    desk t[3];
    review_vectors v[3];
    for (int i = 0; i < 3; i++) {
        desk_open(&t[i], (int[]){1, 2, 8}[i], "reviews-threads", days);
        t[i].w.encoder = "none";
        slice *texts = two_kinds(900, &t[i].s.keep);
        check_ok(review_vectors_make(&t[i].w, &t[i].s, texts, 900, &v[i], &t[i].e), &t[i].e);
        check(memcmp(v[0].v, v[i].v, 900 * 128 * sizeof(float)) == 0);
    }
    for (int i = 0; i < 3; i++) desk_close(&t[i]);
}

CHECK(reviews_beyond_the_budget_are_chosen_by_their_text) {
    desk t;
    review_vectors v;
    desk_open(&t, 2, "reviews-part", days);
    if (!check_weights("gte-small")) {
        desk_close(&t);
        skip("no weights; tools/setup.sh --weights fetches them");
    }
    /* 400 texts of about 110 bytes are 11,600 pieces; 2 s leave 1.33 s: 5,600 by gte-small, 10,667
     * by minilm: too few for either, so 48 % are chosen */
    slice *texts = take(&t.s.keep, slice, 400);
    for (int i = 0; i < 400; i++)
        texts[i] = slice_of(arena_text(&t.s.keep, "the dress number %d is soft and it fits well "
                                       "around the waist but the colour is not what I had "
                                       "expected of it", i));
    t.w.language_seconds = 2;
    check_ok(review_vectors_make(&t.w, &t.s, texts, 400, &v, &t.e), &t.e);
    int64_t chosen = 0;
    for (int i = 0; i < 400; i++) {
        chosen += v.has[i];
        check_near(product(&v, i, i), v.has[i], 1e-5);
    }
    check(chosen > 150 && chosen < 230 && chosen == v.told.encoded);
    check_has(slice_of(v.note), "chosen by a hash of their text");
    check_has(slice_of(v.maker), "gte-small");
    desk_close(&t);
}

/* Folders that look like weights, empty: the plan reads their names alone. */
CHECK(reviews_plan_takes_the_encoder_that_is_there) {
    desk t;
    desk_open(&t, 1, "reviews-plan", days);
    const char *weights = arena_text(&t.s.keep, "%s/weights", t.w.out);
    slice *texts = two_kinds(60, &t.s.keep);
    check_ok(file_make_folders(weights, &t.e), &t.e);
    check(setenv("ATELIER_WEIGHTS", weights, 1) == 0);
    review_plan none = review_vectors_plan(&t.w, &t.s, texts, 60);
    check(!none.name);
    check_has(slice_of(none.note), "no encoder's weights");
    encoder_folder_safe(arena_text(&t.s.keep, "%s/%s", weights, encoder_knowns[1].folder), &t.s);
    review_plan light = review_vectors_plan(&t.w, &t.s, texts, 60);
    check_text(slice_of(light.name), "minilm");
    check(light.share >= 1);
    const char *large = arena_text(&t.s.keep, "%s/%s", weights, encoder_knowns[0].folder);
    encoder_folder_safe(large, &t.s);
    check(remove(arena_text(&t.s.keep, "%s/vocab.txt", large)) == 0); /* half of it is not there */
    check_text(slice_of(review_vectors_plan(&t.w, &t.s, texts, 60).name), "minilm");
    encoder_folder_safe(large, &t.s);
    review_plan both = review_vectors_plan(&t.w, &t.s, texts, 60);
    check_text(slice_of(both.name), "gte-small");
    check(both.share >= 1 && !both.note);
    /* six distinct texts of 2 + bytes / 4 pieces; two cores at 2,100 pieces a second */
    check_near(both.seconds, review_vectors_pieces(texts, 60, t.s.scratch) / 4200, 1e-12);
    desk_close(&t);
}
