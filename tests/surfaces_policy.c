/* policy: `atelier evaluate policy` on a simulated log with a known value, and on bad ones. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "data/folder.h"

/* Three articles, chances .1 .3 .6, shown with .6 .3 .1; the target shows the third with .9. */
static const double chance[] = {0.1, 0.3, 0.6}, logged[] = {0.6, 0.3, 0.1},
                    target[] = {0, 0.1, 0.9};

static const char *write_log(scope *s, int rows) {
    text t = {0};
    err e = {0};
    rng r = rng_open(9, 1);
    text_add(&t, SLICE("user_id,article_id,propensity,reward,target_propensity,model_reward,"
                       "model_target\n"));
    for (int i = 0; i < rows; i++) {
        double u = rng_uniform(&r);
        int a = u < logged[0] ? 0 : u < logged[0] + logged[1] ? 1 : 2;
        text_addf(&t, "u%d,%d,%g,%d,%g,%g,%g\n", i % 500, a, logged[a],
                  rng_uniform(&r) < chance[a], target[a], chance[a] + 0.05,
                  0.1 * 0.35 + 0.9 * 0.65);
    }
    const char *path = arena_text(&s->keep, "%s/log.csv", check_folder("policy"));
    check_ok(file_make_folders(check_folder("policy"), &e), &e);
    check_ok(file_replace(path, text_slice(&t), &e), &e);
    text_free(&t);
    return path;
}

static void near_truth(const js_node *root, int i, const char *name, double truth) {
    slice is;
    double value, low, high;
    const js_node *m = js_at(js_get(root, "models"), i);
    check(js_text(js_get(m, "name"), &is) && slice_is(is, name));
    m = js_get(js_get(m, "metrics"), "value");
    check(js_real(js_get(m, "value"), &value) && js_real(js_get(m, "low"), &low) &&
          js_real(js_get(m, "high"), &high));
    check(low < truth && truth < high && low < value && value < high);
    check(high - low < 0.15); /* 4,000 rows, of which a tenth carry nearly all weight */
}

CHECK(policy_finds_the_known_value_in_a_simulated_log) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 32 << 20, 1 << 20, &e), &e);
    const char *path = write_log(&s, 4000);
    check_run r = check_atelier(&s, (const char *const[]){"evaluate", "policy", "--in", path,
                                                          "--json", NULL});
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e);
    check_ok(root != NULL, &e);
    near_truth(root, 0, "logged", 0.6 * 0.1 + 0.3 * 0.3 + 0.1 * 0.6);
    near_truth(root, 1, "ips", 0.1 * 0.3 + 0.9 * 0.6);
    near_truth(root, 2, "snips", 0.1 * 0.3 + 0.9 * 0.6);
    near_truth(root, 3, "dr", 0.1 * 0.3 + 0.9 * 0.6);
    double mean, lost;
    int64_t clipped;
    const js_node *weights = js_get(root, "weights");
    check(js_real(js_get(weights, "mean"), &mean) && js_int(js_get(weights, "clipped_rows"),
                                                            &clipped));
    check_near(mean, 1, 0.15); /* weights 0, 1/3 and 9: a standard error of 0.042 */
    check(clipped == 0);
    r = check_atelier(&s, (const char *const[]){"evaluate", "policy", "--in", path, "--clip", "3",
                                                "--json", NULL});
    root = js_parse(&s, r.out, &e);
    weights = js_get(root, "weights");
    check(js_int(js_get(weights, "clipped_rows"), &clipped) && clipped > 300 && clipped < 500);
    check(js_real(js_get(weights, "weight_lost"), &lost) && lost > 0.5 && lost < 0.7);
    r = check_atelier(&s, (const char *const[]){"evaluate", "policy", "--in", path, "--map",
                                                "target_propensity=,model_target=", NULL});
    check(r.status == 0);
    check_has(r.out, "the value of the policy that made the log");
    check_has(r.out, "right when it does not depend on the item");
    scope_close(&s);
}

CHECK(policy_refuses_what_cannot_be_weighed) {
    static const struct {
        const char *rows, *said;
        int status;
    } cases[] = {
        {"user,propensity,reward\na,0,1\nb,0,0\n", "propensity", 2},
        {"user,propensity,reward\na,1.5,1\n", "propensity", 2},
        {"user,reward\na,1\n", "propensity", 2},
        {"propensity,reward,target_propensity\n.5,1,1\n.5,0,\n", "is empty in 1 of 2 rows", 2},
        {"propensity,reward\n.5,1\n", "1.000000", 0}};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 32 << 20, 1 << 20, &e), &e);
    check_ok(file_make_folders(check_folder("policy-bad"), &e), &e);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = "build/tests-tmp/policy-bad/log.csv";
        check_ok(file_replace(path, slice_of(cases[i].rows), &e), &e);
        check_run r = check_atelier(&s, (const char *const[]){"evaluate", "policy", "--in", path,
                                                              NULL});
        check(r.status == cases[i].status);
        check_has(r.status ? r.err : r.out, cases[i].said);
    }
    check_run r = check_atelier(&s, (const char *const[]){"evaluate", "forecast", "--in", "x.csv",
                                                          "--clip", "2", NULL});
    check(r.status == 2);
    check_has(r.err, "has no option --clip");
    scope_close(&s);
}
