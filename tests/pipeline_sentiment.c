/* sentiment in files and on the command line: models that know their encoder, labels of every
 * kind, texts that cannot be read. */
#include "check_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/folder.h"
#include "encoder_folder.h"
#include "pipeline/sentiment_file.h"

#define PATH(...) arena_text(&s.keep, __VA_ARGS__)

/* ---- the file ---- */

enum { ROWS = 400, SPACE = 12 };

/* A model of words and vectors over texts whose class hangs on both. */
static sentiment_file fitted(scope *s, slice *texts, float *vectors, pool *threads, err *e) {
    static const slice classes[2] = {{"no", 2}, {"yes", 3}};
    int32_t label[ROWS];
    for (int i = 0; i < ROWS; i++) {
        rng r = rng_open(4, (uint64_t)i);
        label[i] = rng_uniform(&r) < 0.6;
        bool told = i % 2;
        texts[i] = slice_of(arena_text(&s->keep, "it is number %lld and %s %d",
                                       (long long)rng_below(&r, 30),
                                       !told ? "so" : label[i] ? "good" : "bad", i));
        for (int j = 0; j < SPACE; j++) vectors[i * SPACE + j] = (float)rng_uniform(&r) / 8;
        vectors[i * SPACE] = told ? 0 : label[i] ? 0.9f : -0.9f;
    }
    sentiment_file f = {.classes = classes, .encoder = SLICE("gte-small"),
                        .encoder_hash = SLICE("0123456789abcdef"), .precision = SLICE("fp32"),
                        .english = true};
    sentiment_data d = {texts, label, ROWS, 2, vectors, SPACE};
    check_ok(sentiment_fit(&f.model, &d, SENTIMENT_DEFAULTS, threads, &s->keep, s->scratch, e), e);
    return f;
}

CHECK(sentiment_file_gives_back_words_vectors_and_what_was_calibrated) {
    scope s;
    err e = {0};
    slice texts[ROWS];
    static float vectors[ROWS * SPACE];
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(1, 8 << 20, &e);
    sentiment_file f = fitted(&s, texts, vectors, threads, &e), g;
    const char *dir = check_folder("sentiment-file");
    check_ok(sentiment_file_save(&f, PATH("%s/model", dir), &s, &e), &e);
    check_ok(sentiment_file_open(&g, PATH("%s/model", dir), &s, &e), &e);
    check(g.model.temperature == f.model.temperature && g.model.temperature != 1);
    check(g.model.threshold == f.model.threshold && g.english);
    check(memcmp(&g.model.band, &f.model.band, sizeof g.model.band) == 0);
    check_text(g.encoder, "gte-small");
    check_text(g.classes[1], "yes");
    check_text(slice_of(g.folder), PATH("%s/model", dir));
    double *p = sentiment_score(&f.model, texts, vectors, ROWS, threads, &s.keep, s.scratch);
    double *q = sentiment_score(&g.model, texts, vectors, ROWS, threads, &s.keep, s.scratch);
    for (int i = 0; i < 2 * ROWS; i++) check_near(q[i], p[i], 1e-6); /* weights are kept as float */
    /* a second save of what was opened is the same file */
    check_ok(sentiment_file_save(&g, PATH("%s/again.atm", dir), &s, &e), &e);
    const char *same[] = {"cmp", PATH("%s/again.atm", dir), PATH("%s/model/sentiment.atm", dir),
                          NULL};
    check(check_command(&s, same).status == 0);
    pool_close(threads);
    scope_close(&s);
}

CHECK(sentiment_file_holds_to_its_encoder) {
    scope s;
    err e = {0};
    slice texts[ROWS];
    static float vectors[ROWS * SPACE];
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    pool *threads = pool_open(1, 8 << 20, &e);
    sentiment_file f = fitted(&s, texts, vectors, threads, &e);
    encoder_file encoder;
    const char *dir = check_folder("sentiment-encoder");
    check(!sentiment_file_encoder(&f, dir, &encoder, &s, &e));
    check_has(slice_of(e.text), "this model reads vectors of an encoder: the weights of gte-small "
                                "are not here");
    e = (err){0};
    encoder_folder_safe(dir, &s);
    f.folder = dir;
    f.encoder = SLICE("./encoder.atm");
    check_ok(encoder_file_make(dir, PATH("%s/encoder.atm", dir), 0, &s, &e), &e);
    check(!sentiment_file_encoder(&f, NULL, &encoder, &s, &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "was fitted with other weights of ./encoder.atm");
    e = (err){0};
    f.encoder_hash = (slice){encoder.hash.hex, 16};
    f.model.line.wide = encoder.model.wide;
    check_ok(sentiment_file_encoder(&f, NULL, &encoder, &s, &e), &e);
    pool_close(threads);
    scope_close(&s);
}

CHECK(sentiment_file_refuses_what_is_no_model) {
    scope s;
    err e = {0};
    sentiment_file f;
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    check(!sentiment_file_open(&f, "tests/check.h", &s, &e));
    check_has(slice_of(e.text), "tests/check.h");
    e = (err){0};
    check(!sentiment_file_open(&f, check_folder("sentiment-nothing"), &s, &e));
    check_has(slice_of(e.text), "holds no sentiment model (sentiment.atm)");
    scope_close(&s);
}

/* ---- the verb ---- */

/* 600 texts in which `good` and `bad` say the class in 90 %; ratings agree with the class. */
static const char *write_texts(const char *dir, scope *s) {
    const char *path = arena_text(&s->keep, "%s/texts.csv", dir);
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "Body,Head,Verdict,Stars given\n");
    for (int i = 0; i < 600; i++) {
        rng r = rng_open(9, (uint64_t)i);
        bool glad = rng_uniform(&r) < 0.7, honest = rng_uniform(&r) < 0.9;
        bool middle = rng_uniform(&r) < 0.2;
        fprintf(out, "the dress with number %d is %s and w%lld,%s,%s,%d\n", i,
                middle ? "so so" : glad == honest ? "good" : "bad", (long long)rng_below(&r, 30),
                glad ? "nice" : "awful", glad ? "keep" : "return",
                middle ? 3 : glad ? 4 + i % 2 : 1 + i % 2);
    }
    fclose(out);
    return path;
}

CHECK(sentiment_verb_learns_keeps_and_reads_with_any_threads) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("sentiment-verb"), *in = write_texts(dir, &s);
    for (int t = 0; t < 3; t++) {
        const char *threads = (const char *[]){"1", "2", "8"}[t];
        const char *fit[] = {"sentiment", "--fit", "--in", in, "--text", "Body", "--label",
                             "Verdict", "--positive", "keep", "--model", PATH("%s/m%d", dir, t),
                             "--encoder", "none", "--threads", threads, "--json", NULL};
        const js_node *all = run_json(&s, fit), *held = js_get(all, "held_out");
        /* 72 % are told honestly, 8 % lied to, 20 % guessed at 70 %: .86; less three errors */
        check(real_of(held, "accuracy") > 0.76 && real_of(held, "n") > 80);
        check(js_count(js_get(js_get(all, "tuning"), "trials")) == 4);
        slice positive;
        js_text(js_at(js_get(all, "classes"), 1), &positive);
        check_text(positive, "keep");
        const char *read[] = {"sentiment", "--in", in, "--text", "Body", "--model",
                              PATH("%s/m%d", dir, t), "--threads", threads, "--out",
                              PATH("%s/s%d.csv", dir, t), NULL};
        check(check_atelier(&s, read).status == 0);
    }
    for (int t = 1; t < 3; t++) {
        const char *model[] = {"cmp", PATH("%s/m0/sentiment.atm", dir),
                               PATH("%s/m%d/sentiment.atm", dir, t), NULL};
        const char *result[] = {"cmp", PATH("%s/s0.csv", dir), PATH("%s/s%d.csv", dir, t), NULL};
        check(check_command(&s, model).status == 0 && check_command(&s, result).status == 0);
    }
    scope_close(&s);
}

CHECK(sentiment_verb_takes_ratings_in_two_three_or_five_classes) {
    static const char *const names[] = {"2", "3", "all"};
    static const int classes[] = {2, 3, 5};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("sentiment-ratings"), *in = write_texts(dir, &s);
    for (int k = 0; k < 3; k++) {
        const char *fit[] = {"sentiment", "--fit", "--in", in, "--text", "Body", "--label",
                             "Stars given", "--classes", names[k], "--encoder", "none", "--c", "4",
                             "--model", PATH("%s/m", dir), "--json", NULL};
        const js_node *all = run_json(&s, fit), *held = js_get(all, "held_out");
        check(js_count(js_get(all, "classes")) == classes[k]);
        /* two: .9 of the told; three: so so tells the middle; five: 1 and 2 are alike, 4 and 5 */
        check(real_of(held, "accuracy") > (k < 2 ? 0.8 : 0.4));
        check(k == 0 ? real_of(held, "n") < 110 : real_of(held, "n") > 110);
        const char *read[] = {"sentiment", "--in", in, "--text", "Body", "--label", "Stars given",
                              "--model", PATH("%s/m", dir), "--json", NULL};
        held = js_get(run_json(&s, read), "labelled"); /* in the model's classes */
        check(k == 0 ? real_of(held, "n") < 500 : real_of(held, "n") == 600);
    }
    scope_close(&s);
}

/* The tiny encoder's vectors mean nothing, so this asks only that they come along: the same
 * answers again from the kept model, and a sentence when the weights have changed. */
CHECK(sentiment_verb_keeps_to_the_encoder_it_was_fitted_with) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("sentiment-verb-encoder"), *in = write_texts(dir, &s);
    const char *weights = PATH("%s/tiny", dir);
    check_ok(file_make_folders(weights, &e), &e);
    encoder_folder_safe(weights, &s);
    const char *fit[] = {"sentiment", "--fit", "--in", in, "--text", "Body", "--title", "Head",
                         "--label", "Verdict", "--model", PATH("%s/m", dir), "--encoder", weights,
                         "--precision", "fp32", "--c", "1", "--json", NULL};
    const js_node *all = run_json(&s, fit);
    check(real_of(all, "vector_columns") == 64);
    check(real_of(js_get(all, "held_out"), "accuracy") > 0.95); /* the title tells all */
    const char *read[] = {"sentiment", "--in", in, "--text", "Body", "--title", "Head", "--model",
                          PATH("%s/m", dir), "--label", "Verdict", "--json", NULL};
    all = run_json(&s, read);
    check_text(text_of(js_get(all, "encoder"), "precision"), "fp32");
    check(real_of(js_get(all, "labelled"), "accuracy") > 0.95);
    remove(PATH("%s/encoder.atm", weights));
    remove(PATH("%s/model.safetensors", weights));
    check_run r = check_atelier(&s, read);
    check(r.status != 0);
    check_has(r.err, "this model reads vectors of an encoder");
    scope_close(&s);
}

CHECK(sentiment_verb_answers_for_texts_it_cannot_read) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *dir = check_folder("sentiment-odd"), *in = write_texts(dir, &s);
    const char *odd = PATH("%s/odd.csv", dir), *result = PATH("%s/s.csv", dir);
    const char *fit[] = {"sentiment", "--fit", "--in", in, "--text", "Body", "--label", "Verdict",
                         "--model", PATH("%s/m", dir), "--encoder", "none", NULL};
    check(check_atelier(&s, fit).status == 0);
    FILE *out = fopen(odd, "wb");
    fprintf(out, "Body\n<p>the dress is <b>good</b></p>\n\"\"\n\xF0\x9F\x98\x8D\xF0\x9F\x98\x8D!!\n"
                 "das Kleid ist sehr sch\xC3\xB6n und die Farbe gef\xC3\xA4llt mir auch\n"
                 "broken \xFF\xFE bytes\nthe dress is bad\nnothing of it is known\n\"");
    for (int i = 0; i < 100000; i++) fprintf(out, "good dress ");
    fprintf(out, "\"\n");
    fclose(out);
    const char *read[] = {"sentiment", "--in", odd, "--text", "Body", "--model",
                          PATH("%s/m", dir), "--abstain", "--out", result, "--json", NULL};
    const js_node *all = run_json(&s, read), *texts = js_get(all, "texts");
    check(real_of(js_get(all, "rows"), "quarantined") == 2); /* broken bytes; above 1 MiB */
    check(real_of(texts, "read") == 3 && real_of(texts, "empty") == 1);
    check(real_of(texts, "signs") == 1 && real_of(texts, "other_language") == 1);
    slice rows;
    check_ok(file_read(result, &s, 1 << 20, &rows, &e), &e);
    check_has(rows, "2,,keep,0.0"); /* positive is the last by name, `return`: good is not */
    check_has(rows, "3,,,,new,empty\n4,,,,new,only signs\n5,,,,new,other language\n7,,");
    check_has(rows, "8,,uncertain,0."); /* no word that says anything */
    scope_close(&s);
}

/* Sentences of our own, ten of each kind; the heads were learnt from film reviews. */
CHECK(sentiment_reads_with_the_ready_head_without_a_model) {
    static const char *const praise[] = {
        "I love this dress, it is beautiful and so comfortable",
        "A wonderful coat: warm, elegant and well made",
        "Perfect fit and a gorgeous colour",
        "The best jeans that I have ever bought",
        "Lovely soft fabric, and it looks great on me",
        "Delightful little top, charming and easy to wear",
        "Excellent quality and a delight to wear",
        "Beautifully made and a real pleasure",
        "This skirt is fun and it flatters everybody",
        "Great shirt, I am very happy with it"};
    static const char *const blame[] = {
        "Terrible quality, a waste of money",
        "The fabric is cheap and ugly",
        "It looks awful and it fell apart after one wash",
        "Disappointing: bad fit, dull colour, poor seams",
        "I hated the shape, it was boring and uncomfortable",
        "A horrible, shapeless mess of a dress",
        "It is too thin and badly made, not worth it",
        "The worst trousers that I have ever bought",
        "Stiff, dull and unflattering",
        "Poor quality, and it smells bad"};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 64 << 20, &e), &e);
    const char *path = PATH("%s/own.csv", check_folder("sentiment-ready"));
    FILE *out = fopen(path, "wb");
    fprintf(out, "text,label\n");
    for (int i = 0; i < 10; i++) fprintf(out, "\"%s\",1\n\"%s\",0\n", praise[i], blame[i]);
    fclose(out);
    const char *words[] = {"sentiment", "--in", path, "--encoder", "none", "--json", NULL};
    const js_node *all = run_json(&s, words), *judged = js_get(all, "labelled");
    check_text(text_of(all, "model"), "ready: words alone");
    check(real_of(judged, "n") == 20 && real_of(judged, "accuracy") >= 0.85);
    check(real_of(judged, "auc") > 0.95);
    const char *vectors[] = {"sentiment", "--in", path, "--cache", "none", "--json", NULL};
    check_run r = check_atelier(&s, vectors);
    all = js_parse(&s, r.out, &e);
    check_text(text_of(all, "model"), "ready: words alone"); /* no weights, and it says so */
    check_has(r.err, "the weights of gte-small are not here");
    if (!check_weights("gte-small")) {
        scope_close(&s);
        skip("the part with vectors needs the weights of gte-small (tools/setup.sh --weights)");
    }
    all = run_json(&s, vectors);
    judged = js_get(all, "labelled");
    check_text(text_of(all, "model"), "ready: vectors");
    check(real_of(judged, "accuracy") >= 0.95 && real_of(judged, "auc") > 0.98);
    scope_close(&s);
}

CHECK(sentiment_verb_refuses_in_words) {
    static const struct {
        const char *argv[14], *says;
    } cases[] = {
        {{"sentiment", "--fit", "--in", "IN", "--text", "Nobody"}, "Nobody"},
        {{"sentiment", "--fit", "--in", "IN", "--text", "Body", "--encoder", "none"},
         "name it by --label COLUMN"},
        {{"sentiment", "--fit", "--in", "IN", "--text", "Body", "--label", "Verdict", "--positive",
          "maybe", "--encoder", "none"}, "--positive maybe: the labels are 2 classes"},
        {{"sentiment", "--in", "IN", "--text", "Body", "--model", "none-such"}, "none-such"},
        {{"sentiment", "--fit", "--in", "IN", "--text", "Body", "--label", "Verdict", "--no-words",
          "--encoder", "none"}, "leaves nothing to learn from"},
        {{"sentiment", "--in", "IN", "--text", "Body", "--map", "text=Body"}, "give one"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 16 << 20, &e), &e);
    const char *in = write_texts(check_folder("sentiment-refuses"), &s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *argv[14] = {0};
        memcpy(argv, cases[i].argv, sizeof argv);
        argv[strcmp(argv[1], "--fit") == 0 ? 3 : 2] = in;
        check_run r = check_atelier(&s, argv);
        check(r.status == 2 || (r.status == 1 && i == 3));
        check_has(r.err, cases[i].says);
    }
    scope_close(&s);
}
