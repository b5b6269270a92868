/* surfaces_recommend_input: odd and bad tables, users asked for, and choosing parameters. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char *write_table(const char *folder, const char *name, const char *rows, scope *s) {
    const char *path = arena_text(&s->keep, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    check(out != NULL);
    fputs(rows, out);
    check(fclose(out) == 0);
    return path;
}

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
}

static check_run recommend(scope *s, const char *path, const char *more, const char *value) {
    return check_atelier(s, (const char *[]){"recommend", "--in", path, "--model", "knn", "--k",
                                             "3", more, value, NULL});
}

CHECK(verb_recommend_serves_tiny_and_repeated_tables) {
    scope s;
    open_scope(&s);
    const char *folder = check_folder("recommend_tiny");
    static const struct {
        const char *rows, *out;
    } all[] = {
        /* one customer: what there is, when seen items may be listed; k is more than the items */
        {"user,item\na,x\na,y\n", "user,item,rank,score\na,x,1,"},
        {"user,item\na,x\nb,x\n", "user,item,rank,score\na,x,1,0\nb,x,1,0\n"}, /* one article */
        {"user,item\na,x\na,x\na,y\nb,y\nb,y\n", "\nb,x,1,"}, /* repeated rows */
        {"user,item,weight\na,x,\na,y,2\nb,y,1\n", "\nb,x,1,"},                 /* no weight: 1 */
        /* "007" and "7" are two customers and, as articles, two articles */
        {"user,item\n007,07\n7,7\n", "7,7,1,0\n7,07,2,0\n007,7,1,0\n007,07,2,0\n"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        check_run r = recommend(&s, write_table(folder, "t.csv", all[i].rows, &s), NULL, NULL);
        check(r.status == 0);
        check_has(r.out, all[i].out);
    }
    scope_close(&s);
}

CHECK(verb_recommend_refuses_with_the_line_that_is_wrong) {
    scope s;
    open_scope(&s);
    const char *folder = check_folder("recommend_wrong");
    static const struct {
        const char *rows, *more, *value, *said;
    } all[] = {
        {"user,item,weight\na,x,1\na,y,-2\n", NULL, NULL, "t.csv:3: column weight: -2 is negative"},
        {"user,item\n", NULL, NULL, "t.csv"},
        {"", NULL, NULL, "t.csv"},
        {"user,item,time\na,x,yesterday\n", NULL, NULL, "yesterday"},
        {"user,item\na,x\n", "--users", "a,7", "the table has no user '7'"},
        {"user,item\na,x\n", "--users", ",", "the table has no user ''"},
        {"user,item\na,x\n", "--set", "knn.shrink", "--set wants NAME=NUMBER, got 'knn.shrink'"},
        {"user,item\na,x\n", "--set", "knn.size=1", "no model has a parameter 'knn.size'"},
        {"user,item\na,x\n", "--set", "knn.shrink=-1", "knn.shrink must be 0..1e+06, got -1"},
        {"user,item\na,x\n", "--set", "knn.neighbours=1.5", "must be a whole number in 1..4096"},
        {"user,item\na,x\n", "--blend", "hybrid=1", "hybrid cannot be a part of itself"},
        {"user,item\na,x\n", "--blend", "knn=0", "weight of knn must be above 0"},
        {"user,item\na,x\n", "--blend", "knn=1,knn=2", "--blend names knn twice"},
        {"user,item\na,x\n", "--tune", NULL, "no user is left with an item to choose"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *path = write_table(folder, "t.csv", all[i].rows, &s);
        check_run r = recommend(&s, path, all[i].more, all[i].value);
        check(r.status == 2 && r.out.n == 0);
        check_has(r.err, all[i].said);
    }
    scope_close(&s);
}

CHECK(verb_recommend_leaves_out_a_mistyped_year_and_says_so) {
    scope s;
    open_scope(&s);
    text rows = {0};
    text_open(&rows, &s);
    text_addf(&rows, "user,item,time\nlate,x,2099-01-01\n");
    for (int i = 0; i < 120; i++)
        text_addf(&rows, "u%d,i%d,2024-03-%02d\n", i % 40, i % 7, 1 + i % 28);
    const char *path = write_table(check_folder("recommend_late"), "t.csv", rows.p, &s);
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", path,
                                                     "--split", "time:7d", "--json", NULL});
    check(r.status == 0);
    check_has(r.err, "t.csv: 1 rows lie more than 400 days after nearly all others");
    check_has(r.err, "line 2, time 2099-01-01");
    check_has(r.out, "\"rows_too_late\": 1");
    check_has(r.out, "\"from\": \"2024-03-22\"");
    check_has(r.out, "\"until\": \"2024-03-29\"");
    scope_close(&s);
}

CHECK(verb_recommend_answers_the_users_asked_for) {
    scope s;
    open_scope(&s);
    const char *folder = check_folder("recommend_users");
    const char *path = write_table(folder, "t.csv", "user,item\na,x\na,y\nb,y\nc,x\nc,z\n", &s);
    check_run some = recommend(&s, path, "--users", "c,a,c");
    check(some.status == 0);
    check_has(some.out, "user,item,rank,score\nc,");
    check_has(some.out, "\na,x,1,");
    check(strstr(some.out.p, "\nb,") == NULL);
    /* the same lists as when all are asked */
    check_run all = recommend(&s, path, "--users", "all");
    const char *mine = strstr(some.out.p, "\na,");
    check(mine && strstr(all.out.p, arena_text(&s.keep, "%.*s", (int)strcspn(mine + 1, "\n"),
                                               mine + 1)));
    const char *file = write_table(folder, "who.csv", "customer_id\nb\nnobody\nb\n", &s);
    check_run from = recommend(&s, path, "--users", file);
    check(from.status == 0);
    check_has(from.out, "user,item,rank,score\nb,");
    check_has(from.err, "1 of 3 users are not in the table");
    scope_close(&s);
}

CHECK(verb_recommend_sees_that_sorted_lines_are_no_order_in_time) {
    scope s;
    open_scope(&s);
    const char *folder = check_folder("recommend_sorted");
    for (int way = 0; way < 2; way++) { /* the same pairs, sorted and not */
        text rows = {0};
        text_open(&rows, &s);
        text_addf(&rows, "user,item\n");
        for (int u = 0; u < 200; u++)
            for (int i = 0; i < 10; i++) {
                int place = way ? (i * 3 + u) % 10 : i;
                text_addf(&rows, "u%03d,i%02d\n", u, (u * u) % 7 + place * 3);
            }
        const char *path = write_table(folder, "t.csv", rows.p, &s);
        check_run usual = recommend(&s, path, NULL, NULL);
        check_run short_sighted = recommend(&s, path, "--recency", "0.1");
        check(usual.status == 0);
        check((strstr(usual.err.p, "sorted by item") != NULL) == (way == 0));
        /* sorted: recency has nothing to work on */
        check((slice_compare(usual.out, short_sighted.out) == 0) == (way == 0));
    }
    scope_close(&s);
}

/* Walks over a ring of 30 items, one step at a time; the last step of user u is `last`. */
static const char *write_walks(const char *folder, const char *name, bool straight, scope *s) {
    text rows = {0};
    text_open(&rows, s);
    text_addf(&rows, "user,item,time\n");
    for (int u = 0; u < 60; u++)
        for (int i = 0; i < 8; i++) {
            int item = i < 7 || straight ? (u * 7 + i) % 30 : (u * 7 + 10 + u % 15) % 30;
            text_addf(&rows, "u%d,i%d,2024-%02d-%02d\n", u, item, 1 + i, 1 + u % 28);
        }
    return write_table(folder, name, rows.p, s);
}

static const js_node *tuning(scope *s, const char *path, const char *split, const char *threads) {
    err e = {0};
    check_run r = check_atelier(s, (const char *[]){"evaluate", "recommend", "--in", path,
                                                    "--model", "transitions,hybrid", "--blend",
                                                    "popular=1,transitions=1", "--split", split,
                                                    "--k", "3", "--tune", "--threads", threads,
                                                    "--json", NULL});
    check(r.status == 0);
    const js_node *j = js_parse(s, r.out, &e);
    check(j != NULL);
    return j;
}

/* What was tried, with every score, as text. */
static slice tried(const js_node *j, int model, scope *s) {
    js *to = take(&s->keep, js, 1);
    js_open(to, s);
    js_array(to, NULL);
    js_put_node(to, NULL, js_get(js_at(js_get(j, "tuning"), model), "tried"));
    js_put_node(to, NULL, js_get(js_at(js_get(j, "tuning"), model), "chosen"));
    js_end(to);
    return text_slice(&to->out);
}

CHECK(verb_evaluate_tunes_without_a_look_at_the_answers_for_any_threads) {
    scope s;
    open_scope(&s);
    const char *folder = check_folder("recommend_tune");
    const char *one = write_walks(folder, "one.csv", true, &s);
    const char *other = write_walks(folder, "other.csv", false, &s);
    static const char *const splits[] = {"last", "time:28d"};
    for (int i = 0; i < 2; i++) {
        const js_node *a = tuning(&s, one, splits[i], "1");
        const js_node *b = tuning(&s, other, splits[i], "1");
        for (int m = 0; m < 2; m++) {
            slice x = tried(a, m, &s), y = tried(b, m, &s);
            check(x.n > 100 && x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
        }
        const js_node *c = tuning(&s, one, splits[i], "2");
        check(slice_compare(tried(a, 1, &s), tried(c, 1, &s)) == 0);
        /* the blend scores at least what its best part does */
        double whole = 0, part = 0;
        check(js_real(js_get(js_at(js_get(a, "tuning"), 1), "score"), &whole));
        check(js_real(js_get(js_at(js_get(a, "tuning"), 0), "score"), &part));
        check(whole >= part && part > 0.9); /* the next item of the ring is found */
    }
    scope_close(&s);
}

CHECK(verb_evaluate_asks_again_for_what_was_chosen) {
    scope s;
    err e = {0};
    open_scope(&s);
    const char *path = write_walks(check_folder("recommend_again"), "t.csv", false, &s);
    const js_node *j = tuning(&s, path, "last", "1"), *m = js_at(js_get(j, "models"), 1);
    slice set = {0}, blend = {0};
    double tuned = -1, again = -2;
    check(js_text(js_get(m, "set"), &set) && js_text(js_get(m, "blend"), &blend));
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", path,
                                                     "--model", "hybrid", "--k", "3", "--set",
                                                     slice_copy(&s.keep, set), "--blend",
                                                     slice_copy(&s.keep, blend), "--json", NULL});
    check(r.status == 0);
    check(js_real(js_get(js_get(js_get(m, "metrics"), "ndcg@3"), "value"), &tuned));
    check(js_real(js_get(js_get(js_get(js_parse(&s, r.out, &e), "metrics"), "ndcg@3"), "value"),
                  &again));
    check(tuned == again);
    scope_close(&s);
}

CHECK(verb_evaluate_rolls_over_weeks_and_names_segments) {
    scope s;
    err e = {0};
    open_scope(&s);
    /* 20 users buy on days 1, 8, 15 and 22: item 0, 1, 2, 3; user u19 begins with the last week */
    text rows = {0};
    text_open(&rows, &s);
    text_addf(&rows, "user,item,time\n");
    for (int week = 0; week < 4; week++)
        for (int u = week < 3 ? 1 : 0; u < 20; u++)
            text_addf(&rows, "u%d,i%d,2024-03-%02d\n", u, week, 1 + 7 * week);
    const char *path = write_table(check_folder("recommend_weeks"), "t.csv", rows.p, &s);
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", path,
                                                     "--split", "weeks:2", "--model",
                                                     "popular,knn", "--k", "4", "--json", NULL});
    check(r.status == 0);
    const js_node *j = js_parse(&s, r.out, &e), *windows = js_get(j, "windows");
    int64_t users = 0, n[2] = {0};
    check(js_int(js_get(j, "users"), &users) && users == 19 + 20);
    for (int i = 0; i < 2; i++) check(js_int(js_get(js_at(windows, i), "users"), &n[i]));
    check(n[0] == 19 && n[1] == 20);
    check_has(r.out, "\"from\": \"2024-03-09\"");
    check_has(r.out, "\"name\": \"new\"");
    check_has(r.out, "\"name\": \"popular - knn\"");
    /* nobody had the answers' items before: no list can hold them */
    double hr = -1;
    check(js_real(js_get(js_get(js_get(js_at(js_get(j, "models"), 0), "metrics"), "hr@4"), "value"),
                  &hr));
    check(hr == 0);
    scope_close(&s);
}
