/* behaviour: the spec in words, a planted event log through all hooks, key figures by hand. */
#include "desk.h"

#include <string.h>

#include "pipeline/behaviour.h"
#include "pipeline/bundle_arrays.h"
#include "pipeline/events_file.h"

static funnel_spec four_steps(void) {
    return (funnel_spec){.unit = "visitor", .step = {"view", "click", "cart_add", "purchase"},
                         .p = FUNNEL_DEFAULTS};
}

CHECK(funnel_spec_in_words_and_hash) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    funnel_spec spec = four_steps();
    spec.p.gap[2] = INT64_C(5400) * 1000000;
    check_has(slice_of(funnel_spec_sentence(&spec, &s.keep)),
              "Share of visitors with a view, then a click, then a cart_add within 90 minutes, "
              "then a purchase, all within 7 days of the first step;");
    check_text(slice_of(funnel_spec_canonical(&spec, &s.keep)),
               "{\"unit\":\"visitor\",\"steps\":[\"view\",\"click\",\"cart_add\",\"purchase\"],"
               "\"order\":\"loose\",\"ties\":\"climb\",\"entry\":\"any\",\"window_s\":604800,"
               "\"gap_s\":[0,0,5400,0]}");
    hash_text one = funnel_spec_hash(&spec, s.scratch), again = funnel_spec_hash(&spec, s.scratch);
    spec.p.window++; /* a part of a second is no part of the spec */
    hash_text same = funnel_spec_hash(&spec, s.scratch);
    spec.p.window += 1000000;
    hash_text other = funnel_spec_hash(&spec, s.scratch);
    check(strcmp(one.hex, again.hex) == 0 && strcmp(one.hex, same.hex) == 0);
    check(strcmp(one.hex, other.hex) != 0);
    scope_close(&s);
}

CHECK(funnel_spec_window_reads_and_refuses) {
    err e = {0};
    int64_t t;
    check(funnel_spec_window("7d", &t, &e) && t == INT64_C(604800) * 1000000);
    check(funnel_spec_window("36h", &t, &e) && t == INT64_C(129600) * 1000000);
    check(funnel_spec_window("30m", &t, &e) && t == INT64_C(1800) * 1000000);
    check(funnel_spec_window("none", &t, &e) && t == 0);
    static const char *const wrong[] = {"", "7", "d", "7w", "-3d", "0d", "1.5h", "99999999d"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err no = {0};
        check(!funnel_spec_window(wrong[i], &t, &no) && no.kind == ERR_ASKED_WRONG);
        check_has(slice_of(no.text), "7d, 36h, 30m");
    }
}

/* ---- a small shop in an engine ---- */

static const windows spring = {19723, 19783, 19811, 19839}; /* 2024-01-01 to 2024-04-26 */

/* 6,000 visitors, one a session, entering evenly over 116 days. A visitor of channel c reaches the
 * next step at planted rates: email views buy often, ads seldom; every 60th visitor is of a rare
 * channel. hash() decides, so the log is the same everywhere. */
static void make_log(desk *t) {
    desk_sql(t,
            "CREATE TABLE windows AS SELECT * FROM (VALUES "
            "('train', DATE '2024-01-01', DATE '2024-03-01'), "
            "('valid', DATE '2024-03-01', DATE '2024-03-29'), "
            "('test', DATE '2024-03-29', DATE '2024-04-26')) w(name, from_day, to_day);"
            "CREATE TABLE visitors AS SELECT i AS visitor, TIMESTAMP '2024-01-01' + "
            "INTERVAL (i * 1670) SECOND AS start, CASE WHEN i % 60 = 0 THEN 'rare ' || i % 7 "
            "WHEN i % 3 = 0 THEN 'email' ELSE 'ads' END AS channel, "
            "hash(i * 7919 + 13) % 1000 AS luck FROM range(6000) r(i);"
            "CREATE TABLE f_events AS SELECT CAST(visitor AS INTEGER) AS visitor, NULL::INTEGER AS "
            "customer, CAST(visitor AS BIGINT) AS session, CAST(step AS INTEGER) AS seq, "
            "start + INTERVAL (step * 60) SECOND AS time, "
            "['view', 'cart_add', 'purchase'][step + 1] AS event, "
            "CAST(visitor % 50 AS INTEGER) AS article, CAST(10 AS DECIMAL(18,6)) AS price, "
            "channel, "
            "'web' AS platform, NULL::VARCHAR AS category, 0 AS src_file, "
            "CAST(visitor AS BIGINT) AS src_line "
            "FROM visitors, range(3) s(step) WHERE step = 0 "
            "OR (step = 1 AND luck < (CASE channel WHEN 'email' THEN 600 ELSE 200 END)) "
            "OR (step = 2 AND luck < (CASE channel WHEN 'email' THEN 300 ELSE 50 END));"
            "CREATE TABLE f_sessions AS SELECT session, min(visitor) AS visitor, "
            "min(time) AS start, "
            "CAST(0 AS BIGINT) AS seconds, count(*) AS events, "
            "count(*) FILTER (WHERE event = 'view') AS views, CAST(0 AS BIGINT) AS clicks, "
            "count(*) FILTER (WHERE event = 'cart_add') AS carts, "
            "count(*) FILTER (WHERE event = 'purchase') AS purchases, "
            "min(channel) AS channel, min(platform) AS platform FROM f_events GROUP BY session;"
            "CREATE TABLE customers AS SELECT 1 AS customer, 30 AS age;"
            "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, 'a' || i AS "
            "article_id, 'Coat' AS name, CAST(10 AS DECIMAL(18,6)) AS price FROM range(50) r(i);"
            /* articles 1 to 3: full price 20, then half price; customer 1 buys twice */
            "CREATE TABLE transactions AS SELECT day, customer, article, "
            "CAST(price AS DECIMAL(18,6)) AS price, quantity, "
            "CAST(price * quantity AS DECIMAL(18,6)) AS revenue, order_id FROM (VALUES "
            "(DATE '2024-01-01', 1, 1, 20, 1, 'a'), (DATE '2024-01-01', 1, 2, 20, 2, 'a'), "
            "(DATE '2024-04-20', 1, 1, 10, 1, 'b'), (DATE '2024-04-21', 2, 3, 20, 1, 'c'), "
            "(DATE '2024-04-22', 2, 3, 20, -1, 'd')) t(day, customer, article, price, quantity, "
            "order_id);"
            /* a guest buys article 1 at half price */
            "CREATE TABLE guest_sales AS SELECT DATE '2024-04-21' AS day, 1 AS article, "
            "CAST(10 AS DECIMAL(18,6)) AS price, 2 AS quantity, "
            "CAST(20 AS DECIMAL(18,6)) AS revenue, 'e' AS order_id;");
}

static double real(const js_node *n) {
    double value = -1e300;
    check(js_real(n, &value));
    return value;
}

CHECK(behaviour_insight_counts_the_planted_funnel) {
    desk t;
    desk_open(&t, 2, "behaviour-insight", spring);
    make_log(&t);
    desk_hook(&t, family_behaviour.insight);
    const js_node *funnel = desk_tile(&t, "funnel.json"), *all = js_get(funnel, "all");
    int64_t counts[3], wanted[3];
    err e = {0};
    slice word;
    check(js_count(js_get(funnel, "steps")) == 3 && js_count(js_get(funnel, "missing")) == 1);
    check(js_text(js_at(js_get(funnel, "missing"), 0), &word) && slice_is(word, "click"));
    for (int k = 0; k < 3; k++) {
        check(js_int(js_at(js_get(all, "counts"), k), &counts[k]));
        check_ok(db_count(t.w.d, &wanted[k], &e, "SELECT count(*) FROM f_events WHERE seq = %d", k),
                 &e);
        check(counts[k] == wanted[k]);
    }
    check(counts[0] == 6000);
    /* a minute between steps: within one bucket of 2^(1/4) */
    check_near(real(js_at(js_get(all, "median_seconds"), 1)), 60, 11.4);
    check_near(real(js_get(all, "median_total_seconds")), 120, 22.8);
    /* groups add up; the rates of email are the planted ones */
    const js_node *channels = js_get(js_get(funnel, "by"), "channel");
    int64_t sum = 0, one;
    for (int64_t i = 0; i < js_count(channels); i++) {
        const js_node *c = js_at(channels, i);
        check(js_int(js_at(js_get(c, "counts"), 2), &one));
        sum += one;
        check(js_text(js_get(c, "value"), &word));
        if (!slice_is(word, "email")) continue;
        check_near(real(js_get(js_get(c, "overall"), "value")), 0.3, 0.04); /* 4 standard errors */
    }
    check(sum == counts[2] && js_count(channels) > 3);
    sum = 0;
    for (int64_t i = 0; i < js_count(js_get(funnel, "trend")); i++) {
        check(js_int(js_at(js_get(js_at(js_get(funnel, "trend"), i), "counts"), 0), &one));
        sum += one;
    }
    check(sum == 6000);
    /* email carts 600 of 1000, the others 200: six times the odds */
    const js_node *why = js_get(funnel, "why"), *step = js_at(js_get(why, "steps"), 0);
    const js_node *most = js_at(js_get(step, "differences"), 0);
    check(js_text(js_get(most, "feature"), &word) && slice_is(word, "channel"));
    check(js_text(js_get(most, "value"), &word) && slice_is(word, "email"));
    check_near(real(js_get(js_get(most, "odds_ratio"), "value")), 6, 1.5); /* 4 standard errors */
    check_near(real(js_get(why, "value")), 10, 0);
    check(js_count(js_get(js_get(js_get(funnel, "articles"), "why"), "steps")) == 2);
    check(js_count(js_get(js_get(js_get(funnel, "sessions"), "why"), "steps")) == 2);
    /* each session begins with its view; who has a cart as well buys more often */
    const js_node *kinds = js_get(js_get(funnel, "sessions"), "kinds");
    int64_t sessions = 0, bought = 0;
    for (int64_t i = 0; i < js_count(js_get(kinds, "list")); i++) {
        const js_node *kind = js_at(js_get(kinds, "list"), i);
        check(js_int(js_get(kind, "sessions"), &one));
        sessions += one;
        check(js_int(js_get(kind, "converted"), &one));
        bought += one;
    }
    check(sessions == 6000 && bought == wanted[2]);
    /* a session each: every rule gives a channel its own purchases */
    const js_node *given = js_get(js_get(funnel, "sessions"), "attribution");
    check_near(real(js_get(given, "conversions")), (double)wanted[2], 0);
    const js_node *email = js_at(js_get(given, "channels"), 0);
    check(js_text(js_get(email, "channel"), &word) && slice_is(word, "email"));
    check_near(real(js_get(email, "last")), real(js_get(js_get(email, "markov"), "value")), 1e-6);
    const js_node *each = js_get(js_get(funnel, "articles"), "each");
    check_near(real(js_get(each, "articles")), 50, 0);
    check(js_text(js_get(js_at(js_get(each, "list"), 0), "name"), &word) && slice_is(word, "Coat"));
    desk_close(&t);
}

CHECK(behaviour_kpis_by_hand) {
    desk t;
    desk_open(&t, 1, "behaviour-kpis", spring);
    make_log(&t);
    desk_hook(&t, family_behaviour.insight);
    const js_node *k = js_get(desk_tile(&t, "funnel.json"), "kpis");
#define KPI(name) real(js_get(js_get(k, name), "value"))
    /* 20 + 40 + 10 + 20 in three orders of two customers, and 20 in one of a guest */
    check_near(KPI("aov"), 110.0 / 4, 1e-12);
    check_near(KPI("upt"), 7.0 / 4, 1e-12);
    check_near(KPI("asp"), 110.0 / 7, 1e-12);
    check_near(KPI("orders_per_buyer"), 3.0 / 2, 1e-12);
    check_near(KPI("repeat_rate"), 0.5, 1e-12);
    check_near(KPI("return_share"), 1.0 / 7, 1e-12);
    check_near(KPI("full_price_share"), 4.0 / 7, 1e-12);
    check_near(KPI("markdown_depth"), 1 - 110.0 / 140, 1e-12);
    check_near(KPI("newness"), 20.0 / 50, 1e-12); /* article 3 is new, article 1 is not */
    check(KPI("live_articles") == 2);
    /* carts are bought within minutes, or never; articles are the visitor's own */
    double carts = 0, purchases = 0;
    err e = {0};
    int64_t n;
    check_ok(db_count(t.w.d, &n, &e, "SELECT count(*) FROM f_events WHERE seq = 1"), &e);
    carts = (double)n;
    check_ok(db_count(t.w.d, &n, &e, "SELECT count(*) FROM f_events WHERE seq = 2"), &e);
    purchases = (double)n;
    check_near(KPI("abandonment"), 1 - purchases / carts, 1e-12);
    check_near(KPI("view_to_cart"), carts / 6000, 1e-12);
    check_near(KPI("cart_to_buy"), purchases / carts, 1e-12);
    check_near(KPI("conversion_sessions"), purchases / 6000, 1e-12);
    slice why;
    check(js_text(js_get(js_get(k, "margin"), "why"), &why));
    check_has(why, "no cost prices");
    desk_close(&t);
}

/* Weeks and channels hold each visitor once; the planted rates come true; the last point of the
 * curve has learnt from all, as the served rates have. */
static void check_parts(const js_node *score) {
    const js_node *parts = js_get(score, "parts"), *learning = js_get(score, "learning");
    const js_node *data = js_get(score, "data"), *c = js_at(js_get(score, "calibration"), 0);
    double weeks = 0, channels = 0, units = 0, visitors = real(js_get(data, "test_visitors"));
    for (int64_t i = 0; i < js_count(parts); i++) {
        const js_node *row = js_at(parts, i);
        if (slice_is(js_word(row, "model"), "pooled rate")) continue;
        if (slice_is(js_word(row, "by"), "week from")) weeks += js_number(row, "n");
        if (slice_is(js_word(row, "by"), "channel")) channels += js_number(row, "n");
    }
    check(weeks == visitors); /* rare channels have fewer than 50 visitors */
    check(channels < visitors && channels > 0.97 * visitors);
    for (int64_t i = 0; i < js_count(js_get(c, "rows")); i++) {
        const js_node *row = js_at(js_get(c, "rows"), i);
        units += js_number(row, "n");
        if (js_number(row, "n") < 100) continue; /* 4 standard errors */
        check_near(js_number(row, "observed"), js_number(row, "stated"), 0.08);
    }
    check(units == real(js_get(data, "test_units")));
    const js_node *last = js_at(learning, js_count(learning) - 1);
    const js_node *served = js_at(js_get(score, "models"), 2);
    check(js_count(learning) == 4);
    check_near(js_number(last, "value"),
               real(js_get(js_get(js_get(served, "metrics"), "log_loss"), "value")), 1e-12);
    check_near(js_number(js_at(learning, 0), "at"), js_number(last, "at") / 8, 1);
}

CHECK(behaviour_rates_beat_the_pooled_rate) {
    desk t;
    desk_open(&t, 2, "behaviour-rates", spring);
    make_log(&t);
    size_t full = arena_left(&t.s.keep);
    const js_node *trained = desk_hook(&t, family_behaviour.train);
    size_t trained_left = arena_left(&t.s.keep);
    check(real(js_get(js_get(trained, "log_loss"), "shrunk rate")) <
          real(js_get(js_get(trained, "log_loss"), "pooled rate")));
    const js_node *tuned = desk_hook(&t, family_behaviour.tune), *best = js_get(tuned, "best");
    slice word;
    /* twelve trials are made in the room of one: a log of millions would not fit twelve times */
    check(trained_left - arena_left(&t.s.keep) < full - trained_left + (1 << 18));
    check(js_count(js_get(tuned, "trials")) == 12);
    check(js_text(js_get(best, "by"), &word));
    check_has(word, "channel"); /* platform and category tell nothing in this log */
    const js_node *score = desk_hook(&t, family_behaviour.evaluate);
    const js_node *first = js_at(js_get(score, "comparisons"), 0);
    check(js_text(js_get(first, "verdict"), &word) && slice_is(word, "better"));
    check(real(js_get(first, "high")) < 0);
    check(js_text(js_get(score, "verdict"), &word));
    check_has(word, "better than one rate for all");
    check_parts(score);
    const js_node *home = desk_hook(&t, family_behaviour.publish);
    check(real(js_get(js_get(home, "headline"), "value")) > 0.05);
    check(js_count(js_get(js_get(home, "chart"), "x")) == 3);
    desk_close(&t);
}

CHECK(behaviour_bytes_do_not_depend_on_threads) {
    once_is_enough();
    slice first = {0};
    desk one, eight;
    desk_open(&one, 1, "behaviour-threads", spring);
    desk_open(&eight, 8, "behaviour-threads-8", spring);
    for (int i = 0; i < 2; i++) {
        desk *t = i ? &eight : &one;
        make_log(t);
        slice bytes;
        err e = {0};
        desk_hook(t, family_behaviour.insight);
        check_ok(file_read(folder_path(t->f, "funnel.json"), &t->s, 1 << 24, &bytes, &e), &e);
        if (i) check(bytes.n == first.n && memcmp(bytes.p, first.p, bytes.n) == 0);
        else first = bytes;
    }
    desk_close(&one);
    desk_close(&eight);
}

/* Levels and groups of a spec over the file are those over the engine's table. */
static void check_same(desk *t, const bundle_events *b, const funnel_spec *spec) {
    funnel_log log, file;
    funnel_outcome o, p;
    funnel_table want, got;
    const char *by[] = {"channel"};
    check_ok(funnel_log_read(&log, t->w.d, spec, behaviour_visitors, by, 1, &t->s.keep, &t->e) &&
                 events_file_log(&file, b, BUNDLE_BY_VISITOR, spec, BUNDLE_EVENT_CHANNEL,
                                 &t->s.keep, &t->e), &t->e);
    funnel_run(&o, &log.events, &spec->p, t->w.threads, &t->s.keep);
    funnel_run(&p, &file.events, &spec->p, t->w.threads, &t->s.keep);
    const funnel_log *of[2] = {&log, &file};
    for (int i = 0; i < 2; i++)
        funnel_count(i ? &got : &want, i ? &p : &o, &of[i]->events,
                     funnel_log_group(of[i], 0, i ? &p : &o, t->w.threads, &t->s.keep),
                     of[i]->by[0].values, t->w.threads, &t->s.keep, t->s.scratch);
    check(log.end == file.end && want.groups == got.groups && want.steps == got.steps);
    for (int g = 0; g < got.groups; g++)
        check(slice_compare(log.by[0].value[g], file.by[0].value[g]) == 0);
    check(memcmp(want.counts, got.counts,
                 (size_t)(want.groups * want.steps) * sizeof *want.counts) == 0);
    for (int64_t i = 0; i < file.events.n; i++)
        check(file.events.time[i] >= file.from && file.events.time[i] <= file.to);
}

CHECK(events_file_gives_the_funnels_of_the_table) {
    desk t;
    desk_open(&t, 2, "behaviour-events", spring);
    make_log(&t);
    check_ok(events_file_write(&t.w, t.f, &t.s, &t.e), &t.e);
    const store *m = store_open(&t.s, folder_path(t.f, "events.atm"), "events", &t.e);
    check_ok(m, &t.e);
    bundle *b = take(&t.s.keep, bundle, 1);
    check_ok(scope_open(&b->memory, 1 << 20, 0, &t.e) && bundle_open_events(b, m, &t.e), &t.e);
    check(b->events.has && b->events.log[BUNDLE_BY_VISITOR].units > 1000);
    funnel_spec spec = {.unit = "visitor", .step = {"view", "cart_add", "purchase"},
                        .p = FUNNEL_DEFAULTS};
    spec.p.steps = 3;
    check_same(&t, &b->events, &spec);
    spec.p.window = INT64_C(3600) * 1000000;
    check_same(&t, &b->events, &spec);
    spec.p.order = FUNNEL_STRICT;
    check_same(&t, &b->events, &spec);
    spec.p.order = FUNNEL_ANY, spec.p.steps = 2;
    check_same(&t, &b->events, &spec);
    funnel_log unused;
    spec.step[1] = "cart_ad";
    check(!events_file_log(&unused, &b->events, 0, &spec, -1, &t.s.keep, &t.e));
    check_has(slice_of(t.e.text), "no event of the log is a 'cart_ad'; did you mean 'cart_add'?");
    scope_close(&b->memory);
    desk_close(&t);
}

CHECK(behaviour_without_a_log_says_so) {
    desk t;
    desk_open(&t, 1, "behaviour-none", spring);
    make_log(&t);
    desk_sql(&t, "DELETE FROM f_events WHERE event <> 'purchase'; DELETE FROM f_sessions");
    slice word;
    check(js_text(js_get(desk_hook(&t, family_behaviour.evaluate), "skipped"), &word));
    check_has(word, "only purchase events");
    desk_sql(&t, "DELETE FROM f_events");
    check(js_text(js_get(desk_hook(&t, family_behaviour.insight), "skipped"), &word));
    check_has(word, "no event log");
    const js_node *tile = desk_tile(&t, "funnel.json");
    check(js_text(js_get(tile, "skipped"), &word));
    check(js_text(js_get(js_get(js_get(tile, "kpis"), "conversion_sessions"), "why"), &word));
    check_has(word, "no event log");
    check_near(real(js_get(js_get(js_get(tile, "kpis"), "aov"), "value")), 110.0 / 4, 1e-12);
    check(js_text(js_get(desk_hook(&t, family_behaviour.publish), "skipped"), &word));
    desk_close(&t);
}
