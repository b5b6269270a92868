/* trees_file: ensembles of trees as arrays of a model file (store.h), under names with a prefix. */
#include "pipeline/trees_file.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAYOUT = 1, HEAD = 5, PLANES = 5 };

typedef struct label {
    char text[TREES_PREFIX + 16];
} label;

static label name(const char *prefix, const char *part) {
    label l;
    assert(strlen(prefix) <= TREES_PREFIX);
    snprintf(l.text, sizeof l.text, "%s.%s", prefix, part);
    return l;
}

static bool put(store_writer *w, const char *prefix, const char *part, store_type type,
                int64_t n, const void *from, err *e) {
    return store_put(w, name(prefix, part).text, type, n, 1, from, e);
}

/* All planes of the nodes in one array. */
static bool put_nodes(store_writer *w, const char *prefix, const trees *m, err *e) {
    const int64_t nodes = trees_nodes(m);
    const int32_t *const planes[PLANES] = {m->feature, m->left, m->right, m->node_rows, m->set};
    scope s;
    const size_t bytes = (size_t)nodes * PLANES * sizeof(int32_t);
    if (!scope_open(&s, bytes + 4096, 0, e)) return false;
    int32_t *all = take(&s.keep, int32_t, nodes * PLANES);
    for (int p = 0; p < PLANES && nodes > 0; p++)
        memcpy(all + p * nodes, planes[p], (size_t)nodes * sizeof *all);
    const bool done =
        store_put(w, name(prefix, "nodes").text, STORE_I32, PLANES, nodes, all, e);
    scope_close(&s);
    return done;
}

bool trees_put(store_writer *w, const char *prefix, const trees *m, err *e) {
    const double head[HEAD] = {LAYOUT, m->cols, (double)m->link, m->sets, m->stopped_at};
    const int64_t nodes = trees_nodes(m), leaves = trees_leaves(m);
    return put(w, prefix, "head", STORE_F64, HEAD, head, e) &&
           put(w, prefix, "at", STORE_I64, m->n + 1, m->at, e) &&
           put_nodes(w, prefix, m, e) &&
           put(w, prefix, "kind", STORE_U8, nodes, m->kind, e) &&
           put(w, prefix, "threshold", STORE_F32, nodes, m->threshold, e) &&
           put(w, prefix, "value", STORE_F64, leaves, m->value, e) &&
           put(w, prefix, "leaf_rows", STORE_I32, leaves, m->leaf_rows, e) &&
           put(w, prefix, "set_at", STORE_I64, m->sets + 1, m->set_at, e) &&
           put(w, prefix, "set_bits", STORE_I32, m->set_at[m->sets], m->set_bits, e) &&
           put(w, prefix, "gain", STORE_F64, m->cols, m->gain, e);
}

bool trees_stored(const store *file, const char *prefix) {
    int64_t rows, cols;
    return store_get(file, name(prefix, "head").text, STORE_F64, &rows, &cols) != NULL;
}

/* An array of n values; NULL when it is not there or has another size. n < 0: any size, into n. */
static const void *get(const store *file, const char *prefix, const char *part, store_type type,
                       int64_t *n) {
    int64_t rows, cols;
    const void *found = store_get(file, name(prefix, part).text, type, &rows, &cols);
    if (!found || (*n >= 0 && rows * cols != *n)) return NULL;
    *n = rows * cols;
    return found;
}

static bool not_sound(const char *prefix, const char *why, err *e) {
    return fail(e, "the trees \"%s\" are damaged (%s): fit and save them again", prefix, why);
}

/* The head and the offsets say how large the rest must be. */
static bool get_sizes(trees *m, const store *file, const char *prefix, arena *keep, err *e) {
    int64_t heads = HEAD, offsets = -1;
    const double *head = get(file, prefix, "head", STORE_F64, &heads);
    const int64_t *at = get(file, prefix, "at", STORE_I64, &offsets);
    if (!head || !at) return not_sound(prefix, "their head is missing", e);
    if (head[0] != LAYOUT) return not_sound(prefix, "another layout", e);
    if (!(head[1] >= 1 && head[1] <= INT32_MAX && head[3] >= 0 && head[3] <= INT32_MAX &&
          head[2] >= 0 && head[2] < TREES_LINKS) ||
        offsets < 1 || offsets > INT32_MAX || at[offsets - 1] < 0)
        return not_sound(prefix, "a size is out of range", e);
    *m = (trees){.n = (int32_t)offsets - 1, .cols = (int32_t)head[1],
                 .link = (trees_link)head[2], .sets = (int32_t)head[3], .stopped_at = head[4]};
    m->at = take_copy(keep, int64_t, at, offsets);
    return true;
}

bool trees_get(trees *m, const store *file, const char *prefix, arena *keep, arena scratch,
               err *e) {
    if (!get_sizes(m, file, prefix, keep, e)) return false;
    int64_t nodes = trees_nodes(m), leaves, planes, sets = m->sets + 1, words = -1, cols = m->cols;
    if (__builtin_mul_overflow(nodes, PLANES, &planes) ||
        __builtin_add_overflow(nodes, m->n, &leaves))
        return not_sound(prefix, "a size is out of range", e);
    const int32_t *of_node = get(file, prefix, "nodes", STORE_I32, &planes);
    const uint8_t *kind = get(file, prefix, "kind", STORE_U8, &nodes);
    const float *threshold = get(file, prefix, "threshold", STORE_F32, &nodes);
    const double *value = get(file, prefix, "value", STORE_F64, &leaves);
    const int32_t *leaf_rows = get(file, prefix, "leaf_rows", STORE_I32, &leaves);
    const int64_t *set_at = get(file, prefix, "set_at", STORE_I64, &sets);
    const uint32_t *set_bits = get(file, prefix, "set_bits", STORE_I32, &words);
    const double *gain = get(file, prefix, "gain", STORE_F64, &cols);
    if (!of_node || !kind || !threshold || !value || !leaf_rows || !set_at || !set_bits || !gain)
        return not_sound(prefix, "an array is missing or of another size", e);
    if (set_at[m->sets] != words) return not_sound(prefix, "its sets are of another size", e);
    int32_t *all = take_copy(keep, int32_t, of_node, planes);
    int32_t **const to[PLANES] = {&m->feature, &m->left, &m->right, &m->node_rows, &m->set};
    for (int p = 0; p < PLANES; p++) *to[p] = all + p * nodes;
    m->kind = take_copy(keep, uint8_t, kind, nodes);
    m->threshold = take_copy(keep, float, threshold, nodes);
    m->value = take_copy(keep, double, value, leaves);
    m->leaf_rows = take_copy(keep, int32_t, leaf_rows, leaves);
    m->set_at = take_copy(keep, int64_t, set_at, sets);
    m->set_bits = take_copy(keep, uint32_t, set_bits, words);
    m->gain = take_copy(keep, double, gain, cols);
    const char *why = trees_check(m, scratch);
    if (why) return not_sound(prefix, why, e);
    trees_ready(m, keep, scratch);
    return true;
}
