/* assortment verb: classes of a small table, cut points, units without money, bad input. */
#include "check_json.h"

#include <math.h>
#include <string.h>

/* 20 weeks: big sells 4 a week for 10, mid 1 a week for 10, odd 20 in one week for 1; late begins
 * in week 10. */
static const char *table(scope *s, bool priced) {
    text all = {0};
    text_addf(&all, "item,day,units,category%s\n", priced ? ",price" : "");
    for (int w = 0; w < 20; w++) {
        static const struct { const char *item; int units, price, from, to; } of[] = {
            {"big", 4, 10, 0, 20}, {"mid", 1, 10, 0, 20}, {"odd", 20, 1, 3, 4},
            {"late", 2, 5, 10, 20}};
        for (int i = 0; i < 4; i++) {
            if (w < of[i].from || w >= of[i].to) continue;
            text_addf(&all, "%s,2024-%02d-%02d,%d,c", of[i].item, 1 + w / 4, 1 + 7 * (w % 4),
                      of[i].units);
            text_addf(&all, priced ? ",%d\n" : "\n", of[i].price);
        }
    }
    const char *path = write_table(s, priced ? "assortment.csv" : "assortment-units.csv",
                                   text_slice(&all));
    text_free(&all);
    return path;
}

CHECK(verb_assortment_classes_a_table) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = table(&s, true);
    check_run r = check_atelier(&s, (const char *const[]){"assortment", "--in", in, NULL});
    check(r.status == 0);
    /* revenue 800, 200, 100, 20 of 1120: 0.71 before mid, 0.89 before late, 0.98 before odd */
    check_has(r.out, "\nbig,c,800,80,A,,X,");
    check_has(r.out, "\nmid,c,200,20,A,,X,");
    check_has(r.out, "\nlate,c,100,20,B,,");
    check_has(r.out, "\nodd,c,20,20,C,,");
    check_has(r.err, "4 items sold in the year: 2 make class A, 1 B, 1 C; Gini 0.");
    const js_node *j = run_json(&s, (const char *const[]){"assortment", "--in", in, "--json",
                                                          NULL});
    /* 20, 100, 200, 800: 2 (20 + 200 + 600 + 3200) / (4 · 1120) - 5/4 */
    check_near(real_of(js_get(j, "concentration"), "gini"), 2 * 4020.0 / 4480 - 1.25, 1e-12);
    check_near(real_of(js_get(j, "launches"), "unknown"), 3, 0); /* first sold in the first weeks */
    check(js_count(js_get(j, "matrix")) == 12 && js_count(js_get(j, "curves")) == 2);
    r = check_atelier(&s, (const char *const[]){"assortment", "--in", in, "--a", "0.7", "--b",
                                                "0.85", NULL});
    check(r.status == 0);
    check_has(r.out, "\nmid,c,200,20,B,");
    scope_close(&s);
}

CHECK(verb_assortment_counts_units_without_money_and_refuses_bad_cuts) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = table(&s, false);
    check_run r = check_atelier(&s, (const char *const[]){"assortment", "--in", in, NULL});
    check(r.status == 0);
    check_has(r.err, "neither revenue nor price: classes are by units");
    check_has(r.out, "\nodd,c,20,20,");
    r = check_atelier(&s, (const char *const[]){"assortment", "--in", in, "--a", "0.9", "--b",
                                                "0.8", NULL});
    check(r.status == 2);
    check_has(r.err, "0 < a < b < 1");
    r = check_atelier(&s, (const char *const[]){"assortment", "--in", in, "--as-of", "2020-01-01",
                                                NULL});
    check(r.status == 2);
    check_has(r.err, "no sale before 2020-01-01");
    scope_close(&s);
}
