/* raw, again: files that did not change are taken over from the earlier folder, with the bytes that
 * a run from scratch writes. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_json.h"
#include "data/folder.h"
#include "data/table.h"
#include "pipeline/stage.h"

typedef struct again {
    char in[200], out[200], scratch[200];
    text heard; /* of the last incremental run */
} again;

static void hear(void *what, const char *line) { text_addf(what, "%s\n", line); }

static void put(const again *a, const char *name, const char *bytes) {
    err e = {0};
    char path[300];
    snprintf(path, sizeof path, "%s/%s", a->in, name);
    check_ok(file_replace(path, slice_of(bytes), &e), &e);
}

/* One run of the step into `out`, over what is there. */
static void run_into(const again *a, const char *out, int threads, text *heard) {
    scope s;
    err e = {0};
    folder_key key = {0};
    memset(key.key.hex, 'a', 64);
    check_ok(scope_open(&s, (size_t)1 << 30, 1 << 20, &e), &e);
    work w = {.shop = a->in, .out = out, .n_threads = threads};
    w.progress = (progress){.what = heard, .say = hear};
    check_ok(db_open(&w.d, (db_params){threads, 1024, check_spill()}, &e), &e);
    w.threads = pool_open(threads, 1 << 20, &e);
    folder *f = folder_begin(&s, out, "01_raw", &e);
    check_ok(f && stage_raw.run(&w, f, &s, &e) && folder_commit(f, &key, &e), &e);
    pool_close(w.threads);
    db_close(w.d);
    scope_close(&s);
}

static ino_t number_of(const again *a, const char *table) {
    struct stat st;
    char path[300];
    snprintf(path, sizeof path, "%s/01_raw/%s.parquet", a->out, table);
    check(stat(path, &st) == 0);
    return st.st_ino;
}

static const char *const every[] = {
    "raw_articles", "raw_customers", "raw_transactions", "raw_reviews",   "raw_events",
    "raw_stock",    "files",         "mapping",          "quarantine_raw"};

static slice read_whole(scope *s, const char *out, const char *file) {
    err e = {0};
    slice bytes;
    check_ok(file_read(arena_text(&s->keep, "%s/01_raw/%s", out, file), s, 64 << 20, &bytes, &e),
             &e);
    return bytes;
}

/* Runs over the earlier folder and into a new one, with other numbers of threads: all is equal. */
static void same_as_scratch(again *a) {
    scope s;
    err e = {0};
    text ignored = {0};
    static int times;
    snprintf(a->scratch, sizeof a->scratch, "%s-scratch-%d", a->out, times++);
    a->heard.n = 0;
    run_into(a, a->out, 3, &a->heard);
    run_into(a, a->scratch, 1, &ignored);
    check_ok(scope_open(&s, (size_t)128 << 20, 0, &e), &e);
    for (size_t i = 0; i <= sizeof every / sizeof every[0]; i++) {
        scope file;
        bool last = i == sizeof every / sizeof every[0];
        const char *name = last ? "manifest.json" : arena_text(&s.keep, "%s.parquet", every[i]);
        check_ok(scope_open(&file, (size_t)130 << 20, 0, &e), &e);
        slice x = read_whole(&file, a->out, name), y = read_whole(&file, a->scratch, name);
        if (x.n != y.n || memcmp(x.p, y.p, x.n) != 0) print_error("%s differs\n", name);
        check(x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
        scope_close(&file);
    }
    text_free(&ignored);
    scope_close(&s);
}

static void unchanged(const again *a, const char *file, bool is) {
    char line[300];
    snprintf(line, sizeof line, "%s: unchanged, ", file);
    bool said = a->heard.n && strstr(a->heard.p, line) != NULL;
    if (said != is) print_error("%s is %s\n", file, said ? "taken over" : "parsed");
    check(said == is);
}

static void again_open(again *a, const char *name) {
    memset(a, 0, sizeof *a);
    snprintf(a->in, sizeof a->in, "%s/in", check_folder(name));
    snprintf(a->out, sizeof a->out, "build/tests-tmp/%s/out", name);
    mkdir(a->in, 0777);
    put(a, "sales-2.csv", "time,customer_id,article_id,price\n2020-01-02,c1,17,1.5\n"
                          "2020-01-03,c1,18,x\n2020-01-04,c2,17,2\n");
    put(a, "sales-4.csv", "Date;User ID;SKU;Unit Price;Qty;Till;\n2020-01-01;c1;17;2.5;-1;;\n\n"
                          "2020-01-01;c1;;2.5;1;a;b\n2020-01-01;c2;18\n");
    put(a, "catalogue.csv", "article_id,prod_name,product_group_name\n17,\"A \"\"B\"\"\",Tops\n");
    put(a, "people.csv", "customer_id,age,postcode\nc1,30,\nc2,,x\n");
    put(a, "notes.md", "# notes\n");
}

CHECK(raw_takes_over_what_is_unchanged) {
    again a;
    again_open(&a, "again");
    same_as_scratch(&a);
    unchanged(&a, "sales-2.csv", false);
    same_as_scratch(&a);
    for (size_t i = 0; i < 5; i++)
        unchanged(&a, (const char *[]){"sales-2.csv", "sales-4.csv", "catalogue.csv", "people.csv",
                                       "notes.md"}[i], i < 4);
    ino_t sales = number_of(&a, "raw_transactions"), articles = number_of(&a, "raw_articles");
    put(&a, "sales-5.csv", "time,customer_id,article_id,price\n2020-02-02,c3,18,1.5\n"); /* more */
    same_as_scratch(&a);
    unchanged(&a, "sales-4.csv", true);
    unchanged(&a, "sales-5.csv", false);
    check(number_of(&a, "raw_articles") == articles && number_of(&a, "raw_transactions") != sales);
    put(&a, "sales-3.csv", "time,customer_id,article_id,price\n2020-02-02,c3,,1\n"
                           "2020-02-02,c3,1,1\n"); /* between others */
    same_as_scratch(&a);
    unchanged(&a, "sales-2.csv", true);
    unchanged(&a, "sales-3.csv", false);
    unchanged(&a, "sales-5.csv", true);
    check(number_of(&a, "raw_articles") == articles);
    put(&a, "sales-4.csv", "Date;User ID;SKU;Unit Price\n2020-01-01;c1;17;2.5\n"); /* changed */
    same_as_scratch(&a);
    unchanged(&a, "sales-4.csv", false);
    unchanged(&a, "sales-5.csv", true);
    char path[300];
    snprintf(path, sizeof path, "%s/sales-2.csv", a.in); /* fewer */
    check(unlink(path) == 0);
    same_as_scratch(&a);
    unchanged(&a, "sales-3.csv", true);
    text_free(&a.heard);
}

CHECK(raw_reads_anew_what_is_read_differently) {
    again a;
    again_open(&a, "again-map");
    same_as_scratch(&a);
    put(&a, "atelier.yaml", "columns: {transactions: {channel: Till}}\n"); /* of one file */
    put(&a, "sales-2.csv", "time,customer_id,article_id,price,Till\n2020-01-02,c1,17,1.5,x\n");
    same_as_scratch(&a);
    unchanged(&a, "sales-4.csv", false);
    unchanged(&a, "people.csv", true);
    put(&a, "atelier.yaml", "columns: {transactions: {channel: Till}}\nsources: {reviews: "
                            "people.csv}\n"); /* another source */
    put(&a, "people.csv", "customer_id,article_id,rating,text,time\nc1,17,3,fine,2020-01-01\n");
    same_as_scratch(&a);
    unchanged(&a, "people.csv", false);
    unchanged(&a, "sales-4.csv", true);
    put(&a, "forgotten.sha256", "salt 0123456789abcdef0123456789abcdef\n");
    same_as_scratch(&a);
    unchanged(&a, "sales-4.csv", false);
    text_free(&a.heard);
}

/* What was taken out leaves no gaps that the bytes would show. */
CHECK(raw_takes_over_a_shop_that_forgot) {
    again a;
    scope s;
    err e = {0};
    text big = {0};
    again_open(&a, "again-forgot");
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    const char *salt = "0123456789abcdef0123456789abcdef";
    hash_text c7 = hash_of(slice_of(arena_text(&s.keep, "%sc7", salt)));
    put(&a, "forgotten.sha256", arena_text(&s.keep, "salt %s\n%s\n", salt, c7.hex));
    text_add(&big, SLICE("time,customer_id,article_id,price\n"));
    for (int i = 0; i < 130000; i++)
        text_addf(&big, "2020-01-%02d,c%d,%d,%s\n", 1 + i % 30, i % 90, i % 50,
                  i % 41 ? "3.25" : "much");
    put(&a, "sales-1.csv", text_slice(&big).p);
    same_as_scratch(&a);
    check_has(text_slice(&a.heard), "sales-1.csv: transactions, ");
    put(&a, "sales-0.csv", "time,customer_id,article_id,price\n2020-01-02,c7,17,1\n"
                           "2020-01-02,c8,17,1\n");
    same_as_scratch(&a);
    unchanged(&a, "sales-0.csv", false);
    unchanged(&a, "sales-1.csv", true);
    text_free(&big);
    text_free(&a.heard);
    scope_close(&s);
}

static void make_packed(const again *a, int rows, const char *const *files, int n) {
    db *d;
    err e = {0};
    check_ok(db_open(&d, (db_params){1, 512, check_spill()}, &e), &e);
    check_ok(db_runf(d, &e,
                     "CREATE TABLE t AS SELECT DATE '2020-01-01' + CAST(i %% 300 AS INTEGER) AS "
                     "time, 'c' || i %% 997 AS customer_id, CASE WHEN i %% 1000 = 3 THEN NULL ELSE "
                     "i %% 40 END AS article_id, i / 7.0 AS price FROM range(%d) AS x(i)", rows),
             &e);
    for (int i = 0; i < n; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", a->in, files[i]);
        check_ok(table_write(d, "t", path, &e), &e);
    }
    db_close(d);
}

CHECK(raw_takes_over_packed_and_parquet_files) {
    again a;
    again_open(&a, "again-packed");
    make_packed(&a, 130000, (const char *[]){"sales-1.csv.gz", "sales-7.parquet"}, 2);
    same_as_scratch(&a);
    make_packed(&a, 1234, (const char *[]){"sales-0.parquet", "sales-3.csv.gz"}, 2);
    same_as_scratch(&a);
    unchanged(&a, "sales-0.parquet", false);
    unchanged(&a, "sales-1.csv.gz", true);
    unchanged(&a, "sales-3.csv.gz", false);
    unchanged(&a, "sales-7.parquet", true);
    make_packed(&a, 1235, (const char *[]){"sales-3.csv.gz"}, 1);
    same_as_scratch(&a);
    unchanged(&a, "sales-0.parquet", true);
    unchanged(&a, "sales-3.csv.gz", false);
    text_free(&a.heard);
}

static void damage(const again *a, const char *file) {
    char path[300];
    snprintf(path, sizeof path, "%s/01_raw/%s", a->out, file);
    FILE *f = fopen(path, "r+b");
    check(f && fseek(f, 40, SEEK_SET) == 0 && fputc('#', f) == '#' && fclose(f) == 0);
}

CHECK(raw_takes_nothing_from_a_damaged_folder) {
    again a;
    again_open(&a, "again-damaged");
    same_as_scratch(&a);
    damage(&a, "raw_transactions.parquet");
    same_as_scratch(&a);
    unchanged(&a, "sales-2.csv", false);
    unchanged(&a, "people.csv", true);
    damage(&a, "mapping.parquet");
    same_as_scratch(&a);
    unchanged(&a, "people.csv", false);
    char path[300]; /* of another program */
    scope s;
    err e = {0};
    slice bytes;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    snprintf(path, sizeof path, "%s/01_raw/manifest.json", a.out);
    check_ok(file_read(path, &s, 1 << 18, &bytes, &e), &e);
    char *build = strstr(slice_copy(&s.keep, bytes), "\"build\": \"");
    check(build != NULL);
    build[10] = build[10] == '0' ? '1' : '0';
    check_ok(file_replace(path, slice_of(build - (strstr(bytes.p, "\"build\": \"") - bytes.p)), &e),
             &e);
    same_as_scratch(&a);
    unchanged(&a, "people.csv", false);
    text_free(&a.heard);
    scope_close(&s);
}

/* 1 or 0 of each file that is a source, in their order. */
static void said_unchanged(const again *a, const char *want) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    check_run r = check_atelier(&s, (const char *const[]){"run", a->in, "--out", a->out, "--to",
                                                          "raw", "--json", NULL});
    check(r.status == 0);
    const js_node *files = js_get(js_parse(&s, r.out, &e), "files");
    check(js_count(files) == (int64_t)strlen(want));
    for (int64_t i = 0; i < js_count(files); i++) {
        bool is;
        check(js_bool(js_get(js_at(files, i), "unchanged"), &is) && is == (want[i] == '1'));
    }
    scope_close(&s);
}

CHECK(run_says_which_files_are_unchanged) {
    again a;
    again_open(&a, "again-json");
    said_unchanged(&a, "0000");
    said_unchanged(&a, "1111"); /* the whole step is reused */
    put(&a, "sales-3.csv", "time,customer_id,article_id,price\n2020-02-02,c3,1,1\n");
    said_unchanged(&a, "11101");
}
