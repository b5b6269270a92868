/* boost_read: the library's text of a model turned into arrays of our own.
 *
 * The text has a head, then for each tree lines NAME=VALUE VALUE …, from "Tree=0" to an empty line,
 * then "end of trees". Inner nodes are numbered in the order they were split, so a child comes
 * after its parent; leaves are renumbered here from left to right. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/boost_parts.h"

/* A place in the text. */
typedef struct reader {
    slice rest;
} reader;

static slice next_line(reader *r) {
    const char *end = r->rest.n > 0 ? memchr(r->rest.p, '\n', r->rest.n) : NULL;
    slice line = {r->rest.p, end ? (size_t)(end - r->rest.p) : r->rest.n};
    const size_t used = line.n + (end ? 1 : 0);
    r->rest = (slice){r->rest.p + used, r->rest.n - used};
    return line;
}

static bool starts(slice line, const char *name, slice *value) {
    const size_t n = strlen(name);
    if (line.n < n || memcmp(line.p, name, n) != 0) return false;
    *value = (slice){line.p + n, line.n - n};
    return true;
}

/* A split that parts only missing values from others has an infinite threshold. */
static bool number_of(slice s, double *to) {
    const bool minus = slice_is(s, "-inf");
    if (!minus && !slice_is(s, "inf")) return slice_double(s, to);
    *to = minus ? -INFINITY : INFINITY;
    return true;
}

/* The numbers of a line into to[0..n); false when there are more, fewer, or other things. */
static bool numbers(slice line, double *to, int64_t n) {
    int64_t found = 0;
    size_t at = 0;
    while (at < line.n) {
        size_t end = at;
        while (end < line.n && line.p[end] != ' ') end++;
        if (end > at) {
            if (found == n || !number_of((slice){line.p + at, end - at}, to + found))
                return false;
            found++;
        }
        at = end + 1;
    }
    return found == n;
}

/* The lines of one tree that are of use, by their names in the text. */
enum {
    FEATURE,
    GAIN,
    THRESHOLD,
    DECISION,
    LEFT,
    RIGHT,
    NODE_ROWS,
    VALUE,
    LEAF_ROWS,
    SET_AT,
    SET_WORDS,
    FIELDS
};
static const char *const fields[FIELDS] = {
    "split_feature=", "split_gain=",     "threshold=",  "decision_type=", "left_child=",
    "right_child=",   "internal_count=", "leaf_value=", "leaf_count=",    "cat_boundaries=",
    "cat_threshold="};

typedef struct one_tree {
    int64_t leaves, sets, words;
    slice line[FIELDS];
} one_tree;

/* The next tree's lines; false at the end of the trees. */
static bool next_tree(reader *r, one_tree *to, bool *sound) {
    slice value;
    *to = (one_tree){0};
    for (;;) {
        if (r->rest.n == 0) return *sound = false;
        slice line = next_line(r);
        if (starts(line, "end of trees", &value)) return false;
        if (starts(line, "Tree=", &value)) break;
    }
    for (slice line; (line = next_line(r)).n > 0;) {
        double count = 0;
        if (starts(line, "num_leaves=", &value)) *sound &= slice_int(value, &to->leaves);
        if (starts(line, "num_cat=", &value)) *sound &= slice_int(value, &to->sets);
        for (int f = 0; f < FIELDS; f++)
            if (starts(line, fields[f], &value)) to->line[f] = value;
        if (starts(line, "is_linear=", &value)) *sound &= numbers(value, &count, 1) && count == 0;
    }
    *sound &= to->leaves >= 1 && to->leaves < INT32_MAX && to->sets >= 0 && to->sets < to->leaves;
    for (size_t i = 0; i < to->line[SET_WORDS].n; i++)
        to->words += to->line[SET_WORDS].p[i] != ' ' &&
                     (i == 0 || to->line[SET_WORDS].p[i - 1] == ' ');
    return *sound;
}

/* The largest float not above t: sends every float the way t does. */
static float float_below(double t) {
    const float f = (float)t;
    if (isfinite(t) && t > (double)FLT_MAX) return FLT_MAX;
    return (double)f > t ? nextafterf(f, -INFINITY) : f;
}

/* decision_type: bit 0 = set, bit 1 = missing left, bits 2 and 3 = what counts as missing: 0 =
 * nothing (a NaN is read as 0), 2 = NaN; 1 (zeros too) is never asked for. */
static bool node_kind(trees *m, int64_t node, int decision, double threshold, int64_t sets) {
    const int missing = decision >> 2;
    if (decision < 0 || missing == 1 || missing > 2) return false;
    m->set[node] = -1;
    if (decision & 1) {
        if (threshold < 0 || threshold >= (double)sets) return false;
        m->kind[node] = TREES_SET;
        m->set[node] = m->sets + (int32_t)threshold;
        return true;
    }
    m->threshold[node] = float_below(threshold);
    const bool left = missing == 2 ? decision & 2 : 0 <= threshold;
    m->kind[node] = left ? TREES_MISSING_LEFT : 0;
    return true;
}

/* Leaves of the library's numbers, from left to right; false when the children are no tree. */
static bool order_leaves(trees *m, int32_t t, double *const number[FIELDS], arena scratch) {
    const int64_t first = m->at[t];
    const int32_t nodes = (int32_t)(m->at[t + 1] - first);
    int32_t *open = take(&scratch, int32_t, nodes + 2), depth = 0, leaf = 0;
    int32_t **open_from = take(&scratch, int32_t *, nodes + 2), root = nodes > 0 ? 0 : ~0;
    open[depth] = root;
    open_from[depth++] = &root;
    while (depth > 0) {
        const int32_t here = open[--depth];
        if (here < -nodes - 1 || here >= nodes || depth > nodes || leaf > nodes) return false;
        if (here < 0) {
            m->value[first + t + leaf] = number[VALUE][~here];
            m->leaf_rows[first + t + leaf] = (int32_t)number[LEAF_ROWS][~here];
            *open_from[depth] = ~leaf++;
            continue;
        }
        open[depth] = m->right[first + here];
        open_from[depth++] = &m->right[first + here];
        open[depth] = m->left[first + here];
        open_from[depth++] = &m->left[first + here];
    }
    return leaf == nodes + 1;
}

static bool add_tree(trees *m, int32_t t, const one_tree *from, arena scratch) {
    const int64_t first = m->at[t], nodes = from->leaves - 1;
    double *number[FIELDS];
    for (int f = 0; f < FIELDS; f++) {
        const int64_t n = f == VALUE || f == LEAF_ROWS ? nodes + 1
                          : f == SET_AT                ? from->sets + 1
                          : f == SET_WORDS             ? from->words
                                                       : nodes;
        number[f] = take(&scratch, double, n);
        const bool absent = (nodes == 0 && f != VALUE && f != LEAF_ROWS) ||
                            (from->sets == 0 && (f == SET_AT || f == SET_WORDS));
        if (!absent && !numbers(from->line[f], number[f], n)) return false;
    }
    for (int64_t i = 0; i < nodes; i++) {
        const int64_t node = first + i;
        m->feature[node] = (int32_t)number[FEATURE][i];
        m->left[node] = (int32_t)number[LEFT][i];
        m->right[node] = (int32_t)number[RIGHT][i];
        m->node_rows[node] = (int32_t)number[NODE_ROWS][i];
        if (!node_kind(m, node, (int)number[DECISION][i], number[THRESHOLD][i], from->sets))
            return false;
        if (m->feature[node] < 0 || m->feature[node] >= m->cols) return false;
        m->gain[m->feature[node]] += number[GAIN][i];
    }
    for (int64_t s = 0; s < from->sets; s++)
        m->set_at[m->sets + s + 1] = m->set_at[m->sets] + (int64_t)number[SET_AT][s + 1];
    for (int64_t w = 0; w < from->words; w++)
        m->set_bits[m->set_at[m->sets] + w] = (uint32_t)number[SET_WORDS][w];
    m->sets += (int32_t)from->sets;
    return m->set_at[m->sets] - m->set_at[m->sets - (int32_t)from->sets] == from->words &&
           order_leaves(m, t, number, scratch);
}

bool boost_read(trees *m, slice model, int cols, arena *keep, arena scratch, err *e) {
    one_tree one;
    bool sound = true;
    int64_t nodes = 0, sets = 0, words = 0, n = 0;
    for (reader r = {model}; next_tree(&r, &one, &sound); n++) {
        nodes += one.leaves - 1;
        sets += one.sets;
        words += one.words;
    }
    if (!sound || n > INT32_MAX) return fail(e, "the library's model has lines it should not have");
    *m = (trees){.n = (int32_t)n, .cols = cols, .stopped_at = NAN};
    m->at = take(keep, int64_t, n + 1);
    m->feature = take(keep, int32_t, nodes);
    m->threshold = take(keep, float, nodes);
    m->kind = take(keep, uint8_t, nodes);
    m->left = take(keep, int32_t, nodes);
    m->right = take(keep, int32_t, nodes);
    m->node_rows = take(keep, int32_t, nodes);
    m->value = take(keep, double, nodes + n);
    m->leaf_rows = take(keep, int32_t, nodes + n);
    m->set = take(keep, int32_t, nodes);
    m->set_at = take(keep, int64_t, sets + 1);
    m->set_bits = take(keep, uint32_t, words);
    m->gain = take(keep, double, cols);
    reader r = {model};
    for (int32_t t = 0; t < m->n && next_tree(&r, &one, &sound); t++) {
        m->at[t + 1] = m->at[t] + one.leaves - 1;
        if (!add_tree(m, t, &one, scratch))
            return fail(e, "tree %d of the library's model cannot be read", t + 1);
    }
    const char *why = trees_check(m, scratch);
    return !why || fail(e, "the library's model is not sound: %s", why);
}
