/* surfaces_cold: new articles and new users, and the objective of implicit, on planted tables. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { USERS = 60, ITEMS = 50 };

/* Users of team t take two in three items of colour t. Item ids have leading zeros here alone. */
typedef struct files {
    const char *rows, *items, *users;
} files;

static files write_teams(const char *folder, scope *s) {
    files f = {arena_text(&s->keep, "%s/rows.csv", folder),
               arena_text(&s->keep, "%s/items.csv", folder),
               arena_text(&s->keep, "%s/users.csv", folder)};
    FILE *rows = fopen(f.rows, "w"), *items = fopen(f.items, "w"), *users = fopen(f.users, "w");
    check(rows && items && users);
    fprintf(rows, "user,item\n");
    fprintf(items, "article_id,colour,prod name\n");
    fprintf(users, "customer_id,team,age\n");
    for (int u = 0; u < USERS; u++) {
        fprintf(users, "u%d,%s,%d\n", u, u % 2 ? "red" : "blue", u % 2 ? 25 + u % 5 : 45 + u % 5);
        for (int i = 0; i < ITEMS; i++)
            if (u % 2 == i % 2 && (u * 37 + i * 61 + u * i * 31) % 97 < 64)
                fprintf(rows, "u%d,00%d\n", u, 100 + i);
    }
    for (int i = 0; i < ITEMS; i++)
        fprintf(items, "%d,%s,\"a %s thing\"\n", 100 + i, i % 2 ? "scarlet" : "navy",
                i % 2 ? "warm" : "cold");
    check(fclose(rows) == 0 && fclose(items) == 0 && fclose(users) == 0);
    return f;
}

static const js_node *evaluate(scope *s, files f, const char *split, const char *threads) {
    check_run r = check_atelier(
        s, (const char *[]){"evaluate", "recommend", "--in", f.rows, "--split", split,
                            "--item-features", f.items, "--user-features", f.users, "--k", "5",
                            "--factors", "4", "--ridge", "1", "--threads", threads, "--json",
                            NULL});
    err e = {0};
    check(r.status == 0);
    const js_node *root = js_parse(s, r.out, &e);
    check_ok(root != NULL, &e);
    return root;
}

/* A number of the model of that name in a pool; -1 when it was not asked. */
static double number_of(const js_node *root, const char *pool, const char *name, const char *end) {
    const js_node *models = js_get(root, "models");
    for (int64_t i = 0; i < js_count(models); i++) {
        const js_node *m = js_at(models, i);
        slice is, in;
        double value;
        check(js_text(js_get(m, "name"), &is) && js_text(js_get(m, "pool"), &in));
        if (!slice_is(is, name) || !slice_is(in, pool)) continue;
        check(js_real(js_get(js_get(js_get(m, "metrics"), "ndcg@5"), end), &value));
        return value;
    }
    return -1;
}

CHECK(evaluate_cold_finds_new_items_by_their_colour) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("cold_items"), &s);
    const js_node *root = evaluate(&s, f, "cold-items", "1");
    int64_t users = 0;
    check(js_int(js_get(root, "users"), &users) && users == USERS - 1); /* one takes nothing */
    check(js_int(js_get(js_get(root, "item-features"), "matched"), &users) && users == ITEMS);
    check_near(number_of(root, "all", "popular", "value"), 0, 0); /* nobody took them */
    /* a part has about ten items, five of the colour and three or four of these taken */
    check(number_of(root, "new", "als-features", "value") > 0.6);
    check(number_of(root, "new", "als-features - popular", "low") > 0);
    check(number_of(root, "new", "als-features - popular-like", "low") > 0);
    check(number_of(root, "new", "content", "value") > 0.6);
    check(number_of(root, "new", "popular-age", "value") < 0); /* only for new users */
    scope_close(&s);
}

CHECK(evaluate_cold_finds_what_new_users_take_by_their_team) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("cold_users"), &s);
    const js_node *root = evaluate(&s, f, "cold-users", "1");
    check(number_of(root, "all", "als-features", "value") > 0.55);
    check(number_of(root, "all", "als-features - popular", "low") > 0.1);
    check(number_of(root, "all", "popular-age", "value") > 0.4); /* teams differ in age */
    check(number_of(root, "all", "popular-like", "value") > 0.55);
    check(number_of(root, "new", "als-features", "value") < 0);
    scope_close(&s);
}

CHECK(evaluate_cold_is_the_same_for_any_threads) {
    once_is_enough();
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("cold_threads"), &s);
    slice first = {0};
    static const char *const threads[] = {"1", "2", "8"};
    for (int t = 0; t < 3; t++) {
        check_run r = check_atelier(
            &s, (const char *[]){"evaluate", "recommend", "--in", f.rows, "--split", "cold-items",
                                 "--item-features", f.items, "--factors", "4", "--threads",
                                 threads[t], NULL});
        check(r.status == 0);
        if (t == 0) first = r.out;
        check(r.out.n == first.n && memcmp(r.out.p, first.p, first.n) == 0);
    }
    scope_close(&s);
}

CHECK(evaluate_cold_refuses_what_it_cannot_know) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("cold_refuses"), &s);
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", f.rows,
                                                     "--split", "cold-users", NULL});
    check(r.status == 2);
    check_has(r.err, "--split cold-users needs --user-features FILE");
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", f.rows, "--split",
                                           "cold-items", "--item-features", f.users, NULL});
    check(r.status == 2);
    check_has(r.err, "item");
    r = check_atelier(&s, (const char *[]){"evaluate", "recommend", "--in", f.rows, "--split",
                                           "cold-items", "--item-features", f.items, "--map",
                                           "user=item,item=user", NULL});
    check(r.status == 2);
    check_has(r.err, "none of its 50 ids is one of the items of the interactions");
    scope_close(&s);
}

CHECK(verb_recommend_takes_implicits_objective_and_its_parameters) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("objective"), &s);
    check_run own = check_atelier(&s, (const char *[]){"recommend", "--in", f.rows, NULL});
    check_run r = check_atelier(&s, (const char *[]){"recommend", "--in", f.rows, "--objective",
                                                     "implicit", "--alpha", "40", NULL});
    check(r.status == 0 && own.status == 0);
    check(r.out.n != own.out.n || memcmp(r.out.p, own.out.p, own.out.n) != 0);
    r = check_atelier(&s, (const char *[]){"recommend", "--in", f.rows, "--objective", "implicit",
                                           "--alpha", "0.5", NULL});
    check(r.status == 2);
    check_has(r.err, "confidences (alpha times weight) must be 1 or more, found 0.5");
    scope_close(&s);
}
