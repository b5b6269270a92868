/* csv: any bytes as a CSV file: never a crash, accounts that agree, one answer for every buffer. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/csv.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static const contract_column fuzz_columns[] = {
    {"t", CONTRACT_TIME, false, NULL, 0, 0},  {"i", CONTRACT_INT, false, NULL, -9, 9},
    {"x", CONTRACT_REAL, false, NULL, 0, 0},  {"d", CONTRACT_DAY, false, NULL, 0, 0},
    {"s", CONTRACT_TEXT, false, "(unnamed)", 0, 0}, {"id", CONTRACT_TEXT, true, "a|b|c", 0, 0},
};
static const contract fuzz_contract = {"fuzz", 6, fuzz_columns};

static uint64_t mix(uint64_t h, const void *p, size_t n) {
    return (h ^ slice_hash((slice){p, n})) * 1099511628211u;
}

/* One number for all that came of the file; rows and problems each in order. */
static uint64_t answer(const char *path, csv_params p) {
    scope s;
    err e = {0};
    csv_batch b;
    uint64_t rows = 1, problems = 2;
    if (!scope_open(&s, (size_t)4 << 20, 1 << 20, &e)) abort();
    csv *r = csv_open(&s, path, &fuzz_contract, p, &e);
    while (r && csv_next(r, &b, &e) && !b.end) {
        for (int64_t k = 0; k < b.rows.rows; k++)
            for (int i = 0; i < b.rows.n; i++) {
                const column *c = &b.rows.at[i];
                size_t width = column_width(c->type);
                if (!column_has(c, k)) rows = mix(rows, "-", 1);
                else if (c->type == COLUMN_TEXT) rows = mix(rows, c->text[k].p, c->text[k].n);
                else rows = mix(rows, (const char *)c->data + (size_t)k * width, width);
            }
        for (int64_t k = 0; k < b.n_problems; k++) {
            const csv_problem *q = &b.problems[k];
            slice shown = csv_printable(&s.scratch, q->observed);
            assert(slice_utf8_prefix(shown) == shown.n);
            problems = mix(problems, &q->line, sizeof q->line);
            problems = mix(problems, q->rule, strlen(q->rule));
            problems = mix(problems, shown.p, shown.n);
            if (arena_left(&s.scratch) < 1 << 17) break; /* enough has been looked at */
        }
    }
    if (e.kind == ERR_NONE) {
        csv_count c = csv_counts(r);
        assert(c.seen == c.accepted + c.quarantined + c.blank);
        rows = mix(rows, &c, sizeof c);
    } else {
        assert(e.text[0]);
        rows = mix(rows, e.text, strlen(e.text));
    }
    scope_close(&s);
    return mix(rows, &problems, sizeof problems);
}

/* The same answer from the plain walk and the masks, from large chunks and small. */
static void try(const char *header, const unsigned char *bytes, size_t n) {
    char path[64];
    size_t h = strlen(header);
    int file = memfd_create("csv", MFD_CLOEXEC);
    if (file < 0 || write(file, header, h) != (ssize_t)h || write(file, bytes, n) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    csv_params p = CSV_DEFAULTS;
    p.record_limit = 1 << 16;
    p.field_limit = 300;
    p.batch = 64;
    p.chunk = 1 << 15;
    p.plain = true;
    if (h > 0) p.look = h;
    uint64_t wanted = answer(path, p);
    p.plain = false;
    if (answer(path, p) != wanted) abort();
    p.chunk = 1 + bytes[0] % 97;
    if (answer(path, p) != wanted) abort();
    close(file);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    if (n == 0 || n > 20000) return 0;
    try("", bytes, n); /* a file with any header */
    try("t,i,x,d,s,id\n", bytes, n); /* rows under a good one, cut at every chunk's end */
    return 0;
}
