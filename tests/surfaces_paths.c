/* paths verb: the public event log counted twice, anchors, silence, bots and bad input. */
#include "check_json.h"

#include <stdio.h>
#include <string.h>

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 128 << 20, 1 << 20, &e), &e);
    return s;
}

static check_run run(scope *s, const char *const *words, int status) {
    check_run r = check_atelier(s, words);
    if (r.status != status) print_error("%.*s\n", (int)r.err.n, r.err.p);
    check(r.status == status);
    return r;
}

#define RUN(s, status, ...) run(s, (const char *const[]){"paths", __VA_ARGS__, NULL}, status)

/* Counted by tests/oracles/paths_ecom.py, which knows nothing of the program. */
CHECK(verb_paths_equals_an_independent_count) {
    const char *in = check_data("events/ecom.csv.gz");
    if (!in) skip("no events/ecom.csv.gz here");
    scope s = open_scope();
    check_run r = RUN(&s, 0, "--in", in, "--depth", "3", "--top", "3", "--pattern",
                      "(?product_view).*(?add_to_cart)(?t<600)(?purchase)");
    check_has(r.out, "\n1,home,catalog,344,260,");
    check_has(r.out, "\n1,catalog,product_view,277,217,");
    check_has(r.out, "\n2,product_view,catalog,186,164,");
    check_has(r.out, "\n3,search,product_view,140,125,");
    check_has(r.err, "in 122 of 3605 sessions");
    scope_close(&s);
}

CHECK(verb_paths_cuts_sessions_and_begins_at_an_anchor) {
    scope s = open_scope();
    err e = {0};
    const char *in = write_table(&s, "paths-small.csv",
                               SLICE("user,time,event\na,2024-01-01 10:00:00,view\n"
                                     "a,2024-01-01 10:01:00,view\na,2024-01-01 10:02:00,cart\n"
                                     "a,2024-01-01 12:00:00,view\nb,2024-01-01 09:00:00,search\n"
                                     "b,2024-01-01 08:59:00,view\n"));
    check_run r = RUN(&s, 0, "--in", in, "--json");
    const js_node *j = js_parse(&s, r.out, &e);
    int64_t n;
    check(js_int(js_get(j, "sessions"), &n) && n == 3 && js_int(js_get(j, "users"), &n) && n == 2);
    check(js_int(js_get(js_at(js_get(j, "steps"), 0), "view"), &n) && n == 3);
    check(js_int(js_get(js_at(js_get(j, "steps"), 6), "(exit)"), &n) && n == 3);
    r = RUN(&s, 0, "--in", in, "--anchor", "cart", "--backwards");
    check_has(r.out, "\n1,cart,view,1,1,1,");
    r = RUN(&s, 0, "--in", in, "--events", "2");
    check_has(r.out, "\n1,view,(other),2,2,");
    scope_close(&s);
}

CHECK(verb_paths_stands_a_bot) {
    scope s = open_scope();
    text all = {0};
    text_add(&all, SLICE("user,time,event\n"));
    for (int i = 0; i < 100000; i++) /* an event every 36 ms, for an hour */
        text_addf(&all, "bot,2024-01-01 10:%02d:%02d,%s\n", i / 1667, i / 28 % 60,
                  i % 3 ? "view" : "search");
    const char *in = write_table(&s, "paths-bot.csv", text_slice(&all));
    text_free(&all);
    check_run r = RUN(&s, 0, "--in", in, "--depth", "2", "--pattern", "(?view).*(?search)(?t>9)"
                      "(?view)");
    check_has(r.err, "in 1 of 1 sessions");
    scope_close(&s);
}

CHECK(verb_paths_refuses_with_a_sentence) {
    static const struct {
        const char *words[2], *says;
    } wrong[] = {{{"--anchor", "veiw"}, "did you mean 'view'?"},
                 {{"--goal", "purchse"}, "no event is a 'purchse'"},
                 {{"--pattern", "(?view"}, "not understood"},
                 {{"--depth", "40"}, "depth"},
                 {{"--backwards", NULL}, "backwards goes from an anchor"},
                 {{"--gap", "none"}, "must be positive"}};
    scope s = open_scope();
    const char *in = write_table(&s, "paths-wrong.csv",
                               SLICE("user,time,event\na,2024-01-01 10:00:00,view\n"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        check_run r = RUN(&s, 2, "--in", in, wrong[i].words[0], wrong[i].words[1]);
        check_has(r.err, wrong[i].says);
    }
    scope_close(&s);
}

/* u: ads, email and a purchase, then ads; v: ads, and 40 days later email with a purchase. */
#define JOURNEYS                                                                                   \
    "user,time,event,channel,session\nu,2024-01-02 10:00,view,email,a\n"                          \
    "u,2024-01-02 10:05,purchase,,a\nu,2024-01-01 10:00,view,ads,b\n"                              \
    "u,2024-01-03 10:00,view,ads,c\nv,2024-01-01 10:00,view,ads,d\n"                               \
    "v,2024-02-10 10:00,view,,e\nv,2024-02-10 10:01,purchase,email,e\n"

static double given(const js_node *all, int at, const char *channel, const char *rule) {
    const js_node *one = js_at(js_get(all, "channels"), at);
    check_text(text_of(one, "channel"), channel);
    return real_of(one, rule);
}

CHECK(verb_paths_attributes_by_hand) {
    scope s = open_scope();
    const char *in = write_table(&s, "paths-journeys.csv", SLICE(JOURNEYS));
    const js_node *j = run_json(&s, (const char *const[]){"paths", "--in", in, "--attribution",
                                                          "--json", NULL});
    const js_node *all = js_get(j, "attribution");
    /* ads email: bought; ads: lost; ads: lost by silence; email: bought */
    check_near(real_of(all, "journeys"), 4, 0);
    check_near(real_of(all, "conversions"), 2, 0);
    check_near(given(all, 0, "email", "last"), 2, 0);
    check_near(given(all, 0, "email", "first"), 1, 0);
    check_near(given(all, 0, "email", "shapley"), 1.5, 0);
    check_near(given(all, 0, "email", "removal_effect"), 1, 0);
    /* start: 3 of 4 to ads, from there 1 of 3 to email, which always converts: half in all */
    check_near(given(all, 1, "ads", "removal_effect"), 1 - 0.25 / 0.5, 1e-12);
    check_near(given(all, 1, "ads", "touches"), 3, 0);
    j = run_json(&s, (const char *const[]){"paths", "--in", in, "--attribution", "--lookback",
                                           "none", "--json", NULL});
    all = js_get(j, "attribution");
    check_near(real_of(all, "journeys"), 3, 0);
    check_near(given(all, 1, "email", "first"), 0, 0);
    check_run r = RUN(&s, 0, "--in", in, "--attribution");
    check_has(r.out, "channel,touches,journeys,converted,first,last,linear,position,shapley,markov,"
                     "markov_low,markov_high,removal_effect\nemail,2,2,2,1,2,1.5,1.5,1.5,");
    check_has(r.out, "\nads,3,3,1,1,0,0.5,0.5,0.5,");
    check_has(r.out, ",0.5\n"); /* half of the conversions would be lost without ads */
    scope_close(&s);
}

CHECK(verb_paths_attribution_asked_wrongly) {
    static const struct {
        const char *table, *words[2], *says;
    } wrong[] = {{JOURNEYS, {"--lookback", "soon"}, "7d, 36h, 30m"},
                 {"user,time,event\na,2024-01-01,purchase\n", {NULL}, "channel"},
                 {"user,time,event,channel\na,2024-01-01,purchase,ads\n", {NULL}, "has 1 channel"},
                 {"user,time,event,channel\na,2024-01-01,view,ads\nb,2024-01-01,view,mail\n",
                  {NULL}, "no such session"}};
    scope s = open_scope();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *in = write_table(&s, arena_text(&s.keep, "paths-attributed%zu.csv", i),
                                     slice_of(wrong[i].table));
        check_run r = RUN(&s, 2, "--in", in, "--attribution", wrong[i].words[0], wrong[i].words[1]);
        check_has(r.err, wrong[i].says);
    }
    scope_close(&s);
}
