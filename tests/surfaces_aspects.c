/* surfaces_aspects: `atelier aspects` on the demo shop, and on odd and bad tables. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"
#include "demo_shop.h"

#define ASPECTS(s, ...)                                                                            \
    check_atelier((s), (const char *const[]){"aspects", __VA_ARGS__, "--json", NULL})

static const js_node *aspect_named(const js_node *all, slice name) {
    const js_node *list = js_get(all, "aspects");
    for (int64_t i = 0; i < js_count(list); i++) {
        slice its = {0};
        if (js_text(js_get(js_at(list, i), "aspect"), &its) && slice_compare(its, name) == 0)
            return js_at(list, i);
    }
    return NULL;
}

/* A planted sentence speaks of its topic first, but often of a neighbour too ("nice quality
 * cotton", "the colour looks even better than online"), and what is wrong with a fit is often the
 * size: so counts within 40 %, shares within eight points. */
CHECK(aspects_recover_the_topics_of_the_demo_shop) {
    err e = {0};
    demo_shop *shop = demo_shop_see();
    const char *table = arena_text(&shop->s.keep, "%s/reviews.csv", shop->dir);
    check_run r = ASPECTS(&shop->s, "--in", table, "--text", "text");
    check(r.status == 0);
    const js_node *told = js_parse(&shop->s, r.out, &e);
    const js_node *topics = js_get(js_get(shop->truth, "reviews"), "topics");
    if (!topics) topics = js_get(shop->truth, "topics");
    check(js_count(topics) == 8);
    for (int64_t i = 0; i < js_count(topics); i++) {
        const js_node *topic = js_at(topics, i);
        const js_node *aspect = aspect_named(told, truth_text(topic, "name"));
        check(aspect != NULL);
        double good = truth_real(topic, "good_sentences"), bad = truth_real(topic, "bad_sentences");
        double positive = truth_real(aspect, "positive"), negative = truth_real(aspect, "negative");
        check_near(positive / good, 1, 0.4);
        check_near(negative / bad, 1, 0.4);
        check_near(positive / (positive + negative), good / (good + bad), 0.08);
    }
}

static const char *table_of(scope *s, const char *name, slice bytes) {
    err e = {0};
    const char *folder_ = check_folder("aspects");
    check_ok(file_make_folders(folder_, &e), &e);
    const char *path = arena_text(&s->keep, "%s/%s", folder_, name);
    FILE *f = fopen(path, "wb");
    check(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0);
    return path;
}

static int64_t number(const js_node *n, const char *key) {
    int64_t value = -1;
    js_int(js_get(n, key), &value);
    return value;
}

CHECK(aspects_of_odd_texts_are_counted_and_do_no_harm) {
    scope s;
    err e = {0};
    text t;
    check_ok(scope_open(&s, 256 << 20, 64 << 20, &e), &e);
    text_open(&t, &s);
    text_addf(&t, "Text,kind\n\"<p>The <b>fabric</b> is soft</p>\",html\n"
                  "\xF0\x9F\x98\x8D\xF0\x9F\x98\x8D,emoji\n...,signs\n"
                  "\"Der Stoff ist leider sehr kratzig und die Farbe ist nicht gut\",de\n"
                  "broken \xFF\xFE,bytes\n\"");
    for (int i = 0; i < 50000; i++) text_addf(&t, "the fabric is soft, ");
    text_addf(&t, "\",long\n");
    const char *table = table_of(&s, "odd.csv", text_slice(&t));
    const char *out = arena_text(&s.keep, "%s.out.csv", table);
    check_run r = ASPECTS(&s, "--in", table, "--text", "Text", "--category", "kind", "--out", out);
    check(r.status == 0);
    const js_node *told = js_parse(&s, r.out, &e);
    check(number(js_get(told, "rows"), "quarantined") == 1);
    check(number(told, "texts") == 5 && number(told, "empty") == 2);
    check(number(told, "other_language") == 1);
    const js_node *fabric = aspect_named(told, SLICE("fabric"));
    check(number(fabric, "positive") > 1 && number(fabric, "negative") == 0);
    check_run cat = check_command(&s, (const char *const[]){"head", "-2", out, NULL});
    check_text(cat.out, "line,category,aspect,polarity,direction,evidence\n"
                        "2,html,fabric,positive,,The fabric is soft\n");
    scope_close(&s);
}

CHECK(aspects_refuse_what_they_cannot_read) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 16 << 20, &e), &e);
    const char *table = table_of(&s, "few.csv", SLICE("Text\nsoft fabric\n"));
    check_run r = ASPECTS(&s, "--in", table, "--text", "Review");
    check(r.status == 2);
    check_has(r.err, "Review");
    r = ASPECTS(&s, "--in", table, "--text", "Text", "--map", "text=Text");
    check(r.status == 2);
    check_has(r.err, "--map");
    r = ASPECTS(&s, "--in", table, "--text", "Text", "--model", "build/no-such-model");
    check(r.status != 0);
    check_has(r.err, "no-such-model");
    scope_close(&s);
}

CHECK(aspects_have_the_same_bytes_on_any_number_of_threads) {
    once_is_enough();
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 256 << 20, 64 << 20, &e), &e);
    demo_shop *shop = demo_shop_see();
    const char *table = arena_text(&s.keep, "%s/reviews.csv", shop->dir), *folder_ =
        check_folder("aspects-threads");
    check_ok(file_make_folders(folder_, &e), &e);
    static const char *const threads[] = {"1", "2", "8"};
    const char *out[3];
    for (int i = 0; i < 3; i++) {
        out[i] = arena_text(&s.keep, "%s/%d.csv", folder_, i);
        check_run r = ASPECTS(&s, "--in", table, "--out", out[i], "--threads", threads[i]);
        check(r.status == 0);
        check_run same = check_command(&s, (const char *const[]){"cmp", out[0], out[i], NULL});
        check(same.status == 0);
    }
    scope_close(&s);
}
