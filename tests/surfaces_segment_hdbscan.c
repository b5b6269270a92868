/* segment --method hdbscan as a verb: planted clouds, noise, both ways of counting, refusals. */
#include <stdio.h>

#include "base/random.h"
#include "check_json.h"

/* Three clouds of 60 rows and 20 rows anywhere, one line without a number. */
static const char *dense_clouds(const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/dense.csv", check_folder(name));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "who,a,b,kind\n");
    for (int i = 0; i < 200; i++) {
        rng r = rng_open(6, (uint64_t)i);
        int kind = i < 180 ? i % 3 : 3;
        double a = kind < 3 ? 10.0 * kind + rng_normal(&r) : 40 * rng_uniform(&r) - 10;
        double b = kind < 3 ? 10.0 * (kind == 1) + rng_normal(&r) : 40 * rng_uniform(&r) - 10;
        fprintf(out, "c%d,%.4f,%.4f,%c\n", i, a, b, "abcn"[kind]);
    }
    fprintf(out, "gap,,1,n\n");
    fclose(out);
    return path;
}

CHECK(segment_hdbscan_finds_planted_clouds_and_noise) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = dense_clouds("segment-hdbscan");
    const char *argv[] = {"segment", "--in", path, "--method", "hdbscan", "--id", "who",
                          "--min-cluster-size", "20", "--neighbours", "5", "--labels", "kind",
                          "--soft", "--json", NULL};
    const js_node *all = run_json(&s, argv);
    check_near(real_of(all, "k"), 3, 0);
    check(real_of(all, "adjusted_rand_index") > 0.85); /* of 21 rows anywhere some are in clouds */
    check(real_of(all, "relative_validity") > 0.1);
    check(real_of(js_get(all, "dbcv"), "value") > 0.5);
    check_near(real_of(all, "excluded_rows"), 1, 0);
    check(js_count(js_get(all, "density")) == 3);
    const js_node *sweep = js_get(all, "sweep");
    bool found = false;
    for (int i = 0; i < (int)js_count(sweep); i++)
        if (real_of(js_at(sweep, i), "min_cluster_size") == 20) {
            found = true;
            check_near(real_of(js_at(sweep, i), "clusters"), 3, 0);
            check_near(real_of(js_at(sweep, i), "noise_share"), real_of(all, "noise_share"), 0);
        }
    check(found);
    for (int i = 1; i < 3; i++) /* largest first */
        check(real_of(js_at(js_get(all, "clusters"), i - 1), "rows") >=
              real_of(js_at(js_get(all, "clusters"), i), "rows"));
    scope_close(&s);
}

CHECK(segment_hdbscan_counts_neighbours_both_ways_and_threads_alike) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = dense_clouds("segment-hdbscan-ways");
    const char *own[] = {"segment", "--in", path, "--method", "hdbscan", "--columns", "a,b",
                         "--min-cluster-size", "20", "--neighbours", "5", "--threads", "1", NULL};
    const char *theirs[] = {"segment", "--in", path, "--method", "hdbscan", "--columns", "a,b",
                            "--min-cluster-size", "20", "--neighbours", "6", "--sklearn",
                            "--threads", "8", NULL};
    check_run a = check_atelier(&s, own), b = check_atelier(&s, theirs);
    check(a.status == 0 && b.status == 0);
    check_has(a.out, "row,cluster,strength,outlier\n1,");
    check_has(a.out, "\n201,,,\n");
    check(slice_compare(a.out, b.out) == 0);
    scope_close(&s);
}

CHECK(segment_hdbscan_says_when_all_is_noise_and_refuses_in_words) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = dense_clouds("segment-hdbscan-noise");
    const char *large[] = {"segment", "--in", path, "--method", "hdbscan", "--columns", "a,b",
                           "--min-cluster-size", "120", NULL};
    check_run r = check_atelier(&s, large);
    check(r.status == 0);
    check_has(r.err, "all 200 rows are noise: no two groups of 120 rows and more stand apart; "
                     "--min-cluster-size ");
    check_has(r.err, " finds 3 clusters with ");
    const struct {
        const char *option, *value, *says;
    } cases[] = {
        {"--k", "3", "--method hdbscan has no option --k"},
        {"--max-cluster-size", "10", "--max-cluster-size 10 is below --min-cluster-size 50"},
        {"--min-cluster-size", "1", "--min-cluster-size"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *argv[] = {"segment", "--in", path, "--method", "hdbscan", cases[i].option,
                              cases[i].value, NULL};
        r = check_atelier(&s, argv);
        check(r.status == 2);
        check_has(r.err, cases[i].says);
    }
    const char *none[] = {"segment", "--in", path, "--method", "hdbscan", "--neighbours", "0",
                          "--sklearn", NULL};
    r = check_atelier(&s, none);
    check(r.status == 2);
    check_has(r.err, "--neighbours must be at least 1 with --sklearn");
    scope_close(&s);
}
