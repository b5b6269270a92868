/* elasticity verb: the public orange juice panel, an elasticity for each value, bad input. */
#include "check_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define JSON(s, ...)                                                                               \
    run_json(s, (const char *const[]){"elasticity", "--quantity", "sales", "--price", "price",     \
                                     "--json", __VA_ARGS__, NULL})

static const js_node *of_value(const js_node *list, const char *value) {
    slice is;
    for (int64_t i = 0; i < js_count(list); i++)
        if (js_text(js_get(js_at(list, i), "value"), &is) && slice_is(is, value))
            return js_at(list, i);
    check(false);
    return NULL;
}

/* Reference: R's lm and glm on the same rows; 1e-6 are the digits printed, 1e-5 for Poisson. */
CHECK(verb_elasticity_of_orange_juice) {
    const char *in = check_data("elasticity/oj.csv");
    if (!in) skip("no elasticity/oj.csv here");
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const js_node *j = JSON(&s, "--in", in);
    check_near(real_of(j, "elasticity"), -1.601307, 1e-6);
    check_near(real_of(j, "intercept"), 10.423422, 1e-6);
    check_near(real_of(j, "se"), 0.018358, 1e-6);
    check_near(real_of(j, "r2"), 0.2081, 5e-5);
    j = JSON(&s, "--in", in, "--effects", "brand", "--by", "brand");
    const js_node *brand = js_get(js_get(j, "effects"), "brand");
    check_near(real_of(j, "elasticity"), -3.138691, 1e-6);
    check_near(real_of(j, "se"), 0.022929, 1e-6);
    check_near(real_of(brand, "dominicks"), 10.828822, 1e-6);
    check_near(real_of(brand, "minute.maid") - real_of(brand, "dominicks"), 0.870175, 1e-6);
    check_near(real_of(brand, "tropicana") - real_of(brand, "dominicks"), 1.529943, 1e-6);
    const js_node *by = js_get(js_get(j, "by"), "brand");
    double base = real_of(of_value(by, "dominicks"), "coefficient");
    check_near(base, -3.377530, 1e-6);
    check_near(real_of(of_value(by, "dominicks"), "se_iid"), 0.036192, 1e-6);
    check_near(real_of(of_value(by, "minute.maid"), "coefficient") - base, 0.056795, 1e-6);
    check_near(real_of(of_value(by, "tropicana"), "coefficient") - base, 0.665761, 1e-6);
    check_near(real_of(js_get(j, "by"), "r2"), 0.3978, 5e-5);
    j = JSON(&s, "--in", in, "--effects", "brand^feat", "--by", "brand^feat");
    by = js_get(js_get(j, "by"), "brand^feat");
    base = real_of(of_value(by, "dominicks 0"), "coefficient");
    check_near(base, -2.774154, 1e-6);
    check_near(real_of(of_value(by, "dominicks 1"), "coefficient") - base, -0.470553, 1e-6);
    check_near(real_of(of_value(by, "minute.maid 0"), "coefficient") - base, 0.782932, 1e-6);
    check_near(real_of(js_get(j, "by"), "r2"), 0.5354, 5e-5);
    j = JSON(&s, "--in", in, "--effects", "brand", "--model", "ppml");
    brand = js_get(js_get(j, "effects"), "brand");
    check_near(real_of(j, "elasticity"), -3.370459, 1e-5);
    check_near(real_of(brand, "dominicks"), 11.372559, 1e-5);
    check_near(real_of(brand, "minute.maid") - real_of(brand, "dominicks"), 0.910220, 1e-5);
    check_near(real_of(brand, "tropicana") - real_of(brand, "dominicks"), 1.383888, 1e-5);
    check(real_of(j, "rounds") <= 6);
    j = JSON(&s, "--in", in, "--effects", "brand", "--controls", "feat", "--model", "ppml");
    check_near(real_of(j, "elasticity"), -2.647159, 1e-5);
    check_near(real_of(js_at(js_get(j, "coefficients"), 1), "coefficient"), 0.959945, 1e-5);
    scope_close(&s);
}

/* a: units = 6400 / price²; b: units = 8000 / price; c has one price, and d's refund, its price
 * below nothing and its empty price are left out. */
static const char panel[] = "sales,price,brand,week\n"
                            "64,10,a,1\n16,20,a,2\n4,40,a,3\n1,80,a,4\n"
                            "800,10,b,1\n400,20,b,2\n200,40,b,3\n100,80,b,4\n"
                            "5,7,c,1\n6,7,c,2\n"
                            "-3,10,d,1\n3,-10,d,2\n3,,d,3\n7,5,d,4\n";

CHECK(verb_elasticity_by_value_refuses_those_without_prices) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_table(&s, "elasticity-by.csv", slice_of(panel));
    const js_node *j = JSON(&s, "--in", in, "--effects", "brand", "--by", "brand");
    const js_node *by = js_get(js_get(j, "by"), "brand");
    check_near(real_of(of_value(by, "a"), "coefficient"), -2, 1e-12);
    check_near(real_of(of_value(by, "b"), "coefficient"), -1, 1e-12);
    slice why;
    check(js_text(js_get(of_value(by, "c"), "refused"), &why));
    check_has(why, "fewer than three different prices");
    check(real_of(of_value(by, "d"), "n") == 1);
    j = JSON(&s, "--in", in, "--effects", "brand,week", "--model", "ppml");
    check(real_of(j, "n") == 11);
    for (int ppml = 0; ppml < 2; ppml++) { /* every row is in the fit or has its reason */
        const char *more = write_table(&s, "elasticity-rows.csv", SLICE(
                                       "sales,price,brand,promo\n64,10,a,0\n16,20,a,1\n4,40,a,0\n"
                                       "1,80,a,1\n9,30,a,\n0,20,a,0\n-3,10,a,0\n3,-10,a,0\n"
                                       "0,10,z,0\n0,20,z,1\n"));
        j = JSON(&s, "--in", more, "--effects", "brand", "--controls", "promo", "--model",
                 ppml ? "ppml" : "ols");
        const js_node *out = js_get(j, "left_out");
        check(real_of(j, "n") == (ppml ? 5 : 4) && real_of(out, "negative_units") == 1);
        check(real_of(out, "no_units") == (ppml ? 0 : 3) && real_of(out, "no_positive_price") == 1);
        check(real_of(out, "control_missing") == 1);
        check(real_of(out, "level_never_sells") == (ppml ? 2 : 0));
    }
    scope_close(&s);
}

CHECK(verb_elasticity_refuses_with_a_sentence) {
    static const struct {
        const char *words[4], *says;
    } rows[] = {
        {{"--effects", "brnd"}, "did you mean 'brand'?"},
        {{"--price", "prise"}, "the header has only: sales, price, brand, week"},
        {{"--model", "probit"}, "ols"},
        {{"--effects", "brand^"}, "--effects wants names of columns"},
        {{"--by", "week"}, "no value of --by has three different prices"},
        {{"--controls", "brand"}, "brand"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_table(&s, "elasticity-wrong.csv", SLICE(
                                 "sales,price,brand,week\n1,2,a,1\n2,3,a,2\n3,4,b,1\n4,6,b,2\n"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words[8] = {"elasticity", "--in", in};
        for (int k = 0; k < 4; k++) words[3 + k] = rows[i].words[k];
        check_run r = check_atelier(&s, words);
        check(r.status == 2);
        check_has(r.err, rows[i].says);
    }
    scope_close(&s);
}
