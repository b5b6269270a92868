/* bundle_segment: segment.atm opened: RFM scores, segments by method, values of the customers. */
#include <ctype.h>
#include <stdio.h>

#include "pipeline/bundle_arrays.h"

/* ---- a file of before there were methods: RFM names and K-Means clusters alone ---- */

static bundle_texts texts_of(arena *keep, const char *const *words, int64_t n) {
    int64_t bytes = 0, *at = take(keep, int64_t, n + 1);
    for (int64_t i = 0; i < n; i++) bytes += (int64_t)slice_of(words[i]).n;
    char *all = take(keep, char, bytes + 1);
    for (int64_t i = 0; i < n; i++) {
        slice word = slice_of(words[i]);
        for (size_t c = 0; c < word.n; c++) all[(size_t)at[i] + c] = word.p[c];
        at[i + 1] = at[i] + (int64_t)word.n;
    }
    return (bundle_texts){n, at, all};
}

/* "At Risk" as "rfm-at-risk". */
static const char *slug(arena *keep, slice name) {
    char *word = slice_copy(keep, name);
    for (char *c = word; *c; c++) *c = isalnum((unsigned char)*c) ? (char)tolower(*c) : '-';
    return arena_text(keep, "rfm-%s", word);
}

static void make_methods(bundle_segment *s, int64_t n, arena *keep) {
    const char **rfm = take(keep, const char *, s->rfm_names.n);
    const char **clusters = take(keep, const char *, s->cluster_names.n);
    for (int64_t i = 0; i < s->rfm_names.n; i++) rfm[i] = slug(keep, bundle_text(&s->rfm_names, i));
    for (int64_t i = 0; i < s->cluster_names.n; i++)
        clusters[i] = arena_text(keep, "kmeans-%lld", (long long)i);
    int32_t *of = take(keep, int32_t, 2 * n);
    for (int64_t i = 0; i < n; i++) of[2 * i] = s->rfm_name[i], of[2 * i + 1] = s->cluster[i];
    s->n_methods = 2;
    s->methods[0] = (bundle_method){SLICE("rfm"), texts_of(keep, rfm, s->rfm_names.n),
                                    s->rfm_names};
    s->methods[1] = (bundle_method){SLICE("kmeans"), texts_of(keep, clusters, s->cluster_names.n),
                                    s->cluster_names};
    s->of = of;
}

/* ---- a file with methods ---- */

static bool open_method(bundle_segment *s, const store *m, int64_t k, int64_t n, err *e) {
    char part[64];
    bundle_method *one = &s->methods[k];
    snprintf(part, sizeof part, "ids.%.*s", (int)one->name.n, one->name.p);
    if (!bundle_get_texts(m, part, -1, &one->ids, e)) return false;
    snprintf(part, sizeof part, "names.%.*s", (int)one->name.n, one->name.p);
    if (!bundle_get_texts(m, part, one->ids.n, &one->names, e)) return false;
    for (int64_t i = 0; i < n; i++) {
        int32_t in = s->of[i * s->n_methods + k];
        if (in < -1 || in >= one->ids.n)
            return fail(e, "array segment holds %d for customer %lld by %.*s, expected -1 to %lld",
                        in, (long long)i, (int)one->name.n, one->name.p,
                        (long long)one->ids.n - 1);
    }
    return true;
}

static bool open_methods(bundle_segment *s, const store *m, int64_t n, err *e) {
    bundle_texts names;
    int64_t rows, cols;
    if (!bundle_get_texts(m, "methods", -1, &names, e)) return false;
    s->n_methods = names.n;
    if (names.n < 1 || names.n > BUNDLE_METHODS)
        return fail(e, "texts methods: %lld, expected 1 to %d", (long long)names.n,
                    BUNDLE_METHODS);
    if (!bundle_get(m, "segment", STORE_I32, n, &s->n_methods, &s->of, e)) return false;
    for (int64_t k = 0; k < names.n; k++) {
        s->methods[k].name = bundle_text(&names, k);
        if (!open_method(s, m, k, n, e)) return false;
    }
    if (store_get(m, "strength", STORE_F32, &rows, &cols) &&
        !bundle_get(m, "strength", STORE_F32, n, &s->n_methods, &s->strength, e))
        return false;
    if (store_get(m, "outlier", STORE_F32, &rows, &cols) &&
        !bundle_get_column(m, "outlier", STORE_F32, n, &s->outlier, e))
        return false;
    return true;
}

static bool open_bought(bundle *b, const store *m, err *e) {
    bundle_segment *s = &b->segment;
    bundle_bought *to = &s->bought;
    int64_t rows = 0;
    for (int64_t k = 0; k < s->n_methods; k++) {
        s->first[k] = rows;
        rows += s->methods[k].ids.n;
    }
    if (!store_get(m, "bought_items", STORE_I32, NULL, NULL)) return true;
    to->k = -1;
    return bundle_get(m, "bought_items", STORE_I32, rows, &to->k, &to->items, e) &&
           bundle_get(m, "bought_scores", STORE_F32, rows, &to->k, &to->scores, e) &&
           bundle_get(m, "bought_shares", STORE_F32, rows, &to->k, &to->shares, e) &&
           bundle_get(m, "bought_lifts", STORE_F32, rows, &to->k, &to->lifts, e) &&
           bundle_within("bought_items", to->items, rows * to->k, -1, b->articles, e);
}

/* segment_history.h; an older bundle has none. */
static bool open_history(bundle *b, const store *m, err *e) {
    bundle_segment *s = &b->segment;
    int64_t three = 3, n = b->customers;
    if (!store_get(m, "days", STORE_I32, NULL, NULL)) return true;
    if (!bundle_get(m, "measures", STORE_F64, n, &three, &s->measures, e) ||
        !bundle_get_column(m, "days_at", STORE_I64, n + 1, &s->days_at, e) ||
        !bundle_get_column(m, "days", STORE_I32, s->days_at[n], &s->days, e) ||
        !bundle_rows("days_at", s->days_at, n, s->days_at[n], e))
        return false;
    for (int64_t c = 0; c < n; c++)
        for (int64_t i = s->days_at[c] + 1; i < s->days_at[c + 1]; i++)
            if (s->days[i] <= s->days[i - 1])
                return fail(e, "array days does not ascend at %lld", (long long)i);
    return true;
}

bool bundle_open_segment(bundle *b, const store *m, err *e) {
    bundle_segment *s = &b->segment;
    int64_t three = 3, six = BUNDLE_VALUES, rows, cols, n = b->customers;
    s->has = bundle_get_texts(m, "rfm_names", -1, &s->rfm_names, e) &&
             bundle_get_texts(m, "cluster_names", -1, &s->cluster_names, e) &&
             bundle_get(m, "rfm", STORE_I32, n, &three, &s->rfm, e) &&
             bundle_get_column(m, "rfm_name", STORE_I32, n, &s->rfm_name, e) &&
             bundle_get_column(m, "cluster", STORE_I32, n, &s->cluster, e) &&
             bundle_within("rfm", s->rfm, 3 * n, 0, 6, e) &&
             bundle_within("rfm_name", s->rfm_name, n, -1, s->rfm_names.n, e) &&
             bundle_within("cluster", s->cluster, n, -1, s->cluster_names.n, e);
    if (!s->has) return false;
    if (store_texts(m, "methods") >= 0) s->has = open_methods(s, m, n, e);
    else make_methods(s, n, &b->memory.keep);
    if (store_get(m, "value", STORE_F32, &rows, &cols))
        s->has &= bundle_get(m, "value", STORE_F32, n, &six, &s->value, e);
    s->has = s->has && open_bought(b, m, e) && open_history(b, m, e);
    return s->has;
}

int bundle_method_of(const bundle *b, slice name) {
    for (int k = 0; k < b->segment.n_methods; k++)
        if (slice_compare(b->segment.methods[k].name, name) == 0) return k;
    return -1;
}

int64_t bundle_segment_find(const bundle *b, slice id, int *method) {
    for (int k = 0; k < b->segment.n_methods; k++) {
        const bundle_texts *ids = &b->segment.methods[k].ids;
        for (int64_t i = 0; i < ids->n; i++) {
            if (slice_compare(bundle_text(ids, i), id) != 0) continue;
            *method = k;
            return i;
        }
    }
    return -1;
}
