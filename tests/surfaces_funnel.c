/* funnel and sessions verbs: the public event log, exact sums, explanations and bad input. */
#include "check_json.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 128 << 20, 16 << 20, &e), &e);
    return s;
}

#define JSON(s, ...) run_json(s, (const char *const[]){__VA_ARGS__, "--json", NULL})

static int64_t count_at(const js_node *counts, int64_t i) {
    int64_t n = -1;
    check(js_int(js_at(counts, i), &n));
    return n;
}

static int64_t whole(const js_node *n, const char *key) {
    int64_t x = -1;
    check(js_int(js_get(n, key), &x));
    return x;
}

#define STEPS "catalog,product_view,add_to_cart,purchase"

/* Counted by tests/oracles/funnel_ecom.py, which knows nothing of the program. */
CHECK(verb_funnel_equals_an_independent_count) {
    static const struct {
        const char *order;
        int64_t counts[4];
    } wanted[] = {{"loose", {600, 592, 438, 190}},
                  {"strict", {600, 544, 73, 2}},
                  {"any", {600, 598, 515, 297}}};
    const char *in = check_data("events/ecom.csv.gz");
    if (!in) skip("no events/ecom.csv.gz here");
    scope s = open_scope();
    for (int i = 0; i < 3; i++) {
        const js_node *j = JSON(&s, "funnel", "--in", in, "--steps", STEPS, "--window", "14d",
                                "--order", wanted[i].order, "--by", "platform", "--trend", "week");
        const js_node *counts = js_get(js_get(j, "all"), "counts");
        const js_node *by = js_get(js_get(j, "by"), "platform"), *trend = js_get(j, "trend");
        for (int k = 0; k < 4; k++) {
            int64_t sum = 0, over = 0;
            for (int64_t g = 0; g < js_count(by); g++)
                sum += count_at(js_get(js_at(by, g), "counts"), k);
            for (int64_t g = 0; g < js_count(trend); g++)
                over += count_at(js_get(js_at(trend, g), "counts"), k);
            check(count_at(counts, k) == wanted[i].counts[k]);
            check(sum == wanted[i].counts[k] && over == wanted[i].counts[k]);
        }
    }
    const js_node *cut = JSON(&s, "sessions", "--in", in);
    check(whole(cut, "sessions") == 3605 && whole(cut, "longest_events") == 26);
    check(whole(js_get(cut, "bounces"), "sessions") == 231);
    /* some look around, some fill carts: of these far more buy */
    const js_node *kinds = js_get(js_get(cut, "kinds"), "list");
    check(js_count(kinds) == 2 && whole(js_at(kinds, 0), "sessions") > 2000);
    check(whole(js_at(kinds, 0), "converted") + whole(js_at(kinds, 1), "converted") == 470);
    check(whole(js_at(kinds, 1), "converted") > 3 * whole(js_at(kinds, 0), "converted"));
    scope_close(&s);
}

static const char small[] = "user,time,event,article\n"
                            "a,2024-01-01 10:00:00,view,1\n"
                            "a,2024-01-01 10:01:00,cart_add,2\n"
                            "a,2024-01-01 10:02:00,cart_remove,2\n"
                            "a,2024-01-01 10:03:00,purchase,1\n"
                            "b,2024-01-02 10:00:00,view,1\n"
                            "b,2024-01-02 10:00:00,purchase,1\n"
                            "c,2024-01-03 11:00:00,purchase,1\n"
                            "c,2024-01-03 10:00:00,view,2\n"; /* the clock goes back */

CHECK(verb_funnel_knows_units_rules_and_attempts) {
    scope s = open_scope();
    const char *in = write_table(&s, "funnel-small.csv", slice_of(small));
    const js_node *j = JSON(&s, "funnel", "--in", in);
    check(count_at(js_get(js_get(j, "all"), "counts"), 0) == 3); /* view, cart_add, purchase */
    check(js_count(js_get(j, "steps")) == 3 && js_count(js_get(j, "missing")) == 1);
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase");
    check(count_at(js_get(js_get(j, "all"), "counts"), 1) == 3);
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase", "--unit", "user_article");
    check(count_at(js_get(js_get(j, "all"), "counts"), 0) == 3);
    check(count_at(js_get(js_get(j, "all"), "counts"), 1) == 2); /* c saw another article */
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase", "--ties", "strictly_after");
    check(count_at(js_get(js_get(j, "all"), "counts"), 1) == 2);
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase", "--exclude", "cart_remove:1-2");
    check(count_at(js_get(js_get(j, "all"), "counts"), 1) == 2);
    check(count_at(js_get(js_get(j, "all"), "excluded"), 1) == 1);
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,cart_add,purchase", "--optional",
             "cart_add");
    check(count_at(js_get(js_get(j, "all"), "counts"), 1) == 1);
    check(count_at(js_get(js_get(j, "all"), "counts"), 2) == 3);
    j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase", "--count", "attempts");
    check(count_at(js_get(js_get(j, "all"), "counts"), 0) == 3);
    scope_close(&s);
}

/* a puts into the cart after a minute; b was watched for 25 hours and c for one. */
CHECK(verb_funnel_censors_those_whose_time_is_not_over) {
    static const int64_t watched[] = {3, 2, 2, 1};
    scope s = open_scope();
    const char *in = write_table(&s, "funnel-censored.csv", slice_of(small));
    const js_node *j = JSON(&s, "funnel", "--in", in, "--steps", "view,cart_add");
    const js_node *at = js_get(js_get(j, "all"), "converted");
    for (int i = 0; i < 4; i++) { /* 1, 6, 24, 48 hours */
        double share = 0;
        check(js_real(js_get(js_at(at, i), "share"), &share));
        check_near(share, 1.0 / 3, 1e-12);
        check(whole(js_at(at, i), "watched") == watched[i]);
    }
    scope_close(&s);
}

CHECK(verb_funnel_explains_one_user) {
    scope s = open_scope();
    const char *in = write_table(&s, "funnel-why.csv", slice_of(small));
    const js_node *j = JSON(&s, "funnel", "--in", in, "--steps", "view,purchase", "--explain", "a");
    const js_node *why = js_get(j, "explain");
    static const int level[] = {1, 1, 1, 2};
    static const char *const says[] = {"goes further", "no step", "no step", "goes further"};
    check(js_count(why) == 4);
    for (int i = 0; i < 4; i++) {
        slice is;
        check(whole(js_at(why, i), "level") == level[i]);
        check(js_text(js_get(js_at(why, i), "decision"), &is) && slice_is(is, says[i]));
    }
    scope_close(&s);
}

CHECK(verb_funnel_refuses_with_a_sentence) {
    static const struct {
        const char *words[4], *says;
    } rows[] = {
        {{"--steps", "view,purchse"}, "did you mean 'purchase'?"},
        {{"--steps", "view,purchase", "--exclude", "purchase"}, "is a step"},
        {{"--steps", "view,purchase", "--exclude", "cart_remove:2-2"}, "the earlier one first"},
        {{"--steps", "view,purchase", "--exclude", "cart_remove:0-9"}, "steps 1 to 2"},
        {{"--steps", "view,purchase", "--optional", "click"}, "none of --steps"},
        {{"--steps", "view,purchase", "--optional", "view"}, "first step cannot be optional"},
        {{"--order", "any", "--gaps", "1h,1h,1h"}, "no gaps"},
        {{"--order", "sideways"}, "loose"},
        {{"--unit", "session"}, "session_id"},
        {{"--explain", "nobody"}, "no event is of the user 'nobody'"},
        {{"--by", "colour"}, "no column colour"},
    };
    scope s = open_scope();
    const char *in = write_table(&s, "funnel-wrong.csv", slice_of(small));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words[8] = {"funnel", "--in", in};
        for (int k = 0; k < 4; k++) words[3 + k] = rows[i].words[k];
        check_run r = check_atelier(&s, words);
        check(r.status == 2);
        check_has(r.err, rows[i].says);
    }
    scope_close(&s);
}

CHECK(verb_sessions_of_a_small_log) {
    scope s = open_scope();
    err e = {0};
    const char *in = write_table(&s, "sessions-small.csv", SLICE(
                               "user,time,event\n"
                               "a,2024-01-01 10:00:00,view\na,2024-01-01 10:30:00,view\n"
                               "a,2024-01-01 11:00:01,purchase\nb,2024-01-01 10:00:00,view\n"));
    const char *out = arena_text(&s.keep, "%s/s.csv", check_folder("sessions-out"));
    const js_node *j = JSON(&s, "sessions", "--in", in, "--out", out);
    slice rows;
    check_run r;
    check(whole(j, "sessions") == 3 && whole(j, "users") == 2);
    check(whole(js_get(j, "bounces"), "sessions") == 2);
    check(whole(js_get(j, "engaged"), "sessions") == 2);
    check(whole(js_get(j, "with_purchase"), "sessions") == 1);
    check_ok(file_read(out, &s, 1 << 16, &rows, &e), &e);
    check_has(rows, ",a,1800.0,2,2,0,view,view,false,true,look: view,2024-01-01 10:00:00");
    check_has(rows, ",a,0.0,1,0,1,purchase,purchase,true,true,,2024-01-01 11:00:01");
    const js_node *kinds = js_get(j, "kinds"), *kind = js_at(js_get(kinds, "list"), 0);
    check(js_count(js_get(kinds, "list")) == 1 && whole(kinds, "sessions") == 2);
    check(whole(kind, "sessions") == 2 && whole(kind, "converted") == 0);
    r = check_atelier(&s, (const char *const[]){"sessions", "--in", in, "--goal", "purchse", NULL});
    check(r.status == 2);
    check_has(r.err, "did you mean 'purchase'?");
    r = check_atelier(&s, (const char *const[]){"sessions", "--in", in, "--gap", "none", NULL});
    check(r.status == 2);
    check_has(r.err, "must be positive");
    scope_close(&s);
}
