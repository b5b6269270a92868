/* similar: time of the similar-items table of a catalogue; bench/similar.py prepares it.
 *
 *     similar FIELDS ARTICLES FIELDS_EACH K THREADS MATRIX [ROWS]
 *
 * FIELDS: for each article its fields, the first a text, the second a product code, the others
 * attributes; each as length (int32) and bytes. The TF-IDF matrix goes to MATRIX: rows, columns,
 * entries (int64), at (int64), column (int32), value (float). With ROWS only the first so many get
 * lists, term by term: the plain twin. */
#include <stdio.h>
#include <stdlib.h>

#include "models/recommend/content.h"
#include "models/recommend/neighbours.h"

#include "lib/clock.h"

enum { FIELDS = 16 };

static double used(void) { return (double)clock() / CLOCKS_PER_SEC; }

static bool load(const char *path, int64_t n, int fields, slice **value, scope *s, err *e) {
    FILE *in = fopen(path, "rb");
    if (!in) return fail_file(e, "read", path);
    for (int f = 0; f < fields; f++) value[f] = take(&s->keep, slice, n);
    for (int64_t i = 0; i < n; i++)
        for (int f = 0; f < fields; f++) {
            int32_t length;
            if (fread(&length, sizeof length, 1, in) != 1) return fail(e, "%s is short", path);
            char *p = take(&s->keep, char, length);
            if (fread(p, 1, (size_t)length, in) != (size_t)length)
                return fail(e, "%s is short", path);
            value[f][i] = (slice){p, (size_t)length};
        }
    fclose(in);
    return true;
}

static bool save(const char *path, const sparse *m, err *e) {
    FILE *out = fopen(path, "wb");
    if (!out) return fail_file(e, "write", path);
    size_t n = (size_t)sparse_count(m);
    int64_t head[3] = {m->rows, m->cols, sparse_count(m)};
    fwrite(head, sizeof *head, 3, out);
    fwrite(m->at, sizeof *m->at, (size_t)m->rows + 1, out);
    fwrite(m->col, sizeof *m->col, n, out);
    fwrite(m->value, sizeof *m->value, n, out);
    return fclose(out) == 0 || fail_file(e, "write", path);
}

static bool run(int argc, char **argv, scope *s, err *e) {
    slice *value[FIELDS];
    content_field field[FIELDS];
    int64_t n = atoll(argv[2]);
    int fields = atoi(argv[3]) < FIELDS ? atoi(argv[3]) : FIELDS, k = atoi(argv[4]);
    pool *threads = pool_open(atoi(argv[5]), (size_t)64 << 20, e);
    if (!threads || !load(argv[1], n, fields, value, s, e)) return false;
    for (int f = 0; f < fields; f++)
        field[f] = (content_field){value[f], f == 1 ? 2.0f : 1.0f, f == 0};
    double start = clock_wall();
    sparse m = content_fit(field, fields, n, CONTENT_DEFAULTS, &s->keep, s->scratch);
    sparse by_term = sparse_transpose(&m, &s->keep);
    double work = 0;
    for (int64_t t = 0; t < by_term.rows; t++)
        work += (double)sparse_degree(&by_term, t) * (double)sparse_degree(&by_term, t);
    printf("  %lld terms, %.1f an article, %.3g products if all are made; vectors in %.1f s\n",
           (long long)m.cols, (double)sparse_count(&m) / (double)n, work, clock_wall() - start);
    sparse part = m;
    int64_t rows = argc == 8 && atoll(argv[7]) < n ? atoll(argv[7]) : n;
    part.rows = rows;
    int32_t *ids = take(&s->keep, int32_t, n * k);
    float *scores = take(&s->keep, float, n * k);
    start = clock_wall();
    double cpu = used();
    neighbours_rule rule = {.k = k, .skip_self = true};
    if (rows < n) neighbours_sparse(&part, &by_term, rule, ids, scores, threads);
    else neighbours_table(&part, &by_term, rule, ids, scores, threads, s->scratch);
    printf("  %s thread(s), %lld lists of %d%s: %.2f s (%.2f s of processor)\n", argv[5],
           (long long)rows, k, rows < n ? " term by term" : "", clock_wall() - start, used() - cpu);
    uint64_t sum = 14695981039346656037u;
    for (int64_t i = 0; i < rows * k; i++)
        sum = (sum ^ (uint64_t)(uint32_t)ids[i]) * 1099511628211u;
    printf("  checksum %016llx\n", (unsigned long long)sum);
    pool_close(threads);
    return save(argv[6], &m, e);
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    bool done = argc == 7 || argc == 8 ? scope_open(&s, (size_t)8 << 30, (size_t)8 << 30, &e)
                          : refuse(&e, "see the first comment of bench/similar.c");
    done = done && run(argc, argv, &s, &e);
    if (!done) fprintf(stderr, "similar: %s\n", e.text);
    if (argc >= 7 && argc <= 8) scope_close(&s);
    return !done;
}
