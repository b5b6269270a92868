/* evaluate_policy: what a policy would earn, from a log of what was shown with which propensity. */
#include <math.h>
#include <stdio.h>

#include "models/metrics_offpolicy.h"
#include "pipeline/family.h"
#include "surfaces/evaluate.h"

/* A propensity of 0 cannot have been shown; one of 1e-9 is a mistake or tells nothing. */
static const contract_column wanted[] = {
    {"user", CONTRACT_TEXT, false, "user_id|customer|customer_id|visitor"},
    {"item", CONTRACT_TEXT, false, "item_id|article|article_id|id|action"},
    {"propensity", CONTRACT_REAL, true, "pscore|logging_propensity|probability", 1e-9, 1},
    {"reward", CONTRACT_REAL, true, "label|click|bought|purchase|outcome"},
    {"target_propensity", CONTRACT_REAL, false, "target|evaluation_propensity|new_propensity", 0,
     1},
    {"model_reward", CONTRACT_REAL, false, "expected_reward|q|estimate"},
    {"model_target", CONTRACT_REAL, false, "model_value|expected_target|v"},
};
static const contract contract_policy = {"policy", sizeof wanted / sizeof wanted[0], wanted};

/* The values of an optional column; NULL when none has one. Refused when only some rows have. */
static bool optional(const columns *c, const char *name, const double **out, err *e) {
    const column *of = columns_find(c, name);
    int64_t has = 0;
    for (int64_t i = 0; i < c->rows; i++) has += column_has(of, i);
    *out = has > 0 ? of->real : NULL;
    return has == 0 || has == c->rows ||
           refuse(e, "column %s is empty in %lld of %lld rows; fill it or leave it out (--map %s=)",
                  name, (long long)(c->rows - has), (long long)c->rows, name);
}

static bool read_log(const args *a, bench *b, scope *s, metrics_offpolicy_log *log, js *out,
                     err *e) {
    columns c;
    if (!verb_read(a, b, &contract_policy, "policy", out, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(coalesce(u.unit, -1) AS INTEGER) AS unit, propensity, reward, "
                  "target_propensity, model_reward, model_target FROM policy p LEFT JOIN "
                  "(SELECT \"user\", row_number() OVER (ORDER BY \"user\") - 1 AS unit "
                  "FROM (SELECT DISTINCT \"user\" FROM policy WHERE \"user\" IS NOT NULL) AS d) AS "
                  "u ON u.\"user\" = p.\"user\" ORDER BY p.src_line"))
        return false;
    *log = (metrics_offpolicy_log){.n = c.rows, .propensity = columns_real(&c, "propensity"),
                                   .reward = columns_real(&c, "reward")};
    int32_t *unit = columns_i32(&c, "unit");
    for (int64_t i = 0; i < c.rows; i++)
        if (unit[i] >= log->units) log->units = unit[i] + 1;
    bool some = log->units > 0;
    for (int64_t i = 0; i < c.rows; i++)
        if (unit[i] < 0) unit[i] = (int32_t)log->units++; /* a row without a user is its own unit */
    if (some) log->unit = unit;
    return optional(&c, "target_propensity", &log->target, e) &&
           optional(&c, "model_reward", &log->model, e) &&
           optional(&c, "model_target", &log->model_target, e);
}

static void put_one(js *out, const char *name, metrics_interval x, bool print) {
    evaluation_metric m = {"value", x.mean, x.low, x.high, x.n};
    evaluation_model(out, name, "estimator", (slice){0}, &m, 1);
    if (print)
        printf("%-8s %10.6f  [%.6f, %.6f]  %lld units\n", name, x.mean, x.low, x.high,
               (long long)x.n);
}

static const char *notes(const metrics_offpolicy_log *log, const metrics_offpolicy *m,
                         arena *keep) {
    const char *said = "";
    if (!log->target)
        said = "No target_propensity: this is the value of the policy that made the log. ";
    else if (fabs(m->mean_weight - 1) > 0.1)
        said = arena_text(keep,
                          "Weights have the mean %.3f and not 1: propensities of one of the "
                          "policies are not those of the log. ", m->mean_weight);
    if (log->model && !log->model_target)
        said = arena_text(keep, "%sDR takes model_reward for the target as well: right when it "
                                "does not depend on the item. ", said);
    return said;
}

static void put_weights(const args *a, const metrics_offpolicy_log *log,
                        const metrics_offpolicy *m, scope *s, js *out) {
    js_object(out, "weights");
    js_put_real(out, "mean", m->mean_weight);
    js_put_real(out, "largest", m->largest_weight);
    js_put_real(out, "effective_rows", m->effective);
    js_put_real(out, "clip", args_real(a, "clip"));
    js_put_int(out, "clipped_rows", m->clipped);
    js_put_real(out, "weight_lost", m->weight_lost);
    js_end(out);
    const char *said = notes(log, m, &s->keep);
    js_put_word(out, "notes", said);
    if (args_json(a)) return;
    printf("weights: mean %.4f, largest %.4g; the estimate rests on %.0f of %lld rows; %lld rows "
           "clipped, %.2f %% of the weight lost\n", m->mean_weight, m->largest_weight,
           m->effective, (long long)log->n, (long long)m->clipped, 100 * m->weight_lost);
    if (*said) printf("%s\n", said);
}

bool evaluate_policy(const args *a, scope *s, js *out, err *e) {
    bench b;
    timing times = {0};
    metrics_offpolicy_log log;
    if (!verb_open(a, s, &b, e)) return false;
    double start = args_clock();
    if (!read_log(a, &b, s, &log, out, e)) return false;
    times.read_s = args_clock() - start;
    start = args_clock();
    metrics_offpolicy m =
        metrics_offpolicy_estimate(&log, args_real(a, "clip"), b.seed, s->scratch);
    times.fit_s = args_clock() - start;
    bool print = !args_json(a);
    js_array(out, "models");
    put_one(out, "logged", m.logged, print);
    put_one(out, "ips", m.ips, print);
    put_one(out, "snips", m.snips, print);
    if (log.model) put_one(out, "dr", m.dr, print);
    js_end(out);
    put_weights(a, &log, &m, s, out);
    args_timing(out, &times);
    return true;
}
