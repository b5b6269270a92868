/* verbs of behaviour and insight: funnel, elasticity and trends on small tables. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "data/folder.h"

static double real(const js_node *n) {
    double value = -1e300;
    check(js_real(n, &value));
    return value;
}

static slice run_verb(scope *s, const char *const *argv, int status) {
    check_run r = check_atelier(s, argv);
    if (r.status != status) check_text(r.err, "");
    return status ? r.err : r.out;
}

static const char *write_file(scope *s, const char *name, const char *content) {
    err e = {0};
    const char *path = arena_text(&s->keep, "%s/%s", check_folder("verbs-behaviour"), name);
    check_ok(file_replace(path, slice_of(content), &e), &e);
    return path;
}

CHECK(verb_funnel_counts_and_refuses) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_file(&s, "events.csv",
                                "time,user_id,event,channel\n"
                                "2024-01-01 10:00:00,u1,product_view,ads\n"
                                "2024-01-01 10:01:00,u1,add_to_cart,ads\n"
                                "2024-01-01 10:02:00,u1,purchase,ads\n"
                                "2024-01-01 10:00:00,u2,product_view,email\n"
                                "2024-01-09 10:00:00,u2,purchase,email\n"
                                "2024-01-01 10:00:00,u3,product_view,ads\n");
    slice out = run_verb(&s, (const char *const[]){"funnel", "--in", in, "--steps",
                                                   "view,purchase", "--by", "channel", NULL}, 0);
    check_has(out, "ads,2,purchase,1,1,0.5,");
    check_has(out, "email,2,purchase,0,1,0,"); /* eight days are past the window */
    out = run_verb(&s, (const char *const[]){"funnel", "--in", in, "--steps", "view,purchase",
                                             "--window", "none", "--json", NULL}, 0);
    const js_node *j = js_parse(&s, out, &e);
    int64_t bought;
    check(js_int(js_at(js_get(js_get(j, "all"), "counts"), 1), &bought) && bought == 2);
    out = run_verb(&s, (const char *const[]){"funnel", "--in", in, "--steps", "view,click", NULL},
                   2);
    check_has(out, "no event of");
    check_has(out, "product_view");
    out = run_verb(&s, (const char *const[]){"funnel", "--in", in, "--window", "7w", NULL}, 2);
    check_has(out, "7d, 36h, 30m");
    scope_close(&s);
}

CHECK(verb_elasticity_fits_and_refuses) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    /* units = 6400 / price²; shop 2 sells four times as much */
    const char *in = write_file(&s, "prices.csv",
                                "shop,price,units\n1,10,64\n1,20,16\n1,40,4\n1,80,1\n"
                                "2,10,256\n2,20,64\n2,40,16\n2,80,4\n");
    slice out = run_verb(&s, (const char *const[]){"elasticity", "--in", in, "--effects", "shop",
                                                   "--json", NULL}, 0);
    check_near(real(js_get(js_parse(&s, out, &e), "elasticity")), -2, 1e-12);
    out = run_verb(&s, (const char *const[]){"elasticity", "--in", in, "--model", "ppml",
                                             "--effects", "shop", "--json", NULL}, 0);
    check_near(real(js_get(js_parse(&s, out, &e), "elasticity")), -2, 1e-9);
    out = run_verb(&s, (const char *const[]){"elasticity", "--in", in, "--effects", "size", NULL},
                   2);
    check_has(out, "no column size");
    in = write_file(&s, "two.csv", "price,units\n1,5\n2,3\n1,6\n2,2\n");
    out = run_verb(&s, (const char *const[]){"elasticity", "--in", in, NULL}, 2);
    check_has(out, "at least 3 different prices");
    scope_close(&s);
}

/* 8 steady items over 16 weeks; r doubles at a lower price, f falls; refunds, a price below 0. */
static const char *write_sales(scope *s, int weeks) {
    text t;
    text_open(&t, s);
    text_add(&t, SLICE("sku,date,qty,unit_price,category,colour,order_id\n"));
    for (int w = 0; w < weeks; w++)
        for (int i = 0; i < 10; i++) {
            bool late = w >= weeks - 4;
            int units = i == 8 && late ? 50 : i == 9 && late ? 5 : 20;
            text_addf(&t, "%c%d,%s,%d,%.2f,%s,%s,o%d\n", i == 8 ? 'r' : i == 9 ? 'f' : 's', i,
                      day_text(&s->keep, 19723 + 7 * w), units, i == 8 && late ? 7.0 : 10.0,
                      i % 2 ? "Odd" : "Even", i == 8 ? "Red" : "Blue", w * 10 + i);
        }
    text_addf(&t, "s0,%s,-3,10,Even,Blue,o1\n", day_text(&s->keep, 19723 + 7 * (weeks - 1)));
    text_addf(&t, "s1,%s,1,-10,Odd,Blue,o2\n", day_text(&s->keep, 19723 + 7 * (weeks - 1)));
    return write_file(s, "sales.csv", text_slice(&t).p);
}

CHECK(verb_trends_tells_the_story_and_refuses) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_sales(&s, 16), *story = arena_text(&s.keep, "%s.json", in);
    const char *to = arena_text(&s.keep, "%s.out.csv", in);
    slice out = run_verb(&s, (const char *const[]){"trends", "--in", in, "--as-of", "2024-04-22",
                                                   "--out", to, "--story", story, "--json", NULL},
                         0);
    const js_node *told = js_parse(&s, out, &e), *rows = js_get(told, "rows");
    check(js_number(rows, "seen") == 162 && js_number(rows, "quarantined") == 1);
    check(js_number(told, "rising") == 1 && js_number(told, "declining") == 1);
    const js_node *all = js_get(js_get(js_get(told, "revenue"), "previous"), "all");
    /* before 10 · 20 · 10 · 4; now 8 items and the refund of 3 at 10, r 50 at 7, f 5 at 10 */
    check_near(js_number(all, "before"), 8000, 0);
    check_near(js_number(all, "revenue"), 6400 - 30 + 1400 + 200, 0);
    check_near(js_number(all, "price"), -3 * 200, 1e-9);
    check_near(js_number(all, "price") + js_number(all, "volume") + js_number(all, "mix"),
               js_number(all, "change"), 1e-9);
    slice bytes;
    check_ok(file_read(to, &s, 1 << 20, &bytes, &e), &e);
    check_has(bytes, "r8,Even,rising,80,200");
    check_has(bytes, ",clearance,price"); /* sold 30 % under its dearest price, and that is why */
    check_ok(file_read(story, &s, 1 << 22, &bytes, &e), &e);
    const js_node *whole = js_parse(&s, bytes, &e);
    check(js_is_array(js_get(js_get(whole, "anomalies"), "list")));
    check(js_is_array(js_get(whole, "shifts")));
    check(js_count(js_get(js_at(js_get(whole, "attributes"), 0), "values")) == 2);

    out = run_verb(&s, (const char *const[]){"trends", "--in", in, "--map", "item=skuu", NULL}, 2);
    check_has(out, "sku");
    out = run_verb(&s, (const char *const[]){"trends", "--in", in, "--as-of", "2020-01-01", NULL},
                   2);
    check_has(out, "no sale in the 8 weeks before 2020-01-01");
    out = run_verb(&s, (const char *const[]){"trends", "--in", in, "--wekks", "4", NULL}, 2);
    check_has(out, "--weeks");

    /* what is sold later changes nothing of what was known before */
    slice sold, same, told_later;
    check_ok(file_read(to, &s, 1 << 20, &same, &e), &e);
    check_ok(file_read(in, &s, 1 << 20, &sold, &e), &e);
    const char *later = write_file(&s, "later.csv", arena_text(&s.keep, "%.*s%s", (int)sold.n,
                                   sold.p, "s0,2024-05-20,900,99,Even,Blue,o900\n"
                                   "r8,2024-05-21,1,10,Even,Red,o901\n"));
    run_verb(&s, (const char *const[]){"trends", "--in", later, "--as-of", "2024-04-22", "--out",
                                       to, "--story", arena_text(&s.keep, "%s.json", later), NULL},
             0);
    check_ok(file_read(to, &s, 1 << 20, &sold, &e), &e);
    check(sold.n == same.n && memcmp(sold.p, same.p, same.n) == 0);
    check_ok(file_read(arena_text(&s.keep, "%s.json", later), &s, 1 << 22, &told_later, &e), &e);
    check(told_later.n == bytes.n && memcmp(told_later.p, bytes.p, bytes.n) == 0);
    scope_close(&s);
}

/* One week only: nothing can be told, and that is said by every item being new. */
CHECK(verb_trends_of_one_week) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_sales(&s, 1);
    slice out = run_verb(&s, (const char *const[]){"trends", "--in", in, "--json", NULL}, 0);
    const js_node *told = js_parse(&s, out, &e);
    check(js_number(told, "rising") == 0 && js_number(told, "declining") == 0);
    check(js_number(js_get(told, "stages"), "launch") == 10);
    const js_node *all = js_get(js_get(js_get(told, "revenue"), "previous"), "all");
    check_near(js_number(all, "before"), 0, 0);
    check_near(js_number(all, "mix"), js_number(all, "revenue"), 1e-9);
    scope_close(&s);
}
