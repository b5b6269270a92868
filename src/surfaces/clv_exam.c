/* clv_exam: what of a CLV run is said in JSON: fits, the hold-out block, totals. */
#include "surfaces/clv_exam.h"

#include <math.h>

static const char *const spend_names[] = {"p", "q", "v"};

double clv_holdout_error(const clv_holdout *h) {
    double money = h->money && h->money_actual > 0 ? h->money_expected / h->money_actual - 1 : 0;
    return fmax(fabs(h->exam.error), fabs(money));
}

static void put_pair(js *out, const char *key, double actual, double expected) {
    js_object(out, key);
    js_put_real(out, "actual", actual);
    js_put_real(out, "expected", expected);
    js_put_real(out, "error", actual > 0 ? expected / actual - 1 : NAN);
    js_end(out);
}

static void put_group(js *out, const clv_group *g) {
    js_put_int(out, "customers", g->customers);
    js_put_real(out, "actual", g->actual);
    js_put_real(out, "expected", g->expected);
}

void clv_put_holdout(js *out, const clv_holdout *h) {
    const clv_exam *x = &h->exam;
    int y, m, d;
    js_object(out, "holdout");
    day_split(h->from, &y, &m, &d);
    js_putf(out, "from", "%04d-%02d-%02d", y, m, d);
    day_split(h->to, &y, &m, &d);
    js_putf(out, "to", "%04d-%02d-%02d", y, m, d);
    js_put_real(out, "time", h->time);
    js_put_int(out, "customers", x->all.customers);
    put_pair(out, "purchases", x->all.actual, x->all.expected);
    put_pair(out, "cumulative", x->tracked / (1 + x->cumulative_error), x->tracked);
    if (h->money) put_pair(out, "money", h->money_actual, h->money_expected);
    js_put_real(out, "mae", x->mae);
    js_put_real(out, "top_decile_capture", x->capture);
    js_array(out, "bins");
    for (int i = 0; i < CLV_BINS; i++) {
        js_object(out, NULL);
        js_putf(out, "frequency", i < CLV_BINS - 1 ? "%d" : "%d+", i);
        put_group(out, &x->bins[i]);
        js_end(out);
    }
    js_end(out);
    js_array(out, "deciles");
    double mean = x->all.actual / (double)x->all.customers;
    for (int i = 0; i < CLV_TENTHS; i++) {
        const clv_group *g = &x->tenths[i];
        js_object(out, NULL);
        js_put_int(out, "decile", i + 1);
        put_group(out, g);
        double own = g->customers ? g->actual / (double)g->customers : NAN;
        js_put_real(out, "lift", mean > 0 ? own / mean : NAN);
        js_end(out);
    }
    js_end(out);
    js_array(out, "curve");
    for (int64_t i = 0; i < h->weeks; i++) {
        js_object(out, NULL);
        js_put_int(out, "unit", i + 1);
        js_put_real(out, "actual", h->actual[i]);
        js_put_real(out, "expected", h->expected[i]);
        js_end(out);
    }
    js_end(out);
    js_end(out);
}

void clv_put_fits(js *out, const clv_model *m, const gammagamma *spend) {
    const likelihood_fit *f = &m->fit;
    const char *const *names = clv_parameter_names[m->kind];
    js_object(out, "parameters");
    for (int i = 0; i < f->n; i++) js_put_real(out, names[i], f->p[i]);
    for (int i = 0; i < 3 && spend; i++) js_put_real(out, spend_names[i], spend->fit.p[i]);
    js_end(out);
    js_object(out, "standard_errors");
    for (int i = 0; i < f->n; i++) js_put_real(out, names[i], f->error[i]);
    for (int i = 0; i < 3 && spend; i++) js_put_real(out, spend_names[i], spend->fit.error[i]);
    js_end(out);
    js_put_real(out, "log_likelihood", f->value);
    js_put_word(out, "verdict", likelihood_verdict_word(f->verdict));
    if (f->verdict == LIKELIHOOD_NOT_CONVERGED) js_put_real(out, "gain_left", f->gain);
    js_put_int(out, "evaluations", f->evaluations);
    if (!spend) return;
    js_object(out, "spend");
    js_put_int(out, "customers", spend->customers);
    js_put_real(out, "log_likelihood", spend->fit.value);
    js_put_word(out, "verdict", likelihood_verdict_word(spend->fit.verdict));
    js_put_real(out, "correlation", spend->correlation);
    js_put_bool(out, "independent", fabs(spend->correlation) <= GAMMAGAMMA_DEPENDENT);
    js_end(out);
}

static void put_range(js *out, const char *key, worth_range r) {
    js_object(out, key);
    js_put_real(out, "value", r.value);
    js_put_real(out, "low", r.low);
    js_put_real(out, "high", r.high);
    js_end(out);
}

void clv_put_totals(js *out, const worth *w) {
    js_object(out, "totals");
    js_put_real(out, "alive", w->all.alive);
    js_put_int(out, "lost", w->all.lost);
    put_range(out, "expected_purchases", w->all.purchases);
    if (w->value) put_range(out, "clv", w->all.value);
    js_end(out);
}
