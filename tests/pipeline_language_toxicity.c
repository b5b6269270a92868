/* toxicity in a run: planted insults head the queue, disguised ones too; who reads is told. */
#include "desk.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "pipeline/language_toxicity.h"

enum { REVIEWS = 260, FIRST = 18000, INSULTS = 4, FLOOD = 210 };

static const char *const insults[INSULTS] = {
    "You are a stupid idiot and an ugly fat pig, shame on you stupid shop people",
    "You are a stup1d 1d10t and an ugly fat p1g, shame on you st*pid shop people",
    "Stupid ugly pig, you fat idiot", "You ugly stupid fat pig"};

/* Reviews with two insults of a known place each, an empty one, emoji and a German one. */
static language_data plant(desk *p, int64_t bad) {
    scope *s = &p->s;
    language_data d = {.n = REVIEWS};
    d.review = take(&s->keep, int32_t, d.n);
    d.article = take(&s->keep, int32_t, d.n);
    d.day = take(&s->keep, int32_t, d.n);
    d.texts = take(&s->keep, slice, d.n);
    for (int i = 0; i < REVIEWS; i++) {
        d.review[i] = 1000 + i;
        d.article[i] = i % 4 == 3 ? -1 : i % 4;
        d.day[i] = i % 5 == 4 ? INT32_MIN : FIRST + i;
        d.texts[i] = slice_of(
            i < bad ? insults[i % INSULTS]
            : i == 250 ? ""
            : i == 251 ? "\xF0\x9F\x98\x8D!"
            : i == 252 ? "das Kleid ist sehr sch\xC3\xB6n und die Farbe gef\xC3\xA4llt mir auch"
                       : arena_text(&s->keep, "A lovely white dress, number %d, and it fits", i));
    }
    review_text_read(d.texts, d.n, p->w.threads, s, &d.read);
    desk_sql(p, "CREATE TABLE articles AS SELECT * FROM (VALUES (0, 'a0'), (1, 'a1'), (2, 'a2')) "
                "AS t(article, article_id)");
    return d;
}

static const js_node *insight(desk *p, const language_data *d, const review_vectors *v) {
    js *report = take(&p->s.keep, js, 1);
    js_open(report, &p->s);
    js_object(report, NULL);
    check_ok(language_toxicity_insight(&p->w, p->f, &p->s, d, v, report, &p->e), &p->e);
    return desk_tile(p, "toxicity.json");
}

static slice word_of(const js_node *n, const char *key) {
    slice value = SLICE("(null)");
    js_text(js_get(n, key), &value);
    return value;
}

static review_vectors no_vectors(desk *p) {
    review_vectors v = {.wide = 2, .maker = "tf-idf + svd"};
    v.v = take(&p->s.keep, float, REVIEWS * 2);
    v.has = take(&p->s.keep, uint8_t, REVIEWS);
    return v;
}

CHECK(toxicity_queue_holds_planted_insults_worst_first) {
    desk p;
    desk_open(&p, 2, "toxicity-queue", (windows){FIRST, FIRST + 200, FIRST + 230, FIRST + 260});
    language_data d = plant(&p, INSULTS);
    review_vectors v = no_vectors(&p);
    const js_node *all = insight(&p, &d, &v), *queue = js_get(all, "queue");
    check_text(word_of(all, "schema"), "atelier.toxicity/1");
    check_text(word_of(all, "maker"), "words");
    check_has(word_of(all, "note"), "by words alone");
    check(desk_real(all, "reviews") == REVIEWS && desk_real(all, "unread") == 3);
    check(desk_real(all, "to_review") + desk_real(all, "to_block") == INSULTS);
    check(js_count(queue) == INSULTS);
    const js_node *alarms = js_get(all, "false_alarms_per_10000");
    check(desk_real(alarms, "low") <= desk_real(alarms, "value"));
    check(desk_real(alarms, "value") <= desk_real(alarms, "high"));
    check(desk_real(alarms, "high") < 20);
    double last = 1;
    for (int k = 0; k < INSULTS; k++) {
        const js_node *one = js_at(queue, k);
        int i = (int)desk_real(one, "review") - 1000;
        check(i >= 0 && i < INSULTS && desk_real(one, "probability") <= last);
        last = desk_real(one, "probability");
        check_text(word_of(one, "text"), insults[i]);
        check_text(word_of(one, "article"), i == 3 ? "(null)" : arena_text(&p.s.keep, "a%d", i));
        check_text(word_of(one, "day"), day_text(&p.s.keep, FIRST + i));
        bool block = last > desk_real(js_get(all, "thresholds"), "block");
        check_text(word_of(one, "level"), block ? "block" : "review");
        slice why = {"", 0};
        check(js_count(js_get(one, "words")) >= 1);
        check(js_text(js_at(js_get(one, "words"), 0), &why) && why.n > 2);
    }
    int64_t rows = 0, flagged = 0;
    check_ok(db_count(p.w.d, &rows, &p.e, "SELECT count(*) FROM review_toxicity"), &p.e);
    check_ok(db_count(p.w.d, &flagged, &p.e, "SELECT count(*) FROM review_toxicity WHERE "
                                             "level <> 'none' AND review < 1004"), &p.e);
    check(rows == REVIEWS - 3 && flagged == INSULTS);
    desk_close(&p);
}

CHECK(toxicity_queue_is_short_and_alike_on_any_threads) {
    slice first = {0};
    scope kept;
    err e = {0};
    check_ok(scope_open(&kept, 4 << 20, 0, &e), &e);
    for (int t = 0; t < 3; t++) {
        desk p;
        desk_open(&p, (const int[]){1, 2, 8}[t], "toxicity-threads",
                  (windows){FIRST, FIRST + 200, FIRST + 230, FIRST + 260});
        language_data d = plant(&p, FLOOD);
        review_vectors v = no_vectors(&p);
        const js_node *all = insight(&p, &d, &v);
        check(js_count(js_get(all, "queue")) == 200); /* of 210: the list ends */
        check(desk_real(all, "to_review") + desk_real(all, "to_block") == FLOOD);
        slice bytes;
        check_ok(file_read(folder_path(p.f, "toxicity.json"), &kept, 1 << 20, &bytes, &e), &e);
        if (t == 0) first = bytes;
        check(slice_compare(first, bytes) == 0);
        desk_close(&p);
    }
    scope_close(&kept);
}

/* Vectors of the head's encoder are used; a review without one sends all to words. */
CHECK(toxicity_reads_vectors_of_its_own_encoder_alone) {
    desk p;
    toxicity_file head;
    desk_open(&p, 2, "toxicity-vectors", (windows){FIRST, FIRST + 200, FIRST + 230, FIRST + 260});
    language_data d = plant(&p, INSULTS);
    check_ok(toxicity_file_ready(&head, &p.s, &p.e), &p.e);
    encoder_file encoder = {0};
    memcpy(encoder.hash.hex, head.encoder_hash.p, 16);
    review_vectors v = {.wide = head.vectors.line.wide, .maker = "gte-small int8",
                        .encoder = &encoder};
    v.v = take(&p.s.keep, float, REVIEWS * v.wide);
    v.has = take(&p.s.keep, uint8_t, REVIEWS);
    for (int i = 0; i < REVIEWS; i++) {
        v.has[i] = d.read.unread[i] == REVIEW_READ;
        v.v[(int64_t)i * v.wide + i % v.wide] = v.has[i];
    }
    const js_node *all = insight(&p, &d, &v);
    check_text(word_of(all, "maker"), "gte-small int8");
    check_text(word_of(all, "note"), "(null)");
    check_near(desk_real(js_get(all, "thresholds"), "block"), head.vectors.block, 1e-4);
    encoder.hash.hex[0] = encoder.hash.hex[0] == 'a' ? 'b' : 'a';
    all = insight(&p, &d, &v);
    check_text(word_of(all, "maker"), "words");
    memcpy(encoder.hash.hex, head.encoder_hash.p, 16);
    v.has[7] = 0;
    all = insight(&p, &d, &v);
    check_text(word_of(all, "maker"), "words");
    check_near(desk_real(js_get(all, "thresholds"), "block"), head.words.block, 1e-4);
    desk_close(&p);
}
