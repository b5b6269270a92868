/* part: after new files a run makes again what reads them, and ends with the bytes of a run from
 * scratch. */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "pipeline/plan.h"
#include "whole_run.h"

/* ---- a shop of a few hundred rows ---- */

typedef struct shop_run {
    scope s;
    char shop[300], base[300];
    plan_result results[10];
} shop_run;

static void put(const shop_run *r, const char *name, const text *bytes) {
    err e = {0};
    char path[700];
    snprintf(path, sizeof path, "%s/%s", r->shop, name);
    check_ok(file_replace(path, text_slice(bytes), &e), &e);
}

static const char *day(shop_run *r, int of) {
    return day_text(&r->s.keep, day_of(2019, 1, 1) + of);
}

/* Sales of the days from..to - 1. */
static void put_sales(shop_run *r, const char *name, int from, int to) {
    text t = {0};
    text_add(&t, SLICE("t_dat,customer_id,article_id,price,quantity\n"));
    for (int i = from * 6; i < to * 6; i++)
        text_addf(&t, "%s,c%d,a%d,%d.50,%d\n", day(r, i / 6), i * 31 % 40, i * 7 % 25,
                  5 + i * 13 % 11, i % 50 == 7 ? -1 : 1 + i % 3);
    put(r, name, &t);
    text_free(&t);
}

static void put_reviews(shop_run *r, const char *name, int from, int to) {
    text t = {0};
    text_add(&t, SLICE("review_id,article_id,customer_id,date,rating,text\n"));
    for (int i = from; i < to; i++)
        text_addf(&t, "r%d,a%d,c%d,%s,%d,It fits and feels well %d\n", i, i % 25, i % 40,
                  day(r, 20 + i % 70), 1 + i % 5, i);
    put(r, name, &t);
    text_free(&t);
}

/* Every tenth row is bad when asked for. */
static void put_events(shop_run *r, const char *name, int from, int to, bool bad) {
    static const char *const words[] = {"view", "view", "click", "add_to_cart", "purchase"};
    text t = {0};
    text_add(&t, SLICE("timestamp,user_id,session_id,event,article_id,price\n"));
    for (int i = from; i < to; i++)
        text_addf(&t, "%s 10:%02d:00,c%d,s%d,%s,a%d,%s\n", day(r, i % 100), i % 60, i * 17 % 40,
                  i / 4, bad && i % 10 == 0 ? "teleported" : words[i % 5], i * 3 % 25,
                  bad && i % 10 == 5 ? "cheap" : "5.0");
    put(r, name, &t);
    text_free(&t);
}

static void put_articles(shop_run *r, const char *name, int from, int to) {
    text t = {0};
    text_add(&t, SLICE("article_id,product_name,category,colour,price\n"));
    for (int i = from; i < to; i++)
        text_addf(&t, "a%d,Thing %d,Category %d,red,9.5\n", i, i, i % 4);
    put(r, name, &t);
    text_free(&t);
}

static void shop_of(shop_run *r, const char *name) {
    err e = {0};
    memset(r, 0, sizeof *r);
    check_ok(scope_open(&r->s, (size_t)64 << 20, 1 << 20, &e), &e);
    snprintf(r->base, sizeof r->base, "%s", check_folder(name));
    snprintf(r->shop, sizeof r->shop, "%s/shop", r->base);
    check_ok(file_make_folders(r->shop, &e), &e);
    put_articles(r, "articles.csv", 0, 25);
    put_sales(r, "sales_1.csv", 0, 90);
    put_reviews(r, "reviews_1.csv", 0, 60);
    put_events(r, "events_1.csv", 0, 300, false);
}

static double no_clock(void) { return 0; }

static void no_watch(void *what, const stage *step, const plan_result *result) {
    (void)what, (void)step, (void)result;
}

static void end_pool(void *what) { pool_close(what); }

/* Steps 01 to `to` into base/out, in an engine of their own. */
static void run_with(shop_run *r, const char *out, int to, work w) {
    scope s;
    err e = {0};
    plan_watch watch = {.clock = no_clock, .done = no_watch};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    w.shop = r->shop;
    w.out = arena_text(&s.keep, "%s/%s", r->base, out);
    w.n_threads = 2;
    check_ok(db_open(&w.d, (db_params){2, 1024, check_spill()}, &e), &e);
    scope_defer(&s, db_close, w.d);
    check((w.threads = pool_open(2, 1 << 20, &e)) != NULL);
    scope_defer(&s, end_pool, w.threads);
    memset(r->results, 0, sizeof r->results);
    check_ok(plan_run(&w, 0, to, r->results, &watch, &e), &e);
    scope_close(&s);
}

static void run(shop_run *r, const char *out, int to) { run_with(r, out, to, (work){.seed = 1}); }

static char *path_of(shop_run *r, const char *out, int step, const char *file) {
    return arena_text(&r->s.keep, "%s/%s/%s_%s/%s", r->base, out, plan[step]->number,
                      plan[step]->word, file);
}

static bool same_bytes(const char *a, const char *b) {
    err e = {0};
    hash_text one, other;
    return hash_file(a, &one, NULL, &e) && hash_file(b, &other, NULL, &e) &&
           strcmp(one.hex, other.hex) == 0;
}

/* Every file of every step, the manifests with their keys among them. */
static void check_same(shop_run *r, const char *a, const char *b, int from, int to) {
    for (int i = from; i <= to; i++) {
        int n[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            DIR *dir = opendir(path_of(r, side ? b : a, i, ""));
            check(dir != NULL);
            for (struct dirent *at; (at = readdir(dir)) != NULL;) {
                if (at->d_name[0] == '.') continue;
                n[side]++;
                if (side) continue;
                bool same = same_bytes(path_of(r, a, i, at->d_name), path_of(r, b, i, at->d_name));
                if (!same) print_error("%s differs\n", path_of(r, a, i, at->d_name));
                check(same);
            }
            closedir(dir);
        }
        check(n[0] > 1 && n[0] == n[1]);
    }
}

static ino_t inode(shop_run *r, const char *out, int step, const char *file) {
    struct stat is;
    check(stat(path_of(r, out, step, file), &is) == 0);
    return is.st_ino;
}

typedef struct watched {
    int step;
    const char *file;
    bool kept; /* is the file of the run before */
} watched;

/* A second name for each file, so that a new one cannot get its number. */
static char *second_name(shop_run *r, int i) {
    return arena_text(&r->s.keep, "%s/kept-%d", r->base, i);
}

static void remember(shop_run *r, const watched *of, int n) {
    for (int i = 0; i < n; i++) {
        unlink(second_name(r, i));
        check(link(path_of(r, "again", of[i].step, of[i].file), second_name(r, i)) == 0);
    }
}

/* Runs again, looks which files were taken over, and holds all against a run from scratch. */
static void check_again(shop_run *r, int to, const watched *of, int n) {
    struct stat is;
    remember(r, of, n);
    run(r, "again", to);
    int taken = 0;
    for (int i = 0; i <= to; i++) taken += r->results[i].taken;
    check(taken > 0);
    for (int i = 0; i < n; i++) {
        check(stat(second_name(r, i), &is) == 0);
        bool kept = is.st_ino == inode(r, "again", of[i].step, of[i].file);
        if (kept != of[i].kept) print_error("%s: %s\n", of[i].file, kept ? "kept" : "made again");
        check(kept == of[i].kept);
    }
    run(r, "fresh", to);
    for (int i = 0; i <= to; i++) check(r->results[i].taken == 0);
    check_same(r, "again", "fresh", 0, to);
}

/* Everything up to the features, as the eda page reads all there is. */
enum { FEATURES = 3, EDA = 4 };
enum { CLEAN = 1, DATASETS = 2 };
#define COUNT(of) ((int)(sizeof(of) / sizeof *(of)))

CHECK(part_new_reviews_leave_sales_and_events_as_they_are) {
    once_is_enough();
    static const watched files[] = {{DATASETS, "d_sales.parquet", true},
                                    {DATASETS, "f_events.parquet", true},
                                    {DATASETS, "a_interactions.npz", true},
                                    {DATASETS, "e_reviews.parquet", false},
                                    {FEATURES, "customer_features.npy", true},
                                    {EDA, "weekdays.parquet", true},
                                    {EDA, "ratings.parquet", false},
                                    {EDA, "data.json", false},
                                    {CLEAN, "event_names.parquet", true},
                                    {CLEAN, "reviews.parquet", false}};
    shop_run r;
    shop_of(&r, "part-reviews");
    run(&r, "again", EDA);
    put_reviews(&r, "reviews_2.csv", 60, 80);
    check_again(&r, EDA, files, COUNT(files));
    scope_close(&r.s);
}

CHECK(part_new_sales_leave_reviews_and_events_as_they_are) {
    once_is_enough();
    static const watched files[] = {{DATASETS, "d_sales.parquet", false},
                                    {DATASETS, "c_customers.parquet", false},
                                    {DATASETS, "windows.parquet", false},
                                    {DATASETS, "e_reviews.parquet", true},
                                    {DATASETS, "f_sessions.parquet", true},
                                    {FEATURES, "weekly_sales.parquet", false}};
    shop_run r;
    shop_of(&r, "part-sales");
    run(&r, "again", FEATURES);
    put_sales(&r, "sales_2.csv", 90, 110);
    check_again(&r, FEATURES, files, COUNT(files));
    scope_close(&r.s);
}

CHECK(part_new_events_with_bad_rows_leave_sales_and_reviews_as_they_are) {
    once_is_enough();
    static const watched files[] = {{DATASETS, "d_sales.parquet", true},
                                    {DATASETS, "e_reviews.parquet", true},
                                    {DATASETS, "f_events.parquet", false},
                                    {CLEAN, "quarantine_clean.parquet", false},
                                    {FEATURES, "weekly_sales.parquet", true}};
    shop_run r;
    shop_of(&r, "part-events");
    run(&r, "again", FEATURES);
    put_events(&r, "events_2.csv", 300, 400, true);
    check_again(&r, FEATURES, files, COUNT(files));
    scope_close(&r.s);
}

CHECK(part_new_articles_leave_reviews_of_the_old_ones_as_they_are) {
    once_is_enough();
    static const watched files[] = {{DATASETS, "b_articles.parquet", false},
                                    {DATASETS, "e_reviews.parquet", true},
                                    {DATASETS, "f_events.parquet", true},
                                    {CLEAN, "articles.parquet", false}};
    shop_run r;
    shop_of(&r, "part-articles");
    run(&r, "again", FEATURES);
    put_articles(&r, "articles_2.csv", 25, 31);
    check_again(&r, FEATURES, files, COUNT(files));
    scope_close(&r.s);
}

CHECK(part_of_a_damaged_folder_is_made_again) {
    err e = {0};
    static const watched files[] = {{DATASETS, "d_sales.parquet", false},
                                    {DATASETS, "f_events.parquet", true}};
    shop_run r;
    shop_of(&r, "part-damaged");
    run(&r, "again", DATASETS);
    const char *sales = path_of(&r, "again", DATASETS, "d_sales.parquet");
    check_ok(file_replace(sales, SLICE("PAR1"), &e), &e);
    put_reviews(&r, "reviews_2.csv", 60, 80);
    check_again(&r, DATASETS, files, COUNT(files));
    scope_close(&r.s);
}

static int taken(const shop_run *r, int to) {
    int n = 0;
    for (int i = 0; i <= to; i++) n += r->results[i].taken;
    return n;
}

CHECK(part_is_made_again_for_another_seed_or_day) {
    once_is_enough();
    shop_run r;
    shop_of(&r, "part-seed");
    run(&r, "again", DATASETS);
    run_with(&r, "again", DATASETS, (work){.seed = 2});
    check(!r.results[DATASETS].reused && taken(&r, DATASETS) == 0);
    run_with(&r, "again", DATASETS, (work){.seed = 2, .as_of = day_of(2019, 3, 20)});
    check(!r.results[DATASETS].reused && taken(&r, DATASETS) == 0);
    scope_close(&r.s);
}

/* A contract that empties cells changes the raw tables behind their files' backs. */
CHECK(part_is_made_again_where_a_contract_changes_cells) {
    once_is_enough();
    static const char contract[] =
        "columns:\n  rating: {min: 2, max: 5, on_bad: clamp}\nthresholds: {fail: 1}\n";
    err e = {0};
    static const watched files[] = {{CLEAN, "transactions.parquet", false},
                                    {DATASETS, "d_sales.parquet", true},
                                    {DATASETS, "e_reviews.parquet", false}};
    shop_run r;
    shop_of(&r, "part-contract");
    run(&r, "again", DATASETS);
    char *to = arena_text(&r.s.keep, "%s/contracts", r.shop);
    check_ok(file_make_folders(to, &e), &e);
    const char *file = arena_text(&r.s.keep, "%s/reviews.yaml", to);
    check_ok(file_replace(file, slice_of(contract), &e), &e);
    check_again(&r, DATASETS, files, COUNT(files));
    scope_close(&r.s);
}

/* ---- ten steps ---- */

/* The first reviews of the shop that are one plain line, under new ids: who, what and when they
 * are about is what is there already. */
static void repeat_reviews(shop_run *r, int wanted) {
    err e = {0};
    slice all;
    text t = {0};
    const char *from = arena_text(&r->s.keep, "%s/reviews.csv", r->shop);
    check_ok(file_read(from, &r->s, (size_t)8 << 20, &all, &e), &e);
    for (int n = 0; n <= wanted && all.n > 0;) {
        const char *end = memchr(all.p, '\n', all.n);
        slice line = {all.p, end ? (size_t)(end - all.p) + 1 : all.n};
        all = (slice){all.p + line.n, all.n - line.n};
        if (memchr(line.p, '"', line.n) || line.n < 60) continue;
        if (n++ > 0) text_add(&t, SLICE("9"));
        text_add(&t, line);
    }
    put(r, "reviews_more.csv", &t);
    text_free(&t);
}

static check_run run_whole(shop_run *r, const char *out) {
    out = arena_text(&r->s.keep, "%s/%s", r->base, out);
    const char *const argv[] = {"run", r->shop, "--out", out, "--to", "insight", "--threads", "2",
                                "--json", NULL};
    check_run said = check_atelier(&r->s, argv);
    if (said.status != 0) print_error("%.*s\n", (int)said.err.n, said.err.p);
    check(said.status == 0);
    return said;
}

/* How many parts of a step a run took over. */
static int64_t unchanged(shop_run *r, check_run said, int step) {
    err e = {0};
    int64_t n = -1;
    check(js_int(js_get(js_at(js_get(js_parse(&r->s, said.out, &e), "steps"), step),
                        "parts_unchanged"),
                 &n));
    return n;
}

/* Step 10 looks back at the bundle before, which a run from scratch has not. */
CHECK(part_new_reviews_in_a_whole_run_end_in_the_bytes_of_one_from_scratch) {
    once_is_enough();
    err e = {0};
    shop_run r = {0};
    const whole_run *w = whole_run_see();
    check_ok(scope_open(&r.s, (size_t)64 << 20, 1 << 20, &e), &e);
    snprintf(r.base, sizeof r.base, "%s", check_folder("part-whole"));
    snprintf(r.shop, sizeof r.shop, "%s/shop", r.base);
    const char *again = arena_text(&r.s.keep, "%s/again", r.base);
    const char *const copies[2][2] = {{w->shop, r.shop}, {w->out, again}};
    for (int i = 0; i < 2; i++)
        check(check_command(&r.s, (const char *const[]){"cp", "-a", copies[i][0], copies[i][1],
                                                        NULL}).status == 0);
    repeat_reviews(&r, 40);
    check_run said = run_whole(&r, "again");
    check(unchanged(&r, said, FEATURES) == 8);
    for (int step = 5; step < 8; step++) check(unchanged(&r, said, step) == 5); /* all but one */
    check(unchanged(&r, said, 8) > 3);
    run_whole(&r, "fresh");
    check_same(&r, "again", "fresh", 0, 8);
    scope_close(&r.s);
}
