/* demo dirt: every wrong row of the demo shop is in truth.json, by file and kind. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "demo_shop.h"

/* ---- rows that are wrong on purpose ---- */

CHECK(demo_counts_its_clean_rows_to_the_row) {
    static const char *const tables[6] = {"articles", "customers", "sales",
                                          "reviews",  "events",    "stock"};
    demo_shop *shop = demo_shop_see();
    for (int i = 0; i < 6; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        const js_node *f = js_get(js_get(shop->truth, "files"), demo_shop_files[i]);
        check(demo_shop_count(shop, sql) == truth_int(f, "clean"));
        check(truth_int(f, "rows") == truth_int(f, "clean") + truth_int(f, "dirty"));
    }
}

/* How a kind shows in a raw line; 0 fields = any number. */
static const struct {
    int file;
    const char *kind, *has;
    int fields;
} marks[] = {
    {TRANSACTIONS, "impossible date", "2024-02-30,", 0},
    {TRANSACTIONS, "future date", "2099-12-31,", 0},
    {TRANSACTIONS, "unknown article", ",0999999999,", 0},
    {TRANSACTIONS, "negative price", ",-19.99,", 0},
    {TRANSACTIONS, "price overflows", ",1e999,", 0},
    {TRANSACTIONS, "decimal comma", "\"19,99\"", 0},
    {TRANSACTIONS, "short row", "", 3},
    {TRANSACTIONS, "long row", ",extra", 6},
    {TRANSACTIONS, "text after a closing quote", "\"word\"after", -1},
    {TRANSACTIONS, "invalid UTF-8", "\xFF\xFE", 0},
    {EVENTS, "unknown event", ",hologram_wave,", 0},
    {EVENTS, "impossible time", " 25:61:00,", 0},
    {EVENTS, "short row", "", 4},
    {EVENTS, "long row", ",extra", 10},
    {REVIEWS, "rating is a word", ",great,", 10},
    {CUSTOMERS, "age is a word", ",forty,", 0},
    {STOCK, "on hand is a word", ",many,", 0},
};

static int64_t marked(demo_shop *shop, int i) {
    int64_t n = 0;
    slice rest = shop->bytes[marks[i].file], line;
    while (demo_shop_line(&rest, &line)) {
        bool has = memmem(line.p, line.n, marks[i].has, strlen(marks[i].has)) != NULL;
        bool fits = marks[i].fields == 0 || demo_shop_fields(line) == marks[i].fields;
        n += line.n > 0 && has && fits;
    }
    return n;
}

static int64_t kind_rows(const js_node *kinds, const char *kind) {
    for (int64_t i = 0; i < js_count(kinds); i++) {
        slice name;
        check(js_text(js_get(js_at(kinds, i), "kind"), &name));
        if (slice_is(name, kind)) return truth_int(js_at(kinds, i), "rows");
    }
    return -1;
}

CHECK(demo_counts_its_wrong_rows_by_kind) {
    demo_shop *shop = demo_shop_see();
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const js_node *f = js_get(js_get(shop->truth, "files"), demo_shop_files[marks[i].file]);
        check(marked(shop, (int)i) == kind_rows(js_get(f, "kinds"), marks[i].kind));
    }
    for (int i = 0; i < 6; i++) {
        int64_t blank = 0, dirty = 0;
        slice rest = shop->bytes[i], line;
        const js_node *f = js_get(js_get(shop->truth, "files"), demo_shop_files[i]);
        const js_node *kinds = js_get(f, "kinds");
        while (demo_shop_line(&rest, &line)) blank += line.n == 0;
        check(blank == kind_rows(kinds, "blank line"));
        for (int64_t k = 0; k < js_count(kinds); k++) dirty += truth_int(js_at(kinds, k), "rows");
        check(dirty == truth_int(f, "dirty"));
    }
    const js_node *sales = js_get(js_get(shop->truth, "files"), demo_shop_files[TRANSACTIONS]);
    double share = (double)truth_int(sales, "dirty") / (double)truth_int(sales, "rows");
    check_near(share, 0.005, 0.0008); /* three standard errors of 84,000 draws at 0.5 % */
}

/* Rows of a file whose kinds have this verdict. */
static int64_t told(const js_node *kinds, const char *verdict) {
    int64_t n = 0;
    for (int64_t i = 0; i < js_count(kinds); i++)
        if (slice_is(truth_text(js_at(kinds, i), "verdict"), verdict))
            n += truth_int(js_at(kinds, i), "rows");
    return n;
}

/* Reading and cleaning give every wrong row the verdict of the truth, and no clean row any. */
CHECK(demo_rows_get_their_verdicts_from_the_pipeline) {
    demo_shop *shop = demo_shop_see();
    err e = {0};
    char out[600];
    scope s;
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    snprintf(out, sizeof out, "%s/out", check_folder("demo-verdicts"));
    const char *const argv[] = {"run", shop->dir, "--out", out, "--to", "clean", "--json", NULL};
    check_run r = check_atelier(&s, argv);
    check(r.status == 0);
    const js_node *files = js_get(js_parse(&s, r.out, &e), "files");
    check(js_count(files) == 6);
    for (int64_t i = 0; i < 6; i++) {
        const js_node *got = js_at(files, i);
        char *path = slice_copy(&s.keep, truth_text(got, "path"));
        const js_node *truth = js_get(js_get(shop->truth, "files"), path);
        const js_node *kinds = js_get(truth, "kinds");
        check(truth_int(got, "seen") == truth_int(truth, "rows"));
        check(truth_int(got, "accepted") == truth_int(truth, "clean"));
        check(truth_int(got, "quarantined") == told(kinds, "quarantined"));
        check(truth_int(got, "merged") == told(kinds, "merged"));
        check(truth_int(got, "blank") == told(kinds, "blank"));
    }
    scope_close(&s);
}
