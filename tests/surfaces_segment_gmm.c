/* segment --method gmm as a verb: planted clouds of different shape, probabilities, refusals. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"

static double real_at(const js_node *n, const char *key) {
    double v = NAN;
    js_real(js_get(n, key), &v);
    return v;
}

/* 600 rows: a long thin cloud beside a round one, a sixth of them doubled, and a column that does
 * not vary. rows < 600: the first of them. */
static const char *shapes(const char *name, int rows) {
    static char path[600];
    snprintf(path, sizeof path, "%s/shapes.csv", check_folder(name));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fprintf(out, "who,a,b,still,kind\n");
    for (int i = 0; i < rows; i++) {
        rng r = rng_open(8, (uint64_t)(i % 500));
        double along = 6 * rng_normal(&r), across = 0.3 * rng_normal(&r);
        if (i % 2) along = rng_normal(&r), across = 3 + rng_normal(&r);
        fprintf(out, "c%d,%.4f,%.4f,7,%c\n", i, along, across, "ab"[i % 2]);
    }
    fclose(out);
    return path;
}

static const js_node *segment(scope *s, const char *const *argv) {
    err e = {0};
    check_run r = check_atelier(s, argv);
    if (r.status != 0) check_text(r.err, "");
    const js_node *all = js_parse(s, r.out, &e);
    check(all != NULL);
    return all;
}

CHECK(segment_verb_finds_a_mixture_of_shapes_and_its_size) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = shapes("segment-gmm", 600);
    static char out[600];
    snprintf(out, sizeof out, "%s.out.csv", path);
    const char *argv[] = {"segment", "--in", path, "--id", "who", "--labels", "kind", "--method",
                          "gmm", "--out", out, "--json", NULL};
    const js_node *all = segment(&s, argv);
    check_near(real_at(all, "k"), 2, 0);
    check_near(real_at(all, "parameters"), 11, 0);
    check(js_count(js_get(all, "trials")) == 10);
    check(real_at(all, "icl") >= real_at(all, "bic"));
    for (int i = 0; i < 10; i++)
        check(real_at(js_at(js_get(all, "trials"), i), "bic") >= real_at(all, "bic"));
    check(real_at(all, "adjusted_rand_index") > 0.85); /* the clouds touch */
    FILE *in = fopen(out, "rb");
    check(in != NULL);
    char line[200], who[20];
    check(fgets(line, sizeof line, in) != NULL);
    check_text(slice_of(line), "who,cluster,strength,second_cluster,second_strength\n");
    for (int i = 0; i < 600; i++) {
        int first, second;
        double strength, backup;
        check(fgets(line, sizeof line, in) != NULL);
        check(sscanf(line, "%19[^,],%d,%lf,%d,%lf", who, &first, &strength, &second, &backup) == 5);
        check(first != second && strength >= backup);
        check_near(strength + backup, 1, 1e-9); /* two components are all there are */
    }
    fclose(in);
    scope_close(&s);
}

CHECK(segment_verb_takes_each_kind_of_covariance) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    static const char *const kinds[] = {"full", "tied", "diag", "spherical"};
    static const double parameters[] = {17, 11, 14, 11};
    const char *path = shapes("segment-gmm-kinds", 300);
    for (int i = 0; i < 4; i++) {
        const char *argv[] = {"segment", "--in", path, "--columns", "a,b", "--method", "gmm", "--k",
                              "3", "--covariance", kinds[i], "--json", NULL};
        const js_node *all = segment(&s, argv);
        check_near(real_at(all, "parameters"), parameters[i], 0);
        slice kind;
        check(js_text(js_get(all, "covariance"), &kind));
        check_text(kind, kinds[i]);
    }
    scope_close(&s);
}

static void check_no(scope *s, const char *const *argv, const char *sentence) {
    check_run r = check_atelier(s, argv);
    check(r.status == 2);
    check_has(r.err, sentence);
}

CHECK(segment_verb_refuses_mixtures_that_make_no_sense) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    const char *path = shapes("segment-gmm-bad", 5);
    const char *many[] = {"segment", "--in", path, "--method", "gmm", "--k", "6", NULL};
    check_no(&s, many, "6 components need at least as many rows, and 5 take part: lower --k");
    const char *zero[] = {"segment", "--in", path, "--method", "gmm", "--k", "0", NULL};
    check_no(&s, zero, "--k must be auto or a number from 1 to 1024, got '0'");
    const char *other[] = {"segment", "--in", path, "--covariance", "tied", NULL};
    check_no(&s, other, "--method kmeans has no option --covariance");
    const char *shape[] = {"segment", "--in", path, "--method", "gmm", "--covariance", "round",
                           NULL};
    check_no(&s, shape, "full|tied|diag|spherical");
    const char *one[] = {"segment", "--in", shapes("segment-gmm-one", 1), "--method", "gmm", NULL};
    check_no(&s, one, "no column of numbers varies among its 1 rows");
    scope_close(&s);
}
