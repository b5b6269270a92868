/* tune: studies of the verb on planted tables: the same trials, stops, refusals. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/random.h"
#include "data/db.h"
#include "data/folder.h"

enum { USERS = 80, ITEMS = 60 };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RANKED = 0 }; /* fits of the library, at three times the cost */
#else
enum { RANKED = 1 };
#endif

/* Users take items of their own half; the last one of each is the test, which `shift` changes. */
static const char *write_rows(const char *where, int shift, scope *s) {
    const char *path = arena_text(&s->keep, "%s/rows%d.csv", where, shift);
    FILE *f = fopen(path, "w");
    check(f != NULL);
    fprintf(f, "user,item\n"); /* one has all that are last for others, whatever the shift */
    for (int i = 0; i < 5; i++) fprintf(f, "all,i%d\n", (ITEMS - 4 + i) % ITEMS);
    for (int u = 0; u < USERS; u++) {
        for (int i = 0; i < ITEMS - 4; i++)
            if (u % 2 == i % 2 && (i < 8 || (u * 37 + i * 61 + u * i * 31) % 97 < 40))
                fprintf(f, "u%d,i%d\n", u, i);
        fprintf(f, "u%d,i%d\n", u, ITEMS - 4 + (u + shift) % 4);
    }
    check(fclose(f) == 0);
    return path;
}

static slice whole_file(scope *s, const char *path) {
    slice bytes;
    err e = {0};
    check_ok(file_read(path, s, 1 << 20, &bytes, &e), &e);
    return bytes;
}

static slice trials_of(scope *s, const char *where, const char *rows, const char *threads) {
    const char *out = arena_text(&s->keep, "%s/trials-%s.csv", where, threads);
    check_run r = check_atelier(s, (const char *[]){"tune", "recommend", "--in", rows, "--trials",
                                                    "14", "--threads", threads, "--out", out,
                                                    NULL});
    if (r.status != 0) print_error("%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    check_has(r.out, "use: --model als --set als.factors=");
    return whole_file(s, out);
}

CHECK(tune_has_the_same_trials_for_any_threads_and_any_test_answers) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *where = check_folder("tune");
    const char *rows = write_rows(where, 0, &s);
    char *one = slice_copy(&s.keep, trials_of(&s, where, rows, "1"));
    check_text(trials_of(&s, where, rows, "2"), one);
    check_text(trials_of(&s, where, rows, "8"), one);
    check_text(trials_of(&s, where, write_rows(where, 1, &s), "2"), one);
    scope_close(&s);
}

CHECK(tune_says_what_it_found_beside_the_defaults) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *rows = write_rows(check_folder("tune-json"), 0, &s);
    check_run r = check_atelier(&s, (const char *[]){"tune", "recommend", "--in", rows, "--model",
                                                     "als,ease", "--trials", "12", "--json",
                                                     NULL});
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e);
    check_ok(root != NULL, &e);
    const js_node *best = js_get(root, "best"), *valid = js_get(root, "validation");
    check(js_number(js_get(root, "trials"), "all") == 12);
    check_near(js_number(js_get(valid, "best"), "value"), js_number(best, "score"), 1e-12);
    check(js_number(js_get(valid, "difference"), "value") >= 0);
    check(js_number(js_get(root, "test"), "users") > 0);
    slice model = js_word(js_get(best, "parameters"), "model");
    bool als = slice_is(model, "als");
    check(als || slice_is(model, "ease"));
    check((js_get(js_get(best, "parameters"), "als.factors") != NULL) == als);
    check((js_get(js_get(best, "parameters"), "ease.lambda") != NULL) != als);
    scope_close(&s);
}

CHECK(tune_goes_on_after_it_was_killed) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *where = check_folder("tune-killed"), *rows = write_rows(where, 0, &s);
    const char *journal = arena_text(&s.keep, "%s/study.journal", where);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout)) _exit(1);
        execl(check_program(), "atelier", "tune", "recommend", "--in", rows, "--trials", "10000",
              "--journal", journal, (char *)NULL);
        _exit(1);
    }
    for (int i = 0; i < 500 && (!file_exists(journal) || whole_file(&s, journal).n < 8000); i++)
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    int status;
    check(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
    check_run r = check_atelier(&s, (const char *[]){"tune", "recommend", "--in", rows, "--trials",
                                                     "1", "--journal", journal, "--resume",
                                                     "--json", NULL});
    check(r.status == 0);
    check_has(r.err, "goes on after");
    const js_node *trials = js_get(js_parse(&s, r.out, &e), "trials");
    double all = js_number(trials, "all");
    check(all > 1 && js_number(trials, "running") == 0 && js_number(trials, "failed") <= 1);
    scope_close(&s);
}

static const js_node *tuned(scope *s, const char *const *argv) {
    err e = {0};
    check_run r = check_atelier(s, argv);
    if (r.status != 0) print_error("%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    const js_node *root = js_parse(s, r.out, &e);
    check_ok(root != NULL, &e);
    check(js_number(js_get(js_get(root, "validation"), "difference"), "value") *
              (slice_is(js_word(root, "metric"), "mase") ? -1 : 1) >= 0);
    return root;
}

/* Years of months that grow and swing by a share of what they are. */
CHECK(tune_forecast_scores_the_test_as_evaluate_does) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *path = arena_text(&s.keep, "%s/series.csv", check_folder("tune-forecast"));
    FILE *f = fopen(path, "w");
    check(f != NULL);
    fprintf(f, "series,time,value\n");
    for (int k = 0; k < 3; k++)
        for (int t = 0; t < 72; t++)
            fprintf(f, "s%d,20%02d-%02d,%.3f\n", k, 10 + t / 12, 1 + t % 12,
                    (20 + k + 0.7 * t) * (1 + 0.4 * ((t % 12) - 5.5) / 6) + (t * 7 + k) % 5);
    check(fclose(f) == 0);
    const js_node *root = tuned(&s, (const char *[]){"tune", "forecast", "--in", path, "--model",
                                                     "prophet", "--trials", "12", "--season",
                                                     "12", "--json", NULL});
    const char *use = slice_copy(&s.keep, js_word(root, "use"));
    const char *set = strstr(use, "--set ");
    check(set != NULL);
    check_run r = check_atelier(&s, (const char *[]){"evaluate", "forecast", "--in", path,
                                                     "--model", "prophet", "--season", "12",
                                                     "--set", set + strlen("--set "), "--json",
                                                     NULL});
    check(r.status == 0);
    const js_node *metrics = js_get(js_at(js_get(js_parse(&s, r.out, &e), "models"), 0), "metrics");
    check_near(js_number(js_get(metrics, "mase"), "value"),
               js_number(js_get(js_get(root, "test"), "best"), "value"),
               1e-6); /* --set has nine digits */
    check(js_number(js_get(js_get(root, "test"), "difference"), "value") < 0);
    scope_close(&s);
}

/* Four crowds of which the smallest has 30 rows: the default of 50 cannot see it. */
CHECK(tune_segment_finds_sizes_that_hold_for_rows_left_out) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *path = arena_text(&s.keep, "%s/rows.csv", check_folder("tune-segment"));
    static const int size[] = {260, 180, 130, 30};
    FILE *f = fopen(path, "w");
    rng r = rng_open(3, 0);
    check(f != NULL);
    fprintf(f, "x,y\n");
    for (int c = 0; c < 4; c++)
        for (int i = 0; i < size[c]; i++)
            fprintf(f, "%.4f,%.4f\n", 10 * (c % 2) + rng_normal(&r), 10 * (c / 2) + rng_normal(&r));
    check(fclose(f) == 0);
    const js_node *root = tuned(&s, (const char *[]){"tune", "segment", "--in", path, "--trials",
                                                     "20", "--json", NULL});
    const js_node *best = js_get(js_get(root, "best"), "parameters");
    check(js_number(best, "min_cluster_size") < 50);
    check(js_number(js_get(js_get(root, "test"), "difference"), "low") > 0);
    root = tuned(&s, (const char *[]){"tune", "segment", "--in", path, "--model", "kmeans",
                                      "--sampler", "grid", "--grid", "19", "--json", NULL});
    check(js_number(js_get(root, "trials"), "all") == 19); /* 2 to 20, each once */
    check(js_number(js_get(js_get(root, "best"), "parameters"), "k") == 4);
    check(slice_is(js_word(root, "use"), "--method kmeans --k 4"));
    scope_close(&s);
}

CHECK(tune_refuses_what_it_cannot_do) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *rows = write_rows(check_folder("tune-refused"), 0, &s);
    static const char *const asked[][4] = {
        {"recommend", "--resume", NULL, "--resume goes on with the study of --journal FILE"},
        {"recommend", "--model", "hybrid", "--model hybrid: its parts are tuned one by one"},
        {"recommend", "--model", "als,als", "--model names als twice"},
        {"recommend", "--sampler", "grid", "the grid has more than 40 points"},
        {"recommend", "--factors", "8", "atelier tune recommend has no option --factors"},
        {"forecast", "--set", "prophet.seson=1", "--set knows no 'prophet.seson'; it can set ets."},
        {"forecast", "--set", "ets.slack=0", "--set ets.slack wants a number from 1 to 1e+09"},
        {"forecast", "--model", "theta", "takes ets, prophet or both, got 'theta'"},
        {"segment", "--model", "gmm", "must be hdbscan or kmeans, got 'gmm'"},
        {"segment", "--k", "3", "atelier tune segment has no option --k"},
        {"ranker", NULL, NULL, "atelier tune ranker orders candidates that are made of a shop's"},
        {"recomend", NULL, NULL, "atelier tune knows no family 'recomend'"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        check_run r = check_atelier(&s, (const char *[]){"tune", asked[i][0], "--in", rows,
                                                         asked[i][1], asked[i][2], NULL});
        check(r.status == 2);
        check_has(r.err, asked[i][3]);
    }
    scope_close(&s);
}

/* A run's weekly sales are the same study as the same rows by --in; the week that is not over, the
 * one of the 29th, is left out. */
CHECK(tune_takes_the_tables_of_a_run) {
    scope s;
    err e = {0};
    db *d;
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *out = check_folder("tune-run");
    const char *days = arena_text(&s.keep, "%s/03_datasets", out);
    const char *features = arena_text(&s.keep, "%s/04_features", out);
    const char *rows = arena_text(&s.keep, "%s/rows.csv", out);
    check(mkdir(days, 0755) == 0 && mkdir(features, 0755) == 0);
    check_ok(db_open(&d, (db_params){1, 512, out}, &e), &e);
    check_ok(db_runf(d, &e,
                     "COPY (SELECT 'test' AS name, DATE '2024-02-01' AS from_day, "
                     "DATE '2024-02-29' AS to_day) TO "
                     "'%s/windows.parquet'; CREATE TABLE w AS SELECT 'total' AS level, 'all' AS "
                     "series, DATE '2022-01-03' + CAST(7 * i AS INTEGER) AS week, "
                     "20 + i + 5 * (i %% 4) AS units FROM range(109) t(i); "
                     "COPY w TO '%s/weekly_sales.parquet'; COPY (SELECT 'total all' AS series, "
                     "week AS time, units AS value FROM w WHERE week < DATE '2024-01-29' "
                     "ORDER BY week) TO '%s'", days, features, rows), &e);
    db_close(d);
    const js_node *use[2];
    for (int i = 0; i < 2; i++) {
        const char *run[] = {"tune", "forecast", out, "--model", "ets", "--trials", "8",
                             "--season", "4", "--json", NULL};
        const char *table[] = {"tune", "forecast", "--in", rows, "--model", "ets", "--trials", "8",
                               "--season", "4", "--json", NULL};
        use[i] = tuned(&s, i ? table : run);
        check_near(js_number(js_get(use[i], "rows"), "seen"), 108, 0);
    }
    check_text(js_word(use[0], "use"), slice_copy(&s.keep, js_word(use[1], "use")));
    check_run none = check_atelier(&s, (const char *[]){"tune", "segment", out, NULL});
    check(none.status == 2);
    check_has(none.err, "customer_bases.parquet; make it by atelier run SHOP");
    check_run shop = check_atelier(&s, (const char *const[]){"tune", "forecast", rows, NULL});
    check(shop.status == 2);
    check_has(shop.err, "is a file; a folder is wanted");
    check(check_atelier(&s, (const char *[]){"tune", "segment", NULL}).status == 2);
    scope_close(&s);
}

static bool was_reused(slice said, const char *step) {
    const char *at = said.p ? strstr(said.p, step) : NULL;
    return at && strncmp(at + strlen(step) + 11, "reused", 6) == 0;
}

/* A shop's folder alone: its steps are run, what is found is kept, the second time all is fresh. */
CHECK(tune_takes_a_shop_and_keeps_what_it_found) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *base = check_folder("tune-shop"), *shop = arena_text(&s.keep, "%s/shop", base);
    const char *out = arena_text(&s.keep, "%s/out", base);
    check(check_atelier(&s, (const char *[]){"demo", shop, "--size", "tiny", NULL}).status == 0);
    const char *run[] = {"tune", "segment", shop, "--results", out, "--trials", "8", "--columns",
                         "recency_days,frequency,monetary", "--json", NULL};
    const js_node *root = tuned(&s, run);
    const char *kept = slice_copy(&s.keep, js_word(root, "kept"));
    check_text(js_word(root, "kept"), arena_text(&s.keep, "%s/tuned/hdbscan.json", out));
    const js_node *file = js_parse(&s, whole_file(&s, kept), &e);
    check_ok(file != NULL, &e);
    check(slice_is(js_word(file, "model"), "hdbscan"));
    check(js_number(js_get(file, "parameters"), "min_cluster_size") >= 5);
    check(js_count(js_get(js_get(file, "data"), "marks")) == 32);
    check_run again = check_atelier(&s, run);
    check(again.status == 0);
    check_text(whole_file(&s, kept), slice_copy(&s.keep, whole_file(&s, kept)));
    static const char *const steps[] = {"raw", "clean", "datasets", "features"};
    for (int i = 0; i < 4; i++) check(was_reused(again.err, arena_text(&s.keep, "%-9s", steps[i])));
    check_run on = check_atelier(&s, (const char *[]){"tune", "segment", out, "--trials", "9",
                                                      "--columns", "frequency,monetary",
                                                      "--resume", NULL});
    check(on.status == 0);
    check_has(on.err, "goes on after 8 trials");
    if (RANKED) {
        root = tuned(&s, (const char *[]){"tune", "ranker", out, "--trials", "2", "--seed", "4",
                                          "--json", NULL});
        check(js_number(js_get(root, "rows"), "customer_weeks") >= 300);
        check(js_number(js_get(root, "test"), "customers") > 50);
        check_near(js_number(js_get(js_get(root, "validation"), "best"), "value"),
                   js_number(js_get(root, "best"), "score"), 1e-12);
    }
    check_run two = check_atelier(&s, (const char *[]){"tune", "segment", out, "--results", out,
                                                       NULL});
    check(two.status == 2);
    check_has(two.err, "holds results itself; --results is where those of a shop go");
    scope_close(&s);
}

/* Step 07 is made anew when a file of it appears, and no other step. */
CHECK(a_run_looks_at_what_tune_found) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    const char *base = check_folder("tune-key"), *shop = arena_text(&s.keep, "%s/shop", base);
    const char *out = arena_text(&s.keep, "%s/out", base);
    const char *found = arena_text(&s.keep, "%s/tuned", out);
    check(mkdir(shop, 0755) == 0);
    FILE *f = fopen(arena_text(&s.keep, "%s/sales.csv", shop), "w");
    check(f != NULL);
    fprintf(f, "date,customer_id,article_id,price\n");
    for (int i = 0; i < 400; i++)
        fprintf(f, "2024-%02d-%02d,c%d,a%d,%d\n", 1 + i / 34, 1 + i % 28, i % 7, i % 5, 5 + i % 5);
    check(fclose(f) == 0);
    const char *run[] = {"run", shop, "--out", out, "--encoder", "none", "--to", "tune", NULL};
    check(check_atelier(&s, run).status == 0);
    check(was_reused(check_atelier(&s, run).err, "tune     "));
    check(mkdir(found, 0755) == 0);
    check_ok(file_replace(arena_text(&s.keep, "%s/ets.json", found),
                          SLICE("{\"model\": \"ets\", \"parameters\": {\"ets.slack\": 2}}"), &e),
             &e);
    check_run with = check_atelier(&s, run);
    check(with.status == 0 && was_reused(with.err, "train    "));
    check(!was_reused(with.err, "tune     "));
    check_has(with.err, "tuned/ets.json is not tried: it was found for another shop");
    check(was_reused(check_atelier(&s, run).err, "tune     "));
    scope_close(&s);
}
