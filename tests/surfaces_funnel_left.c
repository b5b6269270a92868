/* funnel --why: differences and money on a log made by hand, nothing from after the decision. */
#include "check_json.h"

#include <math.h>

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 128 << 20, 16 << 20, &e), &e);
    return s;
}

/* 200 users on phones, 50 of them go on to the cart, and 200 on the web, 100 of them; every other
 * one read the help before. Those who go on save the article after the view, and return it later.
 * One more views eight days after. */
static const char *write_log(scope *s) {
    text t;
    text_open(&t, s);
    text_add(&t, SLICE("user,time,event,platform,price\nlate,2024-01-09 10:00,view,phone,\n"));
    for (int u = 0; u < 400; u++) {
        bool phone = u < 200, on = u / 2 % (phone ? 4 : 2) == 0;
        const char *at = phone ? "phone" : "web";
        if (u % 2 == 0) text_addf(&t, "u%d,2024-01-01 09:59,help,%s,\n", u, at);
        text_addf(&t, "u%d,2024-01-01 10:00,view,%s,10\n", u, at);
        if (on)
            text_addf(&t, "u%d,2024-01-01 10:01,wish,%s,\nu%d,2024-01-01 10:05,cart_add,%s,10\n"
                      "u%d,2024-01-02 10:05,cart_add,%s,6\nu%d,2024-01-03 10:05,return,%s,\n",
                      u, at, u, at, u, at, u, at);
    }
    return write_table(s, "funnel-left.csv", (slice){t.p, t.n});
}

CHECK(verb_funnel_says_what_separates_who_left) {
    scope s = open_scope();
    const js_node *j = run_json(&s, (const char *const[]){"funnel", "--in", write_log(&s),
                                "--steps", "view,cart_add", "--why", "--json", NULL});
    const js_node *why = js_get(j, "why"), *step = js_at(js_get(why, "steps"), 0);
    const js_node *one = js_at(js_get(step, "differences"), 0), *ratio = js_get(one, "odds_ratio");
    check_near(real_of(step, "entered"), 401, 0);
    check_near(real_of(step, "compared"), 400, 0); /* the window of one is open */
    check_near(real_of(step, "went_on"), 150, 0);
    /* what was saved or returned came after, and the help makes strata of its own */
    check_near(real_of(step, "tested"), 1, 0);
    check_text(text_of(one, "feature"), "platform");
    check_text(text_of(one, "value"), "phone");
    check_near(real_of(one, "units"), 200, 0);
    check_near(real_of(one, "rate"), 0.25, 0);
    check_near(real_of(one, "rate_without"), 0.5, 0);
    check_near(real_of(ratio, "value"), 1 / 3.0, 1e-12); /* 25·50 / 75·50 in either stratum */
    check(real_of(ratio, "high") < 0.6 && real_of(ratio, "low") > 0.15);
    check_near(real_of(why, "value"), 16, 0); /* both in the window */
    check_near(real_of(step, "money_lost"), 251 * 16, 1e-9);
    check_near(real_of(step, "money_of_a_point"), 4.01 * 16, 1e-9);
    scope_close(&s);
}

CHECK(verb_funnel_without_prices_has_no_money) {
    scope s = open_scope();
    const char *in = write_table(&s, "funnel-unpriced.csv",
                                 SLICE("user,time,event\na,2024-01-01,view\na,2024-01-02,buy\n"));
    const js_node *j = run_json(&s, (const char *const[]){"funnel", "--in", in, "--steps",
                                "view,buy", "--window", "none", "--why", "--json", NULL});
    const js_node *step = js_at(js_get(js_get(j, "why"), "steps"), 0);
    check(js_get(step, "money_lost") && isnan(real_of(step, "money_lost")));
    check_near(real_of(step, "tested"), 0, 0);
    scope_close(&s);
}

CHECK(verb_funnel_why_asked_wrongly) {
    static const struct {
        const char *words[4], *says;
    } rows[] = {{{"--order", "any"}, "--order any"},
                {{"--optional", "cart_add", "--steps", "view,cart_add,wish"}, "--optional"},
                {{"--count", "attempts"}, "--count attempts"},
                {{"--articles", "--unit", "user_article"}, "ask for one at a time"}};
    scope s = open_scope();
    const char *in = write_log(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_run r = check_atelier(
            &s, (const char *const[]){"funnel", "--in", in, "--why", rows[i].words[0],
                                      rows[i].words[1], rows[i].words[2], rows[i].words[3], NULL});
        check(r.status == 2);
        check_has(r.err, rows[i].says);
    }
    scope_close(&s);
}
