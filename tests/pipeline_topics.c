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

/* ---- the verb ---- */

/* n rows that speak of sleeves, wool or couriers in turn, four of six words each. */
static const char *three_things(scope *s, const char *to, const char *name, int n) {
    static const char *const own[3][6] = {
        {"sleeve", "waist", "shoulder", "hem", "collar", "cuff"},
        {"wool", "cotton", "linen", "silk", "fabric", "weave"},
        {"parcel", "courier", "delivery", "box", "shipping", "tracking"}};
    text t = {0};
    text_addf(&t, "said\n");
    for (int i = 0; i < n; i++) {
        rng r = rng_open(2, (uint64_t)i);
        text_addf(&t, "the");
        for (int j = 0; j < 4; j++) text_addf(&t, " %s", own[i % 3][rng_below(&r, 6)]);
        text_addf(&t, " is here\n");
    }
    return put(s, to, name, &t);
}

static bool holds(const js_node *words, const char *word) {
    slice one;
    for (int64_t i = 0; i < js_count(words); i++)
        if (js_text(js_get(js_at(words, i), "word"), &one) && slice_is(one, word)) return true;
    return false;
}

CHECK(topics_seeds_name_and_new_texts_find_their_topic) {
    enum { MANY = 600, NEW = 90 };
    static int32_t topic[MANY], later[NEW];
    scope s;
    open_scope(&s);
    const char *to = check_folder("topics-verb"), *out = arena_text(&s.keep, "%s/o.csv", to);
    const char *in = three_things(&s, to, "in.csv", MANY);
    const char *more = three_things(&s, to, "more.csv", NEW);
    const char *model = arena_text(&s.keep, "%s/model", to), *words;
    words = arena_text(&s.keep, "%s/w.json", to);
    text t = {0};
    text_addf(&t, "# what we want to know of\nDelivery: courier parcel\n\ncloth: wool silk\n");
    const char *seeds = put(&s, to, "seeds.txt", &t);
    check_run r = RUN(&s, "--in", in, "--text", "said", "--encoder", "none", "--k", "3", "--seeds",
                      seeds, "--model", model, "--words", words, "--out", out);
    check(r.status == 0);
    check(read_topics(&s, out, MANY, topic) == 3);
    int32_t of[3] = {topic[0], topic[1], topic[2]}; /* of sleeves, cloth, couriers */
    check(of[0] != of[1] && of[1] != of[2] && of[0] != of[2]);
    for (int i = 0; i < MANY; i++) check(topic[i] == of[i % 3]);
    const js_node *all = js_get(read_json(&s, words), "topics");
    slice name;
    check(js_text(js_get(js_at(all, of[2]), "label"), &name) && js_count(all) == 3);
    check(js_text(js_get(js_at(all, of[2]), "seed"), &name));
    check_text(name, "Delivery");
    check(js_text(js_get(js_at(all, of[1]), "seed"), &name));
    check_text(name, "cloth");
    check(!js_text(js_get(js_at(all, of[0]), "seed"), &name));
    check(holds(js_get(js_at(all, of[2]), "words"), "tracking"));
    check(!holds(js_get(js_at(all, of[2]), "words"), "wool"));
    for (int i = 0; i < 3; i++) check_near(desk_real(js_at(all, i), "share"), 1.0 / 3, 1e-6);
    /* the kept model gives new texts the same topics, and says their names */
    r = RUN(&s, "--in", more, "--text", "said", "--model", model, "--out", out);
    check(r.status == 0);
    check(read_topics(&s, out, NEW, later) == 3);
    for (int i = 0; i < NEW; i++) check(later[i] == of[i % 3]);
    r = RUN(&s, "--in", more, "--text", "said", "--model", model, "--k", "5", "--out", out);
    check(r.status == 2);
    check_has(r.err, "holds topics already");
    scope_close(&s);
}

CHECK(topics_verb_threads_give_the_same_bytes) {
    enum { MANY = 900 };
    static int32_t truth[MANY];
    static const char *const threads[3] = {"1", "2", "8"};
    scope s;
    err e = {0};
    slice first[2] = {{0}}, now[2];
    open_scope(&s);
    const char *to = check_folder("topics-threads"), *in = demo_rows(&s, to, MANY, truth);
    const char *out = arena_text(&s.keep, "%s/o.csv", to);
    const char *words = arena_text(&s.keep, "%s/w.json", to);
    for (int i = 0; i < 3; i++) {
        check_run r = RUN(&s, "--in", in, "--encoder", "none", "--k", "9", "--words", words,
                          "--out", out, "--threads", threads[i]);
        check(r.status == 0);
        check_ok(file_read(out, &s, 1 << 22, &now[0], &e) &&
                 file_read(words, &s, 1 << 22, &now[1], &e), &e);
        for (int j = 0; j < 2; j++) {
            if (i == 0) first[j] = now[j];
            check(now[j].n > 1000 && slice_compare(first[j], now[j]) == 0);
        }
    }
    scope_close(&s);
}

CHECK(topics_bad_input_is_refused_or_counted) {
    scope s;
    open_scope(&s);
    const char *to = check_folder("topics-bad"), *out = arena_text(&s.keep, "%s/o.csv", to);
    const char *few = three_things(&s, to, "few.csv", 9);
    check_run r = RUN(&s, "--in", few, "--text", "said", "--encoder", "none", "--k", "20");
    check(r.status == 2);
    check_has(r.err, "fewer than the 20 topics");
    r = RUN(&s, "--in", few, "--text", "said", "--encoder", "none", "--k", "3", "--out", out);
    check(r.status == 0);
    static const struct {
        const char *rows, *said;
    } cases[] = {
        {"text\na single review of wool\n", NULL},
        {"text\n", "no row that passes"},
        {"text\n\xF0\x9F\x98\x8D\n\xF0\x9F\x98\x8D\xF0\x9F\x98\x80\n", "no text has a word"},
        {"text\nthe of and\nit is the\nso it was\n", "no word"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text t = {0};
        text_addf(&t, "%s", cases[i].rows);
        r = RUN(&s, "--in", put(&s, to, "bad.csv", &t), "--encoder", "none", "--out", out);
        check(r.status == 2);
        if (cases[i].said) check_has(r.err, cases[i].said);
    }
    text t = {0};
    text_addf(&t, "text\n");
    for (int i = 0; i < 300; i++) text_addf(&t, "soft wool and a fine collar\n");
    r = RUN(&s, "--in", put(&s, to, "same.csv", &t), "--encoder", "none", "--k", "4", "--out", out);
    check(r.status == 0); /* all the same: one topic has them all */
    check_has(r.err, "\n  0     300  ");
    check_has(r.err, "\n  1       0  ");
    t = (text){0};
    text_addf(&t, "text\n");
    for (int i = 0; i < 300; i++) text_addf(&t, "%s wool\n", i % 2 ? "soft" : "warm");
    for (int i = 0; i < 100000; i++) text_addf(&t, "soft wool ");
    text_addf(&t, "\n");
    const char *big = put(&s, to, "big.csv", &t);
    r = RUN(&s, "--in", big, "--encoder", "none", "--k", "2", "--out", out);
    check(r.status == 0);
    r = RUN(&s, "--in", big, "--encoder", "none", "--unit", "sentence", "--k", "2", "--out", out);
    check(r.status == 0);
    scope_close(&s);
}

/* ---- topics of a shop ---- */

/* 1,200 reviews over 240 days. Of the first 149 days one in six speaks of couriers, of the last 91
 * every second; the others speak of wool or sleeves. Seven in ten please, whatever the topic. */
static void open_shop(desk *p, const char *name, int threads) {
    static const char *const own[3][6] = {
        {"sleeve", "waist", "shoulder", "hem", "collar", "cuff"},
        {"wool", "cotton", "linen", "silk", "fabric", "weave"},
        {"parcel", "courier", "delivery", "box", "shipping", "tracking"}};
    text sql = {0};
    desk_open(p, threads, name, (windows){18000, 18120, 18180, 18240});
    text_addf(&sql, "CREATE TABLE e_reviews AS SELECT * FROM (VALUES ");
    for (int i = 0; i < 1200; i++) {
        rng r = rng_open(4, (uint64_t)i);
        int day = i / 5, late = day >= 149;
        int of = late ? (i % 2 ? 2 : i / 2 % 2) : i % 6 == 0 ? 2 : i % 2;
        text_addf(&sql, "%s(%d, DATE '1970-01-01' + %d, '%s', %d, '', 'the", i ? "," : "", i,
                  18000 + day, of == 1 ? "Knitwear" : "Shirts", rng_uniform(&r) < .7 ? 5 : 1);
        for (int j = 0; j < 4; j++) text_addf(&sql, " %s", own[of][rng_below(&r, 6)]);
        text_addf(&sql, " is what I have got here')");
    }
    text_addf(&sql, ") AS t(review, day, category, rating, title, text)");
    check_ok(db_run(p->w.d, text_slice(&sql), &p->e), &p->e);
    desk_sql(p, "ALTER TABLE e_reviews ADD COLUMN recommended INTEGER;\n"
                "ALTER TABLE e_reviews ADD COLUMN article INTEGER;\n"
                "CREATE TABLE articles(article INTEGER, article_id VARCHAR, name VARCHAR)");
    text_free(&sql);
    p->w.encoder = "none";
}

static const js_node *insight(desk *p) {
    language_data d;
    review_vectors v;
    js *report = take(&p->s.keep, js, 1);
    js_open(report, &p->s);
    js_object(report, NULL);
    check_ok(language_data_read(&p->w, &p->s, &d, &p->e), &p->e);
    check_ok(review_vectors_make(&p->w, &p->s, d.texts, d.n, &v, &p->e), &p->e);
    check_ok(language_topics_insight(&p->w, p->f, &p->s, &d, &v, report, &p->e), &p->e);
    return desk_tile(p, "topics.json");
}

CHECK(topics_of_a_shop_have_shares_months_drift_and_opinions) {
    desk p;
    slice word;
    open_shop(&p, "topics-shop", 2);
    const js_node *all = insight(&p), *topics = js_get(all, "topics");
    check(js_text(js_get(all, "maker"), &word));
    check_text(word, "tf-idf + svd");
    check(desk_real(all, "k") == 3 && js_count(topics) == 3);
    check(desk_real(all, "reviews") == 1200);
    int64_t couriers = -1;
    for (int64_t i = 0; i < 3; i++)
        if (holds(js_get(js_at(topics, i), "words"), "courier")) couriers = i;
    check(couriers >= 0);
    const js_node *t = js_at(topics, couriers);
    /* 745 early reviews, one in six; 455 late ones, every second */
    check_near(desk_real(t, "reviews"), 125 + 227, 12); /* 1 in 100 may fall beside its topic */
    check(desk_real(t, "low") < desk_real(t, "share"));
    check(desk_real(t, "share") < desk_real(t, "high"));
    check_near(desk_real(t, "positive_share"), .7, 4 * sqrt(.21 / 352)); /* four standard errors */
    check_near(desk_real(t, "rating"), 1 + 4 * desk_real(t, "positive_share"), 1e-3);
    const js_node *months = js_get(t, "months"), *by = js_get(t, "categories");
    check(js_count(months) >= 8);
    check(desk_real(js_at(months, 1), "share") < .25);
    check(desk_real(js_at(months, js_count(months) - 2), "share") > .4);
    check(js_count(by) == 2 && js_count(js_get(t, "quotes")) == 3);
    double in_all = 0;
    for (int64_t i = 0; i < 2; i++) in_all += desk_real(js_at(by, i), "reviews");
    check_near(in_all, desk_real(t, "reviews"), 0);
    const js_node *drift = js_get(all, "drift"), *rising = js_get(drift, "rising");
    int64_t id = -1;
    check(js_count(rising) == 1 && js_int(js_at(rising, 0), &id) && id == couriers);
    check_near(desk_real(drift, "distance"), 1.0 / 3, .03); /* .5 - 1/6 */
    columns c;
    check_ok(db_query(p.w.d, &p.s.keep, &c, &p.e,
                      "SELECT count(*) AS n, count(topic) AS had FROM review_topics"), &p.e);
    check(columns_i64(&c, "n")[0] == 1200 && columns_i64(&c, "had")[0] == 1200);
    desk_close(&p);
}

CHECK(topics_of_a_shop_without_days_have_no_months_nor_drift) {
    desk p;
    open_shop(&p, "topics-undated", 1);
    desk_sql(&p, "UPDATE e_reviews SET day = NULL");
    const js_node *all = insight(&p), *topics = js_get(all, "topics");
    check(js_count(topics) == 3 && js_count(js_get(js_at(topics, 0), "months")) == 0);
    check(js_count(js_get(all, "drift")) == 0);
    desk_close(&p);
}

CHECK(topics_of_few_reviews_are_skipped_in_words) {
    desk p;
    slice why;
    open_shop(&p, "topics-few", 1);
    desk_sql(&p, "DELETE FROM e_reviews WHERE review >= 150");
    check(js_text(js_get(insight(&p), "skipped"), &why));
    check_has(why, "fewer than 200 sentences");
    desk_close(&p);
}

CHECK(topics_of_a_shop_threads_give_the_same_bytes) {
    once_is_enough();
    desk p[3];
    slice first = {0}, now;
    for (int i = 0; i < 3; i++) {
        open_shop(&p[i], "topics-shop-threads", (int[]){1, 2, 8}[i]);
        desk_sql(&p[i], "DELETE FROM e_reviews WHERE review % 3 > 0");
        insight(&p[i]);
        check_ok(file_read(folder_path(p[i].f, "topics.json"), &p[i].s, 1 << 24, &now, &p[i].e),
                 &p[i].e);
        if (i == 0) first = now;
        check(now.n > 1000 && slice_compare(first, now) == 0);
    }
    for (int i = 0; i < 3; i++) desk_close(&p[i]);
}
