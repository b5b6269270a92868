/* impact verb: a planted effect found in a table, what it writes, several items, bad input. */
#include "check_json.h"

#include <string.h>

/* 24 items, one sale a week from 2024-01-01: item 0 sells 40 a week and 80 from 2024-04-01 on, the
 * others 20 to 42, all with a wave; item 1 has the category to itself. */
static const char *table(scope *s) {
    text all = {0};
    text_addf(&all, "item,day,units,category\n");
    for (int w = 0; w < 18; w++)
        for (int i = 0; i < 24; i++) {
            int units = i == 0 ? (w >= 13 ? 80 : 40) : 20 + i - 1 + 3 * ((i * 7 + w * 5) % 4);
            int day = 1 + 7 * w, month = 1;
            static const int days[] = {31, 29, 31, 30, 31};
            while (day > days[month - 1]) day -= days[month++ - 1];
            text_addf(&all, "i%d,2024-%02d-%02d,%d,%s\n", i, month, day,
                      units + (w % 4 ? 0 : 6), i == 1 ? "alone" : "c");
        }
    const char *path = write_table(s, "impact.csv", text_slice(&all));
    text_free(&all);
    return path;
}

CHECK(verb_impact_finds_a_planted_effect) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = table(&s);
    const js_node *j = run_json(&s, (const char *const[]){
        "impact", "--in", in, "--article", "i0", "--from", "2024-04-01", "--json", NULL});
    const js_node *effect = js_get(j, "effect"), *weeks = js_get(j, "weeks");
    check(real_of(j, "siblings") == 22 && real_of(j, "weeks_after") == 4);
    check(js_count(weeks) == 16);
    check_text(text_of(js_at(weeks, 12), "day"), "2024-04-01");
    check_near(real_of(js_at(weeks, 12), "treated"), 80, 0);
    check_near(real_of(j, "sold"), 4 * 80 + 6, 0);
    /* 80 for 40: nearly 2, the wave of 6 added to both */
    check_near(real_of(effect, "ratio"), 326.0 / 166, 0.1);
    check(real_of(effect, "low") > 1.5 && real_of(effect, "high") < 2.6);
    check_near(real_of(effect, "p"), 1.0 / 23, 1e-12);
    check_near(real_of(js_get(j, "gain"), "units"), 160, 8);
    check(js_count(js_get(j, "control")) == 10);
    check_run r = check_atelier(&s, (const char *const[]){"impact", "--in", in, "--article",
                                "i0, i3", "--from", "2024-04-01", "--to", "2024-04-16", NULL});
    check(r.status == 0);
    check_has(r.out, "week,day,treated,control\n-12,2024-01-08,");
    check_has(r.out, "\n-1,2024-03-25,");
    check_has(r.out, "\n2,2024-04-08,");
    check(!strstr(slice_copy(&s.keep, r.out), "2024-04-15"));
    check_has(r.err, " | ");
    check_has(r.err, "control of 21 siblings");
    r = check_atelier(&s, (const char *const[]){"impact", "--in", in, "--article", "i0", "--by",
                                                "none", "--from", "2024-04-01", NULL});
    check_has(r.err, "control of 23 siblings");
    scope_close(&s);
}

CHECK(verb_impact_refuses_with_a_sentence) {
    static const struct {
        const char *words[6], *says;
    } wrong[] = {
        {{"--article", "i99", "--from", "2024-04-01"}, "has no item 'i99'"},
        {{"--article", "i0,", "--from", "yesterday"}, "--from wants a day"},
        {{"--article", "i0", "--from", "2024-04-01", "--to", "2024-04-05"}, "no full week between"},
        {{"--article", "i1", "--from", "2024-04-01"}, "fewer than 19 siblings"}};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = table(&s);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *words[12] = {"impact", "--in", in};
        memcpy(words + 3, wrong[i].words, sizeof wrong[i].words);
        check_run r = check_atelier(&s, words);
        check(r.status == 2);
        check_has(r.err, wrong[i].says);
    }
    scope_close(&s);
}
