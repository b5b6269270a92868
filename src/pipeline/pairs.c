/* pairs: what each unit of a test was worth to the model that is served, kept for the next run. */
#include "pipeline/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/store.h"
#include "pipeline/family.h"

enum { MODEL, METRIC, DIRECTION, TEXTS };

char *pairs_file(const char *name, arena *keep) {
    return arena_text(keep, "pairs_%s.atm", name);
}

static void report_pairs(const pairs *p, js *report) {
    js_object(report, "paired");
    js_put_word(report, "model", p->model);
    js_put_word(report, "metric", p->metric);
    js_put_bool(report, "less_is_better", p->less_is_better);
    js_put_int(report, "units", p->n);
    js_end(report);
}

bool pairs_write(const work *w, folder *f, const char *name, const pairs *p, scope *s, js *report,
                 err *e) {
    const slice about[TEXTS] = {slice_of(p->model), slice_of(p->metric),
                                slice_of(p->less_is_better ? "less" : "more")};
    const int32_t days[] = {w->days.test_from, w->days.end};
    double *count = take(&s->keep, double, p->n);
    for (int64_t i = 0; i < p->n; i++) count[i] = p->count ? p->count[i] : 1.0;
    report_pairs(p, report);
    store_writer *to = store_create(s, folder_path(f, pairs_file(name, &s->keep)), "pairs", e);
    return to && store_put_texts(to, "about", about, TEXTS, e) &&
           store_put(to, "days", STORE_I32, 2, 1, days, e) &&
           store_put_texts(to, "key", p->key, p->n, e) &&
           store_put(to, "sum", STORE_F64, p->n, 1, p->sum, e) &&
           store_put(to, "count", STORE_F64, p->n, 1, count, e) && store_close(to, e);
}

slice *pairs_numbered(const work *w, const char *datasets, const int32_t *number, int64_t n,
                      arena *keep, err *e) {
    char *all = arena_text(keep, "%s", "");
    for (const char *at = datasets; *at;) {
        int length = (int)strcspn(at, " ");
        hash_text sha;
        const char *file = arena_text(keep, "%.*s.parquet", length, at);
        if (!work_sha(w, "03_datasets", file, &sha, e)) return NULL;
        all = arena_text(keep, "%s%s\n", all, sha.hex);
        at += length + (at[length] == ' ');
    }
    hash_text both = hash_of(slice_of(all));
    slice *key = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++)
        key[i] = slice_of(arena_text(keep, "%.16s/%d", both.hex, number[i]));
    return key;
}

slice *pairs_customers(const work *w, const int32_t *customer, int64_t n, arena *keep, err *e) {
    columns c;
    if (!db_query(w->d, keep, &c, e, "SELECT customer_id FROM customers ORDER BY customer"))
        return NULL;
    const slice *id = columns_text(&c, "customer_id");
    slice *key = take(keep, slice, n);
    for (int64_t i = 0; i < n; i++) key[i] = id[customer[i]];
    return key;
}

/* ---- comparing ---- */

typedef struct kept {
    slice about[TEXTS];
    const int32_t *days;
    int64_t n;
    slice *key;
    const double *sum, *count;
} kept;

static const double *reals(const store *m, const char *name, int64_t n) {
    int64_t rows, cols;
    const double *x = store_get(m, name, STORE_F64, &rows, &cols);
    return x && rows == n ? x : NULL;
}

static bool read_kept(const char *path, scope *s, kept *k, err *e) {
    int64_t rows, cols;
    const store *m = store_open(s, path, "pairs", e);
    if (!m) return false;
    k->n = store_texts(m, "key");
    k->days = store_get(m, "days", STORE_I32, &rows, &cols);
    if (k->n < 0 || store_texts(m, "about") != TEXTS || !k->days || rows != 2)
        return fail(e, "%s is not what step 08 writes; run it again", path);
    k->sum = reals(m, "sum", k->n);
    k->count = reals(m, "count", k->n);
    if (!k->sum || !k->count) return fail(e, "%s is not what step 08 writes; run it again", path);
    for (int i = 0; i < TEXTS; i++) k->about[i] = store_text(m, "about", i);
    k->key = take(&s->keep, slice, k->n);
    for (int64_t i = 0; i < k->n; i++) k->key[i] = store_text(m, "key", i);
    return true;
}

typedef struct place {
    slice key;
    int64_t at;
} place;

static int by_key(const void *a, const void *b) {
    return slice_compare(((const place *)a)->key, ((const place *)b)->key);
}

/* Differences of the units that both have, in the order of `after`. */
static int64_t join(const kept *before, const kept *after, double *difference, double *count,
                    arena scratch) {
    place *all = take(&scratch, place, before->n);
    int64_t n = 0;
    for (int64_t i = 0; i < before->n; i++) all[i] = (place){before->key[i], i};
    qsort(all, (size_t)before->n, sizeof *all, by_key);
    for (int64_t i = 0; i < after->n; i++) {
        place wanted = {after->key[i], 0};
        const place *found = bsearch(&wanted, all, (size_t)before->n, sizeof *all, by_key);
        if (!found || before->count[found->at] != after->count[i]) continue;
        difference[n] = after->sum[i] - before->sum[found->at];
        count[n++] = after->count[i];
    }
    return n;
}

static void compare(const kept *before, const kept *after, scope *s, pairs_result *out) {
    int64_t most = before->n < after->n ? before->n : after->n;
    double *difference = take(&s->keep, double, after->n);
    double *count = take(&s->keep, double, after->n);
    int64_t n = join(before, after, difference, count, s->scratch);
    out->left_out = before->n + after->n - 2 * n;
    if (n < PAIRS_LEAST || n < (most + 1) / 2) {
        out->why = arena_text(&s->keep, "only %lld of %lld and %lld units can be paired",
                              (long long)n, (long long)before->n, (long long)after->n);
        return;
    }
    out->d = metrics_bootstrap_ratio(difference, count, n, seed_for(1, "pairs"),
                                     METRICS_RESAMPLES, s->scratch);
    evaluation_comparison c = {.low = out->d.low, .high = out->d.high,
                               .less_is_better = out->less_is_better};
    out->verdict = evaluation_verdict(&c);
}

bool pairs_compare(const char *before, const char *after, const char *name, scope *s,
                   pairs_result *out, err *e) {
    const char *file = pairs_file(name, &s->keep);
    const char *paths[] = {arena_text(&s->keep, "%s/%s", before, file),
                           arena_text(&s->keep, "%s/%s", after, file)};
    kept k[2];
    *out = (pairs_result){.why = "values of single units were not kept by both runs"};
    for (int i = 0; i < 2; i++)
        if (!file_exists(paths[i])) return true;
    for (int i = 0; i < 2; i++)
        if (!read_kept(paths[i], s, &k[i], e)) return false;
    out->model = slice_copy(&s->keep, k[1].about[MODEL]);
    out->metric = slice_copy(&s->keep, k[1].about[METRIC]);
    out->less_is_better = slice_is(k[1].about[DIRECTION], "less");
    if (memcmp(k[0].days, k[1].days, sizeof *k[0].days * 2) != 0)
        out->why = "the runs were judged on other days";
    else if (slice_compare(k[0].about[METRIC], k[1].about[METRIC]) != 0)
        out->why = "the runs were judged by other metrics";
    else
        out->why = NULL, compare(&k[0], &k[1], s, out);
    return true;
}
