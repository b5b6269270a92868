/* segment and rfm as verbs: planted clusters, hand-counted scores, refusals. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "data/npy.h"

static double real_at(const js_node *n, const char *key) {
    double v = NAN;
    js_real(js_get(n, key), &v);
    return v;
}

/* 300 rows of three clouds in three columns of very different scale. */
static const char *clouds(const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/clouds.csv", check_folder(name));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "who,money,share,days,kind\n");
    for (int i = 0; i < 300; i++) {
        rng r = rng_open(5, (uint64_t)i);
        int kind = i % 3;
        fprintf(out, "c%d,%.2f,%.4f,%.1f,%c\n", i, 1000 + 5000 * kind + 300 * rng_normal(&r),
                0.2 + 0.3 * (kind == 1) + 0.02 * rng_normal(&r),
                30 + 300 * (kind == 2) + 9 * rng_normal(&r), "abc"[kind]);
    }
    fclose(out);
    return path;
}

CHECK(segment_verb_finds_planted_clouds_and_their_number) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *argv[] = {"segment", "--in", clouds("segment-verb"), "--id", "who", "--columns",
                          "money,share,days", "--labels", "kind", "--json", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    const js_node *all = js_parse(&s, r.out, &e);
    check_near(real_at(all, "k"), 3, 0);
    check_near(real_at(all, "adjusted_rand_index"), 1, 0);
    check(js_count(js_get(all, "trials")) == 9);
    check(real_at(js_at(js_get(all, "quality"), 0), "stability") > 0.99);
    double money = 0;
    for (int c = 0; c < 3; c++) {
        const js_node *one = js_at(js_get(all, "clusters"), c);
        check_near(real_at(one, "rows"), 100, 0);
        money += real_at(js_get(one, "centre"), "money") / 3;
    }
    check_near(money, 6000, 3 * 300 / sqrt(300)); /* in the table's units; three standard errors */
    scope_close(&s);
}

CHECK(segment_verb_prints_the_same_with_any_number_of_threads) {
    scope s;
    err e = {0};
    slice first = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = clouds("segment-verb-threads");
    for (int t = 0; t < 3; t++) {
        const char *argv[] = {"segment", "--in", path, "--columns", "money,share,days", "--k", "4",
                              "--threads", ((const char *[]){"1", "2", "8"})[t], NULL};
        check_run r = check_atelier(&s, argv);
        check(r.status == 0);
        if (t == 0) first = r.out;
        check(slice_compare(first, r.out) == 0);
    }
    check_has(first, "row,cluster\n1,");
    scope_close(&s);
}

CHECK(evaluate_segment_tells_agreement_and_shape) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *argv[] = {"evaluate", "segment", "--in", clouds("segment-evaluate"), "--columns",
                          "money,share,days", "--labels", "kind", "--k", "2", "--json", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    const js_node *all = js_parse(&s, r.out, &e);
    check_near(real_at(all, "k"), 2, 0);
    /* two of three equal clouds in one cluster: common pairs 4950 + 4950 + 4950 of sides 14850 and
     * 4950 + 19900, chance 14850 x 24850 / 44850 */
    double chance = 14850.0 * 24850 / 44850;
    check_near(real_at(all, "adjusted_rand_index"), (14850 - chance) / (19850 - chance), 1e-9);
    scope_close(&s);
}

CHECK(segment_verb_refuses_in_words) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    const char *path = clouds("segment-verb-refuse");
    const char *word[] = {"segment", "--in", path, "--columns", "money", "--k", "many", NULL};
    const char *much[] = {"segment", "--in", path, "--columns", "money", "--k", "301", NULL};
    check_run r = check_atelier(&s, word);
    check(r.status == 2);
    check_has(r.err, "--k must be auto or a number from 1 to 4096, got 'many'");
    r = check_atelier(&s, much);
    check(r.status == 2);
    check_has(r.err, "301 clusters need at least as many rows, and 300 take part: lower --k");
    const char *twice[] = {"segment", "--in", path, "--columns", "money,days,money", NULL};
    r = check_atelier(&s, twice);
    check(r.status == 2);
    check_has(r.err, "column 'money' is named twice");
    const char *dear[] = {"segment", "--in", path, "--budget", "0.001", NULL};
    r = check_atelier(&s, dear);
    check(r.status == 2);
    check_has(r.err, "300 rows of 3 columns would take under a second and 1 MB of memory on one ");
    check_has(r.err, "one thread, which is more than --budget 0.0");
    const char *turn[] = {"segment", "--in", path, "--pca", "some", NULL};
    r = check_atelier(&s, turn);
    check(r.status == 2);
    check_has(r.err, "--pca must be auto, none or a number from 1 to 4096, got 'some'");
    scope_close(&s);
}

/* A small table under build/tests-tmp. */
static char *table_of(scope *s, const char *folder, const char *name, const char *rows) {
    char *path = arena_text(&s->keep, "%s/%s", check_folder(folder), name);
    FILE *out = fopen(path, "wb");
    check(out && fputs(rows, out) >= 0 && fclose(out) == 0);
    return path;
}

CHECK(segment_verb_says_what_it_leaves_out) {
    scope s;
    err e = {0};
    npy_array got;
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = table_of(&s, "segment-left-out", "t.csv",
                                "customer_id,name,spend,same,days,true_group\n"
                                "7,ann,1,5,10,0\n9,bob,1.2,5,11,0\n8,cy,,5,10,1\n"
                                "4,di,9,5,300,1\n5,eve,9.1,5,,1\n6,fay,9.3,5,310,1\n");
    char *labels = arena_text(&s.keep, "%s/labels.npy", check_folder("segment-left-out-npy"));
    const char *argv[] = {"segment", "--in", path, "--k", "2", "--labels", "true_group", "--out",
                          labels, "--json", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    check_has(r.err, "left out, because they hold no numbers: name\n");
    check_has(r.err, "left out, because they name the rows (--columns takes them in): customer_id");
    check_has(r.err, "left out, because they do not vary: same\n");
    check_has(r.err, "2 of 6 rows have a number missing or infinite (the first in column spend)");
    const js_node *all = js_parse(&s, r.out, &e);
    check_near(real_at(all, "excluded_rows"), 2, 0);
    check_near(real_at(all, "adjusted_rand_index"), 1, 0);
    const js_node *one = js_at(js_get(all, "clusters"), 0);
    check(js_count(js_get(one, "centre")) == 2); /* spend and days: not the labels */
    check_ok(npy_open(&s, labels, &got, &e), &e);
    check(got.rows == 6 && got.dims == 1 && got.kind == 'i' && got.width == 4);
    const int32_t *label = got.data;
    check(label[2] == -1 && label[4] == -1 && label[0] == label[1] && label[3] == label[5] &&
          label[0] + label[3] == 1);
    const char *more[] = {"segment", "--in", path, "--k", "3", "--columns", "true_group", "--json",
                          NULL};
    r = check_atelier(&s, more);
    check_has(r.err, "1 of 3 clusters are empty: there are only 2 different rows");
    const char *as_text[] = {"segment", "--in", path, "--k", "1", "--id", "name", NULL};
    r = check_atelier(&s, as_text);
    check_has(r.out, "name,cluster\nann,0\nbob,0\ncy,\ndi,0\neve,\nfay,0\n");
    scope_close(&s);
}

CHECK(segment_verb_reads_arrays_and_their_labels) {
    enum { ROWS = 40, COLUMNS = 300 };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *folder = check_folder("segment-arrays");
    char *in = arena_text(&s.keep, "%s/x.npy", folder);
    char *y = arena_text(&s.keep, "%s/y.npy", folder);
    float *x = take(&s.keep, float, ROWS * COLUMNS);
    int32_t kind[ROWS];
    for (int i = 0; i < ROWS; i++) {
        rng r = rng_open(6, (uint64_t)i);
        kind[i] = i % 2;
        for (int j = 0; j < COLUMNS; j++) x[i * COLUMNS + j] = (float)(rng_normal(&r) + i % 2);
    }
    check_ok(npy_write(in, STORE_F32, ROWS, COLUMNS, x, &e), &e);
    check_ok(npy_write(y, STORE_I32, ROWS, 0, kind, &e), &e);
    const char *argv[] = {"segment", "--in", in, "--k", "2", "--labels", y, "--raw", "--json",
                          NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    check_near(real_at(js_parse(&s, r.out, &e), "adjusted_rand_index"), 1, 0);
    argv[7] = "--pca=1"; /* the difference of the two kinds is the first component */
    r = check_atelier(&s, argv);
    check_has(r.err, "1 of 300 components hold ");
    check_near(real_at(js_parse(&s, r.out, &e), "adjusted_rand_index"), 1, 0);
    check_ok(npy_write(y, STORE_I32, ROWS - 1, 0, kind, &e), &e);
    r = check_atelier(&s, argv);
    check(r.status == 2);
    check_has(r.err, "y.npy has 39 rows, ");
    scope_close(&s);
}

CHECK(segment_verb_refuses_tables_without_anything_to_cluster) {
    static const struct {
        const char *rows, *says;
    } cases[] = {
        {"a,b\n1,2\n", "no column of numbers varies among its 1 rows"},
        {"a,b\n", "has no row that passes"},
        {"a,b\n3,3\n3,3\n3,3\n", "no column of numbers varies among its 3 rows"},
        {"a,b\nx,y\nz,w\n", "has no column of numbers"},
        {"a,b\n1,\n2,\n,3\n,4\n", "each of its 4 rows has a number missing"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = table_of(&s, "segment-nothing", "t.csv", cases[i].rows);
        const char *argv[] = {"segment", "--in", path, NULL};
        check_run r = check_atelier(&s, argv);
        check(r.status == 2);
        check_has(r.err, cases[i].says);
    }
    scope_close(&s);
}

CHECK(rfm_verb_counts_by_hand) {
    scope s;
    err e = {0};
    char path[600];
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    snprintf(path, sizeof path, "%s/sales.csv", check_folder("rfm-verb"));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    /* ann buys on two days (twice on one), bob once and sends some back, cy only sends back */
    fprintf(out, "CustomerID,InvoiceDate,UnitPrice,Quantity\nann,2020-01-01,10,2\n"
                 "ann,2020-01-01,5,1\nann,2020-01-21,2.5,2\nbob,2020-01-11,100,1\n"
                 "bob,2020-01-30,100,-0.5\ncy,2020-01-31,7,-1\n");
    fclose(out);
    const char *argv[] = {"rfm", "--in", path, "--recency-cuts", "5,10,20,30", "--money-cuts",
                          "10,20,30,49", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    /* as of 2020-02-01: ann 11 days, 2 order days, 30; bob 21 days, 1 order day, 50 */
    check_has(r.out, "customer,recency_days,frequency,monetary,r,f,m,name\n");
    check_has(r.out, "ann,11,2,30,3,2,3,Potential Loyalist\n");
    check_has(r.out, "bob,21,1,50,2,1,5,Cannot Lose\n");
    check(!memmem(r.out.p, r.out.n, "\ncy,", 4));
    const char *earlier[] = {"rfm", "--in", path, "--as-of", "2020-01-12", NULL};
    r = check_atelier(&s, earlier);
    check_has(r.out, "ann,11,1,25,");
    check_has(r.out, "bob,1,1,100,");
    const char *cuts[] = {"rfm", "--in", path, "--money-cuts", "1,2,3", NULL};
    r = check_atelier(&s, cuts);
    check(r.status == 2);
    check_has(r.err, "--money-cuts must be four ascending numbers");
    scope_close(&s);
}
