/* segment models: what --model saves and --predict reads back, and what it refuses. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "data/folder.h"

/* Three crowds in three skewed columns; `from` chooses other rows of the same kind. */
static const char *write_rows(scope *s, const char *in, const char *name, int n, int from) {
    err e = {0};
    text all = {0};
    const char *path = arena_text(&s->keep, "%s/%s.csv", in, name);
    text_add(&all, SLICE("id,spent,orders,note,days\n"));
    for (int i = 0; i < n; i++) {
        rng r = rng_open(6, (uint64_t)(from + i));
        int crowd = i % 3;
        double spent = 20 * (1 + 9 * crowd) * (1 + 0.2 * rng_uniform(&r));
        text_addf(&all, "c%d,%.3f,%d,x,%.2f\n", from + i, spent, 1 + 6 * crowd,
                  400 - 150 * crowd + 20 * rng_uniform(&r));
    }
    check_ok(file_replace(path, text_slice(&all), &e), &e);
    text_free(&all);
    return path;
}

static check_run run(scope *s, const char *const *words, int status) {
    check_run r = check_atelier(s, words);
    if (r.status != status) print_error("%.*s\n", (int)r.err.n, r.err.p);
    check(r.status == status);
    return r;
}

#define RUN(s, status, ...) run(s, (const char *const[]){"segment", __VA_ARGS__, NULL}, status)

static slice read_whole(scope *s, const char *path) {
    slice bytes;
    err e = {0};
    check_ok(file_read(path, s, 8 << 20, &bytes, &e), &e);
    return bytes;
}

CHECK(segment_model_puts_its_own_rows_where_they_were) {
    static const char *const ways[][10] = {
        {"--method", "kmeans", "--k", "3", "--log", "spent,orders"},
        {"--method", "kmeans", "--k", "3", "--scale", "rank", "--pca", "2"},
        {"--method", "gmm", "--k", "3", "--scale", "robust", "--winsorise", "0.02"},
        {"--method", "hdbscan", "--min-cluster-size", "20", "--log", "all"},
        {"--method", "kmeans", "--k", "3", "--raw"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *at = check_folder("segment-model");
    const char *in = write_rows(&s, at, "rows", 240, 0);
    const char *fitted = arena_text(&s.keep, "%s/fitted.csv", at);
    const char *again = arena_text(&s.keep, "%s/again.csv", at);
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        const char *model = arena_text(&s.keep, w % 2 ? "%s/folder%d" : "%s/m%d.atm", at, (int)w);
        const char *words[32] = {"segment", "--in", in, "--id", "id", "--out", fitted,
                                 "--model", model};
        for (int k = 0; k < 10 && ways[w][k]; k++) words[9 + k] = ways[w][k];
        run(&s, words, 0);
        RUN(&s, 0, "--predict", "--model", model, "--in", in, "--id", "id", "--out", again);
        slice a = read_whole(&s, fitted), b = read_whole(&s, again);
        /* the fit may say more of a row (outlier): compare id and label, the first two columns */
        int64_t lines = 0;
        for (slice x = a, y = b; x.n > 0 && y.n > 0; lines++) {
            const char *end_x = memchr(x.p, '\n', x.n), *end_y = memchr(y.p, '\n', y.n);
            check(end_x && end_y);
            const char *comma = memchr(x.p, ',', x.n);
            size_t n = (size_t)(comma - x.p) + 2;
            check(memcmp(x.p, y.p, n) == 0);
            x = (slice){end_x + 1, x.n - (size_t)(end_x + 1 - x.p)};
            y = (slice){end_y + 1, y.n - (size_t)(end_y + 1 - y.p)};
        }
        check(lines == 241);
    }
    scope_close(&s);
}

CHECK(segment_model_puts_new_rows_by_name_of_column) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *at = check_folder("segment-new");
    const char *in = write_rows(&s, at, "rows", 240, 0);
    const char *new = arena_text(&s.keep, "%s/new.csv", at);
    const char *model = arena_text(&s.keep, "%s/m.atm", at);
    RUN(&s, 0, "--in", in, "--k", "3", "--log", "all", "--model", model, "--out",
        arena_text(&s.keep, "%s/l.csv", at));
    /* another order, another column, and a row that is far from all */
    check_ok(file_replace(new, SLICE("days,colour,orders,spent\n400,red,1,21\n110,blue,13,400\n"
                                     "255,red,7,210\n"), &e), &e);
    check_run r = RUN(&s, 0, "--predict", "--model", model, "--in", new, "--json");
    const js_node *j = js_parse(&s, r.out, &e);
    check(j && js_count(js_get(j, "other_columns")) == 1);
    r = RUN(&s, 0, "--predict", "--model", model, "--in", new);
    const char *labels = memchr(r.out.p, '\n', r.out.n);
    char first = labels[3], second = labels[7], third = labels[11];
    if (labels[2] != ',') first = labels[1], second = labels[3], third = labels[5];
    check(first != second && second != third && first != third);
    scope_close(&s);
}

CHECK(segment_model_refuses_what_does_not_fit) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *at = check_folder("segment-refuse");
    const char *in = write_rows(&s, at, "rows", 60, 0);
    const char *few = arena_text(&s.keep, "%s/few.csv", at);
    const char *model = arena_text(&s.keep, "%s/m.atm", at);
    const char *out = arena_text(&s.keep, "%s/o.csv", at);
    RUN(&s, 0, "--in", in, "--k", "3", "--model", model, "--out", out);
    check_ok(file_replace(few, SLICE("spent,order\n1,2\n"), &e), &e);
    check_run r = RUN(&s, 2, "--predict", "--model", model, "--in", few);
    check_has(r.err, "has no column 'orders', which the model was fitted on; is it 'order'?");
    r = RUN(&s, 2, "--predict", "--in", in);
    check_has(r.err, "--predict takes --model FILE");
    r = RUN(&s, 2, "--predict", "--model", model, "--in", in, "--k", "4");
    check_has(r.err, "--predict has no option --k");
    r = RUN(&s, 2, "--predict", "--model", "no-such.atm", "--in", in);
    check_has(r.err, "is not there");
    r = RUN(&s, 2, "--in", in, "--log", "spend");
    check_has(r.err, "is it 'spent'?");
    slice whole = read_whole(&s, model);
    for (size_t cut = 0; cut < 3; cut++) { /* one bit, half of the file, nothing */
        char *bytes = slice_copy(&s.keep, whole);
        size_t n = cut == 0 ? whole.n : cut == 1 ? whole.n / 2 : 0;
        bytes[whole.n / 2] = (char)(bytes[whole.n / 2] ^ 1);
        check_ok(file_replace(model, (slice){bytes, n}, &e), &e);
        RUN(&s, 1, "--predict", "--model", model, "--in", in);
    }
    scope_close(&s);
}
