/* surfaces_attributes: lists of the models that know attributes, groups and times, on planted
 * tables: a new item and a new user among two teams of colours. */
#include "check.h"

#include <stdio.h>
#include <string.h>

enum { USERS = 40, ITEMS = 30 };

/* Users of team t take two in three items of colour t. Item 900 and user z are in no row. */
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
    fprintf(items, "item,colour\n");
    fprintf(users, "user,team,age\n");
    for (int u = 0; u < USERS; u++) {
        fprintf(users, "u%d,%s,%d\n", u, u % 2 ? "red" : "blue", u % 2 ? 21 + u % 9 : 41 + u % 9);
        for (int i = 0; i < ITEMS; i++)
            if (u % 2 == i % 2 && (u * 37 + i * 61 + u * i * 31) % 97 < 64)
                fprintf(rows, "u%d,0%d\n", u, 100 + i);
    }
    for (int i = 0; i < ITEMS; i++)
        fprintf(items, "%d,%s\n", 100 + i, i % 2 ? "scarlet" : "navy");
    fprintf(items, "900,scarlet\n");
    fprintf(users, "z,red,23\n");
    check(fclose(rows) == 0 && fclose(items) == 0 && fclose(users) == 0);
    return f;
}

/* Lists of 6 by that model; more options end with NULL. */
static check_run recommend(scope *s, files f, const char *model, const char *const *more) {
    const char *words[32] = {"recommend", "--in", f.rows,      "--model", model,
                             "--k",       "6",    "--factors", "4"};
    int n = 9;
    for (; *more; more++) words[n++] = *more;
    words[n] = NULL;
    return check_atelier(s, words);
}

static slice lists(scope *s, files f, const char *model, const char *const *more) {
    check_run r = recommend(s, f, model, more);
    check(r.status == 0);
    return r.out;
}

/* Rows of a user, and how many of them are items of the team red: odd numbers, and 900. */
static int count_rows(slice all, const char *user, int *red, bool *has_new) {
    int n = 0;
    char start[16];
    snprintf(start, sizeof start, "\n%s,", user);
    *red = 0;
    *has_new = false;
    for (const char *at = all.p; (at = strstr(at, start)) != NULL; n++) {
        int item = 0;
        at += strlen(start);
        check(sscanf(at, "%d", &item) == 1);
        *red += item == 900 || item % 2 == 1;
        *has_new = *has_new || item == 900;
    }
    return n;
}

CHECK(recommend_by_attributes_knows_new_items_and_new_users) {
    scope own, *s = &own;
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("recommend-attributes"), s);
    int red;
    bool has_new;
    const char *const both[] = {"--item-features", f.items, "--user-features", f.users,
                                "--exclude-seen", "--set", "als-features.ridge=1", NULL};
    slice all = lists(s, f, "als-features", both);
    check(count_rows(all, "z", &red, &has_new) == 6 && red == 6);
    check(count_rows(all, "u1", &red, &has_new) == 6 && has_new);
    check(count_rows(all, "u2", &red, &has_new) == 6 && !has_new);
    scope_close(s);
}

CHECK(recommend_by_content_lists_what_is_like_the_past) {
    scope own, *s = &own;
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("recommend-content"), s);
    int red;
    bool has_new;
    const char *const items[] = {"--item-features", f.items, "--exclude-seen", NULL};
    slice all = lists(s, f, "content", items);
    check(count_rows(all, "u1", &red, &has_new) == 6 && red == 6);
    check(count_rows(all, "u2", &red, &has_new) == 6 && red == 0);
    scope_close(s);
}

CHECK(recommend_by_group_lists_what_the_group_takes) {
    scope own, *s = &own;
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("recommend-group"), s);
    static const char *const columns[] = {"team", "age"}; /* tens: 20s are red, 40s blue */
    for (int i = 0; i < 2; i++) {
        int red;
        bool has_new;
        const char *const more[] = {"--user-features", f.users, "--group", columns[i], "--set",
                                    "popular-group.trust=0", NULL};
        slice all = lists(s, f, "popular-group", more);
        check(count_rows(all, "z", &red, &has_new) == 6 && red == 6);
        check(count_rows(all, "u2", &red, &has_new) == 6 && red == 0);
    }
}

/* What is bought every day is bought again within a week; what was bought once is not. */
CHECK(recommend_by_repurchase_lists_what_is_bought_again) {
    scope own, *s = &own;
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
    const char *folder = check_folder("recommend-repurchase");
    files f = {.rows = arena_text(&s->keep, "%s/rows.csv", folder)};
    FILE *rows = fopen(f.rows, "w");
    check(rows);
    fprintf(rows, "user,item,time\n");
    for (int u = 0; u < 30; u++) {
        for (int day = 1; day <= 28; day++) fprintf(rows, "u%d,7,2024-02-%02d\n", u, day);
        fprintf(rows, "u%d,8,2024-02-27\nu%d,9,2024-02-02\n", u, u);
    }
    check(fclose(rows) == 0);
    slice all = lists(s, f, "repurchase", (const char *const[]){NULL});
    check_has(all, "\nu3,7,1,");
    check_has(all, "\nu3,8,2,");
    check_has(all, "\nu3,9,3,");
    scope_close(s);
}

CHECK(recommend_refuses_models_without_what_they_need) {
    scope own, *s = &own;
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 1 << 20, &e), &e);
    files f = write_teams(check_folder("recommend-needs"), s);
    static const char *const cases[][2] = {
        {"content", "the model content needs a table of attributes of the items"},
        {"als-features", "the model als-features needs a table of attributes of the items or of"},
        {"popular-group", "the model popular-group needs a column that names each user's group"},
        {"repurchase", "the model repurchase needs a column time"},
    };
    for (int i = 0; i < 4; i++) {
        check_run r = recommend(s, f, cases[i][0], (const char *const[]){NULL});
        check(r.status == 2);
        check_has(r.err, cases[i][1]);
    }
    check_run r = recommend(s, f, "popular-group", (const char *const[]){
                            "--user-features", f.users, "--group", "shoe size", NULL});
    check(r.status == 2);
    check_has(r.err, "--group: --user-features has no column 'shoe size'");
    scope_close(s);
}
