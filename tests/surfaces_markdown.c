/* markdown verb: a plan that is known, its numbers against each other, bad input. */
#include "check_json.h"

#include <math.h>
#include <string.h>

#define JSON(s, ...)                                                                               \
    run_json(s, (const char *const[]){"markdown", "--json", __VA_ARGS__, NULL})

/* Much stock of a: the best price is salvage b / (1 + b) = 2 * 3 / 2 = 3 of 10. Little of b. */
static const char stock[] = "sku,price,on_hand,weekly_units,elasticity,se,salvage,cut\n"
                            "a,10,5000,4,-1.5,0,1,0\n"
                            "b,10,3,4,-1.5,0,1,20\n"
                            "c,10,0,4,,,,\n";

CHECK(verb_markdown_plans_what_is_known) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_table(&s, "markdown-stock.csv", slice_of(stock));
    const js_node *j = JSON(&s, "--in", in, "--ladder", "0,20,50,70,80", "--demand-se", "0");
    const js_node *list = js_get(j, "articles"), *a = js_at(list, 0), *b = js_at(list, 1);
    check_near(real_of(a, "cut"), 0.7, 1e-12);
    check_near(real_of(a, "price"), 3, 1e-9);
    check_near(real_of(js_at(js_get(a, "weeks"), 7), "cut"), 0.7, 1e-12);
    check_near(real_of(a, "units") + real_of(a, "left"), 5000, 1e-6);
    check_near(real_of(a, "gain"), real_of(a, "money") - real_of(a, "money_held"), 1e-6);
    check(real_of(a, "gain_low") > 0 && real_of(a, "better") > 0.95);
    check_near(real_of(b, "cut"), 0.2, 1e-12); /* what sells anyway gets no deeper cut */
    check_near(real_of(b, "gain"), 0, 1e-9);
    check(real_of(js_at(list, 2), "money") == 0);
    check(real_of(j, "cuts_to_set") == 1);
    scope_close(&s);
}

CHECK(verb_markdown_refuses_with_a_sentence) {
    static const struct {
        const char *words[2], *says;
    } rows[] = {
        {{"--ladder", "20,10"}, "--ladder must be at most 20 ascending per cents"},
        {{"--ladder", "0,100"}, "got '0,100'"},
        {{"--ladder", "0,50"}, "line 3: column cut: 20 is no cut of --ladder"},
        {{"--weeks", "0"}, "--weeks"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_table(&s, "markdown-wrong.csv", slice_of(stock));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_run r = check_atelier(&s, (const char *const[]){"markdown", "--in", in,
                                                              rows[i].words[0], rows[i].words[1],
                                                              NULL});
        check(r.status == 2);
        check_has(r.err, rows[i].says);
    }
    in = write_table(&s, "markdown-rows.csv",
                     SLICE("article,price,stock,demand,elasticity\na,10,5,1,0.5\nb,-1,5,1,-2\n"
                           "c,10,5,1,-2\n"));
    check_run r = check_atelier(&s, (const char *const[]){"markdown", "--in", in, NULL});
    check(r.status == 0);
    check_has(r.err, "column elasticity");
    check_has(r.err, "column price");
    check_has(r.out, "c,");
    scope_close(&s);
}
