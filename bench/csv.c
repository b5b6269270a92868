/* csv: our reader against the engine's own, on one file of transactions, in one run.
 *
 * Usage: csv FILE ROWS: writes FILE (H&M's columns, 103 bytes a row) when it is not there, then
 * reads it in turns and prints the best of three for each, in MB per processor second, and the
 * ratios: of reading alone (typed columns of a batch in memory, ours with all checks), and of
 * reading into a table of the engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"
#include "data/csv.h"
#include "data/table.h"

#include "lib/clock.h"

/* Processor seconds of all threads: what other programs do meanwhile does not count. */
static double spent(void) { return clock_seconds(CLOCK_PROCESS_CPUTIME_ID); }

static void write_file(const char *path, long rows) {
    FILE *f = fopen(path, "w");
    if (!f) abort();
    rng r = rng_open(1, 1);
    fputs("t_dat,customer_id,article_id,price,sales_channel_id\n", f);
    for (long i = 0; i < rows; i++) {
        uint64_t a = rng_u64(&r), b = (uint64_t)rng_below(&r, 100000);
        fprintf(f, "20%02ld-%02ld-%02ld,%016llx%016llx%016llx%016llx,%010llu,%.*f,%d\n",
                18 + i * 3 / rows, 1 + i % 12, 1 + i % 28, (unsigned long long)b,
                (unsigned long long)(b * 0x9E3779B97F4A7C15u),
                (unsigned long long)(b * 0xD6E8FEB86659FD93u), (unsigned long long)(b ^ 77),
                (unsigned long long)(108775015 + a % 100000000), i % 2 ? 17 : 4,
                (double)(a >> 40) / (double)(1 << 26), (int)(1 + a % 2));
    }
    if (fclose(f) != 0) abort();
}

static void must(bool done, const err *e) {
    if (done) return;
    fprintf(stderr, "bench csv: %s\n", e->text);
    exit(1);
}

static const contract *sales;

/* Typed columns in memory, checked, and nothing else. */
static double parse_only(const char *path, pool *threads) {
    scope s;
    err e = {0};
    csv_batch b;
    csv_params p = CSV_DEFAULTS;
    p.threads = threads;
    double start = spent();
    must(scope_open(&s, (size_t)1 << 30, 0, &e), &e);
    csv *r = csv_open(&s, path, sales, p, &e);
    must(r != NULL, &e);
    while (csv_next(r, &b, &e) && !b.end) {}
    must(e.kind == ERR_NONE && csv_counts(r).quarantined == 0, &e);
    scope_close(&s);
    return spent() - start;
}

static double ours(const char *path, db *d, pool *threads) {
    scope s;
    err e = {0};
    table_loaded out;
    must(scope_open(&s, 1 << 24, 0, &e), &e);
    must(db_run(d, SLICE("DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS q"), &e), &e);
    double start = spent();
    table_load l = {.path = path, .c = sales, .table = "t", .quarantine = "q", .threads = threads};
    must(table_load_file(d, &l, &s.keep, &out, &e), &e);
    scope_close(&s);
    return spent() - start;
}

#define ENGINE_READS                                                                               \
    "read_csv('%s', header = true, columns = {'t_dat': 'TIMESTAMP', 'customer_id': 'VARCHAR', "    \
    "'article_id': 'VARCHAR', 'price': 'DOUBLE', 'sales_channel_id': 'VARCHAR'})"

static double engine(const char *path, db *d) {
    err e = {0};
    must(db_run(d, SLICE("DROP TABLE IF EXISTS t"), &e), &e);
    double start = spent();
    must(db_runf(d, &e, "CREATE TABLE t AS SELECT * FROM " ENGINE_READS, path), &e);
    return spent() - start;
}

/* Every column is made, none is kept. */
static double engine_only(const char *path, db *d) {
    err e = {0};
    double start = spent();
    must(db_runf(d, &e,
                 "SELECT count(t_dat), count(customer_id), count(article_id), count(price), "
                 "count(sales_channel_id) FROM " ENGINE_READS,
                 path),
         &e);
    return spent() - start;
}

int main(int argc, char **argv) {
    struct stat st;
    err e = {0};
    db *d;
    if (argc != 3) return fprintf(stderr, "usage: csv FILE ROWS\n"), 2;
    if (stat(argv[1], &st) != 0) write_file(argv[1], atol(argv[2]));
    if (stat(argv[1], &st) != 0) return 1;
    sales = contract_find("transactions");
    double mb = (double)st.st_size / 1e6;
    printf("%s: %.0f MB; MB/s\n%-8s %12s %12s %6s %12s %12s %6s\n", argv[1], mb, "threads",
           "read+check", "engine reads", "ratio", "to table", "engine's", "ratio");
    for (int threads = 1; threads <= 2; threads++) {
        double best[4] = {1e9, 1e9, 1e9, 1e9};
        pool *p = pool_open(threads, 1 << 20, &e);
        must(p != NULL, &e);
        must(db_open(&d, (db_params){threads, 4096, "build/bench/spill"}, &e), &e);
        for (int turn = 0; turn < 3; turn++) {
            double t[4] = {parse_only(argv[1], p), engine_only(argv[1], d), ours(argv[1], d, p),
                           engine(argv[1], d)};
            for (int k = 0; k < 4; k++)
                if (t[k] < best[k]) best[k] = t[k];
        }
        printf("%-8d %12.0f %12.0f %6.2f %12.0f %12.0f %6.2f\n", threads, mb / best[0],
               mb / best[1], best[1] / best[0], mb / best[2], mb / best[3], best[3] / best[2]);
        db_close(d);
        pool_close(p);
    }
    return 0;
}
