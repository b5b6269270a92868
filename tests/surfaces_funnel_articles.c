/* funnel --articles: labels, what is missing and money on a log made by hand. */
#include "check_json.h"

#define JSON(s, ...) run_json(s, (const char *const[]){__VA_ARGS__, "--json", NULL})

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 128 << 20, 16 << 20, &e), &e);
    return s;
}

static const struct {
    const char *article, *label;
    int seen, carted, bought, price;
} planted[] = {{"coat", "seen, not wanted", 400, 8, 2, 100},
               {"belt", "wanted, not bought", 400, 120, 6, 20},
               {"gem", "hidden gem", 60, 40, 30, 50},
               {"plain", "", 400, 100, 40, 10},
               {"usual", "", 400, 96, 40, 10}};
enum { PLANTED = sizeof planted / sizeof *planted };

static const char *write_log(scope *s) {
    text t;
    text_open(&t, s);
    text_add(&t, SLICE("user,time,event,article,price\n"));
    for (int i = 0; i < PLANTED; i++)
        for (int u = 0; u < planted[i].seen; u++)
            for (int k = 0; k < 3; k++) {
                static const char *const events[] = {"view", "cart_add", "purchase"};
                int reached = k == 0 ? planted[i].seen : k == 1 ? planted[i].carted
                                                                : planted[i].bought;
                if (u < reached)
                    text_addf(&t, "u%d,2024-01-01 10:0%d:00,%s,%s,%d\n", u, k, events[k],
                              planted[i].article, planted[i].price);
            }
    return write_table(s, "funnel-articles.csv", (slice){t.p, t.n});
}

#define FUNNEL "--steps", "view,cart_add,purchase", "--unit", "user_article", "--articles"

static const js_node *article_named(const js_node *list, const char *name) {
    for (int64_t i = 0; i < js_count(list); i++)
        if (slice_is(text_of(js_at(list, i), "article"), name)) return js_at(list, i);
    return NULL;
}

CHECK(verb_funnel_labels_planted_articles) {
    scope s = open_scope();
    const js_node *j = JSON(&s, "funnel", "--in", write_log(&s), FUNNEL);
    const js_node *all = js_get(j, "articles"), *list = js_get(all, "list");
    const js_node *step = js_at(js_get(all, "steps"), 0), *later = js_at(js_get(all, "steps"), 1);
    check(js_count(list) == PLANTED);
    check_near(real_of(step, "rate"), 364.5 / 1661, 1e-12);
    check_near(real_of(later, "rate"), 118.5 / 365, 1e-12);
    double sales = 0, money = 0;
    for (int i = 0; i < PLANTED; i++) {
        const js_node *own = article_named(list, planted[i].article);
        const js_node *counts = js_get(own, "counts");
        int64_t n[3];
        for (int k = 0; k < 3; k++) check(js_int(js_at(counts, k), &n[k]));
        check(n[0] == planted[i].seen && n[1] == planted[i].carted && n[2] == planted[i].bought);
        check_text(text_of(own, "label"), planted[i].label);
        check_near(real_of(own, "missing_money"),
                   real_of(own, "missing_sales") * planted[i].price, 0.6); /* two decimals */
        sales += real_of(own, "missing_sales"), money += real_of(own, "missing_money");
    }
    check_near(real_of(step, "missing_sales") + real_of(later, "missing_sales"), sales, 0.05);
    check_near(real_of(step, "missing_money") + real_of(later, "missing_money"), money, 0.05);
    /* coat at step 2: (rate of all - own) of 400, times the later rate of all */
    double strength = real_of(step, "strength"), m = 364.5 / 1661;
    double coat = (m - (8 + strength * m) / (400 + strength)) * 400 * 118.5 / 365;
    check(real_of(article_named(list, "coat"), "missing_sales") >= coat - 0.01);
    scope_close(&s);
}

CHECK(verb_funnel_articles_asked_wrongly) {
    static const struct {
        const char *unit, *words[2], *says;
    } rows[] = {{"user", {NULL}, "wants --unit user_article, not user"},
                {"session", {NULL}, "wants --unit user_article, not session"},
                {"user_article", {"--order", "any"}, "--order any"},
                {"user_article", {"--optional", "cart_add"}, "--optional"},
                {"user_article", {"--count", "attempts"}, "--count attempts"}};
    scope s = open_scope();
    const char *in = write_log(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_run r = check_atelier(
            &s, (const char *const[]){"funnel", "--in", in, "--steps", "view,cart_add,purchase",
                                      "--articles", "--unit", rows[i].unit, rows[i].words[0],
                                      rows[i].words[1], NULL});
        check(r.status == 2);
        check_has(r.err, rows[i].says);
    }
    scope_close(&s);
}
