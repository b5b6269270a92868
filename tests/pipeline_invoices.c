/* invoices: a shop that is one export of invoice lines, with cancellations, returns, guests and
 * corrections of stock: every line is accounted for from the file to the customers' RFM. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/db.h"

typedef struct rig {
    scope s;
    db *d;
    const char *folder;
} rig;

static int64_t number(rig *r, const char *step, const char *table, const char *what) {
    err e = {0};
    int64_t n = 0;
    check_ok(db_count(r->d, &n, &e, "SELECT %s FROM read_parquet('%s/out/%s/%s.parquet')", what,
                      r->folder, step, table), &e);
    return n;
}

/* 30 lines: 18 sales to known customers, of which one is given back by a cancellation and one in
 * part; 5 to guests, one of them cancelled; a gift; two corrections of stock; a debt written off; a
 * day that is none; a quantity of nothing. */
static void write_invoices(const char *folder) {
    char path[700];
    snprintf(path, sizeof path, "%s/invoices.csv", folder);
    FILE *f = fopen(path, "wb");
    check(f != NULL);
    fprintf(f, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,"
               "Country\n");
    for (int i = 0; i < 18; i++) /* lines 2 to 19: six invoices of three lines */
        fprintf(f, "%d,S%d,\"ROUND, \"\"TIN\"\" %d\",%d,2021-03-%02d 09:%02d:00,2.50,%d.0,France\n",
                1000 + i / 3, i % 5, i % 5, 1 + i % 4, 1 + i, i, 500 + i / 3 % 4);
    static const char *const rest[] = {
        "C1006,S0,TIN,-1,2021-03-20 10:00:00,2.50,500.0,France",  /* 20: all of line 2 */
        "C1007,S3,TIN,-2,2021-03-21 10:00:00,2.50,501.0,France",  /* 21: a part of line 5 */
        "1008,S1,TIN,10,2021-03-22 11:00:00,3.00,,France",        /* 22 to 25: guests */
        "1008,S2,TIN,20,2021-03-22 11:00:00,3.00,,France",
        "1009,S2,TIN,5,2021-03-23 11:00:00,3.00,,Spain",
        "C1010,S2,TIN,-5,2021-03-23 12:00:00,3.00,,Spain",
        "1011,S4,TIN,1,2021-03-24 12:00:00,0.00,502.0,France",    /* 26: a gift */
        "1012,S1,thrown away,-90,2021-03-25 12:00:00,0.00,,France", /* 27, 28: stock */
        "1013,S2,found,60,2021-03-25 12:00:00,0.00,,France",
        "A1014,B,Adjust bad debt,1,2021-03-26 12:00:00,-99.50,,France", /* 29 */
        "1015,S1,TIN,1,31/02/2021,2.50,500.0,France",             /* 30 */
        "1016,S1,TIN,0,2021-03-27 12:00:00,2.50,500.0,France",    /* 31 */
    };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) fprintf(f, "%s\n", rest[i]);
    fclose(f);
}

CHECK(invoices_of_a_shop_are_accounted_for_line_by_line) {
    rig r = {.folder = check_folder("invoices")};
    err e = {0};
    char in[700], out[700];
    snprintf(in, sizeof in, "%s/in", r.folder);
    snprintf(out, sizeof out, "%s/out", r.folder);
    check_ok(scope_open(&r.s, (size_t)256 << 20, 1 << 20, &e), &e);
    const char *make[] = {"mkdir", "-p", in, NULL};
    check(check_command(&r.s, make).status == 0);
    write_invoices(in);
    const char *argv[] = {"run", in, "--out", out, "--to", "features", NULL};
    check_run run = check_atelier(&r.s, argv);
    if (run.status != 0) check_text(run.err, "");
    check_has(run.err, "4 of 25 lines of sales name no customer (guests; worth 90.00)");
    check_ok(db_open(&r.d, (db_params){1, 256, check_spill()}, &e), &e);
    /* the file: 30 lines = 28 read + 2 set aside (a price below 0, a day that is none) */
    check(number(&r, "01_raw", "files", "seen") == 30);
    check(number(&r, "01_raw", "files", "accepted") == 28);
    check(number(&r, "01_raw", "quarantine_raw", "count(*)") == 2);
    check(number(&r, "01_raw", "quarantine_raw", "sum(src_line)") == 29 + 30);
    /* cleaning: 28 = 21 of customers + 4 of guests + 3 set aside */
    check(number(&r, "02_clean", "transactions", "count(*)") == 21);
    check(number(&r, "02_clean", "guest_sales", "count(*)") == 4);
    check(number(&r, "02_clean", "quarantine_clean",
                 "count(*) FILTER (WHERE rule = 'neither_customer_nor_price')") == 2);
    check(number(&r, "02_clean", "quarantine_clean",
                 "count(*) FILTER (WHERE rule = 'quantity_range' AND src_line = 31)") == 1);
    check(number(&r, "02_clean", "accounting",
                 "sum(seen - accepted - quarantined - merged - blank)") == 0);
    check(number(&r, "02_clean", "accounting",
                 "sum(accepted) FILTER (WHERE step = 'clean' AND rule = 'all')") == 25);
    /* cancellations and returns take units and money back: 43 - 3 of customers, 35 - 5 of guests */
    check(number(&r, "02_clean", "transactions", "sum(quantity)") == 40 + 1);
    check(number(&r, "02_clean", "transactions", "sum(revenue) * 100") == 40 * 250);
    check(number(&r, "02_clean", "guest_sales", "sum(quantity)") == 30);
    check(number(&r, "03_datasets", "d_sales", "sum(units) FILTER (WHERE level = 'total')") == 71);
    /* RFM: four customers; 500 has two invoices of three lines on six days */
    check(number(&r, "03_datasets", "c_customers",
                 "count(*) FILTER (WHERE as_of = DATE '2021-03-26')") == 0);
    check(number(&r, "03_datasets", "c_customers",
                 "count(*) FILTER (WHERE as_of = DATE '2021-03-25')") == 4);
    check(number(&r, "03_datasets", "c_customers",
                 "sum(monetary) FILTER (WHERE as_of = DATE '2021-03-25') * 100") == 40 * 250);
    check(number(&r, "03_datasets", "c_customers",
                 "sum(frequency) FILTER (WHERE as_of = DATE '2021-03-25' AND customer = 0)") == 6);
    db_close(r.d);
    scope_close(&r.s);
}
