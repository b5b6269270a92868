/* raw: which file is which source, the accounts of every row, and refusals of a whole shop. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/config.h"
#include "data/folder.h"
#include "pipeline/shop.h"
#include "pipeline/stage.h"

static void put(const char *to, const char *name, slice bytes) {
    err e = {0};
    char path[700];
    snprintf(path, sizeof path, "%s/%s", to, name);
    check_ok(file_replace(path, bytes, &e), &e);
}

static void hear(void *what, const char *line) { text_addf(what, "%s\n", line); }

typedef struct rig {
    scope s;
    work w;
    text heard;
    char in[600], out[600];
} rig;

static void rig_open(rig *r, const char *name, int threads) {
    err e = {0};
    memset(r, 0, sizeof *r);
    snprintf(r->in, sizeof r->in, "%s/in", check_folder(name));
    snprintf(r->out, sizeof r->out, "build/tests-tmp/%s/out", name);
    mkdir(r->in, 0777);
    check_ok(scope_open(&r->s, (size_t)1 << 30, 1 << 20, &e), &e);
    r->w = (work){.shop = r->in, .out = r->out, .n_threads = threads};
    r->w.progress = (progress){.what = &r->heard, .say = hear};
    check_ok(db_open(&r->w.d, (db_params){threads, 1024, check_spill()}, &e), &e);
    scope_defer(&r->s, db_close, r->w.d);
    r->w.threads = pool_open(threads, 1 << 20, &e);
}

static void rig_close(rig *r) {
    pool_close(r->w.threads);
    scope_close(&r->s);
    text_free(&r->heard);
}

static bool run_raw(rig *r, err *e) {
    folder_key key = {0};
    memset(key.key.hex, 'a', 64);
    folder *f = folder_begin(&r->s, r->out, "01_raw", e);
    return f && stage_raw.run(&r->w, f, &r->s, e) && folder_commit(f, &key, e);
}

static void refused(rig *r, err_kind kind, const char *says) {
    err e = {0};
    char path[700];
    check(!run_raw(r, &e) && e.kind == kind);
    check_has(slice_of(e.text), says);
    snprintf(path, sizeof path, "%s/01_raw", r->out);
    check(!file_exists(path)); /* nothing half-written is visible */
}

static int64_t number(rig *r, const char *sql) {
    err e = {0};
    int64_t n = 0;
    check_ok(db_count(r->w.d, &n, &e, "%s", sql), &e);
    return n;
}

#define TABLE(name) "read_parquet('build/tests-tmp/raw/out/01_raw/" name ".parquet')"

static void small_shop(const char *in) {
    put(in, "sales-2.csv", SLICE("t_dat,customer_id,article_id,price,sales_channel_id\n"
                                 "2020-01-02,c1,0017,1.5,2\n2020-01-03,c1,0018,x,1\n"));
    put(in, "sales-1.csv", SLICE("Date;User ID;SKU;Unit Price;Qty\n2020-01-01;c1;17;2.5;-1\n\n"
                                 "2020-01-01;c1;;2.5;1\n2020-01-01;c2;18\n"));
    put(in, "catalogue.csv", SLICE("article_id,prod_name,product_group_name\n17,\"A \"\"B\"\"\","
                                   "Tops\n18,C,Hats\n"));
    put(in, "events.csv", SLICE("timestamp,visitorid,event,itemid,transactionid\n"
                                "1580432400000,9,view,17,\n"));
    put(in, "notes.md", SLICE("# notes\n"));
    put(in, "cash.csv", SLICE("till,amount\n1,2\n"));
}

CHECK(raw_tables_account_for_every_row) {
    rig r;
    err e = {0};
    rig_open(&r, "raw", 2);
    small_shop(r.in);
    check_ok(run_raw(&r, &e), &e);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_transactions")) == 2);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_transactions")
                     " WHERE src_file = 20000 AND src_line = 2 AND article_id = '17' AND price = "
                     "2.5 AND quantity = -1 AND time = TIMESTAMP '2020-01-01' AND channel IS "
                     "NULL") == 1);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_articles") " WHERE name = 'A \"B\"'") == 1);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_events")
                     " WHERE time = TIMESTAMP '2020-01-31 01:00:00'") == 1);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_stock")) == 0);
    check(number(&r, "SELECT count(*) FROM " TABLE("files")) == 6);
    check(number(&r, "SELECT count(*) FROM " TABLE("files")
                     " WHERE seen <> accepted + quarantined + merged + blank") == 0);
    check(number(&r, "SELECT count(*) FROM " TABLE("files")
                     " WHERE path = 'sales-1.csv' AND seen = 4 AND accepted = 1 AND quarantined = "
                     "2 AND blank = 1 AND source = 'transactions' AND length(sha256) = 64 AND "
                     "bytes = 95") == 1);
    check(number(&r, "SELECT count(*) FROM " TABLE("files") " WHERE source IS NULL") == 2);
    check(number(&r, "SELECT count(*) FROM " TABLE("quarantine_raw")
                     " WHERE (src_line, rule, column_name, observed) IN ((3, 'not_a_number', "
                     "'price', 'x'), (4, 'missing', 'article_id', ''))") == 2);
    check(number(&r, "SELECT count(*) FROM " TABLE("quarantine_raw")
                     " WHERE rule = 'short_row' AND raw = '2020-01-01;c2;18' AND observed = "
                     "'3 fields' AND expected = '5 fields as in the header'") == 1);
    check(number(&r, "SELECT count(*) FROM " TABLE("mapping")
                     " WHERE how = 'alias' AND header = 'Unit Price' AND column_name = 'price'") ==
          1);
    check_has(text_slice(&r.heard), "sales-1.csv: transactions, 1 rows");
    check_has(text_slice(&r.heard), "price            <- Unit Price");
    check_has(text_slice(&r.heard), "notes.md: not used (no .csv");
    check_has(text_slice(&r.heard), "cash.csv: not used (its columns fit no source)");
    rig_close(&r);
}

CHECK(raw_bytes_do_not_depend_on_threads) {
    static const char *const tables[] = {"raw_transactions", "files", "mapping", "quarantine_raw"};
    hash_text first[4] = {{{0}}};
    for (int threads = 1; threads <= 8; threads *= 2) {
        rig r;
        err e = {0};
        text big = {0};
        rig_open(&r, "raw-threads", threads);
        small_shop(r.in);
        text_add(&big, SLICE("time,customer_id,article_id,price\n"));
        for (int i = 0; i < 20000; i++)
            text_addf(&big, "2020-01-%02d,c%d,%d,%s\n", 1 + i % 30, i, i % 50,
                      i % 41 ? "3.25" : "much");
        put(r.in, "sales-3.csv", text_slice(&big));
        check_ok(run_raw(&r, &e), &e);
        for (int i = 0; i < 4; i++) {
            char path[700];
            hash_text h;
            snprintf(path, sizeof path, "%s/01_raw/%s.parquet", r.out, tables[i]);
            check_ok(hash_file(path, &h, NULL, &e), &e);
            if (threads == 1) first[i] = h;
            check(strcmp(h.hex, first[i].hex) == 0);
        }
        text_free(&big);
        rig_close(&r);
    }
}

CHECK(raw_obeys_atelier_yaml) {
    rig r;
    err e = {0};
    rig_open(&r, "raw", 1);
    small_shop(r.in);
    put(r.in, "atelier.yaml", SLICE("sources:\n  transactions: [cash.csv]\nignore: sales-*.csv\n"
                                    "columns:\n  transactions: {time: till, customer_id: till, "
                                    "article_id: till, price: amount}\nas_of: 2020-02-01\n"));
    put(r.in, "cash.csv", SLICE("till,amount\n20200101,2\n20200102,3\n"));
    check_ok(run_raw(&r, &e), &e);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_transactions")
                     " WHERE time = TIMESTAMP '2020-01-02' AND customer_id = '20200102' AND "
                     "price = 3") == 1);
    check_has(text_slice(&r.heard), "sales-1.csv: not used (atelier.yaml says to ignore it)");
    check(number(&r, "SELECT count(*) FROM " TABLE("mapping") " WHERE how = 'config'") >= 1);
    put(r.in, "atelier.yaml", SLICE("columns: {transactions: {time: till, customer_id: till, "
                                    "article_id: till, price: amount}}\nignore: sales-*\n"));
    check_ok(run_raw(&r, &e), &e); /* the map alone says what cash.csv is */
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_transactions")) == 2);
    put(r.in, "atelier.yaml", SLICE("as_of: 2020-02-01\n"));
    config c;
    check_ok(config_read(&r.s, r.in, &c, &e), &e);
    check(c.as_of == day_of(2020, 2, 1));
    rig_close(&r);
}

CHECK(raw_refuses_atelier_yaml_by_line) {
    static const char *const bad[][2] = {
        {"source:\n  stock: x.csv\n", "atelier.yaml:1: 'source' is no key of atelier.yaml; did you "
                                      "mean sources?"},
        {"sources:\n  transaction: x.csv\n", ":2: 'transaction' is no source; did you mean "
                                             "transactions?"},
        {"columns:\n  stock: {on_hnd: x}\n", ":2: 'on_hnd' is no column of this source; did you "
                                             "mean on_hand?"},
        {"as_of: soon\n", ":1: as_of is a day like"},
        {"sources: [a\n", "atelier.yaml:"},
        {"- a\n", "key: value pairs"},
        {"sources:\n  stock: {a: b}\n", "'a' is no key of a table"},
        {"sources:\n  stock: nowhere-*.csv\n", "there is no such file"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rig r;
        rig_open(&r, "raw-yaml", 1);
        small_shop(r.in);
        put(r.in, "atelier.yaml", slice_of(bad[i][0]));
        refused(&r, ERR_ASKED_WRONG, bad[i][1]);
        rig_close(&r);
    }
}

CHECK(raw_refuses_a_shop_that_is_none) {
    rig r;
    rig_open(&r, "raw-none", 1);
    refused(&r, ERR_ASKED_WRONG, "is empty: a shop has a file of transactions or of events");
    put(r.in, "people.csv", SLICE("customer_id,age,postcode\nc1,3,x\n"));
    refused(&r, ERR_ASKED_WRONG, "neither transactions nor events; found: people.csv (customers)");
    put(r.in, "sales.csv", SLICE("time,customer_id,article_id,price\nsoon,c1,17,1\n"));
    refused(&r, ERR_ASKED_WRONG, "no row of");
    put(r.in, "sales.csv", SLICE("time,customer_id,article_id,price\n2020-01-01,c1,17,1\n"));
    put(r.in, "bought.parquet", SLICE("PAR1 cut off")); /* C59: one bad file among good ones */
    err e = {0};
    check_ok(run_raw(&r, &e), &e);
    check_has(text_slice(&r.heard), "bought.parquet: not used (");
    put(r.in, "atelier.yaml", SLICE("sources: {transactions: [sales.csv, bought.parquet]}\n"));
    check(!run_raw(&r, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "bought.parquet is not a Parquet file that can be read");
    rig_close(&r);
}

CHECK(shop_tells_sources_by_header_and_name) {
    static const struct {
        const char *name, *header;
        int source;
    } known[] = {{"a.csv", "t_dat,customer_id,article_id,price,sales_channel_id", 2},
                 {"b.csv", "article_id,prod_name,product_group_name,detail_desc", 0},
                 {"c.csv", "customer_id,FN,Active,age,postal_code", 1},
                 {"d.csv", ",Clothing ID,Age,Title,Review Text,Rating,Class Name", 3},
                 {"e.csv", "event_time,event_type,product_id,category_code,price,user_id", 4},
                 {"f.csv", "date,sku,on_hand", 5},
                 {"order_items.csv", "id,order_id,user_id,product_id,created_at,sale_price", 2},
                 {"events.csv", "id,user_id,session_id,created_at,traffic_source,event_type", 4},
                 {"products.csv", "id,cost,category,name,brand,retail_price,department,sku", 0},
                 {"users.csv", "id,first_name,age,postal_code,traffic_source,created_at", 1},
                 {"ids.csv", "id,cost", -1},
                 {"cash.csv", "till,amount", -1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        slice headers[64];
        int n = 0;
        for (const char *p = known[i].header;; p++) {
            size_t length = strcspn(p, ",");
            headers[n++] = (slice){p, length};
            p += length;
            if (!*p) break;
        }
        int got = shop_source(known[i].name, headers, n, (const char *[6]){NULL});
        if (got != known[i].source) print_error("%s is %d\n", known[i].name, got);
        check(got == known[i].source);
    }
}

CHECK(raw_reads_the_real_hm_files_whole) {
    if (!check_data("hm/transactions_sample.csv")) skip("no real data here");
    static const char *const files[] = {"hm/transactions_sample.csv", "hm/articles_full.csv",
                                        "hm/articles_sample_with_desc.csv",
                                        "hm/customers_sample.csv", "events/ecom.csv.gz",
                                        "reviews/Womens Clothing E-Commerce Reviews.csv"};
    rig r;
    err e = {0};
    rig_open(&r, "raw", 2);
    for (int i = 0; i < 6; i++) {
        char to[1200], from[4096];
        check(realpath(check_data(files[i]), from) != NULL);
        snprintf(to, sizeof to, "%s/%s", r.in, strrchr(files[i], '/') + 1);
        check(symlink(from, to) == 0);
    }
    check_ok(run_raw(&r, &e), &e);
    /* Rows by Python's csv module: 31,662, 105,542 + 11,800, 1,364, 31,106, 23,486. */
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_transactions")) == 31662);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_articles")) == 117342);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_customers")) == 1364);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_events")) == 31106);
    check(number(&r, "SELECT count(*) FROM " TABLE("raw_reviews") " WHERE text IS NOT NULL") ==
          22641);
    check(number(&r, "SELECT count(*) FROM " TABLE("quarantine_raw")) == 0);
    rig_close(&r);
}
