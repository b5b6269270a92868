/* topics as a user meets them: the verb on the demo shop's own sentences, seeds, kept models, bad
 * input; and topics.json of a shop whose reviews change what they speak of. */
#include "desk.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "data/folder.h"
#include "pipeline/demo_world.h"
#include "pipeline/encoder_file.h"
#include "pipeline/language_topics.h"

#define RUN(s, ...) check_atelier((s), (const char *[]){"topics", __VA_ARGS__, NULL})

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 128 << 20, 32 << 20, &e), &e);
}

static const char *put(scope *s, const char *to, const char *name, text *t) {
    err e = {0};
    const char *path = arena_text(&s->keep, "%s/%s", to, name);
    check_ok(file_replace(path, text_slice(t), &e), &e);
    text_free(t);
    return path;
}

static const js_node *parse(scope *s, slice from) {
    err e = {0};
    const js_node *n = js_parse(s, from, &e);
    check_ok(n != NULL, &e);
    return n;
}

static const js_node *read_json(scope *s, const char *path) {
    err e = {0};
    slice bytes;
    check_ok(file_read(path, s, 1 << 22, &bytes, &e), &e);
    return parse(s, bytes);
}

/* ---- the demo shop's planted topics ---- */

/* A sentence a row by the demo's grammar, with stars; truth gets its topic. */
static const char *demo_rows(scope *s, const char *to, int n, int32_t *truth) {
    text t = {0};
    text_addf(&t, "text,rating\n");
    for (int i = 0; i < n; i++) {
        rng r = rng_open(3, (uint64_t)i);
        demo_article a = {.type = (uint8_t)rng_below(&r, demo_n_types),
                          .colour = (uint8_t)rng_below(&r, demo_n_colours),
                          .material = (uint8_t)rng_below(&r, demo_n_materials)};
        int good = rng_uniform(&r) < .7;
        truth[i] = (int32_t)rng_below(&r, DEMO_TOPICS);
        text_addf(&t, "\"");
        demo_sentence(&t, &a, truth[i], good, &r);
        text_addf(&t, "\",%d\n", good ? 5 : 2);
    }
    return put(s, to, "demo.csv", &t);
}

/* Topics by line of an answer; -1 = none. Returns the number of topics seen. */
static int read_topics(scope *s, const char *path, int n, int32_t *topic) {
    err e = {0};
    slice all;
    int most = -1;
    check_ok(file_read(path, s, 1 << 24, &all, &e), &e);
    for (int i = 0; i < n; i++) topic[i] = -1;
    const char *p = memchr(all.p, '\n', all.n);
    while (p && p + 1 < all.p + all.n) {
        int line, one;
        if (sscanf(p + 1, "%d,%d,", &line, &one) == 2) {
            check(line >= 2 && line < n + 2);
            topic[line - 2] = one;
            most = one > most ? one : most;
        }
        p = memchr(p + 1, '\n', (size_t)(all.p + all.n - p - 1));
    }
    return most + 1;
}

static double purity(const int32_t *topic, const int32_t *truth, int n) {
    int64_t count[32][DEMO_TOPICS] = {{0}}, good = 0;
    for (int i = 0; i < n; i++)
        if (topic[i] >= 0) count[topic[i]][truth[i]]++;
    for (int t = 0; t < 32; t++) {
        int64_t most = 0;
        for (int p = 0; p < DEMO_TOPICS; p++) most = count[t][p] > most ? count[t][p] : most;
        good += most;
    }
    return (double)good / n;
}

CHECK(topics_of_the_demo_shop_come_back_by_words_alone) {
    enum { MANY = 6000 };
    static int32_t truth[MANY], topic[MANY];
    scope s;
    open_scope(&s);
    const char *to = check_folder("topics-demo"), *out = arena_text(&s.keep, "%s/o.csv", to);
    const char *in = demo_rows(&s, to, MANY, truth);
    check_run r = RUN(&s, "--in", in, "--encoder", "none", "--k", "20", "--out", out);
    check(r.status == 0);
    check(read_topics(&s, out, MANY, topic) == 20);
    /* .682; 20 groups by chance have .16. Many of the 128 phrases share no word with their topic's
     * others, so that words alone cannot join them */
    check(purity(topic, truth, MANY) > .62);
    scope_close(&s);
}

CHECK(topics_of_the_demo_shop_come_back_by_meaning) {
    enum { MANY = 1000 };
    static int32_t truth[MANY], topic[MANY];
    scope s;
    open_scope(&s);
    if (!encoder_file_weights("build/weights", &s)) {
        scope_close(&s);
        skip("needs the encoders of tools/setup.sh --weights");
    }
    const char *to = check_folder("topics-meaning"), *out = arena_text(&s.keep, "%s/o.csv", to);
    const char *in = demo_rows(&s, to, MANY, truth);
    check_run r = RUN(&s, "--in", in, "--encoder", "minilm", "--weights", "build/weights", "--k",
                      "8", "--out", out, "--cache", "none");
    check(r.status == 0);
    check(read_topics(&s, out, MANY, topic) == 8);
    check(purity(topic, truth, MANY) > .66); /* .719; by chance .17 */
    scope_close(&s);
}
