/* forget: a customer leaves results and later runs, the accounts still add up, a receipt stays. */
#include "check.h"

#include <string.h>

#include "check_json.h"
#include "data/db.h"
#include "data/folder.h"

static const char *root, *shop, *out;

static const js_node *run(scope *s) {
    return run_json(s, (const char *const[]){"run", shop, "--out", out, "--to", "datasets",
                                             "--json", NULL});
}

/* Ann is 007 in one file and 7 in another; a row of hers did not pass. */
static void make(scope *s, const char *name) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 1 << 20, &e), &e);
    root = check_folder(name);
    shop = arena_text(&s->keep, "%s/shop", root);
    out = arena_text(&s->keep, "%s/out", root);
    check_ok(file_make_folders(shop, &e), &e);
    write_file(s, shop, "articles.csv", "article_id,name\na1,Dress\na2,Shoe\n");
    write_file(s, shop, "customers.csv", "customer_id,age\n007,30\n8,40\n9,50\n");
    write_file(s, shop, "sales.csv", "date,customer,article,price\n2020-01-01,7,a1,10\n"
                                      "2020-01-02,8,a2,10\n2020-01-02,7,a2,ten\n"
                                      "2020-01-03,9,a1,12\n"
                                      "2020-01-04,8,a1,x\n2020-01-05,9,a2,8\n");
    write_file(s, shop, "reviews.csv",
               "article_id,customer_id,rating,text\na1,007,5,mine\na2,8,4,his\n");
    run(s);
}

static int64_t count(scope *s, const char *sql) {
    err e = {0};
    db *d;
    int64_t n = -1;
    (void)s;
    check_ok(db_open(&d, (db_params){1, 512, check_spill()}, &e), &e);
    check_ok(db_count(d, &n, &e, "%s", sql), &e);
    db_close(d);
    return n;
}

CHECK(forget_takes_a_customer_out_of_results_and_later_runs) {
    scope s;
    err e = {0};
    slice bytes;
    make(&s, "forget");
    const js_node *said = run_json(&s, (const char *const[]){"forget", "7", out, "--json", NULL});
    check(real_of(said, "rows") > 5);
    slice hex = text_of(said, "hash");
    check(hex.n == 64);
    check(!file_exists(arena_text(&s.keep, "%s/01_raw", out)));
    check(!file_exists(arena_text(&s.keep, "%s/03_datasets", out)));
    check_ok(file_read(slice_copy(&s.keep, text_of(said, "receipt")), &s, 1 << 16, &bytes, &e),
             &e);
    check_text(text_of(js_parse(&s, bytes, &e), "hash"), slice_copy(&s.keep, hex));
    check_ok(file_read(arena_text(&s.keep, "%s/forgotten.sha256", shop), &s, 1 << 16, &bytes, &e),
             &e);
    check_has(bytes, slice_copy(&s.keep, hex));

    const js_node *files = js_get(run(&s), "files");
    for (int64_t i = 0; i < js_count(files); i++) {
        const js_node *f = js_at(files, i);
        check_near(real_of(f, "seen"), real_of(f, "accepted") + real_of(f, "quarantined") +
                                           real_of(f, "merged") + real_of(f, "blank"), 0);
    }
    const js_node *people = js_at(files, 1), *sales = js_at(files, 2);
    check(js_count(files) == 4);
    check(real_of(people, "accepted") == 2 && real_of(people, "quarantined") == 1);
    check(real_of(sales, "accepted") == 3 && real_of(sales, "quarantined") == 3);

#define AT(table) "read_parquet('build/tests-tmp/forget/out/" table ".parquet')"
    check(count(&s, "SELECT count(*) FROM " AT("02_clean/spellings") " WHERE key = '7'") == 0);
    check(count(&s, "SELECT count(*) FROM " AT("02_clean/customers")) == 2);
    check(count(&s, "SELECT count(*) FROM " AT("03_datasets/e_reviews") " WHERE text = 'mine'") ==
          0);
    /* Three rows by the rule, and what was in quarantine lost its content; another's did not. */
    check(count(&s, "SELECT count(*) FROM " AT("01_raw/quarantine_raw")
                    " WHERE rule = 'forgotten' AND raw IS NULL AND observed IS NULL") == 3);
    check(count(&s, "SELECT count(*) FROM " AT("01_raw/quarantine_raw")
                    " WHERE rule = 'not_a_number' AND raw IS NULL AND src_line = 4") == 1);
    check(count(&s, "SELECT count(*) FROM " AT("01_raw/quarantine_raw")
                    " WHERE raw LIKE '2020-01-04,8%'") == 1);
    scope_close(&s);
}

CHECK(forget_refuses_whom_it_does_not_know) {
    scope s;
    make(&s, "forget_no");
    check_run r = check_atelier(&s, (const char *const[]){"forget", "77", out, NULL});
    check(r.status == 2);
    check_has(r.err, "no customer '77'");
    check(!file_exists(arena_text(&s.keep, "%s/forgotten.sha256", shop)));
    check(check_atelier(&s, (const char *const[]){"forget", "8", out, NULL}).status == 0);
    r = check_atelier(&s, (const char *const[]){"forget", "8", out, NULL});
    check(r.status == 2);
    check_has(r.err, "is forgotten already");
    write_file(&s, shop, "forgotten.sha256", "salt 00112233445566778899aabbccddeeff\nnonsense\n");
    r = check_atelier(&s, (const char *const[]){"run", shop, "--out", out, NULL});
    check(r.status == 2);
    check_has(r.err, "forgotten.sha256:2: 'nonsense' is no SHA-256");
    scope_close(&s);
}
