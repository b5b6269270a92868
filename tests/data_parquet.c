/* parquet: foreign Parquet files that are cut, lie or are damaged: a sentence, never a crash. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "data/folder.h"
#include "data/table.h"

#define GOOD "build/tests-tmp/parquet-good.parquet"

enum { ROWS = 3000 };

static db *open_db(scope *s) {
    err e = {0};
    db *d = NULL;
    check_ok(scope_open(s, (size_t)64 << 20, 1 << 20, &e), &e);
    check_ok(db_open(&d, (db_params){1, 512, check_spill()}, &e), &e);
    scope_defer(s, db_close, d);
    return d;
}

/* Writes a query as Parquet and reads the bytes back. */
static slice written(db *d, scope *s, const char *query, const char *options) {
    err e = {0};
    slice bytes;
    check_ok(db_runf(d, &e, "COPY (%s) TO '" GOOD "' (FORMAT parquet%s)", query, options), &e);
    check_ok(file_read(GOOD, s, 16 << 20, &bytes, &e), &e);
    return bytes;
}

static const char sales[] =
    "SELECT TIMESTAMP '2020-01-31' + INTERVAL (i) MINUTE AS t_dat, 'c' || i % 97 AS customer_id, "
    "i % 41 AS article_id, i / 8 AS price FROM range(3000) r(i)";

static void try_file(db *d, const char *path, table_count *n, err *e) {
    *e = (err){0};
    *n = (table_count){0};
    table_read(d, path, contract_find("transactions"), NULL, "t", n, e);
}

/* Not file_replace: a thousand syncs would be most of the time. */
static const char *put(slice bytes) {
    static char path[80];
    snprintf(path, sizeof path, "build/tests-tmp/parquet-%d.parquet", (int)getpid());
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0) abort();
    return path;
}

/* What a child process found; checks would jump out of it into the parent's runner. */
typedef struct tally {
    int tried, accepted, wrong;
} tally;

/* One change of a file: refused as bad data by name, or read with every row accounted for. */
static void try_bytes(db *d, slice bytes, tally *t) {
    err e;
    table_count n;
    try_file(d, put(bytes), &n, &e);
    bool accepted = e.kind == ERR_NONE;
    bool right = accepted ? n.seen == ROWS && n.seen == n.accepted + n.quarantined + n.blank
                          : e.kind == ERR_ASKED_WRONG && strstr(e.text, "parquet-") != NULL;
    t->tried++;
    t->accepted += accepted;
    t->wrong += !right;
    if (!right) print_error("%lld rows; %s\n", (long long)n.seen, e.text);
}

/* 6 GB beyond what the process has by now: tests before may have left addresses reserved. */
static void limit_memory(void) {
#ifndef __SANITIZE_ADDRESS__ /* which lays claim to terabytes of addresses for itself */
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%llu", &pages) != 1 || fclose(f) != 0) abort();
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)6 << 30);
    struct rlimit cap = {most, most};
    setrlimit(RLIMIT_AS, &cap);
#endif
}

typedef void tries(db *d, scope *s, slice good, tally *t);

/* Runs tries in a process of its own with little memory: a crash would be a signal here. */
static tally guarded(tries *run, const char *query, const char *options) {
    tally t = {0};
    scope s;
    int pipe_ends[2], status = 0;
    slice good = written(open_db(&s), &s, query, options);
    fflush(NULL);
    check(pipe(pipe_ends) == 0);
    pid_t child = fork();
    check(child >= 0);
    if (child == 0) {
        scope own;
        limit_memory();
        run(open_db(&own), &own, good, &t);
        _exit(write(pipe_ends[1], &t, sizeof t) != sizeof t);
    }
    close(pipe_ends[1]);
    check(waitpid(child, &status, 0) == child && status == 0);
    check(read(pipe_ends[0], &t, sizeof t) == sizeof t);
    close(pipe_ends[0]);
    scope_close(&s);
    check(t.tried > 100 && t.wrong == 0);
    return t;
}

static size_t footer_bytes(slice file) {
    uint32_t n;
    memcpy(&n, file.p + file.n - 8, 4);
    return n;
}

static void flip(db *d, slice good, char *bytes, size_t at, int bit, tally *t) {
    bytes[at] = (char)(good.p[at] ^ 1 << bit);
    try_bytes(d, (slice){bytes, good.n}, t);
    bytes[at] = good.p[at];
}

static void cut_anywhere(db *d, scope *s, slice good, tally *t) {
    (void)s;
    rng r = rng_open(1, 1);
    for (size_t cut = 1; cut < 40; cut++) try_bytes(d, (slice){good.p, good.n - cut}, t);
    for (int i = 0; i < 100; i++)
        try_bytes(d, (slice){good.p, (size_t)rng_below(&r, (int64_t)good.n)}, t);
}

/* Every byte that declares something: counts, sizes, codecs, encodings, types, offsets. */
static void flip_footer(db *d, scope *s, slice good, tally *t) {
    char *bytes = take_copy(&s->keep, char, good.p, good.n);
    for (size_t at = good.n - footer_bytes(good) - 8; at < good.n; at++)
        flip(d, good, bytes, at, (int)(at * 5 % 8), t);
}

static void flip_pages(db *d, scope *s, slice good, tally *t) {
    char *bytes = take_copy(&s->keep, char, good.p, good.n);
    rng r = rng_open(2, 1);
    for (int i = 0; i < 200; i++) {
        int64_t pages = (int64_t)(good.n - footer_bytes(good));
        flip(d, good, bytes, i < 50 ? (size_t)i : (size_t)rng_below(&r, pages),
             (int)rng_below(&r, 8), t);
    }
}

CHECK(parquet_cut_anywhere_is_refused) { /* Q01 */
    check(guarded(cut_anywhere, sales, "").accepted == 0);
}

CHECK(parquet_whose_footer_lies_never_crashes_or_loses_rows) { /* Q03, Q05, Q06, Q09 */
    tally t = guarded(flip_footer, sales, "");
    check(t.accepted < t.tried);
}

CHECK(parquet_with_a_damaged_page_never_crashes_or_loses_rows) { /* Q04, Q05 */
    guarded(flip_pages, sales, ", COMPRESSION zstd");
    guarded(flip_pages, sales, ", COMPRESSION snappy");
}

CHECK(parquet_refuses_bad_magic_and_a_footer_that_is_too_long) { /* Q02, Q03 */
    scope s;
    err e;
    table_count n;
    db *d = open_db(&s);
    slice b = written(d, &s, sales, "");
    char *bytes = take_copy(&s.keep, char, b.p, b.n);
    for (int end = 0; end < 2; end++) {
        char *at = end ? bytes + b.n - 4 : bytes;
        memcpy(at, "PARX", 4);
        try_file(d, put((slice){bytes, b.n}), &n, &e);
        check(e.kind == ERR_ASKED_WRONG && strcmp(e.cause, "bad_data") == 0);
        memcpy(at, "PAR1", 4);
    }
    for (uint32_t lie = 0; lie < 4; lie++) {
        uint32_t length = (const uint32_t[]){0, 1, (uint32_t)b.n, 0xFFFFFFFFu}[lie];
        memcpy(bytes + b.n - 8, &length, 4);
        try_file(d, put((slice){bytes, b.n}), &n, &e);
        check(e.kind == ERR_ASKED_WRONG && strcmp(e.cause, "bad_data") == 0);
    }
    scope_close(&s);
}

CHECK(parquet_without_row_groups_has_no_rows) { /* Q07 */
    scope s;
    err e = {0};
    db *d = open_db(&s);
    table_loaded out;
    written(d, &s, "SELECT TIMESTAMP '2020-01-01' AS t_dat, 'c' AS customer_id, 'a' AS "
                   "article_id, 1.0 AS price WHERE false", "");
    table_load l = {.path = GOOD, .c = contract_find("transactions"), .table = "t",
                    .quarantine = "q"};
    check_ok(table_load_file(d, &l, &s.keep, &out, &e), &e);
    check(out.count.seen == 0 && out.count.accepted == 0);
    scope_close(&s);
}

/* Q06, Q10: what Parquet can say and the contract cannot read is quarantined or refused by name. */
CHECK(parquet_types_that_do_not_fit_are_named) {
    scope s;
    err e;
    table_count n;
    db *d = open_db(&s);
    written(d, &s, "SELECT [1, 2] AS t_dat, 'c' AS customer_id, 'a' AS article_id, 1.0 AS price",
            "");
    try_file(d, GOOD, &n, &e);
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "t_dat");
    written(d, &s, "SELECT DATE '2020-01-31' AS t_dat, 7::UTINYINT AS customer_id, "
                   "'x'::BLOB AS article_id, 12.50::DECIMAL(9,2) AS price", ", COMPRESSION gzip");
    try_file(d, GOOD, &n, &e);
    check_ok(e.kind == ERR_NONE, &e);
    check(n.accepted == 1);
    scope_close(&s);
}
