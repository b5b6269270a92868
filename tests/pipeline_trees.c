/* pipeline_trees: ensembles in model files come back as they were, and damage is a sentence. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/boost.h"
#include "pipeline/trees_file.h"
#include "planted.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 32 << 20, 32 << 20, &e), &e);
}

static trees small(const boost_data *d, scope *s) {
    err e = {0};
    trees m;
    boost_params p = BOOST_DEFAULTS;
    p.trees = 5;
    p.leaves = 9;
    check_ok(boost_fit(&m, d, NULL, p, 1, &s->keep, s->scratch, &e), &e);
    return m;
}

static const store *through_file(scope *s, const char *path, const trees *m) {
    err e = {0};
    store_writer *w = store_create(s, path, "test", &e);
    check_ok(w && trees_put(w, "ranker", m, &e) && trees_put(w, "other", m, &e) &&
                 store_close(w, &e),
             &e);
    const store *file = store_open(s, path, "test", &e);
    check_ok(file, &e);
    return file;
}

CHECK(trees_file_gives_back_what_was_put) {
    scope s;
    err e = {0};
    char path[600];
    open_scope(&s);
    boost_data d = planted_rows(BOOST_RANKING, 2000, 1, &s.keep);
    trees m = small(&d, &s), back;
    m.stopped_at = 0.25;
    m.link = TREES_EXP;
    snprintf(path, sizeof path, "%s/m.atm", check_folder("trees"));
    const store *file = through_file(&s, path, &m);
    check(trees_stored(file, "ranker") && !trees_stored(file, "rank"));
    check_ok(trees_get(&back, file, "ranker", &s.keep, s.scratch, &e), &e);
    double *score = take(&s.keep, double, d.rows), *again = take(&s.keep, double, d.rows);
    double parts[PLANTED_COLS + 1], parts_again[PLANTED_COLS + 1];
    trees_score(&m, d.x, d.rows, score, NULL);
    trees_score(&back, d.x, d.rows, again, NULL);
    check(memcmp(score, again, (size_t)d.rows * sizeof *score) == 0);
    trees_explain(&m, d.x, parts, s.scratch);
    trees_explain(&back, d.x, parts_again, s.scratch);
    check(memcmp(parts, parts_again, sizeof parts) == 0);
    check(back.n == m.n && back.cols == m.cols && back.link == TREES_EXP);
    check(back.stopped_at == 0.25 && back.gain[0] == m.gain[0]);
    check(!trees_get(&back, file, "absent", &s.keep, s.scratch, &e));
    check_has(slice_of(e.text), "the trees \"absent\" are damaged (their head is missing)");
    scope_close(&s);
}

/* One byte of one array changed: what is taken must still score and explain without harm (the
 * address sanitizer looks on); what is refused must say so in a sentence. */
CHECK(trees_file_survives_any_changed_byte) {
    scope s;
    open_scope(&s);
    boost_data d = planted_rows(BOOST_RANKING, 1000, 1, &s.keep);
    trees m = small(&d, &s);
    const size_t nodes = (size_t)trees_nodes(&m), leaves = (size_t)trees_leaves(&m);
    const struct {
        void *array;
        size_t bytes;
    } arrays[] = {
        {m.feature, nodes * 4}, {m.threshold, nodes * 4},   {m.kind, nodes},
        {m.left, nodes * 4},    {m.right, nodes * 4},       {m.node_rows, nodes * 4},
        {m.value, leaves * 8},  {m.leaf_rows, leaves * 4},  {m.set, nodes * 4},
        {m.at, (size_t)m.n * 8}, {m.set_at, (size_t)m.sets * 8},
    };
    check(m.sets > 0);
    char path[600];
    snprintf(path, sizeof path, "%s/m.atm", check_folder("trees-damage"));
    int refused = 0, taken = 0;
    rng r = rng_open(1, 0);
    for (int i = 0; i < 120; i++) {
        const int a = i % (int)(sizeof arrays / sizeof *arrays);
        char *byte = (char *)arrays[a].array + rng_below(&r, (int64_t)arrays[a].bytes);
        const char before = *byte;
        scope own;
        err e = {0};
        trees back;
        open_scope(&own);
        *byte = (char)(before ^ (1 << rng_below(&r, 8)));
        const store *file = through_file(&own, path, &m);
        if (trees_get(&back, file, "ranker", &own.keep, own.scratch, &e)) {
            double score[70], parts[PLANTED_COLS + 1];
            taken++;
            trees_score(&back, d.x, 70, score, NULL);
            trees_explain(&back, d.x, parts, own.scratch);
            for (int k = 0; k < 70; k++) check(!isnan(score[k]));
        } else {
            refused++;
            check(e.kind == ERR_WENT_WRONG);
            check_has(slice_of(e.text), "fit and save them again");
        }
        *byte = before;
        scope_close(&own);
    }
    check(refused > 20 && taken > 20);
    scope_close(&s);
}

CHECK(trees_file_refuses_arrays_of_another_size) {
    static const double head[5] = {1, 3, 0, 0, 0}, odd[5] = {1, NAN, 0, 0, 0}, old[5] = {0, 3};
    static const int64_t at[2] = {0, 4}, beyond[2] = {0, INT64_MAX}, below[2] = {0, -4};
    static const struct {
        const double *head;
        const int64_t *at;
        const char *says;
    } cases[] = {{head, at, "missing or of another size"}, {odd, at, "out of range"},
                 {old, at, "another layout"},               {head, beyond, "out of range"},
                 {head, below, "out of range"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scope s;
        err e = {0};
        trees m;
        char path[600];
        open_scope(&s);
        snprintf(path, sizeof path, "%s/m.atm", check_folder("trees-size"));
        store_writer *w = store_create(&s, path, "test", &e);
        check_ok(w && store_put(w, "x.head", STORE_F64, 5, 1, cases[i].head, &e) &&
                     store_put(w, "x.at", STORE_I64, 2, 1, cases[i].at, &e) && store_close(w, &e),
                 &e);
        const store *file = store_open(&s, path, "test", &e);
        check(file && !trees_get(&m, file, "x", &s.keep, s.scratch, &e));
        check_has(slice_of(e.text), cases[i].says);
        scope_close(&s);
    }
}
