/* parquet: any bytes as the footer of a Parquet file of sales: refused by name, or all rows that it
 * speaks of accounted for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/table.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static struct {
    scope s;
    db *d;
    slice pages; /* what stands in front of the footer */
    char path[64];
} parquet_made;

static void parquet_sweep(void) { unlink(parquet_made.path); }

static void parquet_make(void) {
    err e = {0};
    slice file;
    uint32_t footer;
    if (parquet_made.d) return;
    snprintf(parquet_made.path, sizeof parquet_made.path, "/tmp/atelier-fuzz-%d.parquet",
             (int)getpid());
    atexit(parquet_sweep);
    if (!scope_open(&parquet_made.s, (size_t)16 << 20, 0, &e) ||
        !db_open(&parquet_made.d, (db_params){1, 512, "/tmp/atelier-fuzz-spill"}, &e) ||
        !db_runf(parquet_made.d, &e,
                 "COPY (SELECT TIMESTAMP '2020-01-31' + INTERVAL (i) MINUTE AS t_dat, 'c' || i %% "
                 "97 AS customer_id, i %% 41 AS article_id, i / 8 AS price FROM range(50) r(i)) TO "
                 "'%s' (FORMAT parquet)", parquet_made.path) ||
        !file_read(parquet_made.path, &parquet_made.s, 1 << 20, &file, &e))
        abort();
    memcpy(&footer, file.p + file.n - 8, 4);
    parquet_made.pages = (slice){file.p, file.n - 8 - footer};
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    err e = {0};
    table_count c = {0};
    uint32_t length = (uint32_t)n;
    parquet_make();
    FILE *f = fopen(parquet_made.path, "wb");
    if (!f || fwrite(parquet_made.pages.p, 1, parquet_made.pages.n, f) != parquet_made.pages.n ||
        fwrite(bytes, 1, n, f) != n || fwrite(&length, 4, 1, f) != 1 ||
        fwrite("PAR1", 1, 4, f) != 4 || fclose(f) != 0)
        abort();
    bool done = table_read(parquet_made.d, parquet_made.path, contract_find("transactions"), NULL,
                           "t", &c, &e);
    if (done && c.seen != c.accepted + c.quarantined + c.blank) abort();
    if (!done && (e.kind != ERR_ASKED_WRONG || !strstr(e.text, "atelier-fuzz-"))) {
        fprintf(stderr, "%s\n", e.text);
        abort();
    }
    return 0;
}
