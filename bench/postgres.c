/* postgres: rows to a server and from it, as export and sources do it, against psql's text COPY.
 *
 * Usage: postgres ADDRESS FOLDER ROWS: in FOLDER, in turns, best of three of each by the wall:
 * out: a Parquet file into a new table (committed), against \copy FROM of a text file;
 * in:  that table into a Parquet file (shop_tables_fetch), against \copy TO a text file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/pg.h"
#include "pipeline/shop_tables.h"

#include "lib/clock.h"

static double now(void) { return clock_seconds(CLOCK_MONOTONIC); }

static void must(bool done, const err *e) {
    if (done) return;
    fprintf(stderr, "bench postgres: %s\n", e->text);
    exit(1);
}

static const char *address;
static pg *server;
static db *engine;

static double psql(const char *command) {
    char line[1024];
    snprintf(line, sizeof line, "psql -qX '%s' -v ON_ERROR_STOP=1 -c \"%s\"", address, command);
    double start = now();
    if (system(line) != 0) exit(1);
    return now() - start;
}

static const pg_column shape_of[] = {{"t_dat", PG_DATE, 0, 0},
                                     {"customer_id", PG_INT4, 0, 0},
                                     {"article_id", PG_INT4, 0, 0},
                                     {"price", PG_FLOAT8, 0, 0},
                                     {"sales_channel_id", PG_INT2, 0, 0}};

#define COLUMNS \
    "(t_dat date, customer_id int, article_id int, price float8, sales_channel_id smallint)"

static bool send(void *what, const columns *rows, err *e) {
    (void)what;
    return pg_put(server, rows, e);
}

static double put(const char *file, long rows) {
    err e = {0};
    char sql[600];
    int64_t there = 0;
    pg_shape shape = {"sales", 5, shape_of};
    double start = now();
    snprintf(sql, sizeof sql, "FROM read_parquet('%s')", file);
    must(pg_run(server, &e, "BEGIN; DROP TABLE IF EXISTS sales; CREATE TABLE sales " COLUMNS) &&
             pg_put_open(server, "sales", &shape, &e) &&
             db_each(engine, slice_of(sql), send, NULL, &e) && pg_put_close(server, &there, &e) &&
             pg_run(server, &e, "COMMIT"),
         &e);
    if (there != rows) exit(1);
    return now() - start;
}

static double get(const work *w) {
    err e = {0};
    double start = now();
    must(shop_tables_fetch(w, &e), &e);
    return now() - start;
}

static void write_settings(const char *shop) {
    char path[600];
    snprintf(path, sizeof path, "%s/atelier.yaml", shop);
    FILE *f = fopen(path, "w");
    if (!f) exit(1);
    fprintf(f, "sources:\n  transactions: {postgresql: \"%s\", table: sales}\n", address);
    fclose(f);
}

static void nothing(void *what, const char *label, int64_t done, int64_t total) {
    (void)what, (void)label, (void)done, (void)total;
}

static void less(double *best, double t) { *best = *best == 0 || t < *best ? t : *best; }

static void show(const char *what, long rows, double ours, double theirs) {
    double millions = (double)rows / 1e6;
    printf("%-4s %5.2f M rows/s; psql's text COPY %5.2f; ratio %.2f\n", what, millions / ours,
           millions / theirs, theirs / ours);
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    char file[600], text_file[600], command[1400];
    double best[4] = {0};
    if (argc != 4) return 2;
    address = argv[1];
    long rows = atol(argv[3]);
    must(scope_open(&s, (size_t)1 << 30, 0, &e), &e);
    must(db_open(&engine, (db_params){2, 4096, "build/bench/.spill"}, &e), &e);
    must((server = pg_open(&s, address, &e)) != NULL, &e);
    snprintf(file, sizeof file, "%s/sales.parquet", argv[2]);
    snprintf(text_file, sizeof text_file, "%s/sales.txt", argv[2]);
    must(db_runf(engine, &e,
                 "CREATE TABLE sales AS SELECT DATE '2019-01-01' + (i // 7000)::INTEGER AS t_dat, "
                 "(i * 7919 %% 1300000)::INTEGER AS customer_id, (108775015 + i * 104729 %% "
                 "100000)::INTEGER AS article_id, (i * 31 %% 10000) / 100 AS price, (1 + i %% "
                 "2)::INTEGER AS sales_channel_id FROM range(%ld) t(i)", rows) &&
             db_write_parquet(engine, "sales", file, &e),
         &e);
    write_settings(argv[2]);
    work w = {.shop = argv[2], .d = engine, .progress = {NULL, nothing, NULL}};
    w.out = arena_text(&s.keep, "%s/out", argv[2]);
    for (int i = 0; i < 3; i++) {
        less(&best[0], put(file, rows));
        less(&best[2], get(&w));
        snprintf(command, sizeof command, "\\copy sales to %s", text_file);
        less(&best[3], psql(command));
        snprintf(command, sizeof command, "\\copy other from %s", text_file);
        psql("SET client_min_messages = warning; DROP TABLE IF EXISTS other; CREATE TABLE "
             "other " COLUMNS);
        less(&best[1], psql(command));
    }
    show("out", rows, best[0], best[1]);
    show("in", rows, best[2], best[3]);
    db_close(engine);
    scope_close(&s);
    return 0;
}
