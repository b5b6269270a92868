/* rules: segments told by at most three conditions on features that people know. */
#include "models/segment/rules.h"

#include <math.h>
#include <string.h>

#include "base/order.h"

#define WORSE 0.005 /* of F1, which one condition less may cost */
enum { INNER = (1 << RULES_DEPTH) - 1, LEAVES = 1 << RULES_DEPTH };

/* Rows as bins of their features: bin = number of edges <= value. */
typedef struct binned {
    int64_t n;
    int d;
    int *edges;     /* [d] how many each */
    double *edge;   /* [d, RULES_BINS] ascending */
    uint8_t *bin;   /* [n, d] */
    int64_t *row;   /* [n] in the data */
} binned;

typedef struct tree {
    int feature[INNER]; /* -1: no split, all go left */
    int cut[INNER];     /* index of the edge: bin > cut goes right */
    double *leaf;       /* [LEAVES, classes] rows */
} tree;

static int bin_of(const double *edge, int n, double x) {
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (edge[middle] <= x) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Up to RULES_BINS - 1 distinct values of a column, none the least of all. */
static int edges_of(const double *x, int64_t n, double *edge, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    int count = 0;
    order_up(order, n, x, scratch);
    double last = x[order[0]];
    for (int b = 1; b < RULES_BINS; b++) {
        double value = x[order[n * b / RULES_BINS]];
        if (value > last) edge[count++] = last = value;
    }
    return count;
}

static binned bin_rows(const rules_data *data, int64_t rows, arena *keep, arena scratch) {
    binned b = {.n = data->n < rows ? data->n : rows, .d = data->d};
    b.edges = take(keep, int, b.d);
    b.edge = take(keep, double, (int64_t)b.d * RULES_BINS);
    b.bin = take(keep, uint8_t, b.n * b.d);
    b.row = take(keep, int64_t, b.n);
    double *x = take(&scratch, double, b.n);
    for (int64_t i = 0; i < b.n; i++) b.row[i] = i * data->n / b.n;
    for (int j = 0; j < b.d; j++) {
        for (int64_t i = 0; i < b.n; i++) {
            double value = data->x[b.row[i] * b.d + j];
            x[i] = isnan(value) ? -INFINITY : value;
        }
        double *edge = b.edge + (int64_t)j * RULES_BINS;
        b.edges[j] = edges_of(x, b.n, edge, scratch);
        for (int64_t i = 0; i < b.n; i++)
            b.bin[i * b.d + j] = (uint8_t)bin_of(edge, b.edges[j], x[i]);
    }
    return b;
}

/* Sum of squares over the sum: what Gini impurity leaves of a node of that many rows. */
static double purity(const double *count, int classes) {
    double all = 0, squares = 0;
    for (int c = 0; c < classes; c++) all += count[c], squares += count[c] * count[c];
    return all > 0 ? squares / all : 0;
}

/* The split of the rows of one node that leaves it purest; feature -1 when none helps. */
static void split(const binned *b, const int32_t *class, int classes, const int *node, int at,
                  tree *t, arena scratch) {
    double *count = take(&scratch, double, RULES_BINS * classes);
    double *left = take(&scratch, double, classes), *right = take(&scratch, double, classes);
    double best = 0;
    t->feature[at] = -1;
    for (int j = 0; j < b->d; j++) {
        memset(count, 0, sizeof *count * (size_t)(RULES_BINS * classes));
        memset(left, 0, sizeof *left * (size_t)classes);
        memset(right, 0, sizeof *right * (size_t)classes);
        for (int64_t i = 0; i < b->n; i++) {
            if (node[i] != at) continue;
            count[b->bin[i * b->d + j] * classes + class[i]]++;
            right[class[i]]++;
        }
        double whole = purity(right, classes);
        for (int cut = 0; cut < b->edges[j]; cut++) {
            for (int c = 0; c < classes; c++) {
                left[c] += count[cut * classes + c];
                right[c] -= count[cut * classes + c];
            }
            double gain = purity(left, classes) + purity(right, classes) - whole;
            if (gain > best + 1e-9) best = gain, t->feature[at] = j, t->cut[at] = cut;
        }
    }
}

/* A tree for classes 0 … classes-1 of the binned rows. node [n]: where each row ends, as leaf. */
static tree grow(const binned *b, const int32_t *class, int classes, int *node, arena *keep,
                 arena scratch) {
    tree t = {.leaf = take(keep, double, LEAVES *classes)};
    memset(node, 0, sizeof *node * (size_t)b->n);
    for (int at = 0; at < INNER; at++) {
        split(b, class, classes, node, at, &t, scratch);
        for (int64_t i = 0; i < b->n; i++) {
            if (node[i] != at) continue;
            int j = t.feature[at];
            node[i] = 2 * at + 1 + (j >= 0 && b->bin[i * b->d + j] > t.cut[at]);
        }
    }
    for (int64_t i = 0; i < b->n; i++) {
        node[i] -= INNER;
        t.leaf[node[i] * classes + class[i]]++;
    }
    return t;
}

/* The conditions on the way to a leaf. */
static rules_rule path(const binned *b, const tree *t, int leaf) {
    rules_rule r = {0};
    int way[RULES_DEPTH + 1], at = leaf + INNER;
    for (int depth = RULES_DEPTH; depth >= 0; depth--, at = (at - 1) / 2) way[depth] = at;
    for (int depth = 0; depth < RULES_DEPTH; depth++) {
        int j = t->feature[way[depth]];
        if (j < 0) continue;
        double edge = b->edge[(int64_t)j * RULES_BINS + t->cut[way[depth]]];
        r.at[r.n++] = (rules_condition){j, way[depth + 1] == 2 * way[depth] + 2, edge};
    }
    return r;
}

/* Leaves out conditions that a later one on the same side of the same feature implies. */
static void shorten(rules_rule *r) {
    int n = 0;
    for (int i = 0; i < r->n; i++) {
        bool implied = false;
        for (int o = i + 1; o < r->n; o++)
            implied = implied || (r->at[o].feature == r->at[i].feature &&
                                  r->at[o].at_least == r->at[i].at_least);
        if (!implied) r->at[n++] = r->at[i];
    }
    r->n = n;
}

bool rules_meets(const rules_rule *r, const double *x) {
    bool meets = true;
    for (int i = 0; i < r->n; i++)
        meets = meets && (x[r->at[i].feature] >= r->at[i].threshold) == r->at[i].at_least;
    return meets;
}

/* Fills precision, recall and rows; the rule's F1. */
static double measure(const rules_data *data, int segment, rules_rule *r) {
    int64_t both = 0, in = 0;
    r->rows = 0;
    for (int64_t i = 0; i < data->n; i++) {
        bool meets = rules_meets(r, data->x + i * data->d), is = data->label[i] == segment;
        r->rows += meets;
        in += is;
        both += meets && is;
    }
    r->precision = r->rows ? (double)both / (double)r->rows : 0;
    r->recall = in ? (double)both / (double)in : 0;
    return r->rows + in > 0 ? 2 * (double)both / (double)(r->rows + in) : 0;
}

/* Leaves out conditions without which the rule is as good, within WORSE. */
static void prune(const rules_data *data, int segment, rules_rule *r) {
    double f1 = measure(data, segment, r);
    for (int i = r->n - 1; i >= 0; i--) {
        rules_rule less = *r;
        memmove(&less.at[i], &less.at[i + 1], sizeof less.at[0] * (size_t)(r->n - i - 1));
        less.n--;
        if (measure(data, segment, &less) >= f1 - WORSE) *r = less;
    }
}

void rules_find(const rules_data *data, int64_t rows, rules_rule *rules, double *fidelity,
                arena scratch) {
    arena room = scratch;
    binned b = {0};
    int64_t n = data->n < rows ? data->n : rows;
    /* a slot for what is kept, the rest for work */
    take(&scratch, char, n * (data->d + 8) + data->d * (int64_t)(RULES_BINS + 2) * 8 + 1024);
    b = bin_rows(data, rows, &room, scratch);
    int *node = take(&scratch, int, b.n);
    int32_t *class = take(&scratch, int32_t, b.n);
    arena leaves = scratch;
    take(&scratch, double, LEAVES * (data->k + 3) + 64);
    double right = 0;
    for (int64_t i = 0; i < b.n; i++) {
        int32_t label = data->label[b.row[i]];
        class[i] = label < 0 ? data->k : label;
    }
    arena one = leaves;
    tree all = grow(&b, class, data->k + 1, node, &one, scratch);
    for (int leaf = 0; leaf < LEAVES; leaf++) {
        double most = 0;
        for (int c = 0; c <= data->k; c++) most = fmax(most, all.leaf[leaf * (data->k + 1) + c]);
        right += most;
    }
    *fidelity = b.n > 0 ? right / (double)b.n : 0;
    for (int s = 0; s < data->k; s++) {
        double best = -1, in = 0;
        int chosen = 0;
        for (int64_t i = 0; i < b.n; i++) in += class[i] = data->label[b.row[i]] == s;
        one = leaves;
        tree t = grow(&b, class, 2, node, &one, scratch);
        for (int leaf = 0; leaf < LEAVES; leaf++) {
            double hit = t.leaf[leaf * 2 + 1], f1 = 2 * hit / (hit + t.leaf[leaf * 2] + in);
            if (f1 > best) best = f1, chosen = leaf;
        }
        rules[s] = path(&b, &t, chosen);
        shorten(&rules[s]);
        prune(data, s, &rules[s]);
    }
}
